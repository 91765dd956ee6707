//! Where accounts' records and the callbacks that are still owed are kept. A registry stores and compares versions; it knows no rule.

pub mod memory;

use std::collections::BTreeSet;
use std::future::{Future, ready};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::callback::{Callback, Queued};
use crate::config::TermsChange;
use crate::session::{KeyDigest, MessageId, NodeLife, Record, Reign, SessionDigest};

pub use crate::session::Version;

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// The record is stored as this version.
    Done(Version),
    /// Another commit came first: load and decide again. Nothing was stored.
    Conflict,
    /// Its answer did not come: it is stored whole, or nothing is and never will be. A later load tells which.
    Unknown,
}

/// What one commit stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The version that was decided upon.
    pub expected: Version,
    /// The record.
    pub record: Record,
    /// What the app's backend is told of it (HOOK-1).
    pub callbacks: Vec<Callback>,
    /// A message that the commit accepts, for the sessions that other nodes hold.
    pub passed: Option<Box<Passed>>,
    /// Whether anybody waits for it.
    pub pace: Pace,
}

/// Whether anybody waits for a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Somebody does.
    AtOnce,
    /// Nobody does; others' commits may go before it.
    AtLeisure,
}

/// A registry that cannot be asked now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("registry out of reach: {0}")]
pub struct Unreachable(pub String);

/// That a commit was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whose record was stored.
    pub user_id: Arc<str>,
    /// The version that the commit made.
    pub version: Version,
    /// The record, if it comes with the notice.
    pub record: Option<Arc<Record>>,
    /// The message that it accepted, if it did.
    pub passed: Option<Box<Passed>>,
}

impl Notice {
    /// Of a commit that accepted no message, without its record.
    pub fn of(user_id: impl Into<Arc<str>>, version: Version) -> Notice {
        Notice { user_id: user_id.into(), version, record: None, passed: None }
    }
}

/// A message on its way to the sessions that other nodes hold, whose sender is the account of the commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The life of the node that accepted it, and has delivered it to the sessions that it holds itself.
    pub by: NodeLife,
    /// The instance that sent it, and gets no copy.
    pub sender: KeyDigest,
    /// Its name.
    pub id: MessageId,
    /// The account that it is for.
    pub to: String,
    /// What it says.
    pub text: String,
}

/// The lives of nodes whose leases hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lives {
    /// The life of the one that asked.
    pub own: NodeLife,
    /// All of them, that one too.
    pub all: BTreeSet<NodeLife>,
}

/// A store that may have one primary after the other, as a node has seen it last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Engine {
    /// How many primaries the node has left; each of its versions says under which it was found.
    pub reign: Reign,
    /// The store's own name of the primary.
    pub primary: String,
    /// How many commits are known to be lost with those that were left. Of others nothing is known.
    pub lost: u64,
    /// Who says which one is the primary, if anybody does.
    pub sentinels: Sentinels,
}

/// How many watch over the primaries of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sentinels {
    /// How many were asked.
    pub asked: usize,
    /// How many of them name the same one.
    pub agree: usize,
}

/// What hears of commits, until it breaks.
pub type Ear = Box<dyn FnMut(Notice) -> ControlFlow<()> + Send>;

/// A store of records with compare-and-set. Every registry passes the contract suite, `sut/tests/registry/`.
pub trait Registry: Send + Sync + 'static {
    /// The account's record and version. An account that is not stored has the default record, and a version at which it, or another
    /// one, was deleted, no lower than its own last: 0 as long as none was. So a registry keeps few numbers for all that it has forgotten.
    fn load(&self, user_id: &str) -> impl Future<Output = Result<(Record, Version), Unreachable>> + Send;

    /// Stores the record, and queues its callbacks behind those that the account is owed, if the account's version is still the expected
    /// one: both, whole, or nothing (HOOK-2). The record's version is the expected one plus 1. A default record is as good as none: it
    /// deletes the account, whose callbacks stay owed.
    /// Behind an [`Unreachable`] nothing was stored.
    fn store(&self, user_id: &str, write: Write) -> impl Future<Output = Result<Commit, Unreachable>> + Send;

    /// The same of a write that somebody waits for.
    fn commit(
        &self,
        user_id: &str,
        expected: Version,
        record: Record,
        callbacks: Vec<Callback>,
    ) -> impl Future<Output = Result<Commit, Unreachable>> + Send {
        self.store(user_id, Write { expected, record, callbacks, passed: None, pace: Pace::AtOnce })
    }

    /// Every account that is stored, in the order of their names: whom a restarted node asks after (LINK-8).
    fn accounts(&self) -> impl Future<Output = Result<Vec<String>, Unreachable>> + Send;

    /// Notes, in place of any other note, the sessions that are owed nothing as the node stops: their accounts and what names them
    /// (MSG-2).
    fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> impl Future<Output = Result<(), Unreachable>> + Send;

    /// The last stop's note, which is taken out with the same write: whoever starts behind a crash finds none.
    fn take_stop(&self) -> impl Future<Output = Result<Vec<(String, SessionDigest)>, Unreachable>> + Send;
}

