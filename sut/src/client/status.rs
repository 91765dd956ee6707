//! What an instance shows of itself at any time, also after its end. The instance writes it, and whoever calls its logout or
//! destroy notes that nobody is logged in from then on. It decides nothing.

use std::sync::{Arc, Mutex, MutexGuard};

use super::Machine;
use super::connect_error::ConnectError;
use super::machine::FirstSync;
use crate::session::{Epoch, Secret};

/// What an instance still holds. All zero after `destroy` (DESTROY-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Tasks that run for it.
    pub tasks: usize,
    /// Links that it opens, uses, or has not finished closing.
    pub links: usize,
    /// Timers of the instance that may still fire.
    pub timers: usize,
    /// Messages kept for `SDK_READY`, and frames not yet written.
    pub buffered: usize,
    /// Logouts that the server may not know of (LOGOUT-4).
    pub debts: usize,
}

/// The last state that the instance reported, and what was called since.
#[derive(Debug, Default)]
pub(super) struct Status {
    snapshot: Mutex<Snapshot>,
}

#[derive(Debug, Default)]
pub(super) struct Snapshot {
    login_user: Option<String>,
    pub(super) session: Option<Secret>,
    /// Ready as long as it is there.
    first_sync: Option<FirstSync>,
    pub(super) resources: Resources,
    pub(super) epoch: Epoch,
    /// Why the last link could not be opened.
    pub(super) connect_error: Option<ConnectError>,
    /// Calls of logout and destroy that the instance has not taken yet.
    leaving: usize,
}

impl Snapshot {
    /// Nobody from the call of logout or destroy on (LOGOUT-1, DESTROY-2).
    pub(super) fn login_user(&self) -> Option<&String> {
        self.login_user.as_ref().filter(|_| self.leaving == 0)
    }

    /// None from the call of logout or destroy on, as of then nobody is logged in.
    pub(super) fn first_sync(&self) -> Option<&FirstSync> {
        self.first_sync.as_ref().filter(|_| self.leaving == 0)
    }
}

/// Reports the end of an instance's task when it goes, also where it goes with its runtime.
pub(super) struct Gone(pub(super) Arc<Status>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.report_end();
    }
}

impl Status {
    pub(super) fn look(&self) -> MutexGuard<'_, Snapshot> {
        self.snapshot.lock().expect("nothing panics while it holds the lock")
    }

    /// Logout or destroy is called.
    pub(super) fn leave(&self) {
        self.look().leaving += 1;
    }

    /// The instance has taken such a call, and reported.
    pub(super) fn left(&self) {
        self.look().leaving -= 1;
    }

    /// A link opened, or could not be opened.
    pub(super) fn report_opening(&self, error: Option<ConnectError>) {
        self.look().connect_error = error;
    }

    pub(super) fn report(&self, machine: &Machine, resources: Resources) {
        let mut snapshot = self.look();
        snapshot.resources = resources;
        snapshot.epoch = machine.epoch();
        snapshot.session = machine.session().or(snapshot.session);
        if snapshot.login_user.as_deref() != machine.login_user() {
            snapshot.login_user = machine.login_user().map(str::to_owned);
        }
        if snapshot.first_sync.as_ref() != machine.first_sync() {
            snapshot.first_sync = machine.first_sync().cloned();
        }
    }

    /// The instance is gone and holds nothing.
    pub(super) fn report_end(&self) {
        let mut snapshot = self.look();
        *snapshot = Snapshot { epoch: snapshot.epoch, ..Snapshot::default() };
    }
}
