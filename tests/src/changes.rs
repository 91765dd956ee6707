//! What two lists have in common, in order, and what only one of them has. It knows nothing of what they list.

use std::hash::Hash;

use imara_diff::{Algorithm, Diff, InternedInput, Interner};

/// One line of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Both have it; where the first has it.
    Kept {
        /// Its index in the first.
        old: usize,
    },
    /// Only the first has it, at this index.
    Missing(usize),
    /// Only the second has it, at this index.
    Added(usize),
}

/// The fewest changes that make the second list of the first, in order: what is missing stands before what was added in its place.
pub(crate) fn changes<T: Eq + Hash>(first: &[T], second: &[T]) -> Vec<Change> {
    let mut interner = Interner::new(first.len() + second.len());
    let [before, after] = [first, second].map(|side| side.iter().map(|line| interner.intern(line)).collect());
    let input = InternedInput { before, after, interner };
    let diff = Diff::compute(Algorithm::Myers, &input);
    let mut changes = Vec::with_capacity(first.len().max(second.len()));
    let mut old = 0;
    for hunk in diff.hunks() {
        let [missing, added] = [hunk.before, hunk.after].map(|range| range.start as usize..range.end as usize);
        changes.extend((old..missing.start).map(|old| Change::Kept { old }));
        old = missing.end;
        changes.extend(missing.map(Change::Missing));
        changes.extend(added.map(Change::Added));
    }
    changes.extend((old..first.len()).map(|old| Change::Kept { old }));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_replaced_is_missing_first_and_added_then() {
        let expected = [Change::Kept { old: 0 }, Change::Missing(1), Change::Added(1), Change::Kept { old: 2 }, Change::Added(3)];
        assert_eq!(changes(&[1, 2, 3], &[1, 4, 3, 5]), expected);
    }

    #[test]
    fn of_nothing_all_is_added() {
        assert_eq!(changes(&[], &["a", "b"]), [Change::Added(0), Change::Added(1)]);
        assert_eq!(changes(&["a"], &[]), [Change::Missing(0)]);
    }
}
