//! Time that stands still: the clock of a replay, whose timers a trace would have to fire. It notes which timers are armed.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use sut::timers::{Time, UnixMillis};

use crate::cast::NOW;

/// The timers that one instance has armed, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    armed: Arc<Mutex<Vec<String>>>,
}

impl Clock {
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
        NOW
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
