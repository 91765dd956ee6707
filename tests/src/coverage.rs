//! What was walked: counted from the log of steps that were executed and compared, walked again from the start. It shares nothing with the
//! tour maker and does not look at the graph; it keeps states and counts of its own.

use std::collections::BTreeMap;

use model::action::{Action, ActionKind};
use model::interned::Interned;
use model::rule::{Rule, RuleSet, Rules};
use model::scope::Scope;
use model::seats::Seats;
use model::state::{Instance, Server, State};
use model::step::{acting, actions, step};

use crate::faults::{ProtocolPhase, cells};

/// How often each rule acted on transitions of each kind of action.
pub type RuleCounts = BTreeMap<(Rule, ActionKind), usize>;

/// How often each fault struck an instance in each phase of its protocol.
pub type FaultCounts = BTreeMap<(ActionKind, ProtocolPhase), usize>;

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
    let mut counter = Counter { scope, rules, seen: Memory::default(), ways: Vec::new(), coverage: Coverage::default() };
    logs.iter().for_each(|log| counter.walk(log));
    let offered = counter.ways.iter().map(Vec::len).sum();
    let covered = counter.ways.iter().flatten().filter(|(_, target)| target.is_some()).count();
    Coverage { states: counter.ways.len(), covered, offered, ..counter.coverage }
}

struct Counter<'a> {
    scope: &'a Scope,
    rules: CountRules,
    seen: Memory,
    /// For each state come to, the actions that it offers and where they lead; `None` of those that were not taken.
    ways: Vec<Vec<(Action, Option<u32>)>>,
    coverage: Coverage,
}

impl Counter<'_> {
    fn walk(&mut self, log: &[u16]) {
        let mut at = self.come_to(&State::initial(self.scope));
        for label in log.iter().copied().map(usize::from) {
            let (action, known) = self.ways[at as usize][label];
            at = known.unwrap_or_else(|| {
                let target = self.take(at, action);
                self.ways[at as usize][label].1 = Some(target);
                target
            });
            self.coverage.steps += 1;
        }
    }

    /// Takes an action for the first time.
    fn take(&mut self, at: u32, action: Action) -> u32 {
        let state = self.seen.state(at);
        let made = step(self.scope, Rules::ALL, &state, action);
        if self.rules == CountRules::Yes {
            self.note(acting(self.scope, &state, action, &made), action.kind());
        }
        cells(self.scope, &state, action).into_iter().for_each(|cell| *self.coverage.faults.entry(cell).or_default() += 1);
        self.come_to(&made.next)
    }

    fn come_to(&mut self, state: &State) -> u32 {
        let number = self.seen.number(state);
        if number as usize == self.ways.len() {
            self.ways.push(actions(self.scope, state).into_iter().map(|action| (action, None)).collect());
        }
        number
    }

    fn note(&mut self, acting: RuleSet, kind: ActionKind) {
        for rule in acting.iter() {
            *self.coverage.rules.entry((rule, kind)).or_default() += 1;
        }
    }
}

/// The states come to, each part of them kept once.
#[derive(Default)]
struct Memory {
    instances: Interned<Instance>,
    servers: Interned<Server>,
    states: Interned<(u32, Seats<u32>)>,
}

impl Memory {
    fn number(&mut self, state: &State) -> u32 {
        let instances = state.instances.map(|instance| self.instances.number(instance));
        self.states.number(&(self.servers.number(&state.server), instances))
    }

    fn state(&self, number: u32) -> State {
        let (server, instances) = &self.states.values()[number as usize];
        let instances = instances.map(|instance| self.instances.values()[*instance as usize]);
        State { instances, server: self.servers.values()[*server as usize] }
    }
}
