//! Timers that are told to fire, each under its name, as somebody else has them fire. It never looks at a clock.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use futures_util::stream::{FuturesUnordered, Stream};

use super::Wait;

/// Timers by name, each with a wait of its own. A name is armed once: arming it again starts it anew.
pub(super) struct Waits<N> {
    running: FuturesUnordered<Running<N>>,
    armed: HashMap<N, Slot>,
}

/// The wait, for as long as it is wanted: a timer that is disarmed lets go of it at once, and one that is armed again gets another.
#[derive(Clone, Default)]
struct Slot(Arc<Mutex<Slotted>>);

#[derive(Default)]
struct Slotted {
    wait: Option<Wait>,
    /// What has the slot looked at again.
    waker: Option<Waker>,
}

impl Slot {
    fn set(&self, wait: Option<Wait>) {
        let mut slotted = self.slotted();
        slotted.wait = wait;
        if let Some(waker) = slotted.waker.take() {
            waker.wake();
        }
    }

    fn slotted(&self) -> MutexGuard<'_, Slotted> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }
}

struct Running<N> {
    name: N,
    slot: Slot,
}

impl<N: Clone + Unpin> Future for Running<N> {
    type Output = Option<N>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<N>> {
        let mut slotted = self.slot.slotted();
        let polled = slotted.wait.as_mut().map(|wait| wait.as_mut().poll(cx));
        match polled {
            Some(Poll::Ready(())) => Poll::Ready(Some(self.name.clone())),
            Some(Poll::Pending) => {
                slotted.waker = Some(cx.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(None),
        }
    }
}

impl<N: Clone + Eq + Hash + Unpin> Waits<N> {
    pub(super) fn new() -> Waits<N> {
        Waits { running: FuturesUnordered::new(), armed: HashMap::new() }
    }

    /// How many timers may still fire.
    pub(super) fn len(&self) -> usize {
        self.armed.len()
    }

    /// Starts a timer, anew if it runs.
    pub(super) fn arm(&mut self, name: N, wait: Wait) {
        if let Some(slot) = self.armed.get(&name) {
            return slot.set(Some(wait));
        }
        let slot = Slot::default();
        slot.set(Some(wait));
        self.running.push(Running { name: name.clone(), slot: slot.clone() });
        self.armed.insert(name, slot);
    }

    /// Stops a timer, if it runs.
    pub(super) fn disarm(&mut self, name: &N) {
        if let Some(slot) = self.armed.remove(name) {
            slot.set(None);
        }
    }

    /// The next timer that fires; it runs no longer.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<N> {
        while let Poll::Ready(Some(fired)) = Pin::new(&mut self.running).poll_next(cx) {
            if let Some(name) = fired {
                self.armed.remove(&name);
                return Poll::Ready(name);
            }
        }
        Poll::Pending
    }
}
