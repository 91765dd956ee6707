//! A connection that has learned to which primary it is, and the one script by which everything is written over it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{Client, ErrorKind, FromRedisValue, InfoDict, Pipeline, RedisError, RedisResult, Script, Value, cmd, pipe};

use super::address::connect;
use super::primary::{About, Change, Keys, PATIENCE, Time, unix_millis};
use super::reigning::{Former, Reigning};

/// Writes a field of the first key, and what is owed to the third, unless it is too late, the server is not the primary that was meant, or
/// the field has another version. A field without a value is at the second key's version; one that loses its value raises that. Last of
/// all, a notice is published, behind the id of the primary.
const WRITE: &str = r"#!lua
local deadline, primary, channel, notice, field, expected, next, value = unpack(ARGV, 1, 8)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(deadline) then return {'late', now, 0} end
local info = redis.call('INFO', 'replication')
if not (info:find('role:master\r', 1, true) and info:find('master_replid:' .. primary .. '\r', 1, true)) then return {'moved', now, 0} end
local floor = redis.call('GET', KEYS[2]) or '0'
if expected ~= '' then
  local stored = redis.call('HGET', KEYS[1], field)
  if (stored and stored:match('^%d+') or floor) ~= expected then return {'conflict', now, 0} end
end
if value ~= '' then
  redis.call('HSET', KEYS[1], field, value)
else
  redis.call('HDEL', KEYS[1], field)
  if expected ~= '' and tonumber(next) > tonumber(floor) then redis.call('SET', KEYS[2], next) end
end
for i = 9, #ARGV do redis.call('ZADD', KEYS[3], 0, ARGV[i]) end
if channel ~= '' then redis.call('PUBLISH', channel, primary .. ' ' .. notice) end
return {'done', now, tonumber(info:match('master_repl_offset:(%d+)'))}
";

/// How many replicas a server has now.
const REPLICAS_ARE: &str = "connected_slaves";

/// Behind such questions the answers begin with what the server says of itself, so that none is taken for the primary's which is not.
pub(super) fn questions() -> Pipeline {
    let mut questions = pipe();
    questions.cmd("INFO").arg("replication");
    questions
}

/// A connection that has learned what it is connected to.
pub(super) struct Link {
    connection: MultiplexedConnection,
    pub(super) primary: Arc<Reigning>,
    since: Instant,
    /// What the server's clock, in milliseconds, was ahead of the time since.
    ahead: AtomicU64,
}

/// What a server says first. One that still loads what it held answers an error, and so no id that it will not keep.
pub(super) struct Greeting {
    connection: MultiplexedConnection,
    since: Instant,
    now: u64,
    /// What the registry says of itself.
    pub(super) about: About,
    /// The ids of primaries that nodes have left.
    pub(super) left: Vec<String>,
    pub(super) id: String,
    pub(super) former: Former,
    replicas: u64,
}

impl Greeting {
    pub(super) async fn hear(server: &Client, keys: &Keys) -> RedisResult<Greeting> {
        let mut connection = connect(server).await?;
        let mut questions = pipe();
        questions.hmget(&keys.about, &Keys::ABOUT).smembers(&keys.left).cmd("INFO").arg("replication").cmd("TIME");
        let (about, left, info, time): (About, _, InfoDict, Time) = questions.query_async(&mut connection).await?;
        let told = |name| info.get::<String>(name).unwrap_or_default();
        if told("role") != "master" {
            return Err(RedisError::from((ErrorKind::Client, "it is no primary")));
        }
        let former = Former { id: told("master_replid2"), until: info.get("second_repl_offset") };
        let (since, now, id) = (Instant::now(), unix_millis(time), told("master_replid"));
        let replicas = info.get(REPLICAS_ARE).unwrap_or(0);
        Ok(Greeting { connection, since, now, about, left, id, former, replicas })
    }

