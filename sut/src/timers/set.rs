//! The timers that a shell has armed, each under its name. It waits; it never decides how long or what comes of it.

use std::hash::Hash;
use std::task::{Context, Poll};

use super::Due;
use super::queue::Queue;
use super::waits::Waits;

/// Timers by name. A name is armed once: arming it again starts it anew. It is to be polled again behind each that is armed.
pub(crate) struct TimerSet<N: Eq + Hash> {
    /// What the clock has fire.
    queue: Queue<N>,
    /// Each waits to be told.
    waits: Waits<N>,
}

impl<N: Clone + Eq + Hash + Unpin> TimerSet<N> {
    pub(crate) fn new() -> TimerSet<N> {
        TimerSet { queue: Queue::new(), waits: Waits::new() }
    }

    /// How many timers may still fire.
    pub(crate) fn len(&self) -> usize {
        self.queue.len() + self.waits.len()
    }

    /// Starts a timer, anew if it runs.
    pub(crate) fn arm(&mut self, name: N, due: Due) {
        match due {
            Due::At(moment) => {
                self.waits.disarm(&name);
                self.queue.arm(name, moment);
            }
            Due::Told(wait) => {
                self.queue.disarm(&name);
                self.waits.arm(name, wait);
            }
        }
    }

    /// Stops a timer, if it runs.
    pub(crate) fn disarm(&mut self, name: &N) {
        self.queue.disarm(name);
        self.waits.disarm(name);
    }

    /// The next timer that fires; it runs no longer.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<N> {
        let told = self.waits.poll_next(cx);
        if told.is_ready() { told } else { self.queue.poll_next(cx) }
    }
}

#[cfg(test)]
mod tests;
