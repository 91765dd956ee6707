//! What happens to an instance, and what its application asks. Plain data; it decides nothing.

use std::fmt;
use std::time::Duration;

use crate::protocol::{Envelope, FrameError, MessageId, ServerFrame};
use crate::session::{Epoch, Secret};

/// The name of a call, given by the shell; each is used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// What an application asks.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// A deadline passed.
    Timer(Timer),
}

/// The deadlines of LINK-10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Timer {
    /// Of the login: 10 s.
    Login,
    /// Of the logout or destroy: 5 s.
    Logout,
    /// Of a send: 10 s.
    Send(MessageId),
}

impl Timer {
    /// How long the server has to answer.
    pub const fn after(self) -> Duration {
        match self {
            Timer::Login | Timer::Send(_) => Duration::from_secs(10),
            Timer::Logout => Duration::from_secs(5),
        }
    }
}

impl fmt::Display for Timer {
    /// The name by which a test fires it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Timer::Login => f.write_str("login"),
            Timer::Logout => f.write_str("logout"),
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
