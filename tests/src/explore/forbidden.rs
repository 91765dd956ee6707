//! Which moves a rule forbids in a place: those that could be made there if the rule had not been in force from its last act on the way
//! on.

use std::collections::BTreeMap;

use model::action::Action;
use model::rule::{Rule, Rules};
use model::scope::Scope;
use model::state::State;
use model::step::{actions, held, step};
use serde::Serialize;

use super::index::Move;
use super::place::Group;
use crate::naming;
use crate::replay::Replay;

/// A move that may not be made.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Forbidden {
    /// What it is called.
    pub name: String,
    /// Which rule forbids it.
    pub rule: &'static str,
}

/// What the rules that act on a trace forbid where it leads, in the order of the rules.
pub fn forbidden(scope: &Scope, labels: &[u16]) -> Vec<Forbidden> {
    let (mut replay, mut way, mut last_acts) = (Replay::new(scope), Vec::new(), BTreeMap::new());
    for label in labels {
        let before = *replay.state();
        let Some(ask) = replay.go(*label) else { break };
        let acting = Move::of(scope, &before, ask.action).acting;
        last_acts.extend(acting.iter().map(|rule| (rule, (before, way.len()))));
        way.push(ask.action);
    }
    let here = possible(scope, replay.state());
    let without = |(rule, (before, step)): (Rule, (State, usize))| Some((rule, go_without(scope, rule, before, &way[step..])?));
    let ends = last_acts.into_iter().filter_map(without);
    ends.flat_map(|(rule, end)| only_at(scope, rule, &end, &here)).collect()
}

/// Where the rest of the way leads without the rule; `None` if it cannot be gone to its end then.
fn go_without(scope: &Scope, rule: Rule, from: State, way: &[Action]) -> Option<State> {
    way.iter().try_fold(from, |state, action| {
        actions(scope, &state).contains(action).then(|| step(scope, Rules::without(rule), &state, *action).next)
    })
}

/// What is possible where the way ends without the rule, and not where it ends with it.
fn only_at(scope: &Scope, rule: Rule, end: &State, here: &[Action]) -> Vec<Forbidden> {
    let only = possible(scope, end).into_iter().filter(|action| !here.contains(action));
    only.map(|action| Forbidden { name: naming::action(scope, end, action), rule: rule.name() }).collect()
}

/// What a state makes possible, also what the scope holds back. No rule forbids a fault.
fn possible(scope: &Scope, state: &State) -> Vec<Action> {
    let all = actions(scope, state).into_iter().chain(held(scope, state).into_iter().map(|(action, _)| action));
    all.filter(|action| Group::of(*action) != Group::Faults).collect()
}
