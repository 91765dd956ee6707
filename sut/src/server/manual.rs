//! A node on manual time: its clock stands until an administrator moves it, and a call is answered when the node is idle. What a call
//! tells, the digests of instances' keys and sessions' secrets too, is for a harness on the same machine. It changes no rule.

mod calls;
mod watched;

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::registry::Unreachable;
use crate::session::Record;
use crate::timers::UnixMillis;
use crate::timers::manual::{ArmedTimer, ManualTime};
use crate::timers::quiet::{AllHeard, AllSent, Quiet};

pub(super) use calls::Calls;
pub(super) use watched::Watched;

/// Where the calls are made, with POST and an administrator's UserSig as any administrative call (REST-3). Other servers know no
/// such path.
pub const PATH: &str = "/v1/manual-time";

/// What an administrator asks of a node on manual time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Ask {
    /// What is to be done.
    pub act: Act,
    /// What the caller has sent over its connections; the answer waits until the node has read it.
    pub sent: AllSent,
    /// The accounts whose records are told.
    pub accounts: Vec<String>,
}

/// What is to be done with the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Nothing: the call is a barrier.
    Wait,
    /// The armed timer of that name fires, and nothing else.
    Fire(String),
    /// Time passes up to that Unix millisecond. All timers that are due by then fire, the first due first, each when the node is idle.
    Advance(u64),
    /// The clock is set to that Unix millisecond, also back; nothing fires, however late it is then.
    Set(u64),
    /// The accounts are forgotten and the clock is set, also back.
    Begin(u64),
}

/// What is seen of an idle node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Seen {
    /// Its clock, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// Its timers, by name.
    pub timers: Vec<ArmedTimer>,
    /// How many connections are open, the one of this call included.
    pub connections: usize,
    /// What it has written to the connections that the call named.
    pub heard: AllHeard,
    /// The records of the accounts that the call named, in its order.
    pub records: Vec<Record>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// `OK` or `FAIL`.
    pub action_status: String,
    /// What was wrong.
    pub error_info: String,
    /// 0 if nothing was.
    pub error_code: u32,
    /// What is seen, if nothing was wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// The clock and the counts of a node on manual time; its clones are the same.
#[derive(Clone, Debug)]
pub struct Manual {
    /// The clock.
    pub time: ManualTime,
    /// When the node is idle. Its runtime, of one thread, must tell it whenever it parks.
    pub quiet: Quiet,
}

impl Manual {
    /// A clock that stands at a moment, and nothing counted yet.
    pub fn at(now: UnixMillis) -> Manual {
        Manual { time: ManualTime::at(now), quiet: Quiet::default() }
    }
}

/// The registry as these calls see it.
pub(super) trait Records: Send + Sync {
    fn record(&self, user_id: String) -> Ready<'_, Record>;

    /// Stores the record of an account that never logged in.
    fn forget(&self, user_id: String) -> Ready<'_, ()>;
}

pub(super) type Ready<'a, T> = Pin<Box<dyn Future<Output = Result<T, Unreachable>> + Send + 'a>>;
