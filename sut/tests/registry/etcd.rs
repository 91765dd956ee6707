//! The contract, of a registry on etcd, which promises what Redis does not: what it answered is never lost. It shows that the contract
//! asks for nothing that one engine alone can do, and is nobody's registry but of these tests.

mod gateway;
mod server;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sut::callback::{self, Place, Queued};
use sut::config::TermsChange;
use sut::registry::{Commit, Ear, Lives, Notice, Outbox, Registry, Shared, TermsStore, Unreachable, Version, Write};
use sut::session::{NodeLife, Record, SessionDigest};

use gateway::{Found, Gateway, Sent, base64, unchanged};
use server::Server;

use super::way::Way;

const RACE_ROUNDS: u64 = 50;

/// The highest version that deleted an account.
const FLOOR: &[u8] = b"floor";
const STOP: &[u8] = b"stop";
const TERMS: &[u8] = b"terms";

/// What was committed last: an account, its version, and a message. Whoever watches it hears of every commit.
const NOTICE: &[u8] = b"notice";

/// The number of the youngest life, and where those are whose leases hold.
const LAST_LIFE: &[u8] = b"last-life";
const LIVES: &[u8] = b"life/";
const BEHIND_LIVES: &[u8] = b"life0";

/// Behind a name, none of which has such a byte.
const END_OF_NAME: u8 = 0xff;

/// A registry and its server, which ends with it.
struct Etcd {
    gateway: Gateway,
    _server: Server,
}

async fn fresh() -> Etcd {
    let server = Server::start();
    Etcd { gateway: Gateway::open(server.address()).await.unwrap(), _server: server }
}

/// What stands of an account.
struct Seen {
    record: Option<Found>,
    floor: Option<Found>,
}

impl Seen {
    fn floor_number(&self) -> Result<u64, Unreachable> {
        self.floor.as_ref().map_or(Ok(0), |found| read(&found.value))
    }

    fn version(&self) -> Result<Version, Unreachable> {
        let found = self.record.as_ref().or(self.floor.as_ref());
        found.map_or(Ok(Version(0)), |found| read(found.value.split(|byte| *byte == b' ').next().unwrap_or_default()).map(Version))
    }
}

impl Etcd {
    async fn look(&self, user_id: &str) -> Result<Seen, Unreachable> {
        let [record, floor] = self.gateway.ranges([&record_key(user_id), FLOOR]).await?;
        Ok(Seen { record, floor })
    }

    /// What a key holds, in JSON.
    async fn stated<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, Unreachable> {
        let [found] = self.gateway.ranges([key]).await?;
        found.map(|found| read(&found.value)).transpose()
    }
}

impl Registry for Etcd {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        self.gateway.settle().await?;
        let seen = self.look(user_id).await?;
        let json = seen.record.as_ref().and_then(|found| found.value.splitn(2, |byte| *byte == b' ').nth(1));
        Ok((json.map_or(Ok(Record::default()), read)?, seen.version()?))
    }

    /// A write that fails for another reason than its version is tried again.
    async fn store(&self, user_id: &str, write: Write) -> Result<Commit, Unreachable> {
        let next = Version(write.expected.0 + 1);
        loop {
            let seen = self.look(user_id).await?;
            if seen.version()? != write.expected {
                return Ok(Commit::Conflict);
            }
            let key = record_key(user_id);
            let compare = vec![unchanged(&key, seen.record.as_ref()), unchanged(FLOOR, seen.floor.as_ref())];
            let floor = seen.floor_number()?.max(next.0);
            match self.gateway.transact(compare, writes(user_id, next, floor, &write)).await? {
                Sent::Done => return Ok(Commit::Done(next)),
                Sent::Refused => {}
                Sent::Unknown => return Ok(Commit::Unknown),
            }
        }
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        let keys = self.gateway.keys(b"record/", b"record0").await?;
        Ok(keys.iter().map(|key| text(&key["record/".len()..])).collect())
    }

    async fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> Result<(), Unreachable> {
        self.gateway.must(vec![put(STOP, &written(&owed_nothing))]).await
    }

    async fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Unreachable> {
        let taken = self.gateway.take(STOP).await?;
        taken.map_or(Ok(Vec::new()), |value| read(&value))
    }
}

impl Outbox for Etcd {
    async fn owed(&self) -> Result<Vec<String>, Unreachable> {
        let keys = self.gateway.keys(b"owed/", b"owed0").await?;
        let mut names: Vec<_> = keys
            .iter()
            .map(|key| text(key["owed/".len()..].split(|byte| *byte == END_OF_NAME).next().unwrap_or_default()))
            .collect();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    async fn oldest(&self, user_id: &str) -> Result<Option<Queued>, Unreachable> {
        let prefix = owed_prefix(user_id);
        let behind = [&prefix[..], &[0xff; 13]].concat();
        let Some((key, value)) = self.gateway.first(&prefix, &behind).await? else { return Ok(None) };
        let (version, index) = key[prefix.len()..].split_at(size_of::<u64>());
        let version = Version(u64::from_be_bytes(version.try_into().expect("eight bytes")));
        let index = u32::from_be_bytes(index.try_into().expect("four bytes"));
        Ok(Some(Queued { place: Place { version, index }, callback: read(&value)? }))
    }

    async fn delivered(&self, user_id: &str, queued: &Queued) -> Result<(), Unreachable> {
        self.gateway.must(vec![delete(&owed_key(user_id, queued.place))]).await
    }
}

impl Shared for Etcd {
    async fn tell(&self, mut ear: Ear) {
        let mut heard = self.gateway.watch(NOTICE).await.unwrap();
        tokio::spawn(async move {
            while let Some(value) = heard.recv().await {
                let (user_id, version, passed) = read::<(String, u64, Option<_>)>(&value).unwrap();
                if ear(Notice { passed, ..Notice::of(user_id, Version(version)) }).is_break() {
                    return;
                }
            }
        });
    }

