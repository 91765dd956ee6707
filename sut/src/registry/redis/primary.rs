//! The primary of a registry, over one link at a time, and the one script by which everything is written. It knows whether a write was
//! done, and not what it means.

use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, FromRedisValue, InfoDict, Pipeline, RedisError, RedisResult, Script, pipe};
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::registry::Unreachable;

/// How the keys are laid out; another number is another version's.
const FORMAT: u64 = 1;
const FORMAT_IS: &str = "format";
const APP_IS: &str = "sdk_app_id";

/// How long an answer is waited for, and behind its sending a write may still be done.
const PATIENCE: Duration = Duration::from_secs(1);

/// Writes a field of the first key, and what is owed to the third, unless it is too late, the server is not the primary that was meant, or
/// the field has another version. A field without a value is at the second key's version; one that loses its value raises that. Last of
/// all, a notice is published.
const WRITE: &str = r"#!lua
local deadline, primary, channel, notice, field, expected, next, value = unpack(ARGV, 1, 8)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(deadline) then return {'late', now} end
local info = redis.call('INFO', 'replication')
if not (info:find('role:master\r', 1, true) and info:find('master_replid:' .. primary, 1, true)) then return {'moved', now} end
local floor = redis.call('GET', KEYS[2]) or '0'
if expected ~= '' then
  local stored = redis.call('HGET', KEYS[1], field)
  if (stored and stored:match('^%d+') or floor) ~= expected then return {'conflict', now} end
end
if value ~= '' then
  redis.call('HSET', KEYS[1], field, value)
else
  redis.call('HDEL', KEYS[1], field)
  if expected ~= '' and tonumber(next) > tonumber(floor) then redis.call('SET', KEYS[2], next) end
end
for i = 9, #ARGV do redis.call('ZADD', KEYS[3], 0, ARGV[i]) end
if channel ~= '' then redis.call('PUBLISH', channel, notice) end
return {'done', now}
";

/// What a server says that has not begun what it was asked for. Any other fault leaves open whether a write is done.
const NOT_BEGUN: &str =
    "LOADING READONLY MASTERDOWN CLUSTERDOWN OOM MISCONF NOREPLICAS NOAUTH NOSCRIPT BUSY MOVED ASK TRYAGAIN CROSSSLOT";

/// What is written.
pub(super) struct Change {
    /// The hash, the floor of its versions, and the set of what is owed.
    pub(super) keys: [String; 3],
    /// What is told of it, behind where.
    pub(super) notice: Option<(String, String)>,
    pub(super) field: String,
    /// The version that the field must have, if it has versions.
    pub(super) expected: Option<u64>,
    /// Nothing takes the field out.
    pub(super) value: String,
    pub(super) owed: Vec<Vec<u8>>,
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Done,
    /// The field has another version. Nothing was written.
    Conflict,
    /// It was written whole, or nothing was and never will be: [`Primary::is_decided`] says from when on a look tells which.
    Unknown,
}

/// The server, and the link to it.
pub(super) struct Primary {
    server: Client,
    /// The hash that says whose registry it is.
    about: String,
    sdk_app_id: u64,
    state: Mutex<State>,
    /// By the server's clock, until when a write may be done whose answer did not come.
    undecided: AtomicU64,
}

#[derive(Default)]
struct State {
    link: Option<Arc<Link>>,
    /// Why there was none, and when that was found.
    failed: Option<(Instant, Unreachable)>,
    /// Whether the registry was there once: from then on it must be.
    was_there: bool,
}

/// A connection that has learned what it is connected to.
struct Link {
    connection: MultiplexedConnection,
    /// The primary's id. Another one may have lost what this one stored.
    primary: String,
    since: Instant,
    /// What the server's clock, in milliseconds, was ahead of the time since.
    ahead: AtomicU64,
}

impl Primary {
    /// Links to the server, and makes an app's registry there if there is none.
    pub(super) async fn open(server: Client, about: String, sdk_app_id: u64) -> Result<Primary, Unreachable> {
        let primary = Primary { server, about, sdk_app_id, state: Mutex::default(), undecided: AtomicU64::new(0) };
        primary.link().await?;
        Ok(primary)
    }

    pub(super) const fn server(&self) -> &Client {
        &self.server
    }

    pub(super) const fn sdk_app_id(&self) -> u64 {
        self.sdk_app_id
    }

    pub(super) fn out_of_reach(&self, why: impl Display) -> Unreachable {
        Unreachable(format!("redis://{}: {why}", self.server.get_connection_info().addr()))
    }

