//! What several threads say of their pieces of work, as lines on the standard error in the order of the pieces. It says nothing itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use super::output;

/// Lines in order: those of the first piece that is not done at once, those of a later one when its turn comes.
#[derive(Default)]
pub(super) struct InOrder(Mutex<Held>);

#[derive(Default)]
struct Held {
    /// The first piece that is not done.
    first: usize,
    waiting: BTreeMap<usize, Vec<String>>,
    done: BTreeSet<usize>,
}

impl InOrder {
    /// A line about the piece of that number, from 0.
    pub(super) fn say(&self, piece: usize, line: String) {
        let mut held = self.held();
        if piece == held.first {
            output::note(&line);
        } else {
            held.waiting.entry(piece).or_default().push(line);
        }
    }

    /// Nothing more is said about that piece.
    pub(super) fn done(&self, piece: usize) {
        let mut held = self.held();
        held.done.insert(piece);
        while let Held { first, ref mut done, .. } = *held
            && done.remove(&first)
        {
            held.first += 1;
            let next = held.first;
            held.waiting.remove(&next).into_iter().flatten().for_each(|line| output::note(&line));
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().expect("no thread panics while it holds the lock")
    }
}
