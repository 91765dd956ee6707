//! Time that stands still until a trace moves it: the clock of a replay. It notes which timers are armed, and fires one when it is told.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use model::scope::{Fault, Scope};
use sut::config::TERMS_TIMER;
use sut::timers::{Due, Time, UnixMillis};
use tokio::sync::oneshot;

use crate::cast::NOW;

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

impl Default for Moment {
    fn default() -> Moment {
        Moment { now_ms: Arc::new(AtomicU64::new(NOW.0)), pace: Pace::Due }
    }
}

impl Moment {
    /// The moment at which a replay of a scope begins.
    pub(super) fn of(scope: &Scope) -> Moment {
        let pace = if scope.has(Fault::Resends) { Pace::Creeping } else { Pace::Due };
        Moment { pace, ..Moment::default() }
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
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    moment: Moment,
    armed: Arc<Mutex<Vec<Armed>>>,
}

/// What a timer is for, as far as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Kind {
    /// That of a timer of this name.
    pub(super) fn of(name: &str) -> Kind {
        match kind_of(name) {
            "login" => Kind::Login,
            "logout" => Kind::Logout,
            "send" => Kind::Send,
            "backoff" => Kind::Backoff,
            "heartbeat" => Kind::Heartbeat,
            "ping" => Kind::Ping,
            "ask" => Kind::Ask,
            "lapse" => Kind::Lapse,
            "expiry" => Kind::Expiry,
            TERMS_TIMER => Kind::Terms,
            _ => Kind::Other,
        }
    }
}

/// A timer that runs.
#[derive(Debug)]
struct Armed {
    kind: Kind,
    name: String,
    due: UnixMillis,
    fire: oneshot::Sender<()>,
}

impl Clock {
    /// A clock on which nothing is armed.
    pub(super) fn at(moment: &Moment) -> Clock {
        Clock { moment: moment.clone(), armed: Arc::default() }
    }

    /// The timers that are waited for; those whose wait was dropped are disarmed.
    fn armed(&self) -> MutexGuard<'_, Vec<Armed>> {
        let mut armed = self.armed.lock().expect("nothing panics while it holds the lock");
        armed.retain(|timer| !timer.fire.is_closed());
        armed
    }

    /// Tells the kinds and names of the timers that are armed, oldest first.
    pub(super) fn each(&self, tell: &mut dyn FnMut(Kind, &str)) {
        self.armed().iter().for_each(|timer| tell(timer.kind, &timer.name));
    }

    /// Tells the kinds and names of the timers that are armed, and when they are due, oldest first.
    pub(super) fn each_due(&self, tell: &mut dyn FnMut(Kind, &str, UnixMillis)) {
        self.armed().iter().for_each(|timer| tell(timer.kind, &timer.name, timer.due));
    }

    /// Moves time to the moment at which the oldest timer of that name or kind is due, and fires it. Whether there was one.
    pub(super) fn fire(&self, name: &str) -> bool {
        let mut armed = self.armed();
        let Some(place) = armed.iter().position(|timer| timer.name == name || is_of(&timer.name, name)) else { return false };
        let timer = armed.remove(place);
        self.moment.pass_to(timer.due);
        timer.fire.send(()).is_ok()
    }
}

fn is_of(name: &str, kind: &str) -> bool {
    kind_of(name) == kind
}

/// The kind of a timer of that name: its first word.
fn kind_of(name: &str) -> &str {
    let end = name.bytes().position(|letter| letter == b' ').unwrap_or(name.len());
    &name[..end]
}

impl Time for Clock {
    fn now(&self) -> UnixMillis {
        self.moment.now()
    }

    fn arm(&self, name: &dyn fmt::Display, after: Duration) -> Due {
        let ((fire, fired), name) = (oneshot::channel(), name.to_string());
        self.armed().push(Armed { kind: Kind::of(&name), name, due: self.moment.now().plus(after), fire });
        Due::Told(Box::pin(async move {
            if fired.await.is_err() {
                std::future::pending().await
            }
        }))
    }
}
