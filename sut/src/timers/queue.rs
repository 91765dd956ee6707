//! Timers that fire as the clock goes, each under its name: one queue, and one wait for its first. It looks at no clock but tokio's.

use std::cmp::Reverse;
use std::hash::Hash;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use keyed_priority_queue::KeyedPriorityQueue;
use tokio::time::{Instant, Sleep, sleep_until};

/// Timers by name. A name is armed once: arming it again starts it anew. Of those that are due together the one armed first is first.
pub(super) struct Queue<N: Eq + Hash> {
    armed: KeyedPriorityQueue<N, Reverse<(Instant, u64)>>,
    /// How many were armed so far.
    count: u64,
    /// For the first; it may be late for one that is armed since it was polled, and early for one that was disarmed.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl<N: Eq + Hash> Queue<N> {
    pub(super) fn new() -> Queue<N> {
        Queue { armed: KeyedPriorityQueue::new(), count: 0, sleep: None }
    }

    /// How many timers may still fire.
    pub(super) fn len(&self) -> usize {
        self.armed.len()
    }

    /// Starts a timer, anew if it runs. The queue is to be polled again.
    pub(super) fn arm(&mut self, name: N, moment: Instant) {
        self.count += 1;
        self.armed.push(name, Reverse((moment, self.count)));
    }

    /// Stops a timer, if it runs.
    pub(super) fn disarm(&mut self, name: &N) {
        self.armed.remove(name);
    }

    /// The next timer that fires; it runs no longer.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<N> {
        let Some(&Reverse((first, _))) = self.armed.peek().map(|(_, moment)| moment) else { return Poll::Pending };
        if first > Instant::now() {
            ready!(self.poll_sleep(cx, first));
        }
        self.armed.pop().map_or(Poll::Pending, |(name, _)| Poll::Ready(name))
    }

    fn poll_sleep(&mut self, cx: &mut Context<'_>, until: Instant) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if sleep.deadline() != until {
            sleep.as_mut().reset(until);
        }
        sleep.as_mut().poll(cx)
    }
}
