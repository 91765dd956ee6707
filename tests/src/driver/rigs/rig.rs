//! One instance: a real client, the door at which it gets its links, and the clock by which it lives. It knows no
//! rule.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use sut::client::{Client, Connect};
use sut::timers::UnixMillis;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;

use crate::driver::clock::{Clock, Kind, count};
use crate::observation::{Holds, Timers};

/// The links that an instance waits for: each is given when the trace opens it.
pub(super) struct Door<S>(Arc<Mutex<Vec<oneshot::Sender<S>>>>);

impl<S> Clone for Door<S> {
    fn clone(&self) -> Door<S> {
        Door(Arc::clone(&self.0))
    }
}

impl<S> Door<S> {
    pub(super) fn new() -> Door<S> {
        Door(Arc::new(Mutex::new(Vec::new())))
    }

    /// The attempt that waits for a link; dropped, it fails.
    pub(super) fn waiting(&self) -> Option<oneshot::Sender<S>> {
        self.lock().drain(..).rfind(|give| !give.is_closed())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<oneshot::Sender<S>>> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Connect for Door<S> {
    type Stream = S;

    async fn connect(&self) -> io::Result<S> {
        let (give, given) = oneshot::channel();
        self.lock().push(give);
        given.await.map_err(|_| io::Error::other("the harness ended"))
    }
}

/// One seat's instance.
pub(super) struct Rig<S> {
    pub(super) client: Client,
    pub(super) door: Door<S>,
    pub(super) clock: Clock,
}

impl<S> Rig<S> {
    /// What the client says it holds, and the timers that its clock knows of; and when its heartbeat is due.
    pub(super) fn holds(&self) -> (Holds, Option<UnixMillis>) {
        let held = self.client.resources();
        let (mut timers, mut heartbeat) = (Timers::default(), None);
        for timer in self.clock.armed().iter() {
            count(timer.kind, &mut timers);
            heartbeat = heartbeat.or(timer.due.filter(|_| timer.kind == Kind::Heartbeat));
        }
        let holds = Holds { alive: held.tasks > 0, links: held.links, timers, kept: held.buffered, debts: held.debts };
        (holds, heartbeat)
    }
}
