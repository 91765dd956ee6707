//! What a node asks its shell to do. Plain data; it decides nothing.

use std::sync::Arc;
use std::time::Duration;

use super::{Asker, LinkId, Reply, RequestId, Timer};
use crate::admission::Kicked;
use crate::callback::Callback;
use crate::protocol::{Envelope, ServerFrame};
use crate::registry::Version;
use crate::session::{Record, Session, SessionDigest};
use crate::timers::UnixMillis;

/// A frame to a client, its session called by its digest.
pub type Said = Envelope<ServerFrame, SessionDigest>;

/// What the shell is to do. Effects are done in the order in which they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Load the account's record; `Loaded` or `Unreachable` answers.
    Load {
        /// For whom.
        asker: Asker,
        /// The account.
        user_id: String,
    },
    /// Store the account's record with its callbacks; `Stored` or `Unreachable` answers.
    Commit {
        /// The account.
        user_id: Arc<str>,
        /// The version that was decided upon.
        expected: Version,
        /// What is to be stored.
        record: Record,
        /// What the app's backend is told of it (HOOK-1).
        callbacks: Vec<Callback>,
    },
    /// Write down what was committed, if that is done; it comes before everything that is said of it.
    Committed {
        /// The account.
        user_id: Arc<str>,
        /// The version that the commit made.
        version: Version,
        /// What it did to the account's sessions.
        change: Change,
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

impl Effect {
    /// Whether it writes down a commit of that account.
    pub(in crate::server) fn is_commit_of(&self, of: &str) -> bool {
        matches!(self, Effect::Committed { user_id, .. } if **user_id == *of)
    }
}

/// What a commit did to the sessions of its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When it was decided.
    pub at: UnixMillis,
    /// What it was for.
    pub occasion: Occasion,
    /// The session that is online since, a newcomer or one that was admitted anew.
    pub admitted: Option<Session>,
    /// The session that goes on over another link since (LINK-2).
    pub resumed: Option<Session>,
    /// Whom it kicked, in login order.
    pub kicked: Vec<Kicked>,
    /// The session that it ended without a kick.
    pub dropped: Option<Session>,
}

/// What a commit was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// A login (LOGIN-1).
    Login,
    /// A session goes on over another link (LINK-2).
    Resume,
    /// A resume whose session was not on record any more was let in anew (LINK-5).
    Readmission,
    /// A resume was told that its session was kicked or replaced (LINK-5).
    Telling,
    /// A logout (LOGOUT-1).
    Logout,
    /// A logout that was owed (LOGOUT-4).
    OwedLogout,
    /// A link was down for too long (LINK-4, LINK-6).
    Lapse,
    /// A session did not receive what it was sent (MSG-2).
    Overflow,
    /// A UserSig expired (SIG-1).
    Expiry,
    /// An administrator kicked the account (REST-1).
    RestKick,
    /// A notice was acknowledged (KICK-8).
    KickAck,
    /// A message was accepted (MSG-3).
    Message,
    /// The epoch of an instance without a session was forgotten (LINK-3).
    Pruning,
}

impl Occasion {
    /// Its name, as an operator reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Occasion::Login => "login",
            Occasion::Resume => "resume",
            Occasion::Readmission => "readmission",
            Occasion::Telling => "telling",
            Occasion::Logout => "logout",
            Occasion::OwedLogout => "owed-logout",
            Occasion::Lapse => "lapse",
            Occasion::Overflow => "overflow",
            Occasion::Expiry => "expiry",
            Occasion::RestKick => "rest-kick",
            Occasion::KickAck => "kick-ack",
            Occasion::Message => "message",
            Occasion::Pruning => "pruning",
        }
    }
}
