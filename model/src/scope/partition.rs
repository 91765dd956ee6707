//! Classes of one's own: kinds of client that a policy names, each in a class and with its limit. It decides about nobody.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::Platform;

/// One kind of client of one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// What it is.
    pub platform: Platform,
    /// Its class: of two kinds in one class only one may be online (KICK-1).
    pub class: u8,
    /// How many of it an account may have online (KICK-2).
    pub limit: u8,
}

/// Kinds of one's own, class behind class, each platform once. Two that say the same are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition(&'static [Kind]);

impl Partition {
    /// The partition of these kinds; `None` of no kinds, of a platform that stands there twice, and of a limit of 0.
    pub fn of(kinds: &[Kind]) -> Option<Partition> {
        let named: BTreeSet<_> = kinds.iter().map(|kind| kind.platform).collect();
        let is_one = !kinds.is_empty() && named.len() == kinds.len() && kinds.iter().all(|kind| kind.limit > 0);
        is_one.then(|| Partition(kept(&PARTITIONS, kinds)))
    }

    /// Its kinds.
    pub const fn kinds(self) -> &'static [Kind] {
        self.0
    }

    /// The kind of a platform.
    pub(super) fn kind(self, platform: Platform) -> Option<&'static Kind> {
        self.0.iter().find(|kind| kind.platform == platform)
    }

    /// The platform in whose place a scope's kind of client stands, the first of its seats counted as 0.
    pub(crate) fn stand_in(self, place: usize) -> Platform {
        self.0[place % self.0.len()].platform
    }

    /// What [`Partition::fmt`] writes.
    pub(super) fn parse(word: &str) -> Option<Partition> {
        let mut kinds = Vec::new();
        for (class, names) in (0..).zip(word.split('.')) {
            for name in names.split(',') {
                let (name, limit) = name.split_once('=').unwrap_or((name, "1"));
                kinds.push(Kind { platform: Platform::named(name)?, class, limit: limit.parse().ok()? });
            }
        }
        Partition::of(&kinds)
    }
}

/// As a policy writes it: `till=2,office.kiosk`.
impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, kind) in self.0.iter().enumerate() {
            let last = place.checked_sub(1).map(|last| self.0[last].class);
            f.write_str(last.map_or("", |last| if last == kind.class { "," } else { "." }))?;
            f.write_str(kind.platform.name())?;
            if kind.limit != 1 {
                write!(f, "={}", kind.limit)?;
            }
        }
        Ok(())
    }
}

static PARTITIONS: Mutex<BTreeSet<&'static [Kind]>> = Mutex::new(BTreeSet::new());
static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// A name for as long as the process runs: each that a policy or a scope under one brings is kept once.
pub(crate) fn name(name: &str) -> &'static str {
    kept(&NAMES, name)
}

fn kept<T: Ord + ?Sized>(all: &Mutex<BTreeSet<&'static T>>, one: &T) -> &'static T
where
    Box<T>: for<'a> From<&'a T>,
{
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get(one) {
        return known;
    }
    let fresh: &'static T = Box::leak(Box::<T>::from(one));
    all.insert(fresh);
    fresh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_written_as_it_is_read() {
        for word in ["till", "till=2,office.phone,tablet=3.kiosk", "Web.iPhone,Android=255"] {
            assert_eq!(Partition::parse(word).unwrap().to_string(), word);
        }
    }

    #[test]
    fn what_is_no_partition_is_none() {
        for word in ["", "till,till", "till.phone,till", "till=0", "till=256", "till.", "a b", "web", "seventeen-letters"] {
            assert_eq!(Partition::parse(word), None, "{word}");
        }
        assert_eq!(Partition::of(&[]), None);
    }
}
