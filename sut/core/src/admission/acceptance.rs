//! Which message is a new one and which is the repeat of one that was accepted (MSG-3). Pure; it delivers nothing.

use std::time::Duration;

use crate::session::{Accepted, KeyDigest, MessageId, Record};
use crate::timers::UnixMillis;

/// How many messages of an instance are remembered (MSG-3).
pub const MAX_ACCEPTED: usize = 1000;

/// Of how many instances without a session messages are remembered: whoever logs in under ever new keys makes the record no longer.
pub const MAX_SENDERS: usize = 100;

/// How long a message is remembered (MSG-3).
pub const REMEMBERED: Duration = Duration::from_secs(600);

/// The record with this message of the instance as accepted now, and without any that is too old; `None` if it is a repeat, to which
/// the first answer is given again.
pub fn accept(mut record: Record, key: KeyDigest, id: MessageId, now: UnixMillis) -> Option<Record> {
    for accepted in record.accepted.values_mut() {
        accepted.retain(|message| now < message.at.plus(REMEMBERED));
    }
    record.accepted.retain(|_, accepted| !accepted.is_empty());
    let accepted = record.accepted.entry(key).or_default();
    if accepted.iter().any(|message| message.id == id) {
        return None;
    }
    accepted.push(Accepted { id, at: now });
    let surplus = accepted.len().saturating_sub(MAX_ACCEPTED);
    accepted.drain(..surplus);
    forget_senders(&mut record, key);
    Some(record)
}

/// Of too many instances without a session the one that sent its last message first is forgotten.
fn forget_senders(record: &mut Record, but: KeyDigest) {
    let Record { accepted, sessions, .. } = record;
    let is_gone = |key: &KeyDigest| *key != but && !sessions.iter().any(|session| session.key == *key);
    while accepted.keys().filter(|key| is_gone(key)).count() > MAX_SENDERS {
        let last = |messages: &[Accepted]| messages.last().map(|message| message.at);
        let oldest =
            accepted.iter().filter(|(key, _)| is_gone(key)).min_by_key(|(_, messages)| last(messages)).map(|(key, _)| *key);
        accepted.retain(|key, _| Some(*key) != oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: KeyDigest = KeyDigest(1);
    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn id(n: usize) -> MessageId {
        MessageId(u128::try_from(n).unwrap())
    }

    /// The record after that many messages of the instance, all of them now.
    fn sent(messages: usize) -> Record {
        (0..messages).fold(Record::default(), |record, n| accept(record, KEY, id(n), NOW).unwrap())
    }

    #[test]
    fn a_repeat_is_known_among_the_last_1000_of_its_instance() {
        let record = sent(1001);
        assert_eq!(record.accepted[&KEY].len(), 1000);
        assert_eq!([1, 1000].map(|n| accept(record.clone(), KEY, id(n), NOW)), [None, None]);
        assert!(accept(record.clone(), KEY, id(0), NOW).is_some());
        assert!(accept(record.clone(), KeyDigest(2), id(1), NOW).is_some());
    }

    #[test]
    fn of_instances_without_a_session_the_last_100_that_sent_are_known() {
        let send = |record, n: u128| accept(record, KeyDigest(1_000 - n), id(1), UnixMillis(NOW.0 + n as u64)).unwrap();
        let record = (0..=102).fold(Record::default(), send);
        let known: Vec<_> = record.accepted.keys().map(|key| 1_000 - key.0).rev().collect();
        assert_eq!(known, (2..=102).collect::<Vec<_>>());
    }

    #[test]
    fn a_repeat_is_known_for_ten_minutes() {
        let record = sent(1);
        assert_eq!(accept(record.clone(), KEY, id(0), UnixMillis(NOW.0 + 599_999)), None);
        let later = UnixMillis(NOW.0 + 600_000);
        let again = accept(record.clone(), KeyDigest(2), id(0), later).unwrap();
        assert_eq!(again.accepted.keys().collect::<Vec<_>>(), [&KeyDigest(2)]);
        assert!(accept(record.clone(), KEY, id(0), later).is_some());
    }
}
