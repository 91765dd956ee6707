//! What a node asks its shell to do. Plain data; it decides nothing.

use std::time::Duration;

use super::{LinkId, Reply, RequestId, Timer};
use crate::callback::Callback;
use crate::protocol::{Envelope, ServerFrame};
use crate::registry::Version;
use crate::session::{Record, SessionDigest};

/// A frame to a client, its session called by its digest.
pub type Said = Envelope<ServerFrame, SessionDigest>;

/// What the shell is to do. Effects are done in the order in which they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Load the account's record; `Loaded` or `Unreachable` answers, and no other input comes before.
    Load {
        /// The account.
        user_id: String,
    },
    /// Store the account's record with its callbacks; `Stored` or `Unreachable` answers, and no other input comes before.
    Commit {
        /// The account.
        user_id: String,
        /// The version that was decided upon.
        expected: Version,
        /// What is to be stored.
        record: Record,
        /// What the app's backend is told of it (HOOK-1).
        callbacks: Vec<Callback>,
    },
    /// Write a frame.
    Send {
        /// On this link.
        link: LinkId,
        /// What is said.
        frame: Said,
    },
    /// Close a link once what was sent is written. Nothing that happens to it is told any more.
    Close {
        /// Which.
        link: LinkId,
        /// The WebSocket close code.
        code: u16,
        /// What a person reads.
        reason: String,
    },
    /// Start a timer, anew if it runs; `Input::Timer` answers.
    Arm {
        /// Which.
        timer: Timer,
        /// How long from now.
        after: Duration,
    },
    /// Forget a timer that has not fired, if it runs.
    Disarm {
        /// Which.
        timer: Timer,
    },
    /// Answer an administrator; each request is answered once, after everything that it led to.
    Reply {
        /// Which request.
        request: RequestId,
        /// What is answered.
        reply: Reply,
    },
}
