//! The registry of a Redis server, which several nodes may share. It knows no rule, and keeps nothing itself.
//!
//! ```text
//!  kickproof:{n}:records  hash        by account: its version, a space, its record in JSON
//!  kickproof:{n}:floor    number      the highest version that deleted an account
//!  kickproof:{n}:owed     sorted set  account, ff, version, index, callback in JSON; all have the score 0, so these bytes order them
//!  kickproof:{app}:about  hash        format and sdk_app_id; the terms that administrators changed and the last stop's note, in JSON; a field that is
//!                                     written once more where all before it has to be at every replica
//!  kickproof:{app}:left   set         the ids of primaries that nodes have left
//!  kickproof:{app}:lives  hash        by the life of a node: until when its lease holds; and the last life of all
//! ```
//!
//! An account falls into one bucket n of 64, whose keys share a tag, so that a write lies in one slot of a cluster. Each write bears the id
//! of the primary that it is meant for, and a deadline by that server's clock: one whose answer did not come is done by then or never will
//! be, and nothing is loaded before. Behind each write of an account three lines are published on the channel `kickproof:{n}:notices:APP`:
//! the primary's id, the version and the account, with a space between them; the record in JSON, unless there is none or it is long; and the
//! message that the write accepted, in JSON, if it did.

mod address;
mod cluster;
mod link;
mod notices;
mod primaries;
mod primary;
mod reigning;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use redis::Cmd;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::{Commit, Ear, Engine, Lives, Notice, Outbox, Registry, Shared, TermsStore, Unreachable, Version, Write};
use crate::callback::{self, Place, Queued};
use crate::config::TermsChange;
use crate::session::{NodeLife, Record, Reign, SessionDigest};
use link::questions;
use primaries::Primaries;
use primary::{Change, Primary, Time, Written, unix_millis};

pub use address::Url;

/// Into how many groups accounts fall.
const BUCKETS: u8 = 64;

/// How many bytes of a record come with a notice at most: every node hears every notice.
const MOST_TOLD: usize = 2048;

/// What is of no account.
const APP: &str = "app";
const ABOUT: &str = "about";
const TERMS: &str = "terms";
const STOP: &str = "stop";
/// Is there once something had to be at all replicas.
const KEPT: &str = "kept";

/// Behind a name, none of which has such a byte.
const END_OF_NAME: u8 = 0xff;

/// Records, callbacks and terms in a Redis server.
pub struct Redis {
    primaries: Arc<Primaries>,
    /// When the lease was renewed last, and by which primary.
    renewed: Mutex<Option<(Instant, String)>>,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").finish_non_exhaustive()
    }
}

impl Redis {
    /// Opens an app's registry, which is made if there is none; it stays that app's for good.
    ///
    /// # Errors
    /// The server is out of reach, is no primary, was left for another one, or has another app's registry or one of another version.
    pub async fn open(url: &Url, sdk_app_id: u64) -> Result<Redis, Unreachable> {
        Ok(Redis { primaries: Arc::new(Primaries::open(url, sdk_app_id).await?), renewed: Mutex::default() })
    }

    /// The primary of what is of no account.
    fn app(&self) -> &Primary {
        &self.primaries.app
    }

    /// The account's.
    fn of(&self, user_id: &str) -> &Primary {
        self.primaries.of(bucket(user_id))
    }

    /// What stands in a field of what is of no account, in JSON.
    async fn stated<T: DeserializeOwned>(&self, field: &str) -> Result<Option<T>, Unreachable> {
        let stated: Option<String> = self.app().first(questions().hget(key(APP, ABOUT), field)).await?;
        stated.map(|json| self.parse(json.as_bytes(), || format!("the field {field}"))).transpose()
    }

    /// Sets or forgets such a field.
    async fn state<T: Serialize>(&self, field: &str, value: Option<&T>) -> Result<(), Unreachable> {
        match self.app().write(&stated(APP, field, value.map(written).unwrap_or_default())).await? {
            Written::Done => Ok(()),
            Written::Conflict | Written::Unknown => Err(self.app().out_of_reach("the answer did not come; it may be done")),
        }
    }

    fn out_of_reach(&self, why: impl fmt::Display) -> Unreachable {
        self.app().out_of_reach(why)
    }

