//! What each blow of what strikes every seat leads to, as far as it was dealt: it depends on the instance in the blow's seat and on the
//! server's records. It deals none.

use crate::blow::Blow;
use crate::interned::Interned;

/// What comes next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// The blow of that number.
    Blow(u32),
    /// Nothing: the server's records have this number.
    Over(u32),
}

/// All that is remembered.
#[derive(Default)]
pub(super) struct Blows {
    /// The blows, each with the number of the server's records that it meets.
    met: Interned<(Blow, u32)>,
    /// By the number of the blow, then by that of the instance: that of the instance behind it, and what comes next.
    dealt: Vec<Vec<Option<(u32, Turn)>>>,
}

impl Blows {
    /// The number of a blow that meets these records.
    pub(super) fn number(&mut self, blow: Blow, server: u32) -> u32 {
        self.met.number(&(blow, server))
    }

    /// The place of the blow's seat among the numbers of a state.
    pub(super) fn seat(&self, number: u32) -> usize {
        usize::from(self.met(number).0.seat.0) + 1
    }

    pub(super) fn met(&self, number: u32) -> (Blow, u32) {
        self.met.values()[number as usize]
    }

    /// What the blow makes of the instance in its seat; `None` if nobody has said so yet.
    pub(super) fn dealt(&self, number: u32, instance: u32) -> Option<(u32, Turn)> {
        self.dealt.get(number as usize)?.get(instance as usize).copied().flatten()
    }

    /// Says what the blow makes of the instance in its seat.
    pub(super) fn learn(&mut self, number: u32, instance: u32, behind: (u32, Turn)) {
        let (row, column) = (number as usize, instance as usize);
        self.dealt.resize(self.dealt.len().max(row + 1), Vec::new());
        let row = &mut self.dealt[row];
        row.resize(row.len().max(column + 1), None);
        row[column] = Some(behind);
    }
}
