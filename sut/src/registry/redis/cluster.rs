//! Which server of a cluster has which slots, as its servers say. It decides nothing.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use redis::{RedisResult, Value, cmd, from_redis_value};
use tokio::sync::Mutex;

use super::address::{Hosts, Naming, address, connect};

/// How long what was said is good for all who ask: each bucket has a slot of its own, and a server that is asked knows all of them.
const GOOD: Duration = Duration::from_millis(250);

/// How many slots a cluster has.
const SLOTS: u16 = 16384;

/// One of the parts into which a cluster's keys fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot(u16);

impl Slot {
    /// That of all keys with this tag: its CRC-16/XMODEM.
    pub(super) fn of_tag(tag: &str) -> Slot {
        let shifted = |crc: u16| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
        let crc = tag.bytes().fold(0, |crc, byte| (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| shifted(crc)));
        Slot(crc % SLOTS)
    }
}

/// Slots, and who has them: a server by its id, and its address.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    slots: RangeInclusive<u16>,
    by: Naming,
}

/// What each server that was asked said, if it answered.
type Said = Arc<Vec<Option<Vec<Held>>>>;

/// The servers that are asked.
pub(super) struct Cluster {
    pub(super) servers: Hosts,
    said: Mutex<Option<(Instant, Said)>>,
}

impl Cluster {
    pub(super) fn of(servers: Hosts) -> Cluster {
        Cluster { servers, said: Mutex::default() }
    }

    /// Who has the slot, by each server that is asked.
    pub(super) async fn said_of(&self, slot: Slot) -> Vec<Option<Naming>> {
        let holder = |held: &Vec<Held>| Some(held.iter().find(|held| held.slots.contains(&slot.0))?.by.clone());
        self.said().await.iter().map(|said| said.as_ref().and_then(holder)).collect()
    }

    async fn said(&self) -> Said {
        let mut said = self.said.lock().await;
        if let Some((_, said)) = said.as_ref().filter(|(at, _)| at.elapsed() < GOOD) {
            return Arc::clone(said);
        }
        let answers = join_all(self.servers.asked.iter().map(|server| self.ask(server))).await;
        let answers = Arc::new(answers.into_iter().map(Result::ok).collect());
        *said = Some((Instant::now(), Arc::clone(&answers)));
        answers
    }

    async fn ask(&self, server: &str) -> RedisResult<Vec<Held>> {
        let mut link = connect(&self.servers.client(server)?).await?;
        let ranges: Vec<Vec<Value>> = cmd("CLUSTER").arg("SLOTS").query_async(&mut link).await?;
        ranges.into_iter().map(|range| held(range, server)).collect()
    }
}

/// First and last slot, the primary, and its replicas. A server may not know at which host it is: where it was asked.
fn held(mut range: Vec<Value>, asked: &str) -> RedisResult<Held> {
    range.truncate(3);
    let (first, last, mut primary): (u16, u16, Vec<Value>) = from_redis_value(Value::Array(range))?;
    primary.truncate(3);
    let (host, port, id): (Option<String>, u16, String) = from_redis_value(Value::Array(primary))?;
    let own = asked.rsplit_once(':').map_or(asked, |(host, _)| host);
    let at = host.filter(|host| !host.is_empty()).map_or_else(|| format!("{own}:{port}"), |host| address(&host, port));
    Ok(Held { slots: first..=last, by: (id, at) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.into())
    }

    #[test]
    fn a_tag_has_the_slot_that_the_engine_gives_it() {
        assert_eq!(["", "123456789", "app", "7"].map(Slot::of_tag), [0, 12739, 6805, 1716].map(Slot));
    }

    #[test]
    fn a_server_that_does_not_know_its_host_is_where_it_was_asked() {
        for (said, at) in [(Value::Nil, "[::1]:7000"), (text(""), "[::1]:7000"), (text("::2"), "[::2]:7000"), (text("h"), "h:7000")]
        {
            let primary = Value::Array(vec![said, Value::Int(7000), text("id"), Value::Array(vec![])]);
            let replica = Value::Array(vec![text("r"), Value::Int(1), text("other")]);
            let range = vec![Value::Int(5), Value::Int(9), primary, replica];
            assert_eq!(held(range, "[::1]:6999").unwrap(), Held { slots: 5..=9, by: ("id".to_owned(), at.to_owned()) });
        }
    }
}