    /// Where the commits of a bucket are told.
    fn channel(&self, bucket: impl fmt::Display) -> String {
        format!("{}:{}", key(bucket, "notices"), self.app().sdk_app_id())
    }

    fn parse<T: DeserializeOwned>(&self, json: &[u8], what: impl FnOnce() -> String) -> Result<T, Unreachable> {
        serde_json::from_slice(json).map_err(|error| self.out_of_reach(format_args!("{} cannot be read: {error}", what())))
    }

    /// An account's version and record in what stands there.
    fn read(&self, user_id: &str, stored: &str) -> Result<(Record, Version), Unreachable> {
        let what = || format!("the record of {user_id}");
        let (version, json) = stored.split_once(' ').unwrap_or_default();
        let version = version.parse().map_err(|_| self.out_of_reach(format_args!("{} has no version", what())))?;
        Ok((self.parse(json.as_bytes(), what)?, Version(version)))
    }
}

impl Registry for Redis {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        let ([records, floor, _], of) = (keys(user_id), self.of(user_id));
        let mut question = questions();
        question.atomic().cmd("TIME").hget(records, user_id).get(floor);
        for _ in 0..2 {
            let (answers, primary): ((Time, Option<String>, Option<u64>), _) = of.ask(&question).await?;
            let (now, stored, floor) = answers;
            if of.is_decided(&primary, unix_millis(now)).await {
                let forgotten = || Ok((Record::default(), Version(floor.unwrap_or(0))));
                let (record, version) = stored.map_or_else(forgotten, |stored| self.read(user_id, &stored))?;
                return Ok((record, version.under(primary.reign)));
            }
        }
        Err(of.out_of_reach("a write whose answer did not come may still be done"))
    }

    async fn store(&self, user_id: &str, write: Write) -> Result<Commit, Unreachable> {
        let Write { expected, record, callbacks, passed, pace: _ } = write;
        let next = Version(expected.0 + 1);
        let number = next.number();
        let record = if record == Record::default() { String::new() } else { written(&record) };
        let owed = callback::queue(Version(number), callbacks).map(|queued| member(user_id, &queued)).collect();
        let told = if record.len() <= MOST_TOLD { &*record } else { "" };
        let passed = passed.map(|passed| written(&passed)).unwrap_or_default();
        let notice = Some((self.channel(bucket(user_id)), format!("{number} {user_id}\n{told}\n{passed}")));
        let value = if record.is_empty() { record } else { format!("{number} {record}") };
        let change = Change { keys: keys(user_id), notice, field: user_id.to_owned(), expected: Some(expected), value, owed };
        Ok(match self.of(user_id).write(&change).await? {
            Written::Done => Commit::Done(next),
            Written::Conflict => Commit::Conflict,
            Written::Unknown => Commit::Unknown,
        })
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        let questions = (0..BUCKETS).map(|bucket| (bucket, Cmd::hkeys(key(bucket, "records")))).collect();
        let buckets: Vec<(Vec<String>, _)> = self.primaries.ask(questions).await?;
        let mut accounts: Vec<_> = buckets.into_iter().flat_map(|(accounts, _)| accounts).collect();
        accounts.sort_unstable();
        Ok(accounts)
    }

    async fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> Result<(), Unreachable> {
        self.state(STOP, Some(&owed_nothing)).await
    }

    /// The note is out before anybody has it, so that nobody has it twice.
    async fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Unreachable> {
        let note = self.stated(STOP).await?.unwrap_or_default();
        self.state(STOP, None::<&()>).await?;
        Ok(note)
    }
}

/// How many accounts are asked for at once: the server does nothing else meanwhile.
const ASKED_AT_ONCE: usize = 500;

/// Answers each of the fields, which stand before their versions, whose version is another one, and that.
const STALE: &str = r"#!lua flags=no-writes
local floor = redis.call('GET', KEYS[2]) or '0'
local stale = {}
for i = 1, #ARGV, 2 do
  local stored = redis.call('HGET', KEYS[1], ARGV[i])
  local version = stored and stored:match('^%d+') or floor
  if version ~= ARGV[i + 1] then
    table.insert(stale, ARGV[i])
    table.insert(stale, version)
  end
end
return stale
";

