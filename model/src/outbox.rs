//! The callbacks that the receiver has not taken yet, in the order of their commits (HOOK-2). It sends nothing.

use std::fmt;

use strum::EnumCount;

use crate::action::InstanceId;
use crate::observation::{Callback, StateChange};
use crate::records::Key;
use crate::variants::every;

/// The callbacks of an account that wait, oldest first; at most 8, each with at most two victims, of
/// the first five seats.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Outbox(u128);

impl Outbox {
    const BITS: usize = 16;

    /// The callbacks, oldest first.
    pub fn iter(self) -> impl Iterator<Item = Callback> {
        (0..self.len()).map(move |place| from_code((self.0 >> (Outbox::BITS * place) & 0xffff) as u16))
    }

    /// How many wait.
    pub const fn len(self) -> usize {
        (128 - self.0.leading_zeros() as usize).div_ceil(Outbox::BITS)
    }

    /// Whether none waits.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds the newest.
    ///
    /// # Panics
    /// If eight wait already, or if it speaks of a seat behind the fifth.
    pub fn push(&mut self, callback: Callback) {
        assert!(self.len() < 8, "no scope lets more than eight callbacks wait");
        self.0 |= u128::from(code(callback)) << (Outbox::BITS * self.len());
    }

    /// Takes the oldest.
    pub fn pop(&mut self) -> Option<Callback> {
        let oldest = self.iter().next()?;
        self.0 >>= Outbox::BITS;
        Some(oldest)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

const KEYS: u8 = Key::ALL.len() as u8;

const CHANGES: [StateChange; StateChange::COUNT] = every();

fn place_code(place: (InstanceId, Key)) -> u16 {
    assert!(place.0.0 < 5, "no scope with callbacks has more than five seats");
    u16::from(1 + place.0.0 * KEYS + place.1 as u8)
}

fn place(code: u16) -> Option<(InstanceId, Key)> {
    let number = (code as u8).checked_sub(1)?;
    Some((InstanceId(number / KEYS), Key::ALL[usize::from(number % KEYS)]))
}

fn code(callback: Callback) -> u16 {
    let kicked = callback.kicked.map(|victim| victim.map_or(0, place_code));
    place_code(callback.of) | kicked[0] << 4 | kicked[1] << 8 | (callback.change as u16) << 12
}

fn from_code(code: u16) -> Callback {
    let of = place(code & 0xf).expect("every callback is of a session");
    let kicked = [place(code >> 4 & 0xf), place(code >> 8 & 0xf)];
    Callback { of, change: CHANGES[usize::from(code >> 12)], kicked }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outbox_gives_back_what_was_put_in_in_order() {
        let (first, second) = ((InstanceId(0), Key::Own), (InstanceId(4), Key::Shared));
        let login = Callback { of: first, change: StateChange::Register, kicked: [Some(second), None] };
        let lapse = Callback { of: second, change: StateChange::TimeOut, kicked: [None; 2] };
        let mut outbox = Outbox::default();
        outbox.push(login);
        outbox.push(lapse);
        assert_eq!(outbox.iter().collect::<Vec<_>>(), [login, lapse]);
        assert_eq!(outbox.pop(), Some(login));
        assert_eq!(outbox.len(), 1);
    }
}
