//! The mutants of the model: a rule is taken out, or what a claim needs, and the judges are asked. It judges nothing itself.

use model::graph::{Bound, Graph};
use model::liveness::Claim;
use model::liveness::rows::{Break, broken};
use model::rule::{Rule, Rules};
use model::scope::Scope;
use model::scopes::{self, UnknownScope};
use model::state::State;
use model::step::{actions, step};
use model::verdict::{SearchBound, Verdict, Violation, find_violation, judge};

use super::Fate;
use crate::lasso::{Told, told};
use crate::naming;

/// How many pairs of state and knowledge are searched for a violation.
const MOST: usize = 150_000;

/// What becomes of the model without that rule.
pub(super) fn without(rule: Rule, scope: &Scope) -> Fate {
    let rules = Rules::without(rule);
    match find_violation(scope, rules, rule, SearchBound::of_pairs(MOST)) {
        Some(violation) => {
            let (message, steps) = (last_step(scope, rules, &violation), violation.labels.len());
            Fate::Killed { message, steps, story: None }
        }
        None => otherwise(rules, scope),
    }
}

/// The step that breaks the property, as the changed model makes it.
fn last_step(scope: &Scope, rules: Rules, violation: &Violation) -> String {
    let mut state = State::initial(scope);
    let mut told = String::new();
    for label in &violation.labels {
        let action = actions(scope, &state)[usize::from(*label)];
        let made = step(scope, rules, &state, action);
        let seen: Vec<_> = made.items.iter().map(|item| naming::item(scope, *item)).collect();
        let seen = if seen.is_empty() { "nothing".to_owned() } else { seen.join("; ") };
        told = format!("{} → {seen}", naming::action(scope, &state, action));
        state = made.next;
    }
    told
}

/// What becomes of a model whose named property holds.
fn otherwise(rules: Rules, scope: &Scope) -> Fate {
    let graph = Graph::build(scope, rules, Bound { states: MOST });
    match judge(&graph).verdict {
        Verdict::Violated(violation) => Fate::KilledBy(format!("property {}", violation.rule)),
        Verdict::Verified | Verdict::Bounded { .. } if is_equivalent(rules) => Fate::Equivalent,
        Verdict::Verified | Verdict::Bounded { .. } => Fate::Survived,
    }
}

/// Whether every scope's graph is the same, what its steps show included.
fn is_equivalent(rules: Rules) -> bool {
    let same = |scope: &Scope| Graph::build(scope, rules, Bound { states: MOST }).digest() == Graph::of(scope).digest();
    scopes::all().iter().all(same)
}

/// What becomes of the model from which something is left out that the claim needs.
///
/// # Errors
/// [`UnknownScope`] if the claim names no scope.
pub(super) fn breaks(claim: Claim) -> Result<Fate, UnknownScope> {
    let Break { change, scope, run } = broken(claim)?;
    let Some(run) = run else { return Ok(Fate::Survived) };
    let told = told(&scopes::named(scope)?, change, &run);
    Ok(Fate::Killed { message: end_of(&told), steps: told.way.len() + told.round.len(), story: None })
}

/// The last step before a run goes round for ever, and what it then does.
fn end_of(run: &Told) -> String {
    let last = run.way.last().map_or("", String::as_str);
    let round = match &run.round[..] {
        [] => String::new(),
        [only] => format!(" {only}"),
        [first, more @ ..] => format!(" {first} and {} more steps", more.len()),
    };
    format!("{last}; {}{round}", run.turn())
}
