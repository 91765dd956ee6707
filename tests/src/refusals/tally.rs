//! How many hostile acts were found and tried, by class and by phase, as rows that a person reads. It tries nothing.

use std::collections::BTreeMap;

use model::action::{Action, ActionKind, InstanceId};
use model::observation::{Asked, Code, Item, Outcome};
use model::scope::Scope;
use model::state::State;
use model::step::Step;

use super::catalogue::{CATALOGUE, Hostile, Where};
use crate::faults::ProtocolPhase;
use crate::naming;
use crate::report::grouped;
use crate::wrapped::{list, narrow};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Bytes of a stranger's: the name, and on which link they come.
    Hostile(&'static str, Where),
    /// A call that is answered with a code.
    Call(ActionKind, Code),
}

/// A row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActCount {
    /// In how many states, and against how many instances there, it applies.
    pub pairs: usize,
    /// How many of them were tried, with all as demanded.
    pub met: usize,
    /// How many of them in each phase of the instance concerned; one can be in several.
    pub phases: [usize; ProtocolPhase::ALL.len()],
}

impl ActCount {
    fn add(&mut self, other: &ActCount) {
        self.pairs += other.pairs;
        self.met += other.met;
        self.phases.iter_mut().zip(other.phases).for_each(|(sum, more)| *sum += more);
    }
}

/// All rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActCounts(BTreeMap<Act, ActCount>);

/// Whether an act was tried with all as demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    Met,
    Failed,
}

impl ActCounts {
    /// Counts one act against one instance, or against nobody's in particular: then every instance is concerned.
    pub(super) fn count(&mut self, act: Act, trial: Trial, scope: &Scope, state: &State, seat: Option<InstanceId>) {
        let concerned: Vec<_> = scope.instances().filter(|instance| seat.is_none_or(|seat| seat == *instance)).collect();
        let row = self.0.entry(act).or_default();
        row.pairs += 1;
        row.met += usize::from(trial == Trial::Met);
        for (count, phase) in row.phases.iter_mut().zip(ProtocolPhase::ALL) {
            *count += usize::from(concerned.iter().any(|instance| phase.holds(scope, state, *instance)));
        }
    }

    /// Adds another thread's.
    pub(super) fn add(&mut self, other: &ActCounts) {
        other.0.iter().for_each(|(act, row)| self.0.entry(*act).or_default().add(row));
    }

    /// The row of an act.
    pub fn row(&self, act: Act) -> ActCount {
        self.0.get(&act).copied().unwrap_or_default()
    }

    /// How many acts were found.
    pub fn pairs(&self) -> usize {
        self.0.values().map(|row| row.pairs).sum()
    }

    /// How many of them were tried, with all as demanded.
    pub fn met(&self) -> usize {
        self.0.values().map(|row| row.met).sum()
    }

    /// How many hostile acts concern an instance in that phase.
    pub fn in_phase(&self, phase: ProtocolPhase) -> usize {
        let place = ProtocolPhase::ALL.iter().position(|other| *other == phase);
        let hostile = self.0.iter().filter(|(act, _)| matches!(act, Act::Hostile(..)));
        hostile.map(|(_, row)| place.map_or(0, |place| row.phases[place])).sum()
    }

    /// The report.
    pub fn report(&self) -> String {
        let described = |act: &Hostile| format!("{}, {}, {}: {}", act.name, act.place.name(), act.rule, act.demand);
        let hostile = CATALOGUE.iter().map(|act| (act.act(), described(act)));
        let call = |act: &Act| match act {
            Act::Call(kind, code) => Some((*act, format!("call of {}: {}", kind.name(), naming::code(*code)))),
            Act::Hostile(..) => None,
        };
        let lines: String = hostile.chain(self.0.keys().filter_map(call)).map(|(act, what)| self.lines(act, &what)).collect();
        let (pairs, met) = (grouped(self.pairs()), grouped(self.met()));
        format!("{pairs} pairs of a state and an act against an instance, {met} of them met what is demanded\n\n{lines}")
    }

    /// An act, what is demanded of it, and how often it was tried in which phase.
    fn lines(&self, act: Act, what: &str) -> String {
        let row = self.row(act);
        let phases = ProtocolPhase::ALL.into_iter().zip(row.phases).filter(|(_, count)| *count > 0);
        let phases = phases.map(|(phase, count)| format!("{} {}", phase.name(), grouped(count)));
        let met = format!("{} of {} met", grouped(row.met), grouped(row.pairs));
        let parts: Vec<_> = [met].into_iter().chain(phases).collect();
        format!("{}{}\n", narrow(what), list("  ", &parts))
    }
}

/// What a call that is answered with a code is counted as; `None` if it is none.
pub(super) fn refused_call(action: Action, step: &Step) -> Option<Act> {
    step.items.iter().find_map(|item| match item {
        Item::Settled { asked: Asked::Now, outcome: Outcome::Refused(code), .. } => Some(Act::Call(action.kind(), *code)),
        _ => None,
    })
}
