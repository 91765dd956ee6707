//! Which rows a record has, such that the next record of the account has most of them, too: what stays keeps its place, and what comes
//! is put behind. It reads and writes nothing.

use std::collections::BTreeMap;

use super::rows::{CHUNK, Recent, Row};
use crate::registry::Version;
use crate::session::{Accepted, KeyDigest, Record};

/// A record, and where what is in it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Laid {
    pub(super) version: Version,
    pub(super) record: Record,
    /// Of the sessions, growing.
    sessions: Vec<u64>,
    /// Of the kick records, growing.
    kicks: Vec<u64>,
    /// Of the messages of each instance that sent any.
    accepted: BTreeMap<KeyDigest, Run>,
}

/// Where the messages of an instance stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Run {
    /// The first chunk.
    chunk: u64,
    /// What is there before the oldest message that counts. It goes once another chunk comes, so that one commit in many writes chunks.
    outdated: Vec<Accepted>,
}

impl Laid {
    /// Of an account without rows.
    pub(super) fn nothing_at(version: Version) -> Laid {
        Laid { version, ..Laid::default() }
    }

    /// What the rows of one account hold, in the order of their keys; `None` if no record was ever stored so.
    pub(super) fn read(rows: impl IntoIterator<Item = Row>) -> Option<Laid> {
        let (mut laid, mut heads) = (Laid::default(), 0);
        let (mut recent, mut chunks) = (Vec::new(), BTreeMap::new());
        for row in rows {
            match row {
                Row::Head { version, rest_kick_s } => {
                    (laid.version, laid.record.rest_kick_s) = (version, rest_kick_s);
                    heads += 1;
                }
                Row::Session(place, session) => {
                    laid.sessions.push(place);
                    laid.record.sessions.push(session);
                }
                Row::Kick(place, kick) => {
                    laid.kicks.push(place);
                    laid.record.kicks.push(kick);
                }
                Row::Epoch(instance, entry) => drop(laid.record.epochs.insert(instance, entry)),
                Row::Recent(instance, latest) => recent.push((instance, latest)),
                Row::Chunk(instance, number, messages) => drop(chunks.insert((instance, number), messages)),
            }
        }
        for (instance, latest) in recent {
            laid.read_messages(instance, latest, &mut chunks)?;
        }
        (heads == 1 && chunks.is_empty()).then_some(laid)
    }

    /// Takes out of the chunks what is the instance's.
    fn read_messages(
        &mut self,
        instance: KeyDigest,
        latest: Recent,
        chunks: &mut BTreeMap<(KeyDigest, u64), Vec<Accepted>>,
    ) -> Option<()> {
        let mut of_instance = chunks.range((instance, 0)..=(instance, u64::MAX));
        let chunk = of_instance.next().map_or(latest.chunk, |((_, number), _)| *number);
        let mut all = Vec::new();
        for number in chunk..latest.chunk {
            all.append(&mut chunks.remove(&(instance, number)).filter(|messages| messages.len() == CHUNK)?);
        }
        all.extend(latest.messages);
        let outdated =
            usize::try_from(latest.first.checked_sub(number_of(chunk))?).ok().filter(|outdated| *outdated <= all.len())?;
        let counting = all.split_off(outdated);
        self.accepted.insert(instance, Run { chunk, outdated: all });
        self.record.accepted.insert(instance, counting);
        Some(())
    }

    /// The account's next record, laid out to have as many rows of this one as can be.
    pub(super) fn next(&self, version: Version, record: Record) -> Laid {
        let (nothing, nowhere) = (Vec::new(), Run::default());
        let run = |(instance, messages): (&KeyDigest, &Vec<Accepted>)| {
            let before = self.record.accepted.get(instance).unwrap_or(&nothing);
            let run = self.accepted.get(instance).unwrap_or(&nowhere).next(before, messages);
            (*instance, run)
        };
        Laid {
            version,
            sessions: places(&self.record.sessions, &self.sessions, &record.sessions),
            kicks: places(&self.record.kicks, &self.kicks, &record.kicks),
            accepted: record.accepted.iter().map(run).collect(),
            record,
        }
    }

