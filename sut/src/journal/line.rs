//! What a line of a journal says, in the machines' own words. Plain data, read as strictly as it is written; it decides nothing.

use serde::{Deserialize, Serialize};

use crate::admission::Change;
use crate::client::Event;
use crate::code::{Code, Refusal};
use crate::config::Terms;
use crate::protocol::{ClientFrameKind, ServerFrame};
use crate::session::{KeyDigest, Platform, SessionDigest};
use sut_core::client::machine::{Answer, CallId, CallKind, TimerKind};
use sut_core::server::machine::TimerKind as NodeTimerKind;

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
    pub instance: KeyDigest,
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
    /// The application called, a login with that account; the name of the call is used once.
    Call {
        id: CallId,
        call: CallKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<String>,
    },
    /// The application closed its page.
    PageClosed,
    /// The link is open.
    Up,
    /// The link could not be opened.
    Failed,
    /// The link ended, and the instance did not close it; with the code of the server's close, if it came.
    Lost { close: Option<u16> },
    /// A frame arrived, of that session.
    Took { frame: ServerFrame, session: SessionDigest },
    /// Something arrived that is no frame.
    Bad,
    /// A timer fired.
    Timer { timer: TimerKind },
    /// A call was answered.
    Settled { id: CallId, outcome: Result<Answer, Refusal> },
    /// The application was told.
    Published { event: Event },
    /// A frame was written, of that session; a login, a resume and a logout name the account.
    Wrote {
        frame: ClientFrameKind,
        session: SessionDigest,
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
        matches!(
            self,
            ClientEvent::Settled { .. }
                | ClientEvent::Published { .. }
                | ClientEvent::Wrote { .. }
                | ClientEvent::Closed { .. }
                | ClientEvent::Ended
        )
    }
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
    /// The number of the account's last commit, of several nodes the last that this one knows; on a commit its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<u64>,
    /// Which instance it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<KeyDigest>,
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
        frame: ClientFrameKind,
        session: SessionDigest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown: Option<Shown>,
    },
    /// Something arrived that is no frame.
    Bad,
    /// The link ended, and the node did not close it; with the code of the client's close, if it came.
    Lost { close: Option<u16> },
    /// A timer fired.
    Timer { timer: NodeTimerKind },
    /// The administrator kicked the account, in that second.
    RestKick { second: u64 },
    /// That many primaries of the registry are left, and this is the one that is named so there: of several nodes, each of which counts for
    /// itself, in the higher 16 of a commit number's 64 bits.
    Primary { left: u16, id: String },
    /// The registry is asked to store the account's record, which would do this to its sessions. The line stands where that is asked, in
    /// the middle of whatever led to it, and in journals of several nodes only.
    Tries(Box<Change>),
    /// The account's record was stored, and this is what became of its sessions.
    Commit(Box<Change>),
    /// A frame was written, of that session.
    Wrote { frame: ServerFrame, session: SessionDigest },
    /// The link was closed from here.
    Closed { code: u16 },
}

impl ServerEvent {
    /// Whether the node did it, because of what happened before; else it happened.
    pub const fn is_deed(&self) -> bool {
        matches!(self, ServerEvent::Commit(_) | ServerEvent::Wrote { .. } | ServerEvent::Closed { .. })
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
