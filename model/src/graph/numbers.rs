//! A state by its numbers, in one word: that of the server's records, then those of the seats' instances. It knows nothing of what they
//! are the numbers of.

use crate::action::InstanceId;
use crate::scope::Scope;
use crate::seats::SeatSet;

/// The numbers of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Numbers(u128);

/// How the numbers of a scope's states lie in their word: each has an equal share of it, at most 32 bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    count: usize,
    bits: usize,
}

impl Layout {
    pub(crate) fn of(scope: &Scope) -> Layout {
        let count = scope.seats.len() + 1;
        Layout { count, bits: (128 / count).min(32) }
    }

    /// How many numbers there are.
    pub(super) fn count(self) -> usize {
        self.count
    }

    pub(crate) fn get(self, Numbers(word): Numbers, place: usize) -> u32 {
        (word >> (self.bits * place)) as u32 & self.highest()
    }

    /// # Panics
    /// If the number is too high for its share of the word: with three seats never, with ten if it is above 2,047.
    pub(crate) fn set(self, Numbers(word): &mut Numbers, place: usize, number: u32) {
        assert!(number <= self.highest(), "a state has {} numbers of {} bits, and {number} is none", self.count, self.bits);
        *word &= !(u128::from(self.highest()) << (self.bits * place));
        *word |= u128::from(number) << (self.bits * place);
    }

    /// The places of the server's records and of these seats, all bits set.
    pub(crate) fn part(self, seats: SeatSet) -> Numbers {
        let mut part = Numbers::default();
        let places = seats.map(|InstanceId(seat)| usize::from(seat) + 1);
        places.chain([0]).for_each(|place| self.set(&mut part, place, self.highest()));
        part
    }

    fn highest(self) -> u32 {
        (u64::MAX >> (64 - self.bits)) as u32
    }
}

impl Numbers {
    /// What is in a part, all bits set, and nothing else.
    pub(crate) fn within(self, part: Numbers) -> Numbers {
        Numbers(self.0 & part.0)
    }

    /// The same, but for that part of it, which is another's.
    pub(crate) fn with(self, part: Numbers, other: Numbers) -> Numbers {
        Numbers(self.0 & !part.0 | other.0 & part.0)
    }
}