    /// Its rows; an empty record has none.
    pub(super) fn rows(&self) -> Vec<Row> {
        let Record { sessions, kicks, epochs, rest_kick_s, accepted } = &self.record;
        if self.record == Record::default() {
            return Vec::new();
        }
        let mut rows = vec![Row::Head { version: self.version, rest_kick_s: *rest_kick_s }];
        rows.extend(self.sessions.iter().zip(sessions).map(|(place, session)| Row::Session(*place, session.clone())));
        rows.extend(self.kicks.iter().zip(kicks).map(|(place, kick)| Row::Kick(*place, kick.clone())));
        rows.extend(epochs.iter().map(|(instance, entry)| Row::Epoch(*instance, *entry)));
        for ((instance, run), messages) in self.accepted.iter().zip(accepted.values()) {
            run.rows(*instance, messages, &mut rows);
        }
        rows
    }
}

/// Of a chunk's oldest message.
const fn number_of(chunk: u64) -> u64 {
    chunk.saturating_mul(CHUNK as u64)
}

/// Where the items stand of which the list is made now: between what stayed at both ends, if there is room, else behind what stayed at
/// the beginning.
fn places<T: PartialEq>(before: &[T], places: &[u64], now: &[T]) -> Vec<u64> {
    let is_same = |(before, now): &(&T, &T)| before == now;
    let head = before.iter().zip(now).take_while(is_same).count();
    let tail = before[head..].iter().rev().zip(now[head..].iter().rev()).take_while(is_same).count();
    if now.len() <= before.len() {
        let (stay, end) = places.split_at(places.len() - tail);
        return [&stay[..now.len() - tail], end].concat();
    }
    let behind = places[..head].last().map_or(0, |last| last + 1);
    places[..head].iter().copied().chain(behind..).take(now.len()).collect()
}

impl Run {
    /// Where the messages stand that count now: as before, if those that counted before are the oldest of them, but for some that do
    /// not count any more.
    fn next(&self, before: &[Accepted], now: &[Accepted]) -> Run {
        let all = [&self.outdated, before].concat();
        let oldest = now.first().and_then(|first| all.iter().position(|message| message == first));
        let Some(outdated) = oldest.filter(|oldest| now.starts_with(&all[*oldest..])) else {
            return Run { chunk: self.chunk, outdated: Vec::new() };
        };
        let is_full = (outdated + now.len()) / CHUNK > all.len() / CHUNK;
        let gone = if is_full { outdated / CHUNK } else { 0 };
        Run { chunk: self.chunk + gone as u64, outdated: all[gone * CHUNK..outdated].to_vec() }
    }