/// Renews the lease of a life, or begins another life; answers that and all whose leases hold. A lease holds as well that another primary
/// renewed, `by`, if the node says so: this one may have lost that. No life that it has lost comes again: their numbers follow the clock.
const LIVE: &str = r"#!lua
local life, lease, by = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or 0)
local moved = by ~= '' and not redis.call('INFO', 'replication'):find('master_replid:' .. by .. '\r', 1, true)
if not moved and tonumber(redis.call('HGET', KEYS[1], life) or 0) < now then
  life = string.format('%d', math.max(last + 1, tonumber(time[1])))
end
redis.call('HSET', KEYS[1], life, now + lease, 'last', string.format('%d', math.max(last, tonumber(life))))
local leases, all = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #leases, 2 do
  local holds = tonumber(leases[i + 1]) >= now
  if leases[i] ~= 'last' and holds then table.insert(all, leases[i]) end
  if leases[i] ~= 'last' and not holds then redis.call('HDEL', KEYS[1], leases[i]) end
end
return {tonumber(life), all}
";

impl Shared for Redis {
    async fn tell(&self, ear: Ear) {
        let (begun, begins) = oneshot::channel();
        tokio::spawn(notices::hear(Arc::downgrade(&self.primaries), self.channel("*"), ear, begun));
        let _ = begins.await;
    }

    async fn stale(&self, known: &[(Arc<str>, Version)]) -> Result<Vec<Notice>, Unreachable> {
        let mut buckets = BTreeMap::<_, Vec<_>>::new();
        for (user_id, version) in known {
            let bucket = bucket(user_id);
            let is_present = version.reign() == self.primaries.of(bucket).engine().reign;
            let number = if is_present { version.number() } else { u64::MAX };
            buckets.entry(bucket).or_default().push((&**user_id, number));
        }
        let mut asked = Vec::new();
        for (bucket, known) in &buckets {
            asked.extend(known.chunks(ASKED_AT_ONCE).map(|known| (*bucket, is_stale(*bucket, known))));
        }
        let stale: Vec<(Vec<(String, u64)>, _)> = self.primaries.ask(asked).await?;
        let notices = |(stale, reign): (Vec<(String, u64)>, _)| {
            stale.into_iter().map(move |(user_id, version)| Notice::of(user_id, Version(version).under(reign)))
        };
        Ok(stale.into_iter().flat_map(notices).collect())
    }

    fn engine(&self) -> Engine {
        self.primaries.engine()
    }

    async fn live(&self, life: Option<NodeLife>, lease: Duration) -> Result<Lives, Unreachable> {
        let asked = Instant::now();
        let holds = |(at, _): &(Instant, String)| life.is_some() && asked.duration_since(*at) < lease;
        let by = self.renewed().clone().filter(holds).map(|(_, by)| by).unwrap_or_default();
        let (life, lease) = (life.map(|life| life.to_string()).unwrap_or_default(), u64::try_from(lease.as_millis()));
        let mut question = questions();
        question.cmd("EVAL").arg(LIVE).arg(1).arg(key(APP, "lives")).arg(life).arg(lease.unwrap_or(u64::MAX)).arg(by);
        let (((own, all),), primary): (((u32, Vec<u32>),), _) = self.app().ask(&question).await?;
        *self.renewed() = Some((asked, primary.id.clone()));
        let life = |number| NonZeroU32::new(number).map(NodeLife).ok_or_else(|| self.out_of_reach("a life has the number 0"));
        Ok(Lives { own: life(own)?, all: all.into_iter().map(life).collect::<Result<_, _>>()? })
    }

    async fn leave(&self, life: NodeLife) -> Result<(), Unreachable> {
        self.app().first::<u64>(questions().hdel(key(APP, "lives"), life.to_string())).await.map(drop)
    }
}

impl Outbox for Redis {
    async fn owed(&self) -> Result<Vec<String>, Unreachable> {
        let mut owed = Vec::new();
        for bucket in 0..BUCKETS {
            let mut from = b"-".to_vec();
            while let Some(member) = self.first_owed(bucket, &from, b"+").await? {
                let name = member.split(|byte| *byte == END_OF_NAME).next().unwrap_or_default();
                let user_id = String::from_utf8_lossy(name).into_owned();
                from = behind(b"(", &prefix(&user_id));
                owed.push(user_id);
            }
        }
        owed.sort_unstable();
        Ok(owed)
    }

