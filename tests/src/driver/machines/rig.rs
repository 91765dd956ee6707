//! One instance of the machines driver, and what its shell would hold for it. It performs no effect.

use sut::client::Machine;
use sut::client::machine::Timer;
use sut::session::Epoch;
use sut::timers::UnixMillis;

use crate::driver::clock::{Kind, count};
use crate::observation::{Holds, Timers};

/// One instance, and what its shell would hold for it.
#[derive(Clone, Debug)]
pub(super) struct Rig {
    pub(super) machine: Machine,
    pub(super) opening: Option<Epoch>,
    /// The number that the instance gave to each of its links, and the harness's.
    pub(super) links: Vec<(Epoch, u64)>,
    timers: Vec<(Timer, UnixMillis)>,
    pub(super) alive: bool,
}

impl Rig {
    pub(super) fn new(machine: Machine) -> Rig {
        Rig { machine, opening: None, links: Vec::new(), timers: Vec::new(), alive: true }
    }

    pub(super) fn link(&self, epoch: Epoch) -> Option<u64> {
        self.links.iter().find(|(known, _)| *known == epoch).map(|(_, link)| *link)
    }

    pub(super) fn epoch(&self, link: u64) -> Option<Epoch> {
        self.links.iter().find(|(_, known)| *known == link).map(|(epoch, _)| *epoch)
    }

    /// It has that link no more.
    pub(super) fn lose(&mut self, epoch: Epoch) {
        self.links.retain(|(known, _)| *known != epoch);
    }

    /// One that runs already keeps its place: in which order others were armed anew means nothing.
    pub(super) fn arm(&mut self, timer: Timer, due: UnixMillis) {
        match self.timers.iter_mut().find(|(armed, _)| *armed == timer) {
            Some((_, running)) => *running = due,
            None => self.timers.push((timer, due)),
        }
    }

    pub(super) fn disarm(&mut self, timer: Timer) {
        self.timers.retain(|(armed, _)| *armed != timer);
    }

    /// Takes the oldest timer of a kind, and when it is due.
    pub(super) fn take_timer(&mut self, kind: Kind) -> Option<(Timer, UnixMillis)> {
        let place = self.timers.iter().position(|(armed, _)| kind_of(*armed) == kind)?;
        Some(self.timers.remove(place))
    }

    /// When the link is given up unless something is heard.
    pub(super) fn heartbeat(&self) -> Option<UnixMillis> {
        self.timers.iter().find(|(timer, _)| *timer == Timer::Heartbeat).map(|(_, due)| *due)
    }

    pub(super) fn holds(&self) -> Holds {
        let mut timers = Timers::default();
        self.timers.iter().for_each(|(timer, _)| count(kind_of(*timer), &mut timers));
        let links = self.links.len() + usize::from(self.opening.is_some());
        Holds { alive: self.alive, links, timers, kept: self.machine.kept_messages(), debts: self.machine.debts() }
    }
}

const fn kind_of(timer: Timer) -> Kind {
    match timer {
        Timer::Login => Kind::Login,
        Timer::Logout => Kind::Logout,
        Timer::Send(_) => Kind::Send,
        Timer::Heartbeat => Kind::Heartbeat,
        Timer::Ping => Kind::Ping,
        Timer::Backoff => Kind::Backoff,
    }
}