    async fn stale(&self, known: &[(Arc<str>, Version)]) -> Result<Vec<Notice>, Unreachable> {
        let mut stale = Vec::new();
        for (user_id, version) in known {
            let seen = self.look(user_id).await?.version()?;
            if seen != *version {
                stale.push(Notice::of(Arc::clone(user_id), seen));
            }
        }
        Ok(stale)
    }

    /// A life is a key that goes with its lease.
    async fn live(&self, life: Option<NodeLife>, lease: Duration) -> Result<Lives, Unreachable> {
        let own = match life {
            Some(life) if self.gateway.renew(&life_key(life)).await? => life,
            Some(_) | None => self.new_life(lease).await?,
        };
        let all = self.gateway.keys(LIVES, BEHIND_LIVES).await?;
        let number = |key: &Vec<u8>| NodeLife(read(&key[LIVES.len()..]).unwrap());
        Ok(Lives { own, all: all.iter().map(number).collect() })
    }
}

impl Etcd {
    /// Another one that began at the same moment is counted past.
    async fn new_life(&self, lease: Duration) -> Result<NodeLife, Unreachable> {
        loop {
            let [last] = self.gateway.ranges([LAST_LIFE]).await?;
            let number = last.as_ref().map_or(Ok(0), |last| read::<u32>(&last.value))? + 1;
            let life = NodeLife(NonZeroU32::new(number).unwrap());
            let writes =
                vec![put(LAST_LIFE, number.to_string().as_bytes()), self.gateway.put_leased(&life_key(life), lease).await?];
            if let Sent::Done = self.gateway.transact(vec![unchanged(LAST_LIFE, last.as_ref())], writes).await? {
                return Ok(life);
            }
        }
    }
}

impl TermsStore for Etcd {
    async fn changed(&self) -> Result<Option<TermsChange>, Unreachable> {
        self.stated(TERMS).await
    }

    async fn set_changed(&self, changed: Option<TermsChange>) -> Result<(), Unreachable> {
        self.gateway.must(vec![changed.map_or_else(|| delete(TERMS), |changed| put(TERMS, &written(&changed)))]).await
    }
}

/// What one commit writes.
fn writes(user_id: &str, next: Version, floor: u64, write: &Write) -> Vec<Value> {
    let key = record_key(user_id);
    let mut writes = if write.record == Record::default() {
        vec![delete(&key), put(FLOOR, floor.to_string().as_bytes())]
    } else {
        vec![put(&key, &[next.0.to_string().as_bytes(), b" ", &written(&write.record)].concat())]
    };
    let owed = callback::queue(next, write.callbacks.clone());
    writes.push(put(NOTICE, &written(&(user_id, next.0, &write.passed))));
    writes.extend(owed.map(|Queued { place, callback }| put(&owed_key(user_id, place), &written(&callback))));
    writes
}

fn record_key(user_id: &str) -> Vec<u8> {
    [b"record/", user_id.as_bytes()].concat()
}

fn life_key(life: NodeLife) -> Vec<u8> {
    [LIVES, life.to_string().as_bytes()].concat()
}

fn owed_prefix(user_id: &str) -> Vec<u8> {
    [b"owed/", user_id.as_bytes(), &[END_OF_NAME]].concat()
}

fn owed_key(user_id: &str, place: Place) -> Vec<u8> {
    [&owed_prefix(user_id)[..], &place.version.0.to_be_bytes(), &place.index.to_be_bytes()].concat()
}

fn put(key: &[u8], value: &[u8]) -> Value {
    json!({ "requestPut": { "key": base64(key), "value": base64(value) } })
}

fn delete(key: &[u8]) -> Value {
    json!({ "requestDeleteRange": { "key": base64(key) } })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("a name is a text")
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Unreachable> {
    serde_json::from_slice(json).map_err(|error| Unreachable(error.to_string()))
}

fn written<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("every key is a text and every number finite")
}

/// A commit that was sent, and whose answer did not come, is neither done nor undone until it is looked up (NODE-4).
#[tokio::test]
async fn what_a_look_up_did_not_find_does_not_come_later() {
    let server = Server::start();
    let way = Way::to(server.address()).await;
    let etcd = Etcd { gateway: Gateway::open(way.address.clone()).await.unwrap(), _server: server };
    way.hold_the_next();
    let sent = etcd.gateway.transact(Vec::new(), vec![put(&record_key("alice"), b"1 {}")]).await;
    assert!(matches!(sent, Ok(Sent::Unknown)));
    assert_eq!(etcd.load("alice").await, Ok((Record::default(), Version(0))));
    way.release();
    way.answered().await;
    assert_eq!(etcd.load("alice").await, Ok((Record::default(), Version(0))));
}

#[path = "contract.rs"]
mod contract;

#[path = "nodes.rs"]
mod nodes;

#[path = "outbox.rs"]
mod outbox;

#[path = "shared.rs"]
mod shared;

#[path = "terms.rs"]
mod terms;
