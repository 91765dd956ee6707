//! The registry of one process: a map behind a lock. It forgets everything when the process ends.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::{Commit, Ear, Engine, Lives, Notice, Outbox, Registry, Shared, TermsStore, Unreachable, Version, Write};
use crate::callback::{self, Queued};
use crate::config::TermsChange;
use crate::session::{NodeLife, Record, Reign, SessionDigest};

/// Records and callbacks in memory.
#[derive(Debug, Default)]
pub struct Memory {
    accounts: Mutex<Accounts>,
    changed: Mutex<Option<TermsChange>>,
    /// Of the last stop.
    owed_nothing: Mutex<Vec<(String, SessionDigest)>>,
    ears: Mutex<Ears>,
    living: Mutex<Living>,
}

/// Whose leases hold. They hold until they are ended.
#[derive(Clone, Debug, Default)]
struct Living {
    last: u32,
    lives: BTreeSet<NodeLife>,
}

/// Who hears of commits.
#[derive(Default)]
struct Ears(Vec<Ear>);

impl fmt::Debug for Ears {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ears").field(&self.0.len()).finish()
    }
}

#[derive(Clone, Debug, Default)]
struct Accounts {
    stored: BTreeMap<String, (Arc<Record>, Version)>,
    /// The highest version that deleted an account: every account that is not stored is at it.
    deleted: Version,
    /// What each account is owed, oldest first; there is none that is owed nothing.
    owed: BTreeMap<String, VecDeque<Queued>>,
    /// Under which all is found.
    reign: Reign,
    last: Option<Last>,
}

/// The last commit, as far as it can be undone.
#[derive(Clone, Debug)]
struct Last {
    user_id: String,
    /// What stood there before.
    stored: Option<(Arc<Record>, Version)>,
    deleted: Version,
    /// How many callbacks it queued.
    callbacks: usize,
}

/// A copy shares nothing with what it was made of, and tells nobody.
impl Clone for Memory {
    fn clone(&self) -> Memory {
        Memory {
            accounts: Mutex::new(self.accounts().clone()),
            changed: Mutex::new(self.held_changes().clone()),
            owed_nothing: Mutex::new(self.note().clone()),
            ears: Mutex::default(),
            living: Mutex::new(self.living().clone()),
        }
    }
}

impl Accounts {
    fn load(&self, user_id: &str) -> (Arc<Record>, Version) {
        let (record, version) = self.stored.get(user_id).cloned().unwrap_or_else(|| (Arc::default(), self.deleted));
        (record, version.under(self.reign))
    }

    fn compare_and_set(&mut self, user_id: &str, write: Write) -> Commit {
        let Write { expected, record, callbacks, passed: _, pace: _ } = write;
        if self.load(user_id).1 != expected {
            return Commit::Conflict;
        }
        let (next, deleted) = (Version(expected.number() + 1), self.deleted);
        let stored = if record == Record::default() {
            self.deleted = self.deleted.max(next);
            self.stored.remove(user_id)
        } else {
            self.stored.insert(user_id.to_owned(), (Arc::new(record), next))
        };
        self.last = Some(Last { user_id: user_id.to_owned(), stored, deleted, callbacks: callbacks.len() });
        if !callbacks.is_empty() {
            self.owed.entry(user_id.to_owned()).or_default().extend(callback::queue(next, callbacks));
        }
        Commit::Done(next.under(self.reign))
    }

    /// The last commit was never made, if there is one that was not undone.
    fn undo(&mut self) {
        let Some(Last { user_id, stored, deleted, callbacks }) = self.last.take() else { return };
        self.deleted = deleted;
        if let Some(owed) = self.owed.get_mut(&user_id) {
            owed.truncate(owed.len().saturating_sub(callbacks));
            if owed.is_empty() {
                self.owed.remove(&user_id);
            }
        }
        match stored {
            Some(stored) => drop(self.stored.insert(user_id, stored)),
            None => drop(self.stored.remove(&user_id)),
        }
    }

    fn deliver(&mut self, user_id: &str, delivered: &Queued) {
        let Some(owed) = self.owed.get_mut(user_id) else { return };
        owed.retain(|queued| queued != delivered);
        if owed.is_empty() {
            self.owed.remove(user_id);
        }
    }
}

impl Memory {
    fn held_changes(&self) -> MutexGuard<'_, Option<TermsChange>> {
        self.changed.lock().expect("nothing panics while it holds the lock")
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().expect("nothing panics while it holds the lock")
    }

    fn note(&self) -> MutexGuard<'_, Vec<(String, SessionDigest)>> {
        self.owed_nothing.lock().expect("nothing panics while it holds the lock")
    }

    fn ears(&self) -> MutexGuard<'_, Ears> {
        self.ears.lock().expect("nothing panics while it holds the lock")
    }

    fn living(&self) -> MutexGuard<'_, Living> {
        self.living.lock().expect("nothing panics while it holds the lock")
    }

    /// The lease of that life runs out.
    pub fn end_life(&self, life: NodeLife) {
        self.living().lives.remove(&life);
    }

    /// A registry that goes on from this one as its next primary, with all that it has or all but the last commit (NODE-5). This one goes on
    /// as well, and neither knows of the other.
    #[doc(hidden)]
    #[must_use]
    pub fn promoted(&self, has_last: bool) -> Memory {
        let promoted = self.clone();
        let mut accounts = promoted.accounts();
        accounts.reign.0 += 1;
        if !has_last {
            accounts.undo();
        }
        drop(accounts);
        promoted
    }

    /// The account's record and version, as [`Registry::load`] has them, without a copy.
    pub fn stored(&self, user_id: &str) -> (Arc<Record>, Version) {
        self.accounts().load(user_id)
    }
}

