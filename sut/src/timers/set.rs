//! The timers that a shell has armed, each under its name. It waits; it never decides how long or what comes of it.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, Stream};
use futures_util::task::AtomicWaker;

/// What resolves when a timer fires.
pub(crate) type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Timers by name. A name is armed once: arming it again starts it anew.
pub(crate) struct TimerSet<N> {
    running: FuturesUnordered<Running<N>>,
    armed: HashMap<N, Arc<Armed>>,
}

/// The wait, for as long as it is wanted: a timer that is disarmed lets go of it at once.
struct Armed {
    wait: Mutex<Option<Wait>>,
    /// Woken when the wait is another one, or none.
    changed: AtomicWaker,
}

impl Armed {
    fn waits_for(&self, wait: Option<Wait>) {
        *self.wait.lock().expect("nothing panics while it holds the lock") = wait;
        self.changed.wake();
    }
}

struct Running<N> {
    name: N,
    armed: Arc<Armed>,
}

impl<N: Clone + Unpin> Future for Running<N> {
    type Output = Option<N>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<N>> {
        self.armed.changed.register(cx.waker());
        let mut wait = self.armed.wait.lock().expect("nothing panics while it holds the lock");
        match wait.as_mut() {
            Some(wait) => wait.as_mut().poll(cx).map(|()| Some(self.name.clone())),
            None => Poll::Ready(None),
        }
    }
}

impl<N: Clone + Eq + Hash + Unpin> TimerSet<N> {
    pub(crate) fn new() -> TimerSet<N> {
        TimerSet { running: FuturesUnordered::new(), armed: HashMap::new() }
    }

    /// How many timers may still fire.
    pub(crate) fn len(&self) -> usize {
        self.armed.len()
    }

    /// Starts a timer, anew if it runs.
    pub(crate) fn arm(&mut self, name: N, wait: Wait) {
        if let Some(armed) = self.armed.get(&name) {
            return armed.waits_for(Some(wait));
        }
        let armed = Arc::new(Armed { wait: Mutex::new(Some(wait)), changed: AtomicWaker::new() });
        self.running.push(Running { name: name.clone(), armed: Arc::clone(&armed) });
        self.armed.insert(name, armed);
    }

    /// Stops a timer, if it runs.
    pub(crate) fn disarm(&mut self, name: &N) {
        if let Some(armed) = self.armed.remove(name) {
            armed.waits_for(None);
        }
    }

    /// The next timer that fires; it runs no longer.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<N> {
        while let Poll::Ready(Some(fired)) = Pin::new(&mut self.running).poll_next(cx) {
            if let Some(name) = fired {
                self.armed.remove(&name);
                return Poll::Ready(name);
            }
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;
    use crate::timers::{SystemTime, Time};

    fn wait(seconds: u64) -> Wait {
        SystemTime.wait(String::new(), Duration::from_secs(seconds))
    }

    #[tokio::test(start_paused = true)]
    async fn timers_fire_in_their_order_and_once() {
        let mut set = TimerSet::new();
        set.arm("late", wait(2));
        set.arm("early", wait(1));
        let fired = [poll_fn(|cx| set.poll_next(cx)).await, poll_fn(|cx| set.poll_next(cx)).await];
        assert_eq!((fired, set.len()), (["early", "late"], 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_is_armed_again_starts_anew_and_one_that_is_disarmed_never_fires() {
        let mut set = TimerSet::new();
        for (name, seconds) in [("again", 1), ("never", 2), ("between", 3), ("again", 4)] {
            set.arm(name, wait(seconds));
        }
        set.disarm(&"never");
        let fired = [poll_fn(|cx| set.poll_next(cx)).await, poll_fn(|cx| set.poll_next(cx)).await];
        assert_eq!((fired, set.len()), (["between", "again"], 0));
    }
}
