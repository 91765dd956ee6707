//! Time that stands still until a trace moves it: the clock of a replay. It notes which timers are armed, and fires none by itself.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use sut::timers::{Time, UnixMillis};

use crate::cast::NOW;

/// The moment at which a replay stands, shared by all its clocks.
#[derive(Clone, Debug)]
pub(super) struct Moment(Arc<AtomicU64>);

impl Default for Moment {
    fn default() -> Moment {
        Moment(Arc::new(AtomicU64::new(NOW.0)))
    }
}

impl Moment {
    pub(super) fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::Relaxed))
    }

    /// A second passes; no timer fires.
    pub(super) fn pass_a_second(&self) {
        self.0.fetch_add(1000, Ordering::Relaxed);
    }
}

/// The timers that one instance has armed, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    moment: Moment,
    armed: Arc<Mutex<Vec<String>>>,
}

impl Clock {
    /// A clock on which nothing is armed.
    pub(super) fn at(moment: &Moment) -> Clock {
        Clock { moment: moment.clone(), armed: Arc::default() }
    }

    fn armed(&self) -> MutexGuard<'_, Vec<String>> {
        self.armed.lock().expect("nothing panics while it holds the lock")
    }

    /// How many timers are armed whose names begin with each of these words.
    pub(super) fn count(&self, kinds: [&str; 3]) -> [usize; 3] {
        let armed = self.armed();
        kinds.map(|kind| armed.iter().filter(|name| name.starts_with(kind)).count())
    }
}

/// Takes a timer out of the list when its wait is dropped.
struct Armed {
    clock: Clock,
    name: String,
}

impl Drop for Armed {
    fn drop(&mut self) {
        let mut armed = self.clock.armed();
        if let Some(place) = armed.iter().position(|name| *name == self.name) {
            armed.remove(place);
        }
    }
}

impl Time for Clock {
    fn now(&self) -> UnixMillis {
        self.moment.now()
    }

    fn wait(&self, name: String, _after: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.armed().push(name.clone());
        let armed = Armed { clock: self.clone(), name };
        Box::pin(async move {
            let _armed = armed;
            pending().await
        })
    }
}
