//! What a policy can say, who has it so, and where two policies part: the shortest trace that ends with a step which one of them makes
//! otherwise. It looks at the model alone, and replays nothing.

use std::collections::BTreeSet;

use model::rule::Rules;
use model::scope::{Policy, Scope};
use model::scopes::{touched_by, under};
use model::state::State;
use model::step::{Step, actions, step};
use rustc_hash::FxHashSet;

use crate::divergence::lines;
use crate::observation::expected;
use crate::token::Trace;
use crate::tour::Labels;

/// How many states of each scope are searched: no more than it takes for some scope to show the two apart.
const MOST: [usize; 2] = [1_000, 20_000];

/// The settings of a policy, with the values of each: the word, what it means, and who has it so.
pub const SETTINGS: [[&str; 4]; 9] = [
    ["classes", "single", "of all kinds of client one may be online", "V, read"],
    ["classes", "dual", "one native kind, and Web; the default", "V, read; the default D"],
    ["classes", "triple", "one mobile kind, one desktop kind, and Web", "V, read"],
    ["classes", "multi", "every kind", "V, read"],
    [
        "classes",
        "own=…",
        "those that are stated, of kinds of client of one's own; a file names them best",
        "D; as OpenIM has it, read",
    ],
    ["counted", "platform", "each platform has its limit; the default", "S, read"],
    ["counted", "account=2", "an account has one limit, whatever its instances are", "D; as Spring Security has it, read"],
    ["at the limit", "kick", "those that logged in first go for a newcomer; the default", "S, read"],
    ["at the limit", "refuse", "a newcomer without a place is refused: 70409", "D; as Spring Security has it, read"],
];

/// Where two policies part.
#[derive(Clone, Debug)]
pub struct Parting {
    /// The way there, under the first of them. Both make every step but the last alike.
    pub trace: Trace,
    /// What only the one and only the other has at the last step.
    pub told: [Vec<String>; 2],
}

/// The shortest trace on which two policies part, of those of the scopes that both touch; of equally long ones the first scope's. `None`
/// if they are one policy.
pub fn parting(one: Policy, other: Policy) -> Option<Parting> {
    if one == other {
        return None;
    }
    MOST.into_iter().find_map(|most| shortest(one, other, most))
}

fn shortest(one: Policy, other: Policy, most: usize) -> Option<Parting> {
    touched_by(one).into_iter().fold(None, |shortest: Option<Parting>, scope| {
        let steps = shortest.as_ref().map_or(usize::MAX, |shortest| shortest.trace.labels.len() - 1);
        parting_in(scope, other, most, steps).or(shortest)
    })
}

/// The same in one scope, within so many states and steps. As long as both policies make every step alike, they are in one state.
fn parting_in(scope: Scope, other: Policy, most: usize, steps: usize) -> Option<Parting> {
    let there = under(scope.clone(), other);
    let start = State::initial(&scope);
    let (mut met, mut ways) = (FxHashSet::from_iter([start]), vec![(start, Labels::new())]);
    let mut next = 0;
    while next < ways.len() && ways.len() < most && ways[next].1.len() < steps {
        let (state, way) = ways[next].clone();
        for (label, action) in actions(&scope, &state).into_iter().enumerate() {
            let made = [&scope, &there].map(|scope| step(scope, Rules::ALL, &state, action));
            let behind = || way.iter().copied().chain([label as u16]).collect();
            if let Some(told) = told_apart(&scope, &made) {
                return Some(Parting { trace: Trace { scope, labels: behind() }, told });
            }
            if met.insert(made[0].next) {
                ways.push((made[0].next, behind()));
            }
        }
        next += 1;
    }
    None
}

/// What is seen of each step and not of the other; `None` of two that are alike.
fn told_apart(scope: &Scope, made: &[Step; 2]) -> Option<[Vec<String>; 2]> {
    if (made[0].next, &made[0].items) == (made[1].next, &made[1].items) {
        return None;
    }
    let seen = made.each_ref().map(|step| BTreeSet::from_iter(lines(scope, &expected(scope, step))));
    Some([&seen[0] - &seen[1], &seen[1] - &seen[0]].map(|only| only.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_policies_part_at_a_second_login_and_one_does_not_part_from_itself() {
        let policies: Vec<_> = Policy::all().collect();
        for pair in policies.windows(2) {
            let parting = parting(pair[0], pair[1]).expect("they are two");
            assert_eq!(parting.trace.labels.len(), 6, "{} {}", pair[0], pair[1]);
        }
        assert!(parting(Policy::DUAL, Policy::DUAL).is_none());
    }

    #[test]
    fn where_newcomers_are_refused_is_seen_at_the_second_login() {
        let Parting { trace, told: [kick, refuse] } = parting(Policy::DUAL, "dual+refuse".parse().unwrap()).unwrap();
        assert_eq!(trace.to_string(), "page-default: a1.login a1.open a1.up a2.login a2.open a2.up");
        assert!(kick.contains(&"server ⇢ a1: notice multipleAccount".to_owned()), "{kick:?}");
        assert!(refuse.contains(&"server ⇢ a2: login refused: 70409 (no place for a newcomer)".to_owned()), "{refuse:?}");
    }
}
