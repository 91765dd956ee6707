//! The logouts that an instance owes, in memory and in order. Plain values; when one is noted and when it is paid is said elsewhere.

use crate::action::AccountId;
use crate::frame::SigShown;
use crate::records::Label;

/// A logout that the server has not answered (LOGOUT-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Debt {
    /// Whose session.
    pub account: AccountId,
    /// Which.
    pub session: Label,
    /// What its login showed.
    pub sig: SigShown,
}

/// The logouts that an instance owes, oldest first; at most 4.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Debts(u32);

impl Debts {
    /// None.
    pub const NONE: Debts = Debts(0);

    /// The debts, oldest first.
    pub fn iter(self) -> impl Iterator<Item = Debt> {
        (0..self.len()).map(move |place| {
            let byte = (self.0 >> (8 * place) & 0xff) as u8;
            let sig = if byte & 8 == 0 { SigShown::Right } else { SigShown::Wrong };
            Debt { account: AccountId(byte >> 4), session: Label(byte & 7), sig }
        })
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        (32 - self.0.leading_zeros() as usize).div_ceil(8)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds the newest.
    ///
    /// # Panics
    /// If there are four already.
    pub fn push(&mut self, debt: Debt) {
        assert!(self.len() < 4, "no scope lets an instance owe more than four logouts");
        self.0 |= u32::from(debt.account.0 << 4 | (debt.sig as u8) << 3 | debt.session.0) << (8 * self.len());
    }

    /// The oldest is paid.
    pub fn pay(&mut self) {
        self.0 >>= 8;
    }

    /// The same debts, each session changed by `change`.
    pub fn map(self, mut change: impl FnMut(Label) -> Label) -> Debts {
        let mut changed = Debts::NONE;
        self.iter().for_each(|debt| changed.push(Debt { session: change(debt.session), ..debt }));
        changed
    }
}

impl std::fmt::Debug for Debts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
