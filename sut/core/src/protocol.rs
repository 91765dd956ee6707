//! The frames on the wire: JSON text messages of a WebSocket, each naming its version, the session and the epoch it belongs to.
//! It says what a frame looks like, never what is done about it.

pub mod close_code;
mod decode;

use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, VariantNames};

use crate::code::Refusal;
use crate::session::{Epoch, InstanceKey, KickReason, Platform, Secret};

pub use crate::session::MessageId;
pub use decode::in_words;
pub use decode::{FrameError, decode_client, decode_server};

/// The version that every frame carries.
pub const VERSION: u8 = 1;

/// The longest frame that either end reads, in bytes.
pub const MAX_FRAME_BYTES: usize = 16 * 1024;

/// More than all of a frame takes, in bytes, besides the text of a message, a UserSig and a client's userID.
const MAX_BYTES_BESIDE_TEXT: usize = 512;

/// The most that the text of a message may take in a frame, in bytes. What is left of a frame holds everything else that is said of
/// a message, so that no receiver is sent a frame that it would not read.
pub const MAX_TEXT_BYTES: usize = MAX_FRAME_BYTES - MAX_BYTES_BESIDE_TEXT;

/// The last place that a message can have in a session's sequence: the highest number that every reader of JSON reads exactly.
pub const MAX_SEQ: u64 = 1 << 53;

/// A frame with what it belongs to. On the wire a session is named by its secret; the server's machine calls it otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope<F, S = Secret> {
    /// [`VERSION`].
    pub v: u8,
    /// The session that is meant.
    pub session: S,
    /// The link's number at its instance.
    pub epoch: Epoch,
    /// What is said.
    pub frame: F,
}

/// Writes a frame as the text of one WebSocket message.
pub fn encode<F: Serialize>(envelope: &Envelope<F>) -> String {
    serde_json::to_string(envelope).expect("a frame is made of names, numbers and texts only")
}

/// The most that one byte of a text takes in a frame, in bytes.
const ESCAPED: usize = "\\u0000".len();

/// Whether the other end reads a frame that is written like this. It is written only where that decides.
pub(crate) fn fits(envelope: &Envelope<ClientFrame>) -> bool {
    let at_most = envelope.frame.text_bytes() * ESCAPED + MAX_BYTES_BESIDE_TEXT;
    at_most <= MAX_FRAME_BYTES || encode(envelope).len() <= MAX_FRAME_BYTES
}

/// Whether a text can be that of a message: within [`MAX_TEXT_BYTES`] as a frame writes it.
pub(crate) fn is_message_text(text: &str) -> bool {
    const QUOTES: usize = 2;
    let written = || serde_json::to_string(text).expect("a text can be written").len();
    text.len() * ESCAPED + QUOTES <= MAX_TEXT_BYTES || written() <= MAX_TEXT_BYTES
}

/// What a client says. On the wire an instance is named by its key; the server's machine calls it otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, EnumDiscriminants, VariantNames)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[strum_discriminants(name(ClientFrameKind), doc = "[`ClientFrame`] without what it says.", allow(missing_docs))]
#[strum_discriminants(derive(Serialize, Deserialize), serde(rename_all = "kebab-case"))]
#[strum(serialize_all = "kebab-case")]
pub enum ClientFrame<K = InstanceKey> {
    /// Asks for a session under the envelope's secret (LOGIN-1).
    Login {
        /// The SDKAppID that the client belongs to.
        sdk_app_id: u64,
        /// The account.
        user_id: String,
        /// The password of the moment.
        user_sig: String,
        /// The kind of client.
        platform: Platform,
        /// The instance.
        key: K,
    },
    /// Asks to go on with the envelope's session on this link (LINK-2, LINK-5). The fields of a login, and one more.
    Resume {
        /// The SDKAppID that the client belongs to.
        sdk_app_id: u64,
        /// The account.
        user_id: String,
        /// The password of the moment.
        user_sig: String,
        /// The kind of client.
        platform: Platform,
        /// The instance.
        key: K,
        /// The place of the last message that the session has received, or of the gap that it was told of; 0 before the first (MSG-2).
        last_seq: u64,
    },
    /// Ends the envelope's session, on its own link (LOGOUT-1) or owed since an earlier one (LOGOUT-4).
    Logout {
        /// The account.
        user_id: String,
        /// The instance.
        key: K,
        /// What the session logged in with, if the logout is owed; not written otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_sig: Option<String>,
    },
    /// Asks for the first sync, once the login resolved (LOGIN-2, LINK-10).
    Sync,
    /// Sends a message.
    Send {
        /// Its name.
        id: MessageId,
        /// The receiving account.
        to: String,
        /// What it says.
        text: String,
    },
    /// That a message arrived.
    MessageAck {
        /// The message's place in the session's sequence.
        seq: u64,
    },
    /// That the notice of a kick arrived (KICK-8).
    KickAck,
    /// That the link lives.
    Ping,
    /// Answers a ping (LINK-7).
    Pong,
}

