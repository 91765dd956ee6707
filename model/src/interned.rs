//! Values that occur again and again, each kept once and named by a number. It knows nothing of what they mean.

use std::hash::{BuildHasher, Hash};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// Different values, numbered from 0 in the order in which they came.
#[derive(Clone, Debug)]
pub struct Interned<T> {
    values: Vec<T>,
    numbers: HashTable<u32>,
}

impl<T: Copy + Eq + Hash> Interned<T> {
    /// None yet.
    pub fn new() -> Interned<T> {
        Interned { values: Vec::new(), numbers: HashTable::new() }
    }

    /// The number of a value; a new one if it did not come before.
    pub fn number(&mut self, value: &T) -> u32 {
        let Interned { values, numbers } = self;
        let hash = |value: &T| FxBuildHasher.hash_one(value);
        let fresh = values.len() as u32;
        let same = |number: &u32| values[*number as usize] == *value;
        let number = *numbers.entry(hash(value), same, |number| hash(&values[*number as usize])).or_insert(fresh).get();
        if number == fresh {
            values.push(*value);
        }
        number
    }

    /// The same, where the value often is that of the number `likely`.
    pub fn number_near(&mut self, likely: u32, value: &T) -> u32 {
        if self.values[likely as usize] == *value { likely } else { self.number(value) }
    }

    /// The values in the order of their numbers.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The same, the means to find them given up.
    pub fn into_values(mut self) -> Vec<T> {
        self.values.shrink_to_fit();
        self.values
    }
}

impl<T: Copy + Eq + Hash> Default for Interned<T> {
    fn default() -> Interned<T> {
        Interned::new()
    }
}
