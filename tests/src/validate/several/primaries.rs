//! The primaries that the registry had, one after the other, by the names that nodes tell: each node counts those that it left for itself.

use std::collections::{BTreeMap, HashMap};

use sut::journal::{ServerEvent, ServerLine};

use super::chain::numbered;
use crate::validate::read::Journal;

/// The place of a primary among all, the first one's being 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reign(usize);

/// Which primary each node means.
#[derive(Debug, Default)]
pub(super) struct Primaries(HashMap<(u64, u16), Reign>);

impl Primaries {
    /// A primary comes behind all that some node left before it.
    pub(super) fn of(journal: &Journal) -> Primaries {
        let lines = || journal.nodes.iter().flat_map(|(_, lines)| lines);
        let named = lines().filter_map(|(_, line)| match &line.event {
            ServerEvent::Primary { left, id } => Some(((line.node, *left), id)),
            _ => None,
        });
        let named: Vec<_> = named.collect();
        let mut ranks = BTreeMap::<&String, u16>::new();
        for ((_, left), id) in &named {
            let rank = ranks.entry(id).or_default();
            *rank = (*rank).max(*left);
        }
        let mut order: Vec<_> = ranks.into_iter().map(|(id, rank)| (rank, id)).collect();
        order.sort_unstable();
        let place = |id: &String| Reign(order.iter().position(|(_, known)| *known == id).unwrap_or(0));
        Primaries(named.into_iter().map(|(name, id)| (name, place(id))).collect())
    }

    /// Under which primary the commit that a line names was found, and its number there.
    pub(super) fn found(&self, line: &ServerLine) -> (Reign, u64) {
        let (left, number) = numbered(line);
        (self.0.get(&(line.node, left)).copied().unwrap_or(Reign(usize::from(left))), number)
    }
}
