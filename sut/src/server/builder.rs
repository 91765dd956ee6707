//! A node that is being put together. It serves nobody before it is started.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::coop::unconstrained;

use super::Machine;
use super::actor::Actor;
use super::crowd::Crowd;
use super::host::Host;
use super::metrics::Metrics;
use super::rest::Rest;
use super::stopping::Gate;
use super::teller::Teller;
use super::terms::Keeper;
use super::{Logs, Server};
use crate::config::{App, Changing, DEFAULT_PERIOD};
use crate::journal::Journal;
use crate::kick_log::KickLog;
use crate::registry::memory::Memory;
use crate::registry::{Registry, TermsStore};
use crate::timers::{SystemTime, Time};

/// What a node is started with. Unless told otherwise it keeps everything in memory, runs on the system's time, and writes nothing down.
#[must_use]
pub struct Builder<R, S> {
    app: App,
    registry: R,
    store: Arc<S>,
    period: Duration,
    time: Arc<dyn Time>,
    logs: Logs,
}

impl Builder<Memory, Memory> {
    pub(super) fn of(app: App) -> Builder<Memory, Memory> {
        let (registry, store, time) = (Memory::default(), Arc::default(), Arc::new(SystemTime));
        Builder { app, registry, store, period: DEFAULT_PERIOD, time, logs: Logs::default() }
    }
}

impl<R: Registry, S: TermsStore> Builder<R, S> {
    /// Keeps the accounts' records there.
    pub fn registry<Q: Registry>(self, registry: Q) -> Builder<Q, S> {
        let Builder { app, registry: _, store, period, time, logs } = self;
        Builder { app, registry, store, period, time, logs }
    }

    /// Stores there what an administrator changes of its terms; a change is pending for that period (CONF-1). The app's terms are in force
    /// at first, whatever is stored.
    pub fn terms<T: TermsStore>(self, store: Arc<T>, period: Duration) -> Builder<R, T> {
        let Builder { app, registry, store: _, period: _, time, logs } = self;
        Builder { app, registry, store, period, time, logs }
    }

    /// Runs on that time, as in a test.
    pub fn time(self, time: Arc<dyn Time>) -> Builder<R, S> {
        Builder { time, ..self }
    }

    /// Writes down there everything that it does, if there is one.
    pub fn journal(mut self, journal: impl Into<Option<Journal>>) -> Builder<R, S> {
        self.logs.journal = journal.into();
        self
    }

    /// Writes down there every session that a commit kicked, if there is one.
    pub fn kicks(mut self, log: impl Into<Option<KickLog>>) -> Builder<R, S> {
        self.logs.kicks = log.into();
        self
    }

    /// Starts the node, without connections.
    ///
    /// # Panics
    ///
    /// If called outside of a tokio runtime.
    pub fn start(self) -> Server {
        let Builder { app, registry, store, period, time, logs } = self;
        let addresses = logs.kicks.as_ref().map(KickLog::addresses).unwrap_or_default();
        let (metrics, gate) = (Metrics::new(), Gate::default());
        let (told, inputs) = mpsc::unbounded_channel();
        let keeper = Keeper::start(Changing::new(app.terms(), period), store, Arc::clone(&time), told.clone());
        let rest = Rest::new(app.clone(), Arc::clone(&time), told.clone(), keeper.clone(), metrics.clone(), gate.clone());
        let teller = Teller::new(metrics.clone(), addresses.clone());
        let (bounds, crowd) = (app.bounds, Crowd::default());
        let actor = Actor::new(Machine::new(app), Arc::new(registry), Arc::clone(&time), inputs, logs, teller);
        tokio::spawn(unconstrained(actor.run()));
        let host = Arc::new(Host { told, time, metrics, addresses, bounds, crowd });
        Server { host, last_link: Arc::default(), rest, manual: None, keeper, gate }
    }
}
