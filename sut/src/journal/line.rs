//! What a line of a journal says. Plain data, read as strictly as it is written; it decides nothing.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::code::Code;
use crate::config::Terms;
use crate::session::{Fingerprint, KeyDigest, KickReason, Platform, bits};

/// What an instance is called where its key must not be told: the first 16 hexadecimal digits of the SHA-256 of the key, which is
/// written as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceName(pub u64);

impl InstanceName {
    /// The name of the instance with that key.
    pub const fn of(key: KeyDigest) -> InstanceName {
        InstanceName((key.0 >> 64) as u64)
    }
}

impl fmt::Display for InstanceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for InstanceName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for InstanceName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<InstanceName, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let number = bits::parse(&text, 16).and_then(|number| u64::try_from(number).ok());
        number.map(InstanceName).ok_or_else(|| serde::de::Error::custom("an instance is named by 16 lower-case hexadecimal digits"))
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// An instance's.
    Client(ClientLine),
    /// A node's.
    Server(ServerLine),
}

/// A line of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientLine {
    /// Whose line it is.
    pub instance: InstanceName,
    /// Its place in the instance's sequence, from 1.
    pub seq: u64,
    /// The number of the newest link that the instance asked for; 0 before the first.
    pub epoch: u64,
    /// What happened, or was done.
    pub event: ClientEvent,
}

/// What happened to an instance, or what it did ([`ClientEvent::is_deed`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs, reason = "each event says what its fields are")]
pub enum ClientEvent {
    /// It began, as a client of that kind.
    Start { platform: Platform },
    /// The application called; the name of the call is used once.
    Call { id: u64, call: CallKind },
    /// The link is open.
    Up,
    /// The link could not be opened.
    Failed,
    /// The link ended, and the instance did not close it; with the code of the server's close, if it came.
    Lost { close: Option<u16> },
    /// A frame arrived, of that session.
    Took { frame: ServerSaid, session: Fingerprint },
    /// Something arrived that is no frame.
    Bad,
    /// A timer fired.
    Timer { timer: Waited },
    /// A call was answered.
    Settled { id: u64, outcome: Settlement },
    /// The application was told.
    Published { event: Published },
    /// A frame was written, of that session; a login, a resume and a logout name the account.
    Wrote {
        frame: ClientSaid,
        session: Fingerprint,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<String>,
    },
    /// The link was closed from here.
    Closed { code: u16 },
    /// The event stream ended, and with it the instance.
    Ended,
}

impl ClientEvent {
    /// Whether the instance did it, because of what happened before; else it happened.
    pub const fn is_deed(&self) -> bool {
        match self {
            ClientEvent::Settled { .. }
            | ClientEvent::Published { .. }
            | ClientEvent::Wrote { .. }
            | ClientEvent::Closed { .. }
            | ClientEvent::Ended => true,
            ClientEvent::Start { .. }
            | ClientEvent::Call { .. }
            | ClientEvent::Up
            | ClientEvent::Failed
            | ClientEvent::Lost { .. }
            | ClientEvent::Took { .. }
            | ClientEvent::Bad
            | ClientEvent::Timer { .. } => false,
        }
    }
}

/// What the application called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the calls of the client")]
pub enum CallKind {
    Login { account: String },
    Logout,
    Destroy,
    Send,
    PageClose,
}