impl ClientFrame {
    /// The name of every kind of frame, as the wire writes it.
    pub const NAMES: &'static [&'static str] = ClientFrame::<InstanceKey>::VARIANTS;
}

impl<K: Copy> ClientFrame<K> {
    /// The same frame, its instance named so.
    pub fn naming<L>(self, name: impl FnOnce(K) -> L) -> ClientFrame<L> {
        match self {
            ClientFrame::Login { sdk_app_id, user_id, user_sig, platform, key } => {
                ClientFrame::Login { sdk_app_id, user_id, user_sig, platform, key: name(key) }
            }
            ClientFrame::Resume { sdk_app_id, user_id, user_sig, platform, key, last_seq } => {
                ClientFrame::Resume { sdk_app_id, user_id, user_sig, platform, key: name(key), last_seq }
            }
            ClientFrame::Logout { user_id, key, user_sig } => ClientFrame::Logout { user_id, key: name(key), user_sig },
            ClientFrame::Sync => ClientFrame::Sync,
            ClientFrame::Send { id, to, text } => ClientFrame::Send { id, to, text },
            ClientFrame::MessageAck { seq } => ClientFrame::MessageAck { seq },
            ClientFrame::KickAck => ClientFrame::KickAck,
            ClientFrame::Ping => ClientFrame::Ping,
            ClientFrame::Pong => ClientFrame::Pong,
        }
    }

    /// The instance that it names, if it names one.
    pub fn key(&self) -> Option<K> {
        self.names().map(|(_, key)| key)
    }

    /// The account and the instance that it names, if it names any.
    pub fn names(&self) -> Option<(&str, K)> {
        match self {
            ClientFrame::Login { user_id, key, .. }
            | ClientFrame::Resume { user_id, key, .. }
            | ClientFrame::Logout { user_id, key, .. } => Some((user_id, *key)),
            ClientFrame::Sync
            | ClientFrame::Send { .. }
            | ClientFrame::MessageAck { .. }
            | ClientFrame::KickAck
            | ClientFrame::Ping
            | ClientFrame::Pong => None,
        }
    }

