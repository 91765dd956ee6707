//! The primary of a registry, over one link at a time. It knows whether a write was done, which primary did it, and not what it means. It never
//! goes back to a primary that it left.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::{Arc, Mutex as Lock, MutexGuard, Weak};
use std::time::{Duration, Instant};

use redis::{Client, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisResult};
use tokio::sync::{Mutex, watch};
use tokio::time::sleep;

use super::address::Finder;
use super::cluster::Slot;
use super::link::{Greeting, Link, millis};
use super::primaries::Reigns;
use super::reigning::{Lost, Reigning};
use super::{ABOUT, key};
use crate::planted::{self, Unreplayed};
use crate::registry::{Engine, Sentinels, Unreachable, Version};
use crate::session::Reign;

/// How long an answer is waited for, and behind its sending a write may still be done.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// What a server says that has not begun what it was asked for. Any other fault leaves open whether a write is done: above all that the time is
/// up, or the connection closed.
const NOT_BEGUN: &str =
    "LOADING READONLY MASTERDOWN CLUSTERDOWN OOM MISCONF NOREPLICAS NOAUTH NOSCRIPT BUSY MOVED ASK TRYAGAIN CROSSSLOT";

/// The keys that say what a registry is.
pub(super) struct Keys {
    /// The hash that says whose it is.
    pub(super) about: String,
    /// The set of the ids of primaries that nodes have left.
    pub(super) left: String,
    /// What all have in common.
    pub(super) tag: String,
}

impl Keys {
    /// How the keys are laid out; another number is another version's.
    pub(super) const FORMAT: u64 = 2;
    /// The fields of the format and of the app.
    pub(super) const ABOUT: [&str; 2] = ["format", "sdk_app_id"];
}

/// What a registry says of itself: its format and its app.
pub(super) type About = (Option<u64>, Option<u64>);

/// What is written.
pub(super) struct Change {
    /// The hash, the floor of its versions, and the set of what is owed.
    pub(super) keys: [String; 3],
    /// What is told of it, behind where.
    pub(super) notice: Option<(String, String)>,
    pub(super) field: String,
    /// The version that the field must have, if it has versions.
    pub(super) expected: Option<Version>,
    /// Nothing takes the field out.
    pub(super) value: String,
    pub(super) owed: Vec<Vec<u8>>,
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Done,
    /// The field has another version, or had that one under another primary. Nothing was written.
    Conflict,
    /// It was written whole, or nothing was and never will be: [`Primary::is_decided`] says from when on a look tells which.
    Unknown,
}

/// What is known of all primaries of a registry.
pub(super) struct Known {
    pub(super) finder: Arc<Finder>,
    /// Where they are, as a person reads it.
    pub(super) shown: String,
    pub(super) sdk_app_id: u64,
    pub(super) reigns: Arc<Reigns>,
}

/// The primary, and the link to it.
pub(super) struct Primary {
    known: Known,
    slot: Slot,
    keys: Keys,
    state: Mutex<State>,
    /// What is told of it without waiting for a link that is being made.
    engine: Lock<Engine>,
    reached: watch::Sender<Option<(Reign, Client)>>,
    /// For writes that are to be at all replicas: whatever comes behind one waits for them.
    keeps: Mutex<Option<Link>>,
}

#[derive(Default)]
struct State {
    link: Option<Arc<Link>>,
    /// Why there was none, and when that was found.
    failed: Option<(Instant, Unreachable)>,
    /// The last one that was reached: its registry was there, and from then on it must be.
    primary: Option<Arc<Reigning>>,
    /// The ids of those that were left.
    left: BTreeSet<String>,
}

impl Primary {
    /// Links to the primary of the keys with that tag, and makes an app's registry there if there is none.
    pub(super) async fn open(known: Known, tag: String) -> Result<Arc<Primary>, Unreachable> {
        let (slot, keys) = (Slot::of_tag(&tag), Keys { about: key(&tag, ABOUT), left: key(&tag, "left"), tag });
        let (state, engine, reached, keeps) = (Mutex::default(), Lock::default(), watch::Sender::new(None), Mutex::default());
        let primary = Arc::new(Primary { known, slot, keys, state, engine, reached, keeps });
        primary.link().await?;
        if primary.known.finder.may_name_another() {
            tokio::spawn(heed_others(Arc::downgrade(&primary)));
        }
        Ok(primary)
    }

    /// The primary that was reached last, and where it is.
    pub(super) fn reached(&self) -> watch::Receiver<Option<(Reign, Client)>> {
        self.reached.subscribe()
    }

    pub(super) const fn sdk_app_id(&self) -> u64 {
        self.known.sdk_app_id
    }

    /// What the keys that it has have in common.
    pub(super) fn tag(&self) -> &str {
        &self.keys.tag
    }

