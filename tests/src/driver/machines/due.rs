//! How long the machines' timers run, and when they are due, compared with what the rulebook says. It fires none.

use std::time::Duration;

use sut::client::machine as client;
use sut::server::machine as server;

use super::Machines;
use crate::wire::{Awaits, length_of};

impl Machines {
    /// Every timer of an instance runs as long as the rulebook says; the bound of a backoff grows to that.
    pub(super) fn compare_length(&mut self, timer: client::Timer, wait: Duration) {
        let most = length_of(timer);
        if wait > most || (wait < most && timer != client::Timer::Backoff) {
            self.wire.is_strange(format!("a {timer} timer of {} ms, not {} ms", wait.as_millis(), most.as_millis()));
        }
    }

    /// When the timers are due that depend on what was heard last.
    pub(super) fn compare_due(&mut self) {
        for (seat, rig) in self.scope.instances().zip(&self.rigs) {
            rig.heartbeat().into_iter().for_each(|due| self.wire.compare_due(Awaits::FrameAtClient(seat), due));
        }
        for (timer, due) in self.node.timers() {
            match timer {
                server::Timer::Heartbeat(link) => self.wire.compare_due(Awaits::FrameAtServer(link.0), *due),
                server::Timer::Ask(link) => self.wire.compare_due(Awaits::Ask(link.0), *due),
                server::Timer::Lapse { digest, .. } => self.wire.compare_lapse(*digest, *due),
                server::Timer::Expiry { .. }
                | server::Timer::Epoch { .. }
                | server::Timer::Retry(_)
                | server::Timer::LookUp { .. } => {}
            }
        }
    }
}
