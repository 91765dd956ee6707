//! What a node waits for. Plain data; it decides nothing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::EnumDiscriminants;

use super::LinkId;
use crate::session::{KeyDigest, Platform, SessionDigest};

/// What a node waits for. Each runs once at a time; arming it again starts it anew.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumDiscriminants)]
#[strum_discriminants(name(TimerKind), doc = "[`Timer`] without whose.", allow(missing_docs))]
#[strum_discriminants(derive(Serialize, Deserialize), serde(rename_all = "kebab-case"))]
pub enum Timer {
    /// The next frame of this link (LINK-7).
    Heartbeat(LinkId),
    /// The same, until the node asks whether anybody is there (LINK-7).
    Ask(LinkId),
    /// Another try of what this link waits for, with the registry out of reach (NODE-4).
    Retry(LinkId),
    /// Another look at a commit of the account whose answer did not come (NODE-4).
    LookUp {
        /// The account.
        user_id: Arc<str>,
    },
    /// The end of a session whose link is down (LINK-4).
    Lapse {
        /// Its account.
        user_id: Arc<str>,
        /// Its instance.
        key: KeyDigest,
        /// What names it.
        digest: SessionDigest,
    },
    /// The end of a session's UserSig (SIG-1).
    Expiry {
        /// Its account.
        user_id: Arc<str>,
        /// Its instance.
        key: KeyDigest,
        /// What names it.
        digest: SessionDigest,
    },
    /// The moment from which on no link of the instance can come late any more (LINK-3).
    Epoch {
        /// The account.
        user_id: Arc<str>,
        /// The instance.
        key: KeyDigest,
    },
}

impl fmt::Display for Timer {
    /// The name by which a test fires it; it holds a session's digest or a key's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Timer::Heartbeat(link) => write!(f, "heartbeat {}", link.0),
            Timer::Ask(link) => write!(f, "ask {}", link.0),
            Timer::Retry(link) => write!(f, "retry {}", link.0),
            Timer::LookUp { user_id } => write!(f, "look-up {user_id}"),
            Timer::Lapse { user_id, key: _, digest } => write!(f, "lapse {user_id} {:032x}", digest.0),
            Timer::Expiry { user_id, key: _, digest } => write!(f, "expiry {user_id} {:032x}", digest.0),
            Timer::Epoch { user_id, key } => write!(f, "epoch {user_id} {:032x}", key.0),
        }
    }
}

/// How long a link that carries a session is silent until the node asks (LINK-7).
pub const ASK_AFTER: Duration = Duration::from_secs(20);

/// How long a session keeps its place whose page went, perhaps for a reload, from the close on (LINK-6).
pub const PAGE_LAPSE: Duration = Duration::from_secs(5);

/// How long a session whose link is down otherwise keeps its place, from its last frame on (LINK-4).
pub(super) const fn lapse_of(platform: Platform) -> Duration {
    Duration::from_secs(if platform.is_page() { 60 } else { 400 })
}