    /// Asks for what may be asked twice: that a link was closed while nobody used it shows at the next question only.
    pub(super) async fn ask<T: FromRedisValue>(&self, question: &Pipeline) -> Result<T, Unreachable> {
        let mut is_first = true;
        loop {
            let link = self.link().await?;
            let error = match question.query_async(&mut link.connection.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            self.leave(&link).await;
            if !(is_first && error.is_connection_dropped()) {
                return Err(self.out_of_reach(error));
            }
            is_first = false;
        }
    }

    /// Writes it, or says that it did not. What another primary or another clock refused is sent once more, over a link that knows them.
    pub(super) async fn write(&self, change: &Change) -> Result<Written, Unreachable> {
        for _ in 0..2 {
            let link = self.link().await?;
            let deadline = link.now() + millis(PATIENCE);
            match link.write(change, deadline).await.as_deref() {
                Ok("done") => return Ok(Written::Done),
                Ok("conflict") => return Ok(Written::Conflict),
                Ok(_) => self.leave(&link).await,
                Err(error) => {
                    self.leave(&link).await;
                    if error.code().is_some_and(|code| NOT_BEGUN.split(' ').any(|not_begun| not_begun == code)) {
                        return Err(self.out_of_reach(error));
                    }
                    self.undecided.fetch_max(deadline, Ordering::Relaxed);
                    return Ok(Written::Unknown);
                }
            }
        }
        Err(self.out_of_reach("its id or its clock changes all the time"))
    }

    /// Whether at that time by the server's clock every write whose answer did not come was done or never will be; waits a while if not.
    pub(super) async fn is_decided(&self, now: u64) -> bool {
        let undecided = self.undecided.load(Ordering::Relaxed);
        if now <= undecided {
            sleep(Duration::from_millis(undecided - now + 1).min(PATIENCE)).await;
        }
        now > undecided
    }

    /// The link that is there, or a new one. Whoever waited while none could be made has none either.
    async fn link(&self) -> Result<Arc<Link>, Unreachable> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        match &*state {
            State { link: Some(link), .. } => return Ok(Arc::clone(link)),
            State { failed: Some((at, why)), .. } if *at > asked => return Err(why.clone()),
            State { .. } => {}
        }
        let link = self.connect(state.was_there).await;
        match &link {
            Ok(link) => *state = State { link: Some(Arc::clone(link)), failed: None, was_there: true },
            Err(why) => state.failed = Some((Instant::now(), why.clone())),
        }
        link
    }

    /// The next question finds another link, which learns anew what it is connected to.
    async fn leave(&self, link: &Arc<Link>) {
        self.state.lock().await.link.take_if(|held| Arc::ptr_eq(held, link));
    }

    async fn connect(&self, was_there: bool) -> Result<Arc<Link>, Unreachable> {
        let (link, mut about) = Link::open(&self.server, &self.about).await.map_err(|error| self.out_of_reach(error))?;
        if about == (None, None) && !was_there {
            about = link.found(&self.about, self.sdk_app_id).await.map_err(|error| self.out_of_reach(error))?;
        }
        match about {
            (Some(FORMAT), Some(app)) if app == self.sdk_app_id => Ok(Arc::new(link)),
            (Some(FORMAT), Some(app)) => {
                let asked = self.sdk_app_id;
                Err(self.out_of_reach(format_args!("its registry is of SDKAppID {app}, and {asked} is to be served")))
            }
            (None, None) => Err(self.out_of_reach("the registry is gone; a new start begins with an empty one")),
            (format, _) => {
                let found = format.unwrap_or(0);
                Err(self.out_of_reach(format_args!("its registry has the format {found}, and {FORMAT} is what is read here")))
            }
        }
    }
}

/// What a registry says of itself: its format and its app.
type About = (Option<u64>, Option<u64>);

impl Link {
    /// A server that still loads what it held answers an error here, and so no id that it will not keep.
    async fn open(server: &Client, about: &str) -> RedisResult<(Link, About)> {
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
        let mut connection = server.get_multiplexed_async_connection_with_config(&config).await?;
        let mut questions = pipe();
        questions.hmget(about, &[FORMAT_IS, APP_IS]).cmd("INFO").arg("replication").cmd("TIME");
        let (about, info, time): (About, InfoDict, Time) = questions.query_async(&mut connection).await?;
        let told = |name| info.get::<String>(name).unwrap_or_default();
        if told("role") != "master" {
            return Err(RedisError::from((ErrorKind::Client, "it is no primary")));
        }
        let (primary, ahead) = (told("master_replid"), AtomicU64::new(unix_millis(time)));
        Ok((Link { connection, primary, since: Instant::now(), ahead }, about))
    }

    /// Makes a registry, unless another did meanwhile.
    async fn found(&self, about: &str, sdk_app_id: u64) -> RedisResult<About> {
        let mut questions = pipe();
        questions.atomic().hset_nx(about, FORMAT_IS, FORMAT).ignore().hset_nx(about, APP_IS, sdk_app_id).ignore();
        questions.hmget(about, &[FORMAT_IS, APP_IS]);
        let (about,) = questions.query_async(&mut self.connection.clone()).await?;
        Ok(about)
    }

    async fn write(&self, change: &Change, deadline: u64) -> RedisResult<String> {
        let Change { keys, notice, field, expected, value, owed } = change;
        let next = expected.map(|version| version + 1);
        let [expected, next] = [*expected, next].map(|version| version.map_or_else(String::new, |version| version.to_string()));
        static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(WRITE));
        let mut call = SCRIPT.arg(deadline);
        let (channel, notice) = notice.as_ref().map_or(("", ""), |(channel, notice)| (channel, notice));
        call.arg(&self.primary).arg(channel).arg(notice).arg(field).arg(expected).arg(next).arg(value).arg(owed);
        for key in keys {
            call.key(key);
        }
        let (ended, now): (String, u64) = call.invoke_async(&mut self.connection.clone()).await?;
        self.ahead.store(now.saturating_sub(millis(self.since.elapsed())), Ordering::Relaxed);
        Ok(ended)
    }

    /// The time by the server's clock.
    fn now(&self) -> u64 {
        self.ahead.load(Ordering::Relaxed) + millis(self.since.elapsed())
    }
}

/// Seconds and microseconds, as the server tells the time.
pub(super) type Time = (u64, u64);

pub(super) const fn unix_millis((seconds, micros): Time) -> u64 {
    seconds * 1000 + micros / 1000
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
