//! One thing for each seat of a scope, in place: what is copied, compared and hashed grows with the seats that a scope has, not with
//! those that it could have. It knows nothing of what it holds.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};

use crate::action::InstanceId;
use crate::scope::{MAX_INSTANCES, Scope};

/// One `T` a seat, in the order of the seats; read and changed as a slice.
#[derive(Clone, Copy)]
pub struct Seats<T> {
    all: [T; MAX_INSTANCES],
    count: u8,
}

impl<T: Copy + Default> Seats<T> {
    /// The default for each seat of the scope.
    ///
    /// # Panics
    /// If the scope has more than [`MAX_INSTANCES`] seats.
    pub fn of(scope: &Scope) -> Seats<T> {
        assert!(scope.seats.len() <= MAX_INSTANCES, "a scope has at most {MAX_INSTANCES} seats, not {}", scope.seats.len());
        Seats { all: [T::default(); MAX_INSTANCES], count: scope.seats.len() as u8 }
    }
}

impl<T> Seats<T> {
    /// Another thing made of each.
    pub fn map<U: Copy + Default>(&self, change: impl FnMut(&T) -> U) -> Seats<U> {
        let mut changed = Seats { all: [U::default(); MAX_INSTANCES], count: self.count };
        changed.iter_mut().zip(self.iter().map(change)).for_each(|(new, made)| *new = made);
        changed
    }
}

impl<T> Deref for Seats<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.all[..usize::from(self.count)]
    }
}

impl<T> DerefMut for Seats<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.all[..usize::from(self.count)]
    }
}

impl<T: PartialEq> PartialEq for Seats<T> {
    fn eq(&self, other: &Seats<T>) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Seats<T> {}

impl<T: Hash> Hash for Seats<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.iter().for_each(|each| each.hash(hasher));
    }
}

impl<T: fmt::Debug> fmt::Debug for Seats<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Some of the seats, one bit each; iterated in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SeatSet(u16);

impl SeatSet {
    pub(crate) fn insert(&mut self, instance: InstanceId) {
        self.0 |= 1 << instance.0;
    }

    pub(crate) fn and(self, other: SeatSet) -> SeatSet {
        SeatSet(self.0 | other.0)
    }

    pub(crate) fn without(self, instance: InstanceId) -> SeatSet {
        SeatSet(self.0 & !(1 << instance.0))
    }

    pub(crate) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether no other seat than that one is in it.
    pub(crate) fn is_within(self, instance: InstanceId) -> bool {
        self.without(instance) == SeatSet::default()
    }
}

impl FromIterator<InstanceId> for SeatSet {
    fn from_iter<T: IntoIterator<Item = InstanceId>>(seats: T) -> SeatSet {
        let mut set = SeatSet::default();
        seats.into_iter().for_each(|seat| set.insert(seat));
        set
    }
}

impl Iterator for SeatSet {
    type Item = InstanceId;

    fn next(&mut self) -> Option<InstanceId> {
        let lowest = self.0.trailing_zeros() as u8;
        self.0 &= self.0.wrapping_sub(1);
        (lowest < 16).then_some(InstanceId(lowest))
    }
}
