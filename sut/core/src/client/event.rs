//! What an instance publishes to its application. An event says that something happened; it is never an answer to a call.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::code::Refusal;
use crate::protocol::MessageId;
use crate::session::KickReason;

/// One event of an instance. Answers and events of an instance form one sequence, in the order in which it emits them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// The first sync is done; messages may be sent (LOGIN-2). Exactly once a login, never before the login resolved.
    SdkReady,
    /// An instance that had been ready no longer is: logout, destroy or kick (LOGOUT-1, KICK-4).
    SdkNotReady,
    /// The server ended the session; the instance is logged out (KICK-4).
    KickedOut {
        /// Why.
        reason: KickReason,
        /// Why no place was to be had again, if a readmission was refused for what is no kick reason's (LINK-5).
        refusal: Option<Refusal>,
    },
    /// The link of a logged-in instance changed its state (LINK-1).
    NetStateChange(NetState),
    /// A message arrived. Never before `SDK_READY` nor after `SDK_NOT_READY` (MSG-4).
    MessageReceived {
        /// The sending account.
        from: String,
        /// The receiving account.
        to: String,
        /// Its name.
        id: MessageId,
        /// What it says.
        text: String,
    },
    /// Acknowledged messages may have been lost: in a crash of the server, or while the session was not on record (MSG-2, LINK-5,
    /// LOGIN-9).
    MessagesLost,
}

/// The state of a logged-in instance's link (LINK-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetState {
    /// The session goes on over a new link.
    Connected,
    /// The link was lost.
    Connecting,
    /// An attempt to open a new link failed.
    Disconnected,
}

impl fmt::Display for Event {
    /// The SDK's name of the event, then its data: one line, whatever another user wrote.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::SdkReady => f.write_str("SDK_READY"),
            Event::SdkNotReady => f.write_str("SDK_NOT_READY"),
            Event::KickedOut { reason, refusal: None } => write!(f, "KICKED_OUT {}", reason.name()),
            Event::KickedOut { reason, refusal: Some(refusal) } => write!(f, "KICKED_OUT {} ({refusal})", reason.name()),
            Event::NetStateChange(state) => write!(f, "NET_STATE_CHANGE {state}"),
            Event::MessageReceived { from, to, id: _, text } => {
                write!(f, "MESSAGE_RECEIVED from {from} to {to}: {text:?}")
            }
            Event::MessagesLost => f.write_str("MESSAGES_LOST"),
        }
    }
}

impl fmt::Display for NetState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NetState::Connected => "connected",
            NetState::Connecting => "connecting",
            NetState::Disconnected => "disconnected",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    #[test]
    fn what_another_user_or_the_server_wrote_breaks_no_line() {
        let text = "hi\nKICKED_OUT multipleAccount\u{1b}[2J".to_owned();
        let message =
            Event::MessageReceived { from: "bob".to_owned(), to: "alice".to_owned(), id: MessageId(1), text: text.clone() };
        let refusal = Refusal { code: Code::BadField, text };
        let kicked = Event::KickedOut { reason: KickReason::UserSigExpired, refusal: Some(refusal.clone()) };
        for shown in [message.to_string(), refusal.to_string(), kicked.to_string()] {
            assert!(!shown.contains(char::is_control), "{shown}");
        }
    }

    #[test]
    fn a_kick_names_its_reason_and_the_code_of_a_refused_readmission() {
        let reason = KickReason::UserSigExpired;
        assert_eq!(Event::KickedOut { reason, refusal: None }.to_string(), "KICKED_OUT userSigExpired");
        let refusal = Some(Refusal { code: Code::SigWrong, text: "the signature is wrong".to_owned() });
        let told = Event::KickedOut { reason, refusal }.to_string();
        assert_eq!(told, "KICKED_OUT userSigExpired (70009: the signature is wrong)");
    }
}