/// The callbacks of a registry's commits that were not delivered yet (HOOK-2).
pub trait Outbox: Send + Sync + 'static {
    /// Every account that is owed a callback, in the order of their names.
    fn owed(&self) -> impl Future<Output = Result<Vec<String>, Unreachable>> + Send;

    /// The oldest callback that the account is owed; `None` if all are delivered. It stays until it is marked.
    fn oldest(&self, user_id: &str) -> impl Future<Output = Result<Option<Queued>, Unreachable>> + Send;

    /// Marks a callback as delivered, which takes it out, and no other that stands in its place behind a change of the primary. One that is
    /// not there, delivered before perhaps, changes nothing.
    fn delivered(&self, user_id: &str, queued: &Queued) -> impl Future<Output = Result<(), Unreachable>> + Send;
}

/// What administrators changed by REST; it outlives the process, and wins over the file where it speaks (CONF-1).
pub trait TermsStore: Send + Sync + 'static {
    /// All that was changed; `None` before the first change and after all were forgotten.
    fn changed(&self) -> impl Future<Output = Result<Option<TermsChange>, Unreachable>> + Send;

    /// Stores all that was changed, in place of what is there, or forgets it.
    fn set_changed(&self, changed: Option<TermsChange>) -> impl Future<Output = Result<(), Unreachable>> + Send;

    /// Under which primary of the store something would be stored now.
    fn reign(&self) -> Reign {
        Reign::default()
    }

    /// Waits until all that was stored since under that primary is where no other one can lose it: at every replica that the store is known
    /// to have (NODE-5). An error says that this is not known; all may be stored.
    fn keep(&self, _since: Reign) -> impl Future<Output = Result<(), Unreachable>> + Send {
        ready(Ok(()))
    }
}

/// A registry that several nodes share, each of which hears what the others commit (NODE-2).
pub trait Shared: Registry {
    /// Has the ear told of every commit from now on, by whomever, each behind it and those of an account in their order. A notice comes at
    /// most once, and may be lost. It is ready once the first can be heard; a store that is out of reach tells once it is back.
    fn tell(&self, ear: Ear) -> impl Future<Output = ()> + Send;

    /// Those of the accounts that have another version than the one named, with theirs: what a lost notice would have told. One question
    /// for all, which writes nothing.
    fn stale(&self, known: &[(Arc<str>, Version)]) -> impl Future<Output = Result<Vec<Notice>, Unreachable>> + Send;

    /// How the store is, as this node has seen it last. Under another reign commits may be lost (NODE-5).
    fn engine(&self) -> Engine {
        Engine::default()
    }

    /// Renews the lease of that life for so long by the store's clock (NODE-3). If it ran out, or if there is none, another life begins.
    fn live(&self, life: Option<NodeLife>, lease: Duration) -> impl Future<Output = Result<Lives, Unreachable>> + Send;

    /// That life is over before its lease: others need not wait for that.
    fn leave(&self, _life: NodeLife) -> impl Future<Output = Result<(), Unreachable>> + Send {
        ready(Ok(()))
    }
}

/// A registry around another one, which does all that the layer does not do in its own way.
pub trait Layer: Send + Sync + 'static {
    /// The other one.
    type Within: Registry;

    /// The registry that it is around.
    fn within(&self) -> &Self::Within;

    /// As [`Registry::load`].
    fn load(&self, user_id: &str) -> impl Future<Output = Result<(Record, Version), Unreachable>> + Send {
        self.within().load(user_id)
    }

    /// As [`Registry::store`].
    fn store(&self, user_id: &str, write: Write) -> impl Future<Output = Result<Commit, Unreachable>> + Send {
        self.within().store(user_id, write)
    }

    /// As [`Registry::accounts`].
    fn accounts(&self) -> impl Future<Output = Result<Vec<String>, Unreachable>> + Send {
        self.within().accounts()
    }

    /// As [`Registry::note_stop`].
    fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> impl Future<Output = Result<(), Unreachable>> + Send {
        self.within().note_stop(owed_nothing)
    }

    /// As [`Registry::take_stop`].
    fn take_stop(&self) -> impl Future<Output = Result<Vec<(String, SessionDigest)>, Unreachable>> + Send {
        self.within().take_stop()
    }
}

impl<L: Layer> Registry for L {
    fn load(&self, user_id: &str) -> impl Future<Output = Result<(Record, Version), Unreachable>> + Send {
        Layer::load(self, user_id)
    }

    fn store(&self, user_id: &str, write: Write) -> impl Future<Output = Result<Commit, Unreachable>> + Send {
        Layer::store(self, user_id, write)
    }

    fn accounts(&self) -> impl Future<Output = Result<Vec<String>, Unreachable>> + Send {
        Layer::accounts(self)
    }

    fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> impl Future<Output = Result<(), Unreachable>> + Send {
        Layer::note_stop(self, owed_nothing)
    }

    fn take_stop(&self) -> impl Future<Output = Result<Vec<(String, SessionDigest)>, Unreachable>> + Send {
        Layer::take_stop(self)
    }
}

impl<R: Registry> Layer for Arc<R> {
    type Within = R;

    fn within(&self) -> &R {
        self
    }
}
