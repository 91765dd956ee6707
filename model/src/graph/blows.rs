//! What each blow of what strikes every seat leads to, as far as it was dealt: it depends on the instance in the blow's seat and on the
//! server's records. It deals none.

use super::table::Table;
use crate::action::InstanceId;
use crate::blow::Blow;
use crate::interned::Interned;

/// What comes next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// The blow of that number, in that seat.
    Blow(u32, InstanceId),
    /// Nothing: the server's records have this number.
    Over(u32),
}

/// What a blow leads to: the number of the instance behind it, and what comes next.
pub(super) type Behind = (u32, Turn);

/// All that is remembered.
pub(super) struct Blows {
    /// The blows, each with the number of the server's records that it meets.
    met: Interned<(Blow, u32)>,
    /// By the number of the blow and that of the instance in its seat.
    dealt: Table<Behind>,
}

impl Blows {
    pub(super) fn new() -> Blows {
        Blows { met: Interned::new(), dealt: Table::new() }
    }

    /// The number of a blow that meets these records.
    pub(super) fn number(&mut self, blow: Blow, server: u32) -> u32 {
        self.met.number(&(blow, server))
    }

    /// The blow of that number and the records that it meets.
    pub(super) fn met(&self, number: u32) -> (Blow, u32) {
        self.met.values()[number as usize]
    }

    /// `None` if the blow was not dealt to that instance yet.
    pub(super) fn dealt(&self, number: u32, instance: u32) -> Option<Behind> {
        self.dealt.get(number as usize, instance as usize)
    }

    pub(super) fn learn(&mut self, number: u32, instance: u32, behind: Behind) {
        self.dealt.put(number as usize, instance as usize, behind);
    }
}