    /// How it was when it was last looked at.
    pub(super) fn engine(&self) -> Engine {
        self.told().clone()
    }

    /// Under which reign that is so which the server with that id told. It may be the next primary, and is looked for; one that was left is none.
    pub(super) async fn reign_of(&self, id: &str) -> Option<Reign> {
        let present = || Some(self.engine()).filter(|engine| engine.primary == id).map(|engine| engine.reign);
        if present().is_none() {
            let mut state = self.state.lock().await;
            if state.left.contains(id) {
                return None;
            }
            state.link = None;
            drop(state);
            self.link().await.ok()?;
        }
        present()
    }

    pub(super) fn out_of_reach(&self, why: impl Display) -> Unreachable {
        Unreachable(format!("{}: {why}", self.known.shown))
    }

    /// Asks for what may be asked twice, and says under which primary it is so: that a link was closed while nobody used it shows at the next
    /// question only, and so does that a server is the primary no more.
    pub(super) async fn ask<T: FromRedisValue>(&self, questions: &Pipeline) -> Result<(T, Arc<Reigning>), Unreachable> {
        let mut is_first = true;
        loop {
            let link = self.link().await?;
            let failed = match link.ask(questions).await {
                Ok(Some(answers)) => return Ok((answers, Arc::clone(&link.primary))),
                Ok(None) => (true, "it is another primary".to_owned()),
                Err(error) => (error.is_connection_dropped(), error.to_string()),
            };
            self.leave(&link).await;
            let (again, why) = failed;
            if !(is_first && again) {
                return Err(self.out_of_reach(why));
            }
            is_first = false;
        }
    }

    /// The answer to the only question.
    pub(super) async fn first<T: FromRedisValue>(&self, question: &Pipeline) -> Result<T, Unreachable> {
        let ((answer,), _) = self.ask(question).await?;
        Ok(answer)
    }

    /// Writes it, or says that it did not. What another clock refused, or another primary where that does not matter, is sent once more, over
    /// a link that knows them.
    pub(super) async fn write(&self, change: &Change) -> Result<Written, Unreachable> {
        for _ in 0..2 {
            let link = self.link().await?;
            if change.expected.is_some_and(|version| version.reign() != link.primary.reign) {
                return Ok(Written::Conflict);
            }
            let deadline = link.now() + millis(PATIENCE);
            match link.write(change, deadline).await.as_deref() {
                Ok("done") => return Ok(Written::Done),
                Ok("conflict") => return Ok(Written::Conflict),
                Ok(_) => self.leave(&link).await,
                Err(error) => {
                    self.leave(&link).await;
                    if is_not_begun(error) {
                        return Err(self.out_of_reach(error));
                    }
                    link.primary.may_be_done_until(deadline);
                    return Ok(Written::Unknown);
                }
            }
        }
        Err(self.out_of_reach("its id or its clock changes all the time"))
    }

    /// Writes it under that reign, over a link of its own, and waits until all replicas have it, and with it all that was written before. An error
    /// says that it is not known whether they do.
    pub(super) async fn keep(&self, change: &Change, since: Reign) -> Result<(), Unreachable> {
        let primary = Arc::clone(&self.link().await?.primary);
        if primary.reign > since {
            return Err(self.out_of_reach("it is another primary"));
        }
        let mut keeps = self.keeps.lock().await;
        let link = match keeps.take().filter(|link| Arc::ptr_eq(&link.primary, &primary)) {
            Some(link) => link,
            None => self.another_link(&primary).await.map_err(|error| self.out_of_reach(error))?,
        };
        let is_kept = link.write_to_all(change, link.now() + millis(PATIENCE)).await;
        match is_kept {
            Ok(true) => *keeps = Some(link),
            Ok(false) => return Err(self.out_of_reach("not every replica has it")),
            Err(error) => return Err(self.out_of_reach(error)),
        }
        Ok(())
    }

    /// Another link to the primary that was reached.
    async fn another_link(&self, primary: &Arc<Reigning>) -> RedisResult<Link> {
        let reached = self.reached.borrow().clone();
        let (_, server) = reached.ok_or((ErrorKind::Client, "it is not reached"))?;
        let greeting = Greeting::hear(&server, &self.keys).await?;
        if greeting.id != primary.id {
            return Err((ErrorKind::Client, "it is another primary").into());
        }
        Ok(greeting.link(Arc::clone(primary)))
    }

    /// Whether at that time by the primary's clock every write was done or never will be whose answer did not come from there; waits a while
    /// if not.
    pub(super) async fn is_decided(&self, primary: &Reigning, now: u64) -> bool {
        let undecided = primary.undecided();
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
        let link = self.connect(&mut state).await.map(Arc::new);
        match &link {
            Ok(link) => (state.link, state.failed) = (Some(Arc::clone(link)), None),
            Err(why) => state.failed = Some((Instant::now(), why.clone())),
        }
        link
    }

