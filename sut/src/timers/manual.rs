//! Time that stands still: it moves only when it is told to, and then fires what it is told to. It never looks at a clock.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::{Due, Time, UnixMillis};

/// A timer that waits for its moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ArmedTimer {
    /// Which one it is.
    pub name: String,
    /// When it is due, in milliseconds since the Unix epoch.
    pub due_ms: u64,
}

/// A clock that stands; its clones are the same one.
#[derive(Clone, Debug)]
pub struct ManualTime(Arc<Mutex<Clock>>);

#[derive(Debug)]
struct Clock {
    now: UnixMillis,
    last: u64,
    /// What waits, in the order in which it was armed.
    waits: Vec<Wait>,
}

#[derive(Debug)]
struct Wait {
    number: u64,
    name: String,
    due: UnixMillis,
    fire: oneshot::Sender<()>,
}

impl ManualTime {
    /// A clock that stands at a moment.
    pub fn at(now: UnixMillis) -> ManualTime {
        ManualTime(Arc::new(Mutex::new(Clock { now, last: 0, waits: Vec::new() })))
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }

    /// Sets the clock, also back; nothing fires.
    pub fn set(&self, now: UnixMillis) {
        self.clock().now = now;
    }

    /// Fires the armed timer of that name, of several the one that is due first; time moves on to the moment at which it is due, if that
    /// is not past. Nothing else fires. Whether there was one.
    pub fn fire(&self, name: &str) -> bool {
        let mut clock = self.clock();
        let named = clock.waits.iter().filter(|wait| wait.name == name);
        let Some((number, due)) = named.map(|wait| (wait.number, wait.due)).min_by_key(|(_, due)| *due) else {
            return false;
        };
        clock.now = clock.now.max(due);
        clock.take(number).is_some_and(|wait| wait.fire.send(()).is_ok())
    }

    /// The name of the timer that is due first, if it is due by that moment.
    pub fn due_by(&self, moment: UnixMillis) -> Option<String> {
        let clock = self.clock();
        let first = clock.waits.iter().min_by_key(|wait| wait.due)?;
        (first.due <= moment).then(|| first.name.clone())
    }

    /// What waits, by name.
    pub fn armed(&self) -> Vec<ArmedTimer> {
        let clock = self.clock();
        let armed = clock.waits.iter().map(|wait| ArmedTimer { name: wait.name.clone(), due_ms: wait.due.0 });
        let mut armed: Vec<_> = armed.collect();
        armed.sort_by(|one, other| (&one.name, one.due_ms).cmp(&(&other.name, other.due_ms)));
        armed
    }
}

impl Clock {
    fn take(&mut self, number: u64) -> Option<Wait> {
        let place = self.waits.iter().position(|wait| wait.number == number)?;
        Some(self.waits.remove(place))
    }
}

/// Disarms its timer when the wait for it is dropped.
struct Disarm {
    time: ManualTime,
    number: u64,
}

impl Drop for Disarm {
    fn drop(&mut self) {
        drop(self.time.clock().take(self.number));
    }
}

impl Time for ManualTime {
    fn now(&self) -> UnixMillis {
        self.clock().now
    }

    fn arm(&self, name: &dyn fmt::Display, after: Duration) -> Due {
        let (fire, fired) = oneshot::channel();
        let mut clock = self.clock();
        clock.last += 1;
        let number = clock.last;
        let due = clock.now.plus(after);
        clock.waits.push(Wait { number, name: name.to_string(), due, fire });
        let disarm = Disarm { time: self.clone(), number };
        Due::Told(Box::pin(async move {
            let _disarm = disarm;
            let _ = fired.await;
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timers;
    use futures_util::FutureExt;

    const NOON: UnixMillis = UnixMillis(1_000_000);

    fn wait(time: &ManualTime, name: &str, after_s: u64) -> timers::Wait {
        time.wait(&name, Duration::from_secs(after_s))
    }

    #[test]
    fn a_fired_timer_moves_time_to_its_moment_and_fires_nothing_else() {
        let time = ManualTime::at(NOON);
        let (late, mut early) = (wait(&time, "late", 60), wait(&time, "early", 30));
        assert!(time.fire("late"));
        assert_eq!(time.now(), UnixMillis(NOON.0 + 60_000));
        assert_eq!((late.now_or_never(), (&mut early).now_or_never()), (Some(()), None));
        assert!(time.fire("early"));
        assert_eq!(time.now(), UnixMillis(NOON.0 + 60_000), "time never goes back by itself");
    }

    #[test]
    fn a_timer_that_nobody_waits_for_is_not_armed() {
        let time = ManualTime::at(NOON);
        drop(wait(&time, "ping", 10));
        assert_eq!(time.armed(), []);
        assert!(!time.fire("ping"));
    }

    #[test]
    fn of_two_timers_of_one_name_the_one_that_is_due_first_fires() {
        let time = ManualTime::at(NOON);
        let (second, first) = (wait(&time, "ping", 20), wait(&time, "ping", 10));
        assert!(time.fire("ping"));
        assert_eq!((first.now_or_never(), second.now_or_never()), (Some(()), None));
    }

    #[test]
    fn what_is_due_by_a_moment_is_told_and_what_is_armed_is_listed_by_name() {
        let time = ManualTime::at(NOON);
        let _waits = [wait(&time, "b", 10), wait(&time, "a", 20)];
        assert_eq!(time.due_by(UnixMillis(NOON.0 + 9_999)), None);
        assert_eq!(time.due_by(UnixMillis(NOON.0 + 10_000)), Some("b".to_owned()));
        let armed = time.armed().into_iter().map(|timer| (timer.name, timer.due_ms)).collect::<Vec<_>>();
        assert_eq!(armed, [("a".to_owned(), NOON.0 + 20_000), ("b".to_owned(), NOON.0 + 10_000)]);
    }
}
