//! Time that stands still until a trace moves it: the clock of a replay. It notes which timers are armed, and fires one when it is told.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use model::action::NodeId;
use model::scope::{Fault, Scope};
use strum::{Display, EnumString};
use sut::session::bits;
use sut::timers::{Due, Time, UnixMillis};
use tokio::sync::oneshot;

use crate::cast::NOW;
use crate::observation::Timers;

/// The moment at which a replay stands, shared by all its clocks.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    now_ms: Arc<AtomicU64>,
    pace: Pace,
}

/// How far a timer that fires moves time.
#[derive(Clone, Copy, Debug)]
enum Pace {
    /// To the moment at which it is due.
    Due,
    /// By a millisecond. An id of a message is known for 10 minutes (MSG-3), which the timers of a tour would soon use up.
    Creeping,
}

impl Moment {
    /// The moment at which a replay of a scope begins.
    pub(super) fn of(scope: &Scope) -> Moment {
        let pace = if scope.has(Fault::Resends) { Pace::Creeping } else { Pace::Due };
        Moment { now_ms: Arc::new(AtomicU64::new(NOW.0)), pace }
    }

    /// The same moment once more, which passes on its own from here.
    pub(super) fn fork(&self) -> Moment {
        Moment { now_ms: Arc::new(AtomicU64::new(self.now().0)), pace: self.pace }
    }

    pub(super) fn now(&self) -> UnixMillis {
        UnixMillis(self.now_ms.load(Ordering::Relaxed))
    }

    /// A timer fires that is due then: time moves on; no other timer fires.
    pub(super) fn pass_to(&self, then: UnixMillis) {
        match self.pace {
            Pace::Due => self.now_ms.fetch_max(then.0, Ordering::Relaxed),
            Pace::Creeping => self.now_ms.fetch_add(1, Ordering::Relaxed),
        };
    }

    /// A millisecond passes, so that no two steps happen at one moment; no timer fires.
    pub(super) fn tick(&self) {
        self.now_ms.fetch_add(1, Ordering::Relaxed);
    }

    /// A second passes; no timer fires.
    pub(super) fn pass_a_second(&self) {
        self.now_ms.fetch_add(1000, Ordering::Relaxed);
    }
}

/// The timers that one client or server has armed, oldest first.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    moment: Moment,
    armed: Arc<Mutex<Vec<Armed>>>,
}

/// What a timer is for, by the first word of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString)]
#[strum(serialize_all = "lowercase")]
pub(super) enum Kind {
    Login,
    Logout,
    Send,
    Backoff,
    Heartbeat,
    Ping,
    Ask,
    Lapse,
    Expiry,
    Terms,
    /// One that no view tells.
    Other,
}

/// Counts a timer of an instance's.
pub(super) fn count(kind: Kind, timers: &mut Timers) {
    *match kind {
        Kind::Login => &mut timers.login,
        Kind::Logout => &mut timers.logout,
        Kind::Send => &mut timers.send,
        Kind::Backoff => &mut timers.backoff,
        Kind::Heartbeat => &mut timers.heartbeat,
        Kind::Ping => &mut timers.ping,
        Kind::Ask | Kind::Lapse | Kind::Expiry | Kind::Terms | Kind::Other => return,
    } += 1;
}

/// A timer that runs.
#[derive(Debug)]
pub(super) struct Armed {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// The number with which its name ends: a link's in decimal digits, or a session's in hexadecimal ones.
    pub(super) of: u128,
    /// The node that has it.
    pub(super) node: NodeId,
    /// Where that is known.
    pub(super) due: Option<UnixMillis>,
    /// Where it is this process's.
    fire: Option<oneshot::Sender<()>>,
}

impl Armed {
    /// A timer of that name, of which nothing more is known.
    pub(super) fn named(name: String) -> Armed {
        let (first, last) = (name.split(' ').next(), name.rsplit(' ').next());
        let kind = first.and_then(|word| word.parse().ok()).unwrap_or(Kind::Other);
        let is_of_a_link = matches!(kind, Kind::Heartbeat | Kind::Ask);
        let of = last.and_then(|word| if is_of_a_link { word.parse().ok() } else { bits::parse(word, 32) }).unwrap_or_default();
        Armed { kind, name, of, node: NodeId::default(), due: None, fire: None }
    }

    /// What is known of a timer of a node's, with something more behind its name.
    pub(super) fn like(other: &Armed, node: NodeId, suffix: &str) -> Armed {
        Armed { kind: other.kind, name: format!("{}{suffix}", other.name), of: other.of, node, due: other.due, fire: None }
    }
}

impl Clock {
    /// A clock on which nothing is armed.
    pub(super) fn at(moment: &Moment) -> Clock {
        Clock { moment: moment.clone(), armed: Arc::default() }
    }

    /// The timers that are waited for; those whose wait was dropped are disarmed.
    pub(super) fn armed(&self) -> MutexGuard<'_, Vec<Armed>> {
        let mut armed = self.lock();
        armed.retain(|timer| timer.fire.as_ref().is_some_and(|fire| !fire.is_closed()));
        armed
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().expect("nothing panics while it holds the lock")
    }

    /// Moves time to the moment at which the oldest of the timers meant is due, and fires it. Whether there was one.
    pub(super) fn fire(&self, is_meant: impl Fn(&Armed) -> bool) -> bool {
        let mut armed = self.armed();
        let Some(place) = armed.iter().position(is_meant) else { return false };
        let timer = armed.remove(place);
        timer.due.into_iter().for_each(|due| self.moment.pass_to(due));
        timer.fire.is_some_and(|fire| fire.send(()).is_ok())
    }
}

impl Time for Clock {
    fn now(&self) -> UnixMillis {
        self.moment.now()
    }

    fn arm(&self, name: &dyn fmt::Display, after: Duration) -> Due {
        let (fire, fired) = oneshot::channel();
        let due = self.moment.now().plus(after);
        self.lock().push(Armed { due: Some(due), fire: Some(fire), ..Armed::named(name.to_string()) });
        Due::Told(Box::pin(async move {
            if fired.await.is_err() {
                std::future::pending().await
            }
        }))
    }
}