    fn rows(&self, instance: KeyDigest, messages: &[Accepted], rows: &mut Vec<Row>) {
        let all = [&self.outdated, messages].concat();
        let (chunks, latest) = all.as_chunks::<CHUNK>();
        rows.extend((self.chunk..).zip(chunks).map(|(number, chunk)| Row::Chunk(instance, number, chunk.to_vec())));
        let first = number_of(self.chunk) + self.outdated.len() as u64;
        rows.push(Row::Recent(instance, Recent { first, chunk: self.chunk + chunks.len() as u64, messages: latest.to_vec() }));
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::session::{Epoch, EpochEntry, KickReason, KickRecord, MessageId, Platform, Session, SessionDigest};
    use crate::timers::UnixMillis;

    fn session(n: u8) -> Session {
        let (key, digest) = (KeyDigest((n % 3).into()), SessionDigest(n.into()));
        Session {
            key,
            digest,
            epoch: Epoch(1),
            platform: if n == 2 { "till".parse().unwrap() } else { Platform::Linux },
            expires_at: UnixMillis(2),
            issued_s: 3,
            node: None,
            admitted_at: None,
        }
    }

    fn kick(n: u8) -> KickRecord {
        KickRecord { key: KeyDigest(n.into()), digest: SessionDigest(n.into()), reason: KickReason::RestApi }
    }

    fn messages(names: impl IntoIterator<Item = u8>) -> Vec<Accepted> {
        names.into_iter().map(|n| Accepted { id: MessageId(n.into()), at: UnixMillis(n.into()) }).collect()
    }

    fn record(sessions: &[u8], kicks: &[u8], sent: &[Vec<u8>]) -> Record {
        let entry = |n: &u8| (KeyDigest((*n).into()), EpochEntry { epoch: Epoch((*n).into()), raised_at: UnixMillis(5) });
        Record {
            sessions: sessions.iter().copied().map(session).collect(),
            kicks: kicks.iter().copied().map(kick).collect(),
            epochs: kicks.iter().map(entry).collect(),
            rest_kick_s: sessions.first().map(|n| u64::from(*n)),
            accepted: (0..).map(KeyDigest).zip(sent.iter().map(|names| messages(names.iter().copied()))).collect(),
        }
    }

    /// Rows as they are stored, in the order of their keys.
    fn stored(laid: &Laid) -> BTreeMap<Vec<u8>, Vec<u8>> {
        laid.rows().iter().map(|row| (row.key("alice"), row.value())).collect()
    }

    fn read(stored: &BTreeMap<Vec<u8>, Vec<u8>>) -> Option<Laid> {
        let rows: Option<Vec<_>> = stored.iter().map(|(key, value)| Row::read("alice", key, value)).collect();
        rows.and_then(Laid::read)
    }

    proptest! {
        #[test]
        fn what_is_laid_out_behind_any_other_record_is_read_back(
            steps in vec((vec(0u8..6, 0..5), vec(0u8..6, 0..5), vec(vec(0u8..60, 0..70), 0..3)), 1..12),
        ) {
            let mut laid = Laid::nothing_at(Version(7));
            for (version, (sessions, kicks, sent)) in (8..).map(Version).zip(steps) {
                let record = record(&sessions, &kicks, &sent);
                laid = laid.next(version, record.clone());
                prop_assert_eq!(&laid.record, &record);
                let stored = stored(&laid);
                prop_assert_eq!(stored.len(), laid.rows().len());
                prop_assert!(read(&stored).as_ref() == Some(&laid) || record == Record::default());
            }
        }
    }

    /// How many rows change from one to the next.
    fn written(before: &Laid, after: &Laid) -> usize {
        let (before, after) = (stored(before), stored(after));
        let gone = before.keys().filter(|key| !after.contains_key(*key)).count();
        gone + after.iter().filter(|(key, value)| before.get(*key) != Some(value)).count()
    }

    /// What each further record of a list writes.
    fn writes(records: impl IntoIterator<Item = Record>) -> Vec<usize> {
        let mut laid = Laid::nothing_at(Version(0));
        let each = (1..).map(Version).zip(records).map(|(version, record)| {
            let next = laid.next(version, record);
            let written = written(&laid, &next);
            laid = next;
            written
        });
        each.collect::<Vec<_>>().split_off(1)
    }

    #[test]
    fn a_message_writes_the_head_and_the_latest_and_a_chunk_once_one_is_full() {
        let sent = |first: u8| record(&[1], &[], &[(first..first + 50).collect()]);
        let writes = writes((0..65).map(sent));
        let with_chunks: Vec<_> = writes.iter().filter(|rows| **rows > 2).collect();
        assert_eq!((with_chunks.len(), writes.iter().max()), (64 / CHUNK, Some(&4)), "one chunk comes and one goes");
    }

    #[test]
    fn what_stays_keeps_its_row_whatever_comes_and_goes() {
        let logins = writes([&[1, 2, 3][..], &[1, 2, 3, 4], &[2, 3, 4], &[2, 3, 4, 5]].map(|sessions| record(sessions, &[], &[])));
        assert_eq!(logins, [2, 2, 2], "the head and a session");
        let kicks = writes([&[1, 2, 3][..], &[1, 3], &[1, 3, 4]].map(|kicks| record(&[], kicks, &[])));
        assert_eq!(kicks, [3, 3], "the head, a kick record and an epoch");
    }

    #[test]
    fn rows_of_which_one_is_missing_or_too_many_are_no_record() {
        let laid = Laid::nothing_at(Version(0)).next(Version(1), record(&[1], &[], &[(0..40).collect()]));
        let stored = stored(&laid);
        assert_eq!(read(&stored), Some(laid.clone()));
        let chunk = |key: &Vec<u8>| {
            matches!(Row::read("alice", key, &stored[key]), Some(Row::Head { .. } | Row::Recent(..) | Row::Chunk(..)))
        };
        for needed in stored.keys().filter(|key| chunk(key)) {
            let mut left = stored.clone();
            left.remove(needed);
            assert_eq!(read(&left), None, "{needed:?}");
        }
    }

    #[test]
    fn a_row_that_is_cut_short_or_longer_is_none() {
        let laid = Laid::nothing_at(Version(0)).next(Version(1), record(&[1], &[2], &[(0..40).collect()]));
        for (key, value) in stored(&laid) {
            assert_eq!(Row::read("alice", &key[..key.len() - 1], &value), None);
            assert_eq!(Row::read("alice", &key, &value[1..]), None);
            assert_eq!(Row::read("alice", &[&key[..], &[0]].concat(), &value), None);
            assert_eq!(Row::read("alice", &key, &[&value[..], &[0]].concat()), None);
            assert_eq!(Row::read("alic", &key, &value), None);
        }
    }
}