impl Registry for Memory {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        let (record, version) = self.stored(user_id);
        Ok((Record::clone(&record), version))
    }

    async fn store(&self, user_id: &str, write: Write) -> Result<Commit, Unreachable> {
        let (mut accounts, mut ears, passed) = (self.accounts(), self.ears(), write.passed.clone());
        let commit = accounts.compare_and_set(user_id, write);
        if let (Commit::Done(version), false) = (commit, ears.0.is_empty()) {
            let record = Some(accounts.load(user_id).0);
            let notice = Notice { record, passed, ..Notice::of(user_id, version) };
            ears.0.retain_mut(|ear| ear(notice.clone()).is_continue());
        }
        Ok(commit)
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        Ok(self.accounts().stored.keys().cloned().collect())
    }

    async fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> Result<(), Unreachable> {
        *self.note() = owed_nothing;
        Ok(())
    }

    async fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Unreachable> {
        Ok(std::mem::take(&mut *self.note()))
    }
}

/// Of several nodes in one process.
impl Shared for Memory {
    /// Each commit is told before it is answered.
    async fn tell(&self, ear: Ear) {
        self.ears().0.push(ear);
    }

    fn engine(&self) -> Engine {
        Engine { reign: self.accounts().reign, ..Engine::default() }
    }

    async fn stale(&self, known: &[(Arc<str>, Version)]) -> Result<Vec<Notice>, Unreachable> {
        let accounts = self.accounts();
        let found = known.iter().map(|(user_id, known)| (user_id, known, accounts.load(user_id).1));
        let stale = found.filter(|(_, known, version)| version != *known);
        Ok(stale.map(|(user_id, _, version)| Notice::of(Arc::clone(user_id), version)).collect())
    }

    /// Only [`Memory::end_life`] ends one.
    async fn live(&self, life: Option<NodeLife>, _lease: Duration) -> Result<Lives, Unreachable> {
        let mut living = self.living();
        let own = life.filter(|life| living.lives.contains(life)).unwrap_or_else(|| {
            living.last += 1;
            NodeLife(NonZeroU32::MIN.saturating_add(living.last - 1))
        });
        living.lives.insert(own);
        Ok(Lives { own, all: living.lives.clone() })
    }

    async fn leave(&self, life: NodeLife) -> Result<(), Unreachable> {
        self.end_life(life);
        Ok(())
    }
}

impl Outbox for Memory {
    async fn owed(&self) -> Result<Vec<String>, Unreachable> {
        Ok(self.accounts().owed.keys().cloned().collect())
    }

    async fn oldest(&self, user_id: &str) -> Result<Option<Queued>, Unreachable> {
        Ok(self.accounts().owed.get(user_id).and_then(|owed| owed.front().cloned()))
    }

    async fn delivered(&self, user_id: &str, queued: &Queued) -> Result<(), Unreachable> {
        self.accounts().deliver(user_id, queued);
        Ok(())
    }
}

impl TermsStore for Memory {
    async fn changed(&self) -> Result<Option<TermsChange>, Unreachable> {
        Ok(self.held_changes().clone())
    }

    async fn set_changed(&self, changed: Option<TermsChange>) -> Result<(), Unreachable> {
        *self.held_changes() = changed;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::callback::{Callback, CallbackId, Device, Happened};
    use crate::session::Platform;
    use crate::timers::UnixMillis;

    #[test]
    fn a_deleted_account_leaves_nothing_behind_once_its_callbacks_are_delivered() {
        let memory = Memory::default();
        let device = Device { digest: SessionDigest(1), platform: Platform::Web };
        let told = vec![Callback { id: CallbackId(1), at: UnixMillis(1), device, happened: Happened::Unregister }];
        let stored = Record { rest_kick_s: Some(1), ..Record::default() };
        memory.commit("alice", Version(0), stored, told.clone()).now_or_never().unwrap().unwrap();
        memory.commit("alice", Version(1), Record::default(), told).now_or_never().unwrap().unwrap();
        while let Some(queued) = memory.oldest("alice").now_or_never().unwrap().unwrap() {
            memory.delivered("alice", &queued).now_or_never().unwrap().unwrap();
        }
        let Accounts { stored, deleted, owed, .. } = &*memory.accounts();
        assert_eq!((stored.len(), *deleted, owed.len()), (0, Version(2), 0));
    }
    #[test]
    fn a_promoted_registry_has_all_or_all_but_the_last_commit_and_takes_none_that_was_decided_before() {
        let device = Device { digest: SessionDigest(1), platform: Platform::Web };
        let told = vec![Callback { id: CallbackId(1), at: UnixMillis(1), device, happened: Happened::Unregister }];
        let record = |second| Record { rest_kick_s: Some(second), ..Record::default() };
        let commit = |memory: &Memory, expected: Version, record| {
            memory.commit("alice", expected, record, told.clone()).now_or_never().unwrap().unwrap()
        };
        let memory = Memory::default();
        (0..2).for_each(|n| assert_eq!(commit(&memory, Version(n), record(n)), Commit::Done(Version(n + 1))));
        let owed = |memory: &Memory| memory.accounts().owed.get("alice").map_or(0, VecDeque::len);
        for (has_last, number) in [(true, 2), (false, 1)] {
            let promoted = memory.promoted(has_last);
            let version = Version(number).under(Reign(1));
            assert_eq!((promoted.stored("alice"), owed(&promoted)), ((Arc::new(record(number - 1)), version), number as usize));
            assert_eq!(commit(&promoted, Version(number), record(9)), Commit::Conflict);
            assert_eq!(commit(&promoted, version, Record::default()), Commit::Done(Version(number + 1).under(Reign(1))));
        }
        assert_eq!(commit(&memory, Version(2), record(9)), Commit::Done(Version(3)));
    }
}
