//! The registry of one process: a map behind a lock. It forgets everything when the process ends.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use super::{Commit, Registry, Unreachable, Version};
use crate::session::Record;

/// Records in memory. An account that was stored stays for good, since its epochs must (LINK-3).
#[derive(Debug, Default)]
pub struct Memory {
    accounts: Mutex<HashMap<String, (Record, Version)>>,
}

impl Memory {
    fn accounts(&self) -> MutexGuard<'_, HashMap<String, (Record, Version)>> {
        self.accounts.lock().expect("nothing panics while it holds the lock")
    }

    fn stored(&self, user_id: &str) -> (Record, Version) {
        self.accounts().get(user_id).cloned().unwrap_or_default()
    }

    fn compare_and_set(&self, user_id: &str, expected: Version, record: Record) -> Commit {
        let mut accounts = self.accounts();
        let current = accounts.get(user_id).map_or(Version::default(), |(_, version)| *version);
        if current != expected {
            return Commit::Conflict;
        }
        let next = Version(current.0 + 1);
        accounts.insert(user_id.to_owned(), (record, next));
        Commit::Done(next)
    }
}

impl Registry for Memory {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        Ok(self.stored(user_id))
    }

    async fn commit(&self, user_id: &str, expected: Version, record: Record) -> Result<Commit, Unreachable> {
        Ok(self.compare_and_set(user_id, expected, record))
    }
}
