//! The second, independent engine: stateright's checkers over the same transition function. They re-check the search and the verdicts,
//! not the transition function, which both share; nothing else is decided by them.

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
    let model = ScopeModel { scope: scope.clone(), rules };
    let bfs = model.clone().checker().spawn_bfs().join();
    let dfs = model.checker().spawn_dfs().join();
    let holds = bfs.is_done() && dfs.is_done() && bfs.discoveries().is_empty() && dfs.discoveries().is_empty();
    SecondOpinion { bfs_states: bfs.unique_state_count(), dfs_states: dfs.unique_state_count(), holds }
}
