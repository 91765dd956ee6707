//! How a port's end reaches its connections: first it drains, each link closing at a moment of its own, then all that is left ends. It
//! closes nothing itself.

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::random_range;
use tokio::sync::{mpsc, watch};

use crate::timers::Time;

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
    drains: watch::Sender<bool>,
    /// Kept by every link, so that it is known when none is left.
    link: mpsc::Sender<Infallible>,
    links: mpsc::Receiver<Infallible>,
    drain: Duration,
}

/// A port's end, as one of its connections sees it; never, for a connection without a port.
#[derive(Clone)]
pub(super) struct Stopping(Option<(watch::Receiver<bool>, mpsc::WeakSender<Infallible>, Duration)>);

impl End {
    /// Far off; links will have that long.
    pub(super) fn after(drain: Duration) -> End {
        let (link, links) = mpsc::channel(1);
        End { drains: watch::Sender::new(false), link, links, drain }
    }

    pub(super) fn seen(&self) -> Stopping {
        Stopping(Some((self.drains.subscribe(), self.link.downgrade(), self.drain)))
    }

    /// Tells links to close, each at a moment of its own, and waits until none is left, or until their time is over. Then whatever
    /// is left ends.
    pub(super) async fn drain(mut self, time: &dyn Time) {
        self.drains.send_replace(true);
        drop(self.link);
        if !self.drain.is_zero() {
            tokio::select! {
                biased;
                _ = self.links.recv() => {}
                () = time.wait(&"drain", self.drain) => {}
            }
        }
    }
}

/// The end of a link, as its port wants it.
pub(super) type Closes = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Stopping {
    /// For a connection that ends by itself only.
    pub(super) const fn never() -> Stopping {
        Stopping(None)
    }

    /// Whatever is left ends now.
    pub(super) async fn ends(&mut self) {
        match &mut self.0 {
            Some((drains, _, _)) => while drains.changed().await.is_ok() {},
            None => pending().await,
        }
    }

    /// A link closes now, and is waited for until then.
    pub(super) fn closes(self, timer: String, time: Arc<dyn Time>) -> Closes {
        let Some((mut drains, link, drain)) = self.0 else { return Box::pin(pending()) };
        let open = link.upgrade();
        Box::pin(async move {
            let is_waited_for = open;
            if drains.wait_for(|drains| *drains).await.is_ok() && !drain.is_zero() {
                let moment = time.wait(&timer, random_range(Duration::ZERO..drain));
                tokio::select! {
                    biased;
                    () = async { while drains.changed().await.is_ok() {} } => {}
                    () = moment => {}
                }
            }
            drop(is_waited_for);
        })
    }
}
