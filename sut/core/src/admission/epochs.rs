//! The highest epoch of each instance key: which link comes too late (LINK-3), and how long that is known. Pure, as the rest of the
//! rules; it ends no session.

use std::time::Duration;

use crate::session::{Epoch, EpochEntry, Epochs, KeyDigest, Record};
use crate::timers::{HEARTBEAT, UnixMillis};

/// How many epochs of keys without a session an account keeps (LINK-3).
pub const MAX_EPOCHS: usize = 100;

/// How long at least an epoch is kept from the commit on that last raised it: nothing that an older link carries is still under way
/// then.
pub const EPOCH_KEPT: Duration = HEARTBEAT.saturating_mul(2);

/// The highest epoch on record of that instance; none is as good as 0.
pub(crate) fn highest(record: &Record, key: KeyDigest) -> Epoch {
    record.epochs.get(&key).map_or(Epoch(0), |entry| entry.epoch)
}

/// Whether a link is newer than every one that the instance is known to have had.
pub(super) fn is_newer(record: &Record, key: KeyDigest, epoch: Epoch) -> bool {
    epoch > highest(record, key)
}

/// What the instance still has under way on older links than this one comes too late. Whether that is new.
pub(super) fn raise(record: &mut Record, key: KeyDigest, epoch: Epoch, now: UnixMillis) -> bool {
    let rises = epoch > highest(record, key);
    if rises {
        set(record, key, epoch, now);
    }
    rises
}

/// The same for a link that was found to be newer.
pub(super) fn set(record: &mut Record, key: KeyDigest, epoch: Epoch, now: UnixMillis) {
    if record.epochs.is_empty() {
        record.epochs = Epochs::with_capacity(1);
    }
    record.epochs.insert(key, EpochEntry { epoch, raised_at: now });
    bound(record);
}

/// Of the keys without a session the one goes whose epoch was raised first, as long as there are too many.
pub(super) fn bound(record: &mut Record) {
    while record.epochs.len() > MAX_EPOCHS {
        let idle = || record.epochs.iter().filter(|(key, _)| !is_online(record, **key));
        let oldest = idle().min_by_key(|(_, entry)| entry.raised_at).map(|(key, _)| *key);
        match oldest {
            Some(oldest) if idle().count() > MAX_EPOCHS => drop(record.epochs.remove(&oldest)),
            Some(_) | None => return,
        }
    }
}

/// Whether an epoch can be forgotten now, and what to do until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pruning {
    /// The record without it.
    Pruned(Record),
    /// Something on an older link may still be under way.
    TooEarly,
    /// There is none, or its instance has a session.
    Nothing,
}

/// Forgets the epoch of an instance that has no session, and has had none for long enough.
pub fn prune_epoch(mut record: Record, key: KeyDigest, now: UnixMillis) -> Pruning {
    match record.epochs.get(&key).filter(|_| !is_online(&record, key)) {
        Some(entry) if now < entry.raised_at.plus(EPOCH_KEPT) => Pruning::TooEarly,
        Some(_) => {
            record.epochs.remove(&key);
            Pruning::Pruned(record)
        }
        None => Pruning::Nothing,
    }
}

fn is_online(record: &Record, key: KeyDigest) -> bool {
    record.sessions.iter().any(|session| session.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Platform, Session, SessionDigest};

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn key(n: u64) -> KeyDigest {
        KeyDigest(n.into())
    }

    fn session(n: u64) -> Session {
        let (digest, epoch, expires_at) = (SessionDigest(1), Epoch(1), UnixMillis(0));
        Session { key: key(n), digest, epoch, platform: Platform::Web, expires_at, issued_s: 0, node: None, admitted_at: None }
    }

    /// So many keys, each raised a millisecond after the one before.
    fn raised(keys: u64) -> Record {
        let mut record = Record::default();
        (0..keys).for_each(|n| assert!(raise(&mut record, key(n), Epoch(5), UnixMillis(NOW.0 + n))));
        record
    }

    #[test]
    fn an_epoch_only_grows_and_says_when_it_last_did() {
        let mut record = raised(1);
        let rises = [4, 5, 6].map(|epoch| raise(&mut record, key(0), Epoch(epoch), UnixMillis(NOW.0 + epoch)));
        assert_eq!(rises, [false, false, true]);
        assert_eq!(record.epochs[&key(0)], EpochEntry { epoch: Epoch(6), raised_at: UnixMillis(NOW.0 + 6) });
        assert!(is_newer(&record, key(0), Epoch(7)) && !is_newer(&record, key(0), Epoch(6)));
        assert!(is_newer(&record, key(1), Epoch(1)) && !is_newer(&record, key(1), Epoch(0)));
    }

    #[test]
    fn of_more_than_100_keys_without_a_session_the_one_raised_first_is_forgotten() {
        let record = raised(101);
        assert_eq!((record.epochs.len(), record.epochs.contains_key(&key(0))), (100, false));
        assert!(record.epochs.contains_key(&key(1)));
    }

    #[test]
    fn a_key_with_a_session_neither_counts_nor_goes() {
        let mut record = raised(2);
        record.sessions.push(session(0));
        (2..102).for_each(|n| assert!(raise(&mut record, key(n), Epoch(5), UnixMillis(NOW.0 + n))));
        assert_eq!((record.epochs.len(), record.epochs.contains_key(&key(1))), (101, false));
        assert!(record.epochs.contains_key(&key(0)));
    }

    #[test]
    fn an_epoch_is_forgotten_a_minute_after_it_was_raised_and_not_before() {
        let at = |millis| prune_epoch(raised(1), key(0), UnixMillis(NOW.0 + millis));
        assert_eq!([at(0), at(59_999)], [Pruning::TooEarly, Pruning::TooEarly]);
        assert_eq!(at(60_000), Pruning::Pruned(Record::default()));
    }

    #[test]
    fn an_epoch_of_a_session_or_of_nobody_is_not_forgotten() {
        let mut record = raised(1);
        record.sessions.push(session(0));
        let later = UnixMillis(NOW.0 + 999_999);
        assert_eq!(prune_epoch(record.clone(), key(0), later), Pruning::Nothing);
        assert_eq!(prune_epoch(record, key(1), later), Pruning::Nothing);
    }
}