    /// The next question finds another link, which learns anew what it is connected to.
    async fn leave(&self, link: &Arc<Link>) {
        self.state.lock().await.link.take_if(|held| Arc::ptr_eq(held, link));
    }

    async fn connect(&self, state: &mut State) -> Result<Link, Unreachable> {
        let out_of_reach = |error: RedisError| self.out_of_reach(error);
        let server = self.find().await.map_err(out_of_reach)?;
        let mut greeting = Greeting::hear(&server, &self.keys).await.map_err(out_of_reach)?;
        if state.left.contains(&greeting.id) || greeting.left.contains(&greeting.id) {
            return Err(self.out_of_reach("it is a primary that was left for another one, and may lack what was stored since"));
        }
        if greeting.about == (None, None) && state.primary.is_none() {
            greeting.found(&self.keys, self.known.sdk_app_id).await.map_err(out_of_reach)?;
        }
        self.judge(greeting.about)?;
        let primary = self.adopt(state, &mut greeting).await.map_err(out_of_reach)?;
        self.reached.send_if_modified(|reached| {
            let is_same = reached.as_ref().is_some_and(|(reign, before)| *reign == primary.reign && is_at(before, &server));
            *reached = Some((primary.reign, server));
            !is_same
        });
        Ok(greeting.link(primary))
    }

    /// Where the primary is now.
    async fn find(&self) -> RedisResult<Client> {
        let found = self.known.finder.find(self.slot).await;
        let mut told = self.told();
        told.sentinels = found.as_ref().map_or(Sentinels { agree: 0, ..told.sentinels }, |(_, sentinels)| *sentinels);
        found.map(|(server, _)| server)
    }

    /// Whether it is this app's registry.
    fn judge(&self, about: About) -> Result<(), Unreachable> {
        let served = self.known.sdk_app_id;
        match about {
            (Some(Keys::FORMAT), Some(app)) if app == served => Ok(()),
            (Some(Keys::FORMAT), Some(app)) => {
                Err(self.out_of_reach(format_args!("its registry is of SDKAppID {app}, and {served} is to be served")))
            }
            (None, None) => Err(self.out_of_reach("the registry is gone; a new start begins with an empty one")),
            (format, _) => {
                let (found, read) = (format.unwrap_or(0), Keys::FORMAT);
                Err(self.out_of_reach(format_args!("its registry has the format {found}, and {read} is what is read here")))
            }
        }
    }

    /// The primary whose id the server has: the one of the last link, or another one, which is told of all that were left before anything is
    /// asked of it.
    async fn adopt(&self, state: &mut State, greeting: &mut Greeting) -> Result<Arc<Reigning>, RedisError> {
        let reign = match &state.primary {
            Some(primary) if primary.id == greeting.id => return Ok(Arc::clone(primary)),
            Some(left) => {
                greeting.tell_left(&self.keys, state.left.iter().chain([&left.id])).await?;
                let lost = left.lost_with(&greeting.former);
                if let Lost::Known(lost) = lost {
                    self.told().lost += lost;
                }
                tracing::warn!(primary = greeting.id, before = left.id, ?lost, "the registry has another primary");
                state.left.insert(left.id.clone());
                let is_another = !planted::has(Unreplayed::Node5NoFence);
                if is_another { self.known.reigns.next() } else { left.reign }
            }
            None => Reign::default(),
        };
        let primary = Arc::new(Reigning::new(greeting.id.clone(), reign));
        state.primary = Some(Arc::clone(&primary));
        let mut told = self.told();
        (told.reign, told.primary) = (reign, greeting.id.clone());
        Ok(primary)
    }

    fn told(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().expect("nothing panics while it holds the lock")
    }
}

/// Goes on as long as the registry is there. Who names the primary does not say by itself that it is another one now; a server that is none
/// any more may answer all the same, and as if it were one.
async fn heed_others(primary: Weak<Primary>) {
    loop {
        sleep(PATIENCE).await;
        let Some(primary) = primary.upgrade() else { return };
        let found = primary.find().await;
        let is_reached = |named: &Client| primary.reached.borrow().as_ref().is_some_and(|(_, server)| is_at(server, named));
        if found.is_ok_and(|named| !is_reached(&named)) {
            primary.state.lock().await.link = None;
        }
    }
}

fn is_at(server: &Client, other: &Client) -> bool {
    server.get_connection_info().addr() == other.get_connection_info().addr()
}

fn is_not_begun(error: &RedisError) -> bool {
    error.code().is_some_and(|code| NOT_BEGUN.split(' ').any(|not_begun| not_begun == code))
}

/// Seconds and microseconds, as the server tells the time.
pub(super) type Time = (u64, u64);

pub(super) const fn unix_millis((seconds, micros): Time) -> u64 {
    seconds * 1000 + micros / 1000
}