    /// Makes a registry, unless another did meanwhile.
    pub(super) async fn found(&mut self, keys: &Keys, sdk_app_id: u64) -> RedisResult<()> {
        let (mut questions, [format_is, app_is]) = (pipe(), Keys::ABOUT);
        questions.atomic().hset_nx(&keys.about, format_is, Keys::FORMAT).ignore();
        questions.hset_nx(&keys.about, app_is, sdk_app_id).ignore().hmget(&keys.about, &Keys::ABOUT);
        (self.about,) = questions.query_async(&mut self.connection).await?;
        Ok(())
    }

    /// Says there which primaries were left.
    pub(super) async fn tell_left<'a>(&mut self, keys: &Keys, left: impl Iterator<Item = &'a String>) -> RedisResult<()> {
        let left: Vec<_> = left.collect();
        pipe().sadd(&keys.left, left).ignore().query_async(&mut self.connection).await
    }

    pub(super) fn link(self, primary: Arc<Reigning>) -> Link {
        let Greeting { connection, since, now, replicas, .. } = self;
        primary.has_replicas(replicas);
        Link { connection, primary, since, ahead: AtomicU64::new(now) }
    }
}

impl Link {
    /// The answers to [`questions`]; `None` if they are not its primary's.
    pub(super) async fn ask<T: FromRedisValue>(&self, questions: &Pipeline) -> RedisResult<Option<T>> {
        let mut answers: Vec<Value> = questions.query_async(&mut self.connection.clone()).await?;
        let info: String = redis::from_redis_value(if answers.is_empty() { Value::Nil } else { answers.remove(0) })?;
        let says = |line: &str| info.lines().any(|said| said == line);
        let is_primary = says("role:master") && says(&format!("master_replid:{}", self.primary.id));
        let replicas = info.lines().find_map(|line| line.strip_prefix(REPLICAS_ARE)?.strip_prefix(':')?.parse().ok());
        replicas.filter(|_| is_primary).into_iter().for_each(|replicas| self.primary.has_replicas(replicas));
        Ok(if is_primary { Some(redis::from_redis_value(Value::Array(answers))?) } else { None })
    }

    /// How a write ended there.
    pub(super) async fn write(&self, change: &Change, deadline: u64) -> RedisResult<String> {
        let Change { keys, notice, field, expected, value, owed } = change;
        let number = |version: u64| version.to_string();
        let [expected, next] = [0, 1].map(|more| expected.map_or_else(String::new, |version| number(version.number() + more)));
        static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(WRITE));
        let mut call = SCRIPT.arg(deadline);
        let (channel, notice) = notice.as_ref().map_or(("", ""), |(channel, notice)| (channel, notice));
        call.arg(&self.primary.id).arg(channel).arg(notice).arg(field).arg(expected).arg(next).arg(value).arg(owed);
        for key in keys {
            call.key(key);
        }
        let (ended, now, offset): (String, u64, u64) = call.invoke_async(&mut self.connection.clone()).await?;
        self.ahead.store(now.saturating_sub(millis(self.since.elapsed())), Ordering::Relaxed);
        if ended == "done" {
            self.primary.committed_behind(offset);
        }
        Ok(ended)
    }

    /// Writes it, and waits until as many replicas have it as the primary ever said that it has; whether they do. A server speaks of what was
    /// written over the connection on which it is asked, and of nothing else.
    pub(super) async fn write_to_all(&self, change: &Change, deadline: u64) -> RedisResult<bool> {
        if self.write(change, deadline).await? != "done" {
            return Ok(false);
        }
        let (replicas, patience) = (self.primary.replicas(), millis(PATIENCE) / 2);
        let have: u64 = cmd("WAIT").arg(replicas).arg(patience).query_async(&mut self.connection.clone()).await?;
        Ok(have >= replicas)
    }

    /// The time by the server's clock.
    pub(super) fn now(&self) -> u64 {
        self.ahead.load(Ordering::Relaxed) + millis(self.since.elapsed())
    }
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
