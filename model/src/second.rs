//! The second, independent engine: stateright's checkers over the same transition function. They re-check the search and the verdicts,
//! not the transition function, which both share; nothing else is decided by them.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex};

use rustc_hash::{FxBuildHasher, FxHashMap};
use stateright::{Checker, Model, Property};

use crate::action::Action;
use crate::observers::{Watches, observe};
use crate::properties::{Moment, Seen, broken};
use crate::rule::{RuleSet, Rules};
use crate::scope::Scope;
use crate::state::State;
use crate::step::{actions, step};

/// A scope as a stateright model.
#[derive(Clone, Debug)]
pub struct ScopeModel {
    /// What is searched.
    pub scope: Scope,
    /// Under which rules.
    pub rules: Rules,
}

/// A state, what the onlookers know in it, and the rules broken on the way to it: none in a correct model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Judged {
    /// The state.
    pub state: State,
    /// What the onlookers know.
    pub watches: Watches,
    /// What was broken.
    pub broken: RuleSet,
}

impl Model for ScopeModel {
    type State = Judged;
    type Action = Action;

    fn init_states(&self) -> Vec<Judged> {
        vec![Judged { state: State::initial(&self.scope), watches: Watches::of(&self.scope), broken: RuleSet::NONE }]
    }

    fn actions(&self, judged: &Judged, offered: &mut Vec<Action>) {
        offered.extend(actions(&self.scope, &judged.state));
    }

    fn next_state(&self, judged: &Judged, action: Action) -> Option<Judged> {
        let made = step(&self.scope, self.rules, &judged.state, action);
        let then = observe(&judged.watches, action, &made.items);
        let before = Moment { state: &judged.state, watches: &judged.watches };
        let after = Moment { state: &made.next, watches: &then };
        let seen = Seen::new(&self.scope, before, action, &made.items, after);
        let mut all = judged.broken;
        all.extend(broken(&seen));
        Some(Judged { state: made.next, watches: then, broken: all })
    }

    fn properties(&self) -> Vec<Property<ScopeModel>> {
        vec![Property::always("every rule holds", |_, judged: &Judged| judged.broken.is_empty())]
    }
}

/// A scope as both checkers see it: each step is made and judged once for the two of them.
#[derive(Clone)]
struct Shared {
    model: ScopeModel,
    met: Arc<Mutex<FxHashMap<u64, Met>>>,
}

/// A judged state, by a hash of all of it. Two states of one hash are taken for one: then too few are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Name {
    hash: u64,
    /// Whether every rule held on the way to it.
    holds: bool,
}

/// A state that was come to.
enum Met {
    /// No step of it was made yet.
    Fresh(Box<Judged>),
    /// Where its steps lead.
    Left(Vec<Name>),
}

impl Shared {
    fn name(judged: &Judged, met: &mut FxHashMap<u64, Met>) -> Name {
        let hash = FxBuildHasher.hash_one(judged);
        met.entry(hash).or_insert_with(|| Met::Fresh(Box::new(*judged)));
        Name { hash, holds: judged.broken.is_empty() }
    }

    fn targets(&self, judged: &Judged, met: &mut FxHashMap<u64, Met>) -> Vec<Name> {
        let offered = actions(&self.model.scope, &judged.state).into_iter();
        offered.filter_map(|action| self.model.next_state(judged, action)).map(|next| Shared::name(&next, met)).collect()
    }
}

impl Model for Shared {
    type State = Name;
    /// Where it leads.
    type Action = Name;

    fn init_states(&self) -> Vec<Name> {
        let met = &mut *self.met.lock().expect("no checker panics");
        self.model.init_states().into_iter().map(|judged| Shared::name(&judged, met)).collect()
    }

    fn actions(&self, at: &Name, offered: &mut Vec<Name>) {
        let met = &mut *self.met.lock().expect("no checker panics");
        let targets = match met.insert(at.hash, Met::Left(Vec::new())).expect("a state is come to before it is left") {
            Met::Fresh(judged) => self.targets(&judged, met),
            Met::Left(targets) => targets,
        };
        offered.extend_from_slice(&targets);
        met.insert(at.hash, Met::Left(targets));
    }

    fn next_state(&self, _at: &Name, target: Name) -> Option<Name> {
        Some(target)
    }

    fn properties(&self) -> Vec<Property<Shared>> {
        vec![Property::always("every rule holds", |_, name: &Name| name.holds)]
    }
}

/// What stateright's checkers say of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondOpinion {
    /// Unique states by its breadth-first search.
    pub bfs_states: usize,
    /// Unique states by its depth-first search.
    pub dfs_states: usize,
    /// Whether both ran to the end and found every rule to hold.
    pub holds: bool,
}

/// Asks both of stateright's checkers.
pub fn ask(scope: &Scope, rules: Rules) -> SecondOpinion {
    let model = Shared { model: ScopeModel { scope: scope.clone(), rules }, met: Arc::default() };
    let bfs = model.clone().checker().spawn_bfs().join();
    let dfs = model.checker().spawn_dfs().join();
    let holds = bfs.is_done() && dfs.is_done() && bfs.discoveries().is_empty() && dfs.discoveries().is_empty();
    SecondOpinion { bfs_states: bfs.unique_state_count(), dfs_states: dfs.unique_state_count(), holds }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::rule::Rule;
    use crate::scopes::named;

    #[test]
    fn both_find_every_state_and_see_a_rule_that_is_out() {
        let scope = named("usersig").unwrap();
        let states = Graph::of(&scope).state_count();
        assert_eq!(ask(&scope, Rules::ALL), SecondOpinion { bfs_states: states, dfs_states: states, holds: true });
        assert!(!ask(&scope, Rules::without(Rule::Login8)).holds);
    }
}
