//! What was walked: counted from the log of steps that were executed and compared, walked again from the start. It shares nothing with the
//! tour maker and does not look at the graph; it keeps states and counts of its own.

use std::collections::BTreeMap;

use model::action::ActionKind;
use model::rule::{Rule, RuleSet, Rules};
use model::scope::Scope;
use model::state::State;
use model::step::{acting, actions, step};
use rustc_hash::FxHashMap;

use crate::faults::{FaultKind, ProtocolPhase, cells};

/// How often each rule acted on transitions of each kind of action.
pub type RuleCounts = BTreeMap<(Rule, ActionKind), usize>;

/// How often each fault struck an instance in each phase of its protocol.
pub type FaultCounts = BTreeMap<(FaultKind, ProtocolPhase), usize>;

/// Whether the rules that act on each transition are worth their search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountRules {
    /// They are counted.
    Yes,
    /// They are not.
    No,
}

/// What the logs of a scope add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// States that were come to.
    pub states: usize,
    /// Labelled transitions that were taken at least once.
    pub covered: usize,
    /// Labelled transitions that the states come to offer.
    pub offered: usize,
    /// Steps walked, repetitions included.
    pub steps: usize,
    /// The rules that acted on the transitions taken.
    pub rules: RuleCounts,
    /// The faults on the transitions taken, by the phases of the instances that they struck.
    pub faults: FaultCounts,
}

impl Coverage {
    /// Whether every transition of every state was taken.
    pub const fn is_complete(&self) -> bool {
        self.covered == self.offered && self.steps > 0
    }
}

/// Walks the logs again: each is the labels of the steps executed and compared, from the initial state on.
pub fn count(scope: &Scope, logs: &[&[u16]], rules: CountRules) -> Coverage {
    let mut counter = Counter { scope, rules, taken: FxHashMap::default(), coverage: Coverage::default() };
    logs.iter().for_each(|log| counter.walk(log));
    let offered = counter.taken.values().map(Vec::len).sum();
    let covered = counter.taken.values().flatten().filter(|taken| **taken).count();
    Coverage { states: counter.taken.len(), covered, offered, ..counter.coverage }
}

struct Counter<'a> {
    scope: &'a Scope,
    rules: CountRules,
    /// For each state come to, which of the actions it offers were taken.
    taken: FxHashMap<State, Vec<bool>>,
    coverage: Coverage,
}

impl Counter<'_> {
    fn walk(&mut self, log: &[u16]) {
        let mut state = State::initial(self.scope);
        self.come_to(state);
        for label in log {
            let offered = actions(self.scope, &state);
            let action = offered[usize::from(*label)];
            let made = step(self.scope, Rules::ALL, &state, action);
            let taken = self.taken.entry(state).or_default();
            let fresh = !std::mem::replace(&mut taken[usize::from(*label)], true);
            if fresh && self.rules == CountRules::Yes {
                self.note(acting(self.scope, &state, action, &made), action.kind());
            }
            if fresh {
                cells(self.scope, &state, action).into_iter().for_each(|cell| *self.coverage.faults.entry(cell).or_default() += 1);
            }
            self.coverage.steps += 1;
            state = made.next;
            self.come_to(state);
        }
    }

    fn come_to(&mut self, state: State) {
        self.taken.entry(state).or_insert_with(|| vec![false; actions(self.scope, &state).len()]);
    }

    fn note(&mut self, acting: RuleSet, kind: ActionKind) {
        for rule in acting.iter() {
            *self.coverage.rules.entry((rule, kind)).or_default() += 1;
        }
    }
}
