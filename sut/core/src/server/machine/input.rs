//! What happens to a node. Plain data; it decides nothing.

use std::net::IpAddr;
use std::sync::Arc;

use super::Timer;
use crate::config::{SecretKeys, Terms};
use crate::protocol::{ClientFrame, Envelope, FrameError};
use crate::registry::{Commit, Notice, Unreachable, Version};
use crate::session::{KeyDigest, NodeLife, Record, Reign, SessionDigest};

/// A frame of a client, its session and its instance called by their digests.
pub type Heard = Envelope<ClientFrame<KeyDigest>, SessionDigest>;

/// The name of a connection, given by the shell; each is used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkId(pub u64);

/// The name of an administrator's request, given by the shell; each is used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// For whom the registry is asked. Each has one question at a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// For what is to be done with this account.
    Account(Arc<str>),
    /// For an administrator's question.
    Request(RequestId),
}

/// What happens to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A client opened a link.
    LinkUp {
        /// Which.
        link: LinkId,
        /// Where it comes from; `None` if nobody can tell, so that its refused logins are not counted (LOGIN-8).
        address: Option<IpAddr>,
    },
    /// A client said something.
    Frame {
        /// On this link.
        link: LinkId,
        /// What was said.
        frame: Heard,
    },
    /// Something arrived that is no frame.
    BadFrame {
        /// On this link.
        link: LinkId,
        /// What is wrong with it.
        error: FrameError,
    },
    /// A link ended that the server did not close.
    LinkDown {
        /// Which.
        link: LinkId,
        /// The code of the client's WebSocket close, 1005 if it gave none; `None` if the link was lost.
        close: Option<u16>,
    },
    /// An administrator kicks an account (REST-1). Both the administrator and the userID were judged before.
    RestKick {
        /// Which request the reply answers.
        request: RequestId,
        /// The account, which may be unknown.
        user_id: String,
    },
    /// An administrator asks who is online (REST-2). Both the administrator and the userIDs were judged before.
    QueryStatus {
        /// Which request the reply answers.
        request: RequestId,
        /// The accounts, any of which may be unknown.
        user_ids: Vec<String>,
    },
    /// A timer fired.
    Timer(Timer),
    /// The node starts and finds this account on record (LINK-8). It comes before any link.
    Restored {
        /// The account.
        user_id: String,
        /// What stands there.
        record: Record,
        /// Which of its sessions the node owed nothing as it stopped, so that they have no gap (MSG-2).
        owed_nothing: Vec<SessionDigest>,
    },
    /// Somebody committed: this node, which knows, or another one (NODE-2). It may come late, twice, or never.
    Changed(Notice),
    /// Among several nodes a life of this one begins (NODE-3). An earlier one is over: others have taken its sessions.
    Life(NodeLife),
    /// The registry has another primary, under which so many are left behind; it may have lost commits. Every session with a link is decided anew
    /// (NODE-5). A node that is not told does so as well, account by account, once it finds a version of another reign.
    Reign(Reign),
    /// Other terms are in force: they decide from the next login on (CONF-2).
    TermsInForce(Terms),
    /// Other secret keys are good: they decide from the next UserSig on.
    Keys(SecretKeys),
    /// Answers `Load`.
    Loaded {
        /// Who asked.
        asker: Asker,
        /// The account's record.
        record: Record,
        /// Its version.
        version: Version,
    },
    /// Answers `Commit`.
    Stored {
        /// The account.
        user_id: Arc<str>,
        /// How it ended.
        commit: Commit,
    },
    /// Answers `Load` or `Commit`: the registry could not be asked, and nothing was stored.
    Unreachable {
        /// Who asked.
        asker: Asker,
        /// Why not.
        why: Unreachable,
    },
}
