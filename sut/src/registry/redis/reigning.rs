//! One primary of a registry, by the id under which the engine keeps its changes, over however many links: what was sent to it without an
//! answer, and how far its changes had come with each commit. It decides nothing.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use crate::session::Reign;

/// Of how many commits is known how far the primary's changes had come.
const REMEMBERED: usize = 100_000;

/// A primary that was reached.
pub(super) struct Reigning {
    /// The engine's own: it gives another one to each primary that may have another history (`master_replid`).
    pub(super) id: String,
    /// Of how many primaries this node left before.
    pub(super) reign: Reign,
    /// By its clock, until when a write may be done whose answer did not come.
    undecided: AtomicU64,
    /// How far its changes had come before each of the last commits that were done, in the order of their answers.
    offsets: Mutex<VecDeque<u64>>,
    /// The most that it said it has: one that is away now may be the next primary.
    replicas: AtomicU64,
}

/// What is known of the commits that were done on a primary once there is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// So many are not there.
    Known(u64),
    /// The engine cannot tell.
    Unknown,
}

/// What a server says of the one whose changes it went on from (`master_replid2`, `second_repl_offset`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Former {
    pub(super) id: String,
    /// From which of its changes on it has its own.
    pub(super) until: Option<u64>,
}

impl Reigning {
    pub(super) const fn new(id: String, reign: Reign) -> Reigning {
        let (undecided, replicas) = (AtomicU64::new(0), AtomicU64::new(0));
        Reigning { id, reign, undecided, offsets: Mutex::new(VecDeque::new()), replicas }
    }

    /// It says that it has so many.
    pub(super) fn has_replicas(&self, replicas: u64) {
        self.replicas.fetch_max(replicas, Ordering::Relaxed);
    }

    /// How many it is known to have, whether they are there or away.
    pub(super) fn replicas(&self) -> u64 {
        self.replicas.load(Ordering::Relaxed)
    }

    pub(super) fn may_be_done_until(&self, deadline: u64) {
        self.undecided.fetch_max(deadline, Ordering::Relaxed);
    }

    pub(super) fn undecided(&self) -> u64 {
        self.undecided.load(Ordering::Relaxed)
    }

    /// A commit was done, before which the changes had come so far.
    pub(super) fn committed_behind(&self, offset: u64) {
        let mut offsets = self.offsets();
        if offsets.len() == REMEMBERED {
            offsets.pop_front();
        }
        offsets.push_back(offset);
    }

    /// How many of the remembered commits its successor has not got. What the engine does not say is not guessed.
    pub(super) fn lost_with(&self, former: &Former) -> Lost {
        let Some(until) = former.until.filter(|_| former.id == self.id) else { return Lost::Unknown };
        let survived = |offset: &u64| *offset < until.saturating_sub(1);
        Lost::Known(self.offsets().iter().filter(|offset| !survived(offset)).count() as u64)
    }

    fn offsets(&self) -> MutexGuard<'_, VecDeque<u64>> {
        self.offsets.lock().expect("nothing panics while it holds the lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_survived_if_the_changes_before_it_end_before_the_last_that_the_successor_has() {
        let reigning = Reigning::new("a".to_owned(), Reign(0));
        [10, 20, 30].into_iter().for_each(|offset| reigning.committed_behind(offset));
        let lost = |id: &str, until| reigning.lost_with(&Former { id: id.to_owned(), until });
        assert_eq!([32, 31, 11, 0].map(|until| lost("a", Some(until))), [0, 1, 3, 3].map(Lost::Known));
        assert_eq!([lost("b", Some(32)), lost("a", None)], [Lost::Unknown; 2]);
    }
}
