//! What each step of a broadcast leads to, as far as it was taken: it depends on the instance in its seat and on the server's records. It
//! takes none.

use super::table::Table;
use crate::action::InstanceId;
use crate::broadcast::BroadcastStep;
use crate::interned::Interned;

/// What comes next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// The step of that number, in that seat.
    Next(u32, InstanceId),
    /// Nothing: the server's records have this number.
    Over(u32),
}

/// What a step leads to: the number of the instance behind it, and what comes next.
pub(super) type Behind = (u32, Turn);

/// All that is remembered.
pub(super) struct Broadcasts {
    /// The steps, each with the number of the server's records that it meets.
    met: Interned<(BroadcastStep, u32)>,
    /// By the number of the step and that of the instance in its seat.
    taken: Table<Behind>,
}

impl Broadcasts {
    pub(super) fn new() -> Broadcasts {
        Broadcasts { met: Interned::new(), taken: Table::new() }
    }

    /// The number of a step that meets these records.
    pub(super) fn number(&mut self, step: BroadcastStep, server: u32) -> u32 {
        self.met.number(&(step, server))
    }

    /// The step of that number and the records that it meets.
    pub(super) fn met(&self, number: u32) -> (BroadcastStep, u32) {
        self.met.values()[number as usize]
    }

    /// `None` if the step was not taken to that instance yet.
    pub(super) fn taken(&self, number: u32, instance: u32) -> Option<Behind> {
        self.taken.get(number as usize, instance as usize)
    }

    pub(super) fn learn(&mut self, number: u32, instance: u32, behind: Behind) {
        self.taken.put(number as usize, instance as usize, behind);
    }
}
