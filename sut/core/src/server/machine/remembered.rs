//! The records of accounts, as this node saw them last, where it is one of several. What is accepted on such a record is sound, since the
//! commit compares its version (NODE-1); a refusal is not, and neither is what is read out of it. It decides nothing.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use crate::registry::Version;
use crate::session::Record;

/// How many accounts are remembered at least, once there were as many; at most there are twice as many.
const MOST: usize = 512;

/// How many entries a record has at most that is remembered.
const LONGEST: usize = 64;

type Records = HashMap<Arc<str>, (Arc<Record>, Version)>;

/// The records that were seen of late. Those that nobody asked for or saw for long are forgotten.
#[derive(Clone, Debug, Default)]
pub(super) struct Remembered {
    young: Records,
    old: Records,
}

impl Remembered {
    /// The account's record has that version: what is older is forgotten for it, and it is remembered if there is a copy.
    pub(super) fn note(&mut self, user_id: &Arc<str>, copy: Option<Arc<Record>>, version: Version) {
        let newer = self.forget(user_id).filter(|(_, seen)| *seen > version);
        if let Some(newest) = newer.or_else(|| copy.map(|record| (record, version))) {
            self.keep(Arc::clone(user_id), newest);
        }
    }

    /// What is remembered of the account, and no longer.
    pub(super) fn forget(&mut self, user_id: &str) -> Option<(Arc<Record>, Version)> {
        self.young.remove(user_id).or_else(|| self.old.remove(user_id))
    }

    fn keep(&mut self, user_id: Arc<str>, seen: (Arc<Record>, Version)) {
        if self.young.len() == MOST {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(user_id, seen);
    }
}

/// Whether a record is worth its memory.
pub(super) fn is_short(record: &Record) -> bool {
    let Record { sessions, kicks, epochs, rest_kick_s: _, accepted } = record;
    let sent: usize = accepted.values().map(Vec::len).sum();
    sessions.len() + kicks.len() + epochs.len() + sent <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Accepted, KeyDigest, MessageId};
    use crate::timers::UnixMillis;

    fn numbered(n: usize) -> Arc<str> {
        n.to_string().into()
    }

    /// With so many messages.
    fn record(sent: u128) -> Arc<Record> {
        let sent = (0..sent).map(|id| Accepted { id: MessageId(id), at: UnixMillis(0) }).collect();
        Arc::new(Record { accepted: [(KeyDigest(1), sent)].into(), ..Record::default() })
    }

    #[test]
    fn the_newest_record_is_remembered_until_it_is_asked_for() {
        let (mut remembered, alice) = (Remembered::default(), numbered(1));
        let seen = [(1, 5), (2, 7), (3, 6)];
        seen.into_iter().for_each(|(sent, version)| remembered.note(&alice, Some(record(sent)), Version(version)));
        assert_eq!(remembered.forget(&alice), Some((record(2), Version(7))));
        assert_eq!(remembered.forget(&alice), None);
    }

    #[test]
    fn what_is_older_is_forgotten_for_a_version_that_is_not_kept() {
        let (mut remembered, alice) = (Remembered::default(), numbered(1));
        remembered.note(&alice, Some(record(1)), Version(2));
        remembered.note(&alice, None, Version(1));
        assert_eq!(remembered.young.len(), 1);
        remembered.note(&alice, None, Version(3));
        assert_eq!(remembered.forget(&alice), None);
    }

    #[test]
    fn a_record_of_64_entries_is_short_and_a_longer_one_is_not() {
        assert_eq!([64, 65].map(|sent| is_short(&record(sent))), [true, false]);
    }

    #[test]
    fn the_last_accounts_that_were_seen_are_remembered_and_at_most_twice_as_many() {
        let mut remembered = Remembered::default();
        (0..10 * MOST).for_each(|n| remembered.note(&numbered(n), Some(record(1)), Version(1)));
        assert!(remembered.young.len() + remembered.old.len() <= 2 * MOST);
        assert!((9 * MOST..10 * MOST).all(|n| remembered.forget(&numbered(n)).is_some()));
    }
}
