//! What must happen at last: claims of the form 'whoever waits for this does not wait for ever', decided by strongly connected
//! components on the model's own graph, under a fairness that is stated in [`fairness`]. It calls the step function and never a rule,
//! and says nothing of what must never happen: that is [`crate::properties`].

#[cfg(test)]
mod brute;
mod change;
mod claim;
mod component;
pub mod fairness;
mod lasso;
mod moves;
mod region;
pub mod rows;
#[cfg(test)]
mod tests;

pub use change::{Change, Omission};
pub use claim::{Case, Claim};
pub use lasso::Lasso;
pub use moves::Moves;

use component::fair_components;
use fairness::Fairness;
use region::Region;

/// What was found of a claim in a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// No run breaks it.
    Holds,
    /// A run breaks it, by going round for ever.
    Violated(Lasso),
}

/// Decides one case of a claim: whether a fair run waits for ever.
fn decide_case(moves: &Moves, case: Case, fairness: Fairness) -> Finding {
    let region = Region::of_case(moves, case, fairness);
    first_lasso(moves, &region).map_or(Finding::Holds, Finding::Violated)
}

/// Decides a claim: all its cases, the first that breaks told.
pub fn decide(moves: &Moves, claim: Claim) -> Finding {
    let findings = claim.cases(&moves.scope).into_iter().map(|case| decide_case(moves, case, claim.fairness()));
    findings.into_iter().find(|finding| *finding != Finding::Holds).unwrap_or(Finding::Holds)
}

/// A fair run in which kicks never end although nothing fails and nothing is called but `login`; `None` if there is none.
pub fn kick_loop(moves: &Moves) -> Option<Lasso> {
    first_lasso(moves, &Region::of_kicks(moves))
}

/// The lasso that leaves the initial state by the shortest way.
fn first_lasso(moves: &Moves, region: &Region) -> Option<Lasso> {
    let nearest = fair_components(region).into_iter().min_by_key(|component| component.nodes.iter().min().copied())?;
    Some(Lasso::through(moves, region, &nearest))
}
