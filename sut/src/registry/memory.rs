//! The registry of one process: a map behind a lock. It forgets everything when the process ends.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Commit, Outbox, Registry, TermsStore, Unreachable, Version};
use crate::callback::{self, Callback, CallbackId, Queued};
use crate::config::TermsChange;
use crate::session::{Record, SessionDigest};

/// Records and callbacks in memory. An account that was stored stays for good, since its epochs must (LINK-3).
#[derive(Debug, Default)]
pub struct Memory {
    accounts: Mutex<BTreeMap<String, Account>>,
    changed: Mutex<Option<TermsChange>>,
    /// Of the last stop.
    owed_nothing: Mutex<Vec<(String, SessionDigest)>>,
}

#[derive(Clone, Debug, Default)]
struct Account {
    record: Arc<Record>,
    version: Version,
    /// Oldest first.
    owed: VecDeque<Queued>,
}

/// A copy shares nothing with what it was made of.
impl Clone for Memory {
    fn clone(&self) -> Memory {
        Memory {
            accounts: Mutex::new(self.accounts().clone()),
            changed: Mutex::new(self.held_changes().clone()),
            owed_nothing: Mutex::new(self.note().clone()),
        }
    }
}

impl Account {
    fn compare_and_set(&mut self, expected: Version, record: Record, callbacks: Vec<Callback>) -> Commit {
        if self.version != expected {
            return Commit::Conflict;
        }
        self.version = Version(expected.0 + 1);
        self.record = Arc::new(record);
        self.owed.extend(callback::queue(self.version, callbacks));
        Commit::Done(self.version)
    }
}

impl Memory {
    fn held_changes(&self) -> MutexGuard<'_, Option<TermsChange>> {
        self.changed.lock().expect("nothing panics while it holds the lock")
    }

    fn accounts(&self) -> MutexGuard<'_, BTreeMap<String, Account>> {
        self.accounts.lock().expect("nothing panics while it holds the lock")
    }

    fn note(&self) -> MutexGuard<'_, Vec<(String, SessionDigest)>> {
        self.owed_nothing.lock().expect("nothing panics while it holds the lock")
    }

    /// The account's record and version, as [`Registry::load`] has them, without a copy.
    pub fn stored(&self, user_id: &str) -> (Arc<Record>, Version) {
        let accounts = self.accounts();
        accounts.get(user_id).map(|account| (Arc::clone(&account.record), account.version)).unwrap_or_default()
    }

    /// A conflict leaves nothing behind, not even an account.
    fn compare_and_set(&self, user_id: &str, expected: Version, record: Record, callbacks: Vec<Callback>) -> Commit {
        let mut accounts = self.accounts();
        match accounts.get_mut(user_id) {
            Some(account) => account.compare_and_set(expected, record, callbacks),
            None => {
                let mut account = Account::default();
                let commit = account.compare_and_set(expected, record, callbacks);
                if commit != Commit::Conflict {
                    accounts.insert(user_id.to_owned(), account);
                }
                commit
            }
        }
    }
}

impl Registry for Memory {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        let (record, version) = self.stored(user_id);
        Ok((Record::clone(&record), version))
    }

    async fn commit(
        &self,
        user_id: &str,
        expected: Version,
        record: Record,
        callbacks: Vec<Callback>,
    ) -> Result<Commit, Unreachable> {
        Ok(self.compare_and_set(user_id, expected, record, callbacks))
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        Ok(self.accounts().keys().cloned().collect())
    }

    async fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> Result<(), Unreachable> {
        *self.note() = owed_nothing;
        Ok(())
    }

    async fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Unreachable> {
        Ok(std::mem::take(&mut *self.note()))
    }
}

impl Outbox for Memory {
    async fn owed(&self) -> Result<Vec<String>, Unreachable> {
        let accounts = self.accounts();
        let owed = accounts.iter().filter(|(_, account)| !account.owed.is_empty());
        Ok(owed.map(|(user_id, _)| user_id.clone()).collect())
    }

    async fn oldest(&self, user_id: &str) -> Result<Option<Queued>, Unreachable> {
        Ok(self.accounts().get(user_id).and_then(|account| account.owed.front().cloned()))
    }

    async fn delivered(&self, user_id: &str, id: CallbackId) -> Result<(), Unreachable> {
        if let Some(account) = self.accounts().get_mut(user_id) {
            account.owed.retain(|queued| queued.id != id);
        }
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
