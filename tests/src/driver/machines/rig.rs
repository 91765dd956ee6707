//! One instance of the machines driver, and what its shell would hold for it. It performs no effect.

use sut::client::Machine;
use sut::client::machine::Timer;
use sut::session::{Epoch, InstanceKey, KeyDigest};
use sut::timers::UnixMillis;

use crate::observation::{Holds, Timers};

/// One instance, and what its shell would hold for it.
#[derive(Clone, Debug)]
pub(super) struct Rig {
    pub(super) machine: Machine,
    pub(super) key: InstanceKey,
    /// What the server calls it.
    pub(super) instance: KeyDigest,
    pub(super) opening: Option<Epoch>,
    pub(super) links: Vec<(Epoch, u64)>,
    timers: Vec<(Timer, UnixMillis)>,
    pub(super) alive: bool,
}

impl Rig {
    pub(super) fn new(machine: Machine, key: InstanceKey) -> Rig {
        Rig { machine, key, instance: key.digest(), opening: None, links: Vec::new(), timers: Vec::new(), alive: true }
    }

    /// The driver's name of a link.
    pub(super) fn link(&self, epoch: Epoch) -> Option<u64> {
        self.links.iter().find(|(known, _)| *known == epoch).map(|(_, link)| *link)
    }

    /// The number that the instance gave to a link.
    pub(super) fn epoch(&self, link: u64) -> Option<Epoch> {
        self.links.iter().find(|(_, known)| *known == link).map(|(epoch, _)| *epoch)
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
    pub(super) fn take_timer(&mut self, is_it: impl Fn(Timer) -> bool) -> Option<(Timer, UnixMillis)> {
        let place = self.timers.iter().position(|(armed, _)| is_it(*armed))?;
        Some(self.timers.remove(place))
    }

    /// When the link is given up unless something is heard.
    pub(super) fn heartbeat(&self) -> Option<UnixMillis> {
        self.timers.iter().find(|(timer, _)| *timer == Timer::Heartbeat).map(|(_, due)| *due)
    }

    pub(super) fn holds(&self) -> Holds {
        let mut timers = Timers::default();
        for (timer, _) in &self.timers {
            *match timer {
                Timer::Login => &mut timers.login,
                Timer::Logout => &mut timers.logout,
                Timer::Send(_) => &mut timers.send,
                Timer::Heartbeat => &mut timers.heartbeat,
                Timer::Ping => &mut timers.ping,
                Timer::Backoff => &mut timers.backoff,
            } += 1;
        }
        let links = self.links.len() + usize::from(self.opening.is_some());
        Holds { alive: self.alive, links, timers, kept: self.machine.kept_messages(), debts: self.machine.debts() }
    }
}
