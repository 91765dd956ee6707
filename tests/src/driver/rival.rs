//! Another node, which always comes first: before each commit of the node that is replayed it stores something of its own in the same
//! account, so that the commit meets a conflict and must be decided again. It changes nothing that an observation shows, and notices
//! when what it stored is lost.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use sut::protocol::MessageId;
use sut::session::{Accepted, KeyDigest, Record};
use sut::timers::UnixMillis;

/// The instance whose messages the other node accepts; no seat has it.
const INSTANCE: KeyDigest = KeyDigest(u128::MAX);

/// So late that no message of it is ever forgotten (MSG-3).
const NEVER_PAST: UnixMillis = UnixMillis(1 << 60);

/// What the other node did in one account.
#[derive(Clone, Debug, Default)]
struct Done {
    /// The number of the message that it accepted last.
    last: u128,
    /// Whether it came first, and the node that is replayed has not stored anything behind it.
    came_first: bool,
}

/// The other node.
#[derive(Debug, Default)]
pub(super) struct Rival {
    accounts: Mutex<BTreeMap<String, Done>>,
    lost: Mutex<Vec<String>>,
}

/// A copy does its own things from there.
impl Clone for Rival {
    fn clone(&self) -> Rival {
        Rival { accounts: Mutex::new(self.accounts().clone()), lost: Mutex::new(self.lost().clone()) }
    }
}

impl Rival {
    fn accounts(&self) -> MutexGuard<'_, BTreeMap<String, Done>> {
        self.accounts.lock().expect("nothing panics while it holds the lock")
    }

    fn lost(&self) -> MutexGuard<'_, Vec<String>> {
        self.lost.lock().expect("nothing panics while it holds the lock")
    }

    /// What it stores before a commit, unless it has come first already.
    pub(super) fn comes_first(&self, user_id: &str, stored: &Record) -> Option<Record> {
        let mut accounts = self.accounts();
        let done = accounts.entry(user_id.to_owned()).or_default();
        if std::mem::replace(&mut done.came_first, true) {
            return None;
        }
        done.last += 1;
        let mut record = stored.clone();
        record.accepted.insert(INSTANCE, vec![Accepted { id: MessageId(done.last), at: NEVER_PAST }]);
        Some(record)
    }

    /// The node that is replayed stored this record: what the other one accepted must stand there.
    pub(super) fn look(&self, user_id: &str, stored: &Record) {
        let mut accounts = self.accounts();
        let Some(done) = accounts.get_mut(user_id) else { return };
        done.came_first = false;
        let last = stored.accepted.get(&INSTANCE).and_then(|messages| messages.last()).map(|message| message.id);
        if last != Some(MessageId(done.last)) {
            self.lost().push(format!("what another node stored of {user_id} is lost"));
        }
    }

    /// What was lost since it was asked last.
    pub(super) fn complaints(&self) -> Vec<String> {
        std::mem::take(&mut *self.lost())
    }
}