/// What an instance waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the timers of the client")]
pub enum Waited {
    Login,
    Logout,
    Send,
    Heartbeat,
    Ping,
    Backoff,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the answers of the client")]
pub enum Settlement {
    LoggedIn,
    Repeat,
    Done,
    Sent,
    Refused(Code),
}

/// What an application was told unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the events of the client")]
pub enum Published {
    SdkReady,
    SdkNotReady,
    KickedOut(KickReason),
    Connected,
    Connecting,
    Disconnected,
    MessageReceived,
    MessagesLost,
}

/// What a client says on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the frames of the client")]
pub enum ClientSaid {
    Login,
    Resume,
    Logout,
    Sync,
    Send,
    MessageAck,
    KickAck,
    Ping,
    Pong,
}

/// What a server says on a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the frames of the server")]
pub enum ServerSaid {
    LoginAnswer { refused: Option<Code>, gap: bool },
    ResumeAnswer { outcome: Resumption },
    LogoutAnswer,
    SyncAnswer { online: Vec<Platform> },
    SendAnswer,
    Message,
    Notice { reason: KickReason },
    Pong,
    Ping,
}

/// What a resume came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the outcomes of the protocol")]
pub enum Resumption {
    Resumed { gap: bool },
    Readmitted,
    Told { reason: KickReason },
    Refused { code: Code },
}

/// A line of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerLine {
    /// Whose line it is.
    pub node: u64,
    /// Its place in the node's sequence, from 1.
    pub seq: u64,
    /// Which account it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The number of the account's last commit; on a commit its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<u64>,
    /// Which instance it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceName>,
    /// The number of the instance's link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// What happened, or was done.
    pub event: ServerEvent,
}

/// What happened to a node, or what it did ([`ServerEvent::is_deed`]). What happens to links on which nothing was said yet is
/// not told, nor what arrives on a link that the node has closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs, reason = "each event says what its fields are")]
pub enum ServerEvent {
    /// It began, under these terms.
    Start { terms: Terms },
    /// These terms are in force.
    Terms { terms: Terms },
    /// A frame arrived, of that session; a login and a resume show a UserSig, and so does an owed logout.
    Took {
        frame: ClientSaid,
        session: Fingerprint,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown: Option<Shown>,
    },
    /// Something arrived that is no frame.
    Bad,
    /// The link ended, and the node did not close it; with the code of the client's close, if it came.
    Lost { close: Option<u16> },
    /// A timer fired.
    Timer { timer: ServerTimer },
    /// The administrator kicked the account, in that second.
    RestKick { second: u64 },
    /// The account's record was stored: whom it lets in, and whom it ends, in login order.
    Commit {
        admitted: Option<Standing>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kicked: Vec<Victim>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        dropped: Vec<Standing>,
    },
    /// A frame was written, of that session.
    Wrote { frame: ServerSaid, session: Fingerprint },
    /// The link was closed from here.
    Closed { code: u16 },
}

impl ServerEvent {
    /// Whether the node did it, because of what happened before; else it happened.
    pub const fn is_deed(&self) -> bool {
        match self {
            ServerEvent::Commit { .. } | ServerEvent::Wrote { .. } | ServerEvent::Closed { .. } => true,
            ServerEvent::Start { .. }
            | ServerEvent::Terms { .. }
            | ServerEvent::Took { .. }
            | ServerEvent::Bad
            | ServerEvent::Lost { .. }
            | ServerEvent::Timer { .. }
            | ServerEvent::RestKick { .. } => false,
        }
    }
}

/// What a login, a resume or an owed logout shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// When the UserSig was issued, in seconds since the Unix epoch; 0 if it cannot be read.
    pub issued: u64,
    /// What is wrong with it or with the userID, the account's record aside; for an owed logout its age aside, too.
    pub wrong: Option<Code>,
}

/// A session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Of which instance.
    pub instance: InstanceName,
    /// Which.
    pub session: Fingerprint,
}

/// A session that was kicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Victim {
    /// Of which instance.
    pub instance: InstanceName,
    /// Which.
    pub session: Fingerprint,
    /// Why.
    pub reason: KickReason,
}

/// What a node waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerTimer {
    /// A frame on the link.
    Heartbeat,
    /// The same, until the node asks for one.
    Ask,
    /// The end of the instance's session.
    Lapse,
    /// The end of the session's UserSig.
    Expiry,
    /// The moment from which on the instance's epoch may be forgotten.
    Epoch,
}