    /// How long the texts are that a client may choose, all together.
    fn text_bytes(&self) -> usize {
        match self {
            ClientFrame::Login { user_id, user_sig, .. } | ClientFrame::Resume { user_id, user_sig, .. } => {
                user_id.len() + user_sig.len()
            }
            ClientFrame::Logout { user_id, user_sig, .. } => user_id.len() + user_sig.as_ref().map_or(0, String::len),
            ClientFrame::Send { to, text, .. } => to.len() + text.len(),
            ClientFrame::Sync | ClientFrame::MessageAck { .. } | ClientFrame::KickAck | ClientFrame::Ping | ClientFrame::Pong => 0,
        }
    }
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[strum(serialize_all = "kebab-case")]
pub enum ServerFrame {
    /// Answers a login.
    LoginAnswer {
        /// Why it was refused; `None` if it was admitted.
        #[serde(deserialize_with = "Option::deserialize")]
        refused: Option<Refusal>,
        /// Whether acknowledged messages may have been lost with the session that this one replaces (LOGIN-9); never if it was refused.
        /// Such a gap takes the first place in the session's sequence.
        gap: bool,
    },
    /// Answers a resume, unless a notice does (LINK-5).
    ResumeAnswer {
        /// What became of the session.
        outcome: ResumeOutcome,
    },
    /// Answers a logout.
    LogoutAnswer,
    /// Answers a sync.
    SyncAnswer {
        /// The account's online instances, oldest login first, the asking one among them.
        online: Vec<Platform>,
        /// The server's clock, in milliseconds since the Unix epoch.
        server_time_ms: u64,
    },
    /// Answers a send.
    SendAnswer {
        /// The message's name.
        id: MessageId,
        /// Why it was refused; `None` if it was accepted.
        #[serde(deserialize_with = "Option::deserialize")]
        refused: Option<Refusal>,
    },
    /// Delivers a message.
    Message {
        /// Its place in the session's sequence, from 1.
        seq: u64,
        /// Its name.
        id: MessageId,
        /// The sending account.
        from: String,
        /// The receiving account.
        to: String,
        /// What it says.
        text: String,
    },
    /// That the envelope's session was kicked (KICK-4).
    Notice {
        /// Why.
        reason: KickReason,
    },
    /// Answers a ping.
    Pong,
    /// Asks for a pong: nothing was heard for a while (LINK-7).
    Ping,
}

/// What became of a session that was to go on (LINK-5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ResumeOutcome {
    /// It goes on, its place and its login order unchanged (LINK-2).
    Resumed {
        /// Whether acknowledged messages may have been lost (MSG-2). Such a gap takes the place behind the last that the resume
        /// names, and is told again until a resume names it.
        gap: bool,
    },
    /// It was dropped without a kick, and was admitted anew under the same secret. Acknowledged messages may have been lost: that gap
    /// takes the place behind the last that the resume names, and is told again until a resume names it.
    Readmitted,
    /// It was dropped without a kick, and cannot be admitted anew. The instance is logged out; there is nothing to acknowledge.
    Told {
        /// Why, by the reason that a kick would have.
        reason: KickReason,
    },
    /// The same, for a code that is no kick reason's.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}

impl ServerFrame {
    /// The name of every kind of frame, as the wire writes it.
    pub const NAMES: &'static [&'static str] = ServerFrame::VARIANTS;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of each kind that has a text, as long besides its texts as can be.
    fn longest(text: &str) -> [ClientFrame; 4] {
        let (key, id, text) = (InstanceKey(u128::MAX), MessageId(u128::MAX), || text.to_owned());
        let (sdk_app_id, platform) = (u64::MAX, Platform::Android);
        [
            ClientFrame::Login { sdk_app_id, user_id: text(), user_sig: text(), platform, key },
            ClientFrame::Resume { sdk_app_id, user_id: text(), user_sig: text(), platform, key, last_seq: u64::MAX },
            ClientFrame::Logout { user_id: text(), key, user_sig: Some(text()) },
            ClientFrame::Send { id, to: text(), text: text() },
        ]
    }

    fn envelope(frame: ClientFrame) -> Envelope<ClientFrame> {
        Envelope { v: VERSION, session: Secret(u128::MAX), epoch: Epoch(u64::MAX), frame }
    }

    #[test]
    fn no_frame_takes_more_than_it_is_reckoned_with() {
        for frame in ["", "\0", "\u{7f}\"\\é"].into_iter().flat_map(longest) {
            let reckoned = frame.text_bytes() * ESCAPED + MAX_BYTES_BESIDE_TEXT;
            let takes = encode(&envelope(frame)).len();
            assert!(takes <= reckoned, "{takes} bytes, reckoned with {reckoned}");
        }
    }

    #[test]
    fn a_frame_fits_up_to_the_byte_whatever_its_text_takes() {
        for each in ["x", "\0"] {
            let empty = envelope(ClientFrame::Send { id: MessageId(1), to: String::new(), text: String::new() });
            let takes = serde_json::to_string(each).unwrap().len() - 2;
            let room = (MAX_FRAME_BYTES - encode(&empty).len()) / takes;
            let with = |times| envelope(ClientFrame::Send { id: MessageId(1), to: String::new(), text: each.repeat(times) });
            assert!(fits(&with(room)) && !fits(&with(room + 1)), "{each:?}");
        }
    }
}