    async fn oldest(&self, user_id: &str) -> Result<Option<Queued>, Unreachable> {
        let prefix = prefix(user_id);
        let Some(member) = self.first_owed(bucket(user_id), &[b"[", &prefix[..]].concat(), &behind(b"(", &prefix)).await? else {
            return Ok(None);
        };
        let what = || format!("a callback of {user_id}");
        let named = member[prefix.len()..].split_first_chunk().and_then(|(version, rest)| {
            let (index, json) = rest.split_first_chunk()?;
            Some((Place { version: Version(u64::from_be_bytes(*version)), index: u32::from_be_bytes(*index) }, json))
        });
        let (place, json) = named.ok_or_else(|| self.out_of_reach(format_args!("{} has no place", what())))?;
        Ok(Some(Queued { place, callback: self.parse(json, what)? }))
    }

    async fn delivered(&self, user_id: &str, queued: &Queued) -> Result<(), Unreachable> {
        let [_, _, owed] = keys(user_id);
        self.of(user_id).first::<u64>(questions().zrem(owed, member(user_id, queued))).await.map(drop)
    }
}

impl Redis {
    fn renewed(&self) -> MutexGuard<'_, Option<(Instant, String)>> {
        self.renewed.lock().expect("nothing panics while it holds the lock")
    }

    /// The first of what is owed in that range of a bucket.
    async fn first_owed(&self, bucket: u8, from: &[u8], to: &[u8]) -> Result<Option<Vec<u8>>, Unreachable> {
        let mut question = questions();
        question.zrangebylex_limit(key(bucket, "owed"), from, to, 0, 1);
        let found: Vec<Vec<u8>> = self.primaries.of(bucket).first(&question).await?;
        Ok(found.into_iter().next())
    }
}

impl TermsStore for Redis {
    async fn changed(&self) -> Result<Option<TermsChange>, Unreachable> {
        self.stated(TERMS).await
    }

    async fn set_changed(&self, changed: Option<TermsChange>) -> Result<(), Unreachable> {
        self.state(TERMS, changed.as_ref()).await
    }

    fn reign(&self) -> Reign {
        self.primaries.engine().reign
    }

    /// One more write, behind all that was stored before, says what became of those too.
    async fn keep(&self, since: Reign) -> Result<(), Unreachable> {
        for primary in self.primaries.servers() {
            primary.keep(&stated(primary.tag(), KEPT, "1".to_owned()), since).await?;
        }
        Ok(())
    }
}

/// The bucket's accounts of these, which stand before their versions, that have another version.
fn is_stale(bucket: u8, known: &[(&str, u64)]) -> Cmd {
    let mut question = redis::cmd("EVAL_RO");
    question.arg(STALE).arg(2).arg(key(bucket, "records")).arg(key(bucket, "floor")).arg(known);
    question
}

/// A field of what is of no account with that value, among the keys with that tag.
fn stated(tag: &str, field: &str, value: String) -> Change {
    let keys = [key(tag, ABOUT), key(tag, "floor"), key(tag, "owed")];
    Change { keys, notice: None, field: field.to_owned(), expected: None, value, owed: Vec::new() }
}

fn key(tag: impl fmt::Display, what: &str) -> String {
    format!("kickproof:{{{tag}}}:{what}")
}

/// Those of the account's bucket.
fn keys(user_id: &str) -> [String; 3] {
    ["records", "floor", "owed"].map(|what| key(bucket(user_id), what))
}

fn bucket(user_id: &str) -> u8 {
    Sha256::digest(user_id)[0] % BUCKETS
}

/// What all that the account is owed begins with.
fn prefix(user_id: &str) -> Vec<u8> {
    [user_id.as_bytes(), &[END_OF_NAME]].concat()
}

fn member(user_id: &str, Queued { place, callback }: &Queued) -> Vec<u8> {
    let place = [&place.version.0.to_be_bytes()[..], &place.index.to_be_bytes()].concat();
    [&prefix(user_id)[..], &place, written(callback).as_bytes()].concat()
}

/// A bound behind all that begins so: no id and no JSON begins with as many of the highest byte.
fn behind(bound: &[u8], prefix: &[u8]) -> Vec<u8> {
    [bound, prefix, &[0xff; size_of::<u64>() + size_of::<u32>() + 1]].concat()
}

fn written<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("every key is a text and every number finite")
}
