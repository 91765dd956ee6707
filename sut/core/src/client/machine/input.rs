//! What happens to an instance, and what its application asks. Plain data; it decides nothing.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::EnumDiscriminants;

use crate::backoff;
use crate::protocol::{Envelope, FrameError, MessageId, ServerFrame};
use crate::session::{Epoch, Secret};
use crate::timers::HEARTBEAT;

/// The name of a call, given by the shell; each is used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CallId(pub u64);

/// What an application asks.
#[derive(Clone, Debug, PartialEq, Eq, EnumDiscriminants)]
#[strum_discriminants(name(CallKind), doc = "[`Call`] without what it shows or sends.", allow(missing_docs))]
#[strum_discriminants(derive(Serialize, Deserialize), serde(rename_all = "kebab-case"))]
pub enum Call {
    /// `login(userID, userSig)`, with the secret that a new session would have (LOGIN-1).
    Login {
        /// The account.
        user_id: String,
        /// The password of the moment.
        user_sig: String,
        /// What the session will be named by, if it comes to one.
        secret: Secret,
    },
    /// `logout()` (LOGOUT-1).
    Logout,
    /// `destroy()` (DESTROY-1).
    Destroy,
    /// `sendMessage()` (LOGIN-3).
    Send {
        /// The message's name.
        id: MessageId,
        /// The receiving account.
        to: String,
        /// What it says.
        text: String,
    },
}

impl Call {
    /// Whether nobody is logged in from the call on (LOGOUT-1, DESTROY-2).
    pub const fn leaves(&self) -> bool {
        matches!(self, Call::Logout | Call::Destroy)
    }
}

/// The close with which the server ended a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerClose {
    /// Its code, 1005 if it named none.
    pub code: u16,
    /// Its reason, mostly for people; [`close_code::superseded_by`](crate::protocol::close_code::superseded_by) reads one.
    pub reason: String,
}

/// What happens to an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The application asks for something.
    Call {
        /// The name under which it is settled.
        id: CallId,
        /// What is asked.
        call: Call,
    },
    /// The link that was asked for is open.
    LinkUp {
        /// Its number.
        epoch: Epoch,
    },
    /// The link could not be opened, or ended without being closed by this instance.
    LinkDown {
        /// Its number.
        epoch: Epoch,
        /// The server's close; `None` if there was none.
        close: Option<PeerClose>,
    },
    /// The server said something.
    Frame {
        /// The link's number.
        epoch: Epoch,
        /// What was said.
        frame: Envelope<ServerFrame>,
    },
    /// Something arrived that is no frame.
    BadFrame {
        /// The link's number.
        epoch: Epoch,
        /// What is wrong with it.
        error: FrameError,
    },
    /// A timer fired.
    Timer(Timer),
    /// The application closes its page: nothing is settled or published any more, and no close is written, since a browser does that
    /// (LINK-6).
    PageClosed,
}

/// What an instance waits for: the deadlines of LINK-10, and what keeps a link or replaces it (LINK-1, LINK-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumDiscriminants)]
#[strum_discriminants(name(TimerKind), doc = "[`Timer`] without which.", allow(missing_docs))]
#[strum_discriminants(derive(Serialize, Deserialize), serde(rename_all = "kebab-case"))]
pub enum Timer {
    /// Of the login: 10 s.
    Login,
    /// Of the logout or destroy: 5 s.
    Logout,
    /// Of a send: 10 s.
    Send(MessageId),
    /// Of the next frame on a link of a logged-in instance, its opening included: 30 s.
    Heartbeat,
    /// Until the next ping: 10 s.
    Ping,
    /// Until the next attempt at a link: 30 s at most.
    Backoff,
}

impl Timer {
    /// How long it runs, at most.
    pub const fn after(self) -> Duration {
        match self {
            Timer::Login | Timer::Send(_) => Duration::from_secs(10),
            Timer::Logout => Duration::from_secs(5),
            Timer::Heartbeat => HEARTBEAT,
            Timer::Ping => Duration::from_secs(10),
            Timer::Backoff => backoff::LONGEST,
        }
    }
}

impl fmt::Display for Timer {
    /// The name by which a test fires it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Timer::Login => f.write_str("login"),
            Timer::Logout => f.write_str("logout"),
            Timer::Heartbeat => f.write_str("heartbeat"),
            Timer::Ping => f.write_str("ping"),
            Timer::Backoff => f.write_str("backoff"),
            Timer::Send(id) => write!(f, "send {:032x}", id.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_10_s_for_a_login_or_a_send_and_5_s_for_a_logout() {
        let timers = [Timer::Login, Timer::Send(MessageId(1)), Timer::Logout];
        assert_eq!(timers.map(|timer| timer.after().as_secs()), [10, 10, 5]);
    }
}
