//! A state by its numbers, in one word: that of the server's records, then those of the seats' instances. It knows nothing of what they
//! are the numbers of.

use crate::scope::Scope;

/// The numbers of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Numbers(u128);

/// How the numbers of a scope's states lie in their word: each has an equal share of it, at most 32 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    count: usize,
    bits: usize,
}

impl Layout {
    pub(super) fn of(scope: &Scope) -> Layout {
        let count = scope.seats.len() + 1;
        Layout { count, bits: (128 / count).min(32) }
    }

    /// How many numbers there are.
    pub(super) fn count(self) -> usize {
        self.count
    }

    pub(super) fn get(self, Numbers(word): Numbers, place: usize) -> u32 {
        (word >> (self.bits * place)) as u32 & self.highest()
    }

    /// # Panics
    /// If the number is too high for its share of the word: with three seats never, with ten if it is above 2,047.
    pub(super) fn set(self, Numbers(word): &mut Numbers, place: usize, number: u32) {
        assert!(number <= self.highest(), "a state has {} numbers of {} bits, and {number} is none", self.count, self.bits);
        *word &= !(u128::from(self.highest()) << (self.bits * place));
        *word |= u128::from(number) << (self.bits * place);
    }

    fn highest(self) -> u32 {
        (u64::MAX >> (64 - self.bits)) as u32
    }
}
