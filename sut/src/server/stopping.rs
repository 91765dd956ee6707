//! How a port's end reaches its connections: first it drains, each link closing at a moment of its own, then all that is left ends. It
//! closes nothing itself: the node is told which links end.

use std::collections::BTreeSet;
use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rand::random_range;
use tokio::sync::{mpsc, watch};

use super::actor::NodeMessage;
use super::machine::LinkId;
use crate::timers::{Time, TimerSet};

/// Whether a node takes new links; its clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate(Arc<AtomicBool>);

impl Gate {
    /// No more links are taken.
    pub(super) fn close(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A port's end, as the port sees it. Once it is dropped, whatever is left ends.
pub(super) struct End {
    drain: Duration,
    links: Links,
    /// Dropped with it.
    ends: watch::Sender<()>,
}

/// A port's end, as one of its connections sees it; never, for a connection without a port.
#[derive(Clone)]
pub(super) struct Stopping(Option<(watch::Receiver<()>, Links)>);

/// The links of a port; its clones are the same.
#[derive(Clone)]
struct Links(Arc<Mutex<State>>);

struct State {
    open: BTreeSet<LinkId>,
    stage: Stage,
    told: mpsc::UnboundedSender<NodeMessage>,
    /// Of whoever waits until none is open.
    waker: Option<Waker>,
}

/// How far a port is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    Ending,
}

/// A link that is open until this is dropped.
pub(super) struct Member {
    links: Links,
    id: LinkId,
}

impl End {
    /// Far off; links will have that long. Which of them end is told there.
    pub(super) fn after(drain: Duration, told: mpsc::UnboundedSender<NodeMessage>) -> End {
        let state = State { open: BTreeSet::new(), stage: Stage::Open, told, waker: None };
        End { drain, links: Links(Arc::new(Mutex::new(state))), ends: watch::Sender::new(()) }
    }

    pub(super) fn seen(&self) -> Stopping {
        Stopping(Some((self.ends.subscribe(), self.links.clone())))
    }

    /// Has links close, each at a moment of its own, and waits until none is left, or until their time is over. Then whatever is left
    /// ends.
    pub(super) async fn drain(self, time: &dyn Time) {
        if self.drain.is_zero() {
            return;
        }
        let mut moments = TimerSet::new();
        for link in self.links.begin_to_end() {
            let moment = random_range(Duration::ZERO..self.drain);
            moments.arm(link, time.arm(&format_args!("drain {}", link.0), moment));
        }
        tokio::select! {
            biased;
            () = poll_fn(|cx| self.links.poll_end(&mut moments, cx)) => {}
            () = time.wait(&"drain", self.drain) => {}
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.links.begin_to_end().into_iter().for_each(|link| self.links.end(link));
    }
}

impl Links {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }

    /// From now on every link that opens ends at once; those that are open.
    fn begin_to_end(&self) -> BTreeSet<LinkId> {
        let mut state = self.state();
        state.stage = Stage::Ending;
        state.open.clone()
    }

    /// A node that is gone needs to be told nothing.
    fn end(&self, link: LinkId) {
        let _ = self.state().told.send(NodeMessage::Ends { link });
    }

    /// Ends each link at its moment; ready once none is open.
    fn poll_end(&self, moments: &mut TimerSet<LinkId>, cx: &mut Context<'_>) -> Poll<()> {
        while let Poll::Ready(link) = moments.poll_next(cx) {
            self.end(link);
        }
        let mut state = self.state();
        state.waker = Some(cx.waker().clone());
        if state.open.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut state = self.links.state();
        state.open.remove(&self.id);
        if state.open.is_empty()
            && let Some(waker) = state.waker.take()
        {
            waker.wake();
        }
    }
}

impl Stopping {
    /// For a connection that ends by itself only.
    pub(super) const fn never() -> Stopping {
        Stopping(None)
    }

    /// Whatever is left ends now.
    pub(super) async fn ends(&mut self) {
        match &mut self.0 {
            Some((ends, _)) => while ends.changed().await.is_ok() {},
            None => pending().await,
        }
    }

    /// The connection became a link, of which the node knows.
    pub(super) fn joins(self, id: LinkId) -> Option<Member> {
        let (_, links) = self.0?;
        links.state().open.insert(id);
        if links.state().stage == Stage::Ending {
            links.end(id);
        }
        Some(Member { links, id })
    }
}
