//! The server of the machines driver: its machine, and what its shell would hold: timers, and the secrets that links have shown. It
//! performs no effect but these.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::FutureExt;
use sut::config::App;
use sut::protocol::{ClientFrame, Envelope, ServerFrame};
use sut::registry::{Lives, Version};
use sut::server::Machine;
use sut::server::machine::{Effect, Heard, Input, LinkId, Said, Timer};
use sut::server::{Secrets, drive};
use sut::session::SessionDigest;
use sut::timers::UnixMillis;

use crate::driver::record::Shared;
use crate::driver::side::ServerTimer;

/// The server's machine, its timers, and what its links have shown.
#[derive(Clone, Debug)]
pub(super) struct Node {
    machine: Machine,
    timers: BTreeMap<Timer, UnixMillis>,
    /// Those that only prune epochs: no trace fires them, and there are as many as instances are over.
    prunes: BTreeMap<Timer, UnixMillis>,
    secrets: BTreeMap<LinkId, Secrets>,
    /// Its life and the others', as it knows them, among several nodes.
    pub(super) lives: Option<Lives>,
}

impl Node {
    pub(super) fn new(app: App) -> Node {
        Node { machine: Machine::new(app), timers: BTreeMap::new(), prunes: BTreeMap::new(), secrets: BTreeMap::new(), lives: None }
    }

    /// Hands over one input; what is left to do is appended to `effects`. A commit that is held is answered by another input.
    pub(super) fn take(&mut self, registry: &Shared, now: UnixMillis, input: Input, effects: &mut Vec<Effect>) {
        if let Input::LinkDown { link, .. } = &input {
            self.forget(*link);
        }
        let _ = drive(&mut self.machine, registry, now, input, effects).now_or_never();
    }

    /// A frame of a link, as the machine is told of it.
    pub(super) fn conceal(&mut self, link: LinkId, said: Envelope<ClientFrame>) -> Heard {
        self.secrets.entry(link).or_default().conceal(said)
    }

    /// A frame to a link, as the wire says it; `None` if the link has not shown the session's secret.
    pub(super) fn reveal(&self, link: LinkId, said: Said) -> Option<Envelope<ServerFrame>> {
        self.secrets.get(&link)?.reveal(said)
    }

    /// The link is over.
    pub(super) fn forget(&mut self, link: LinkId) {
        self.secrets.remove(&link);
    }

    pub(super) fn arm(&mut self, timer: Timer, due: UnixMillis) {
        self.kind_of(&timer).insert(timer, due);
    }

    pub(super) fn disarm(&mut self, timer: &Timer) {
        self.kind_of(timer).remove(timer);
    }

    fn kind_of(&mut self, timer: &Timer) -> &mut BTreeMap<Timer, UnixMillis> {
        if let Timer::Epoch { .. } = timer { &mut self.prunes } else { &mut self.timers }
    }

    /// Takes a timer, and when it is due.
    pub(super) fn take_timer(&mut self, meant: ServerTimer) -> Option<(Timer, UnixMillis)> {
        let timer = self.timers.keys().find(|timer| told(timer) == meant)?.clone();
        self.timers.remove_entry(&timer)
    }

    /// The timers that a trace may fire, and when each is due.
    pub(super) fn timers(&self) -> impl Iterator<Item = (ServerTimer, UnixMillis)> {
        self.timers.iter().map(|(timer, due)| (told(timer), *due))
    }

    /// The sessions that it would note as owed nothing if it stopped now.
    pub(super) fn owed_nothing(&self) -> Vec<(String, SessionDigest)> {
        self.machine.owed_nothing()
    }

    /// The accounts of which it holds sessions, each with the version that it knows.
    pub(super) fn held(&self) -> Vec<(Arc<str>, Version)> {
        self.machine.held()
    }

    /// What it serves.
    pub(super) fn app(&self) -> App {
        self.machine.app().clone()
    }

    pub(super) fn links(&self) -> usize {
        self.machine.links()
    }
}

const fn told(timer: &Timer) -> ServerTimer {
    match timer {
        Timer::Heartbeat(link) => ServerTimer::Heartbeat(Some(link.0)),
        Timer::Ask(link) => ServerTimer::Ask(Some(link.0)),
        Timer::Lapse { digest, .. } => ServerTimer::Lapse(*digest),
        Timer::Expiry { digest, .. } => ServerTimer::Expiry(*digest),
        Timer::Epoch { .. } | Timer::Retry(_) | Timer::LookUp { .. } => ServerTimer::Other,
    }
}
