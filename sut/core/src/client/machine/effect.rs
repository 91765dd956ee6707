//! What an instance asks its shell to do. Plain data; it decides nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CallId, Timer};
use crate::client::event::Event;
use crate::code::Refusal;
use crate::protocol::{ClientFrame, Envelope};
use crate::session::{Epoch, Platform};

/// How a call ended well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answer {
    /// The server admitted the login.
    LoggedIn,
    /// The instance was logged in with that account already (LOGIN-4).
    Repeat {
        /// What a person reads.
        error_info: String,
    },
    /// The logout or destroy is over.
    Done,
    /// The server accepted the message.
    Sent,
}

/// What the shell is to do. Effects are done in the order in which they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open a link; `LinkUp` or `LinkDown` answers.
    Open {
        /// Its number.
        epoch: Epoch,
    },
    /// Write a frame.
    Send {
        /// On this link.
        epoch: Epoch,
        /// What is said.
        frame: Envelope<ClientFrame>,
    },
    /// Close a link once what was sent is written, or give up its opening. Nothing that happens to it is told any more.
    Close {
        /// Its number.
        epoch: Epoch,
        /// The WebSocket close code.
        code: u16,
    },
    /// Answer a call. Each is answered once.
    Settle {
        /// Which.
        call: CallId,
        /// How it ended.
        outcome: Result<Answer, Refusal>,
    },
    /// Tell the application.
    Publish(Event),
    /// Start a timer, anew if it runs; `Input::Timer` answers.
    Arm {
        /// Which.
        timer: Timer,
        /// How long from now.
        after: Duration,
    },
    /// The same, but after a time that the shell draws evenly, up to this bound (LINK-1).
    ArmWithin {
        /// Which.
        timer: Timer,
        /// The longest that it may take from now.
        bound: Duration,
    },
    /// Forget a timer that has not fired.
    Disarm {
        /// Which.
        timer: Timer,
    },
    /// The event stream ends and everything is released (DESTROY-2). Nothing follows.
    End,
}

/// What the first sync told (LOGIN-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstSync {
    /// The account's online instances, oldest login first, this one among them.
    pub online: Vec<Platform>,
    /// The server's clock, in milliseconds since the Unix epoch.
    pub server_time_ms: u64,
}
