//! The ledger: what must have happened somewhere, or a green run means nothing. Every property's rule acted and a mutant breaks it, every
//! place at which the model asks for a rule was used, every code, event, reason and fault occurred. It walks the model's graphs alone.

use std::collections::BTreeSet;

use model::action::ActionKind;
use model::graph::Graph;
use model::observation::{Code, Event, Item, Outcome, Reason};
use model::properties::Seen;
use model::rule::{Rule, Rules};
use model::scope::Scope;
use model::step::{Site, actions, sites, step};
use model::verdict::{SearchBound, find_violation_of};

use crate::faults::is_fault;

/// What occurred in the scopes that were walked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occurred {
    /// The places in the model's source at which a rule was asked for and acted.
    pub sites: BTreeSet<Site>,
    /// The codes of refused calls.
    pub codes: BTreeSet<Code>,
    /// The names of the events.
    pub events: BTreeSet<&'static str>,
    /// The reasons of kicks.
    pub reasons: BTreeSet<Reason>,
    /// The faults.
    pub faults: BTreeSet<ActionKind>,
}

impl Occurred {
    /// Walks every transition of each scope in turn, until all of `wanted` occurred.
    pub fn until(wanted: &Occurred, scopes: &[Scope]) -> Occurred {
        let mut occurred = Occurred::default();
        for scope in scopes {
            occurred.walk(wanted, &Graph::of(scope));
            if occurred.covers(wanted) {
                break;
            }
        }
        occurred
    }

    /// Whether all of `wanted` is there.
    fn covers(&self, wanted: &Occurred) -> bool {
        self.lacks(wanted).is_empty()
    }

    fn walk(&mut self, wanted: &Occurred, graph: &Graph) {
        let mut lacking = self.rules_lacking(wanted);
        for state in graph.states() {
            for action in actions(&graph.scope, &state) {
                self.faults.extend(Some(action.kind()).filter(|kind| is_fault(*kind)));
                let made = step(&graph.scope, graph.rules, &state, action);
                made.items.iter().for_each(|item| self.see(*item));
                if lacking.iter().any(|rule| made.consulted.contains(*rule)) {
                    self.sites.extend(sites(&graph.scope, &state, action));
                    lacking = self.rules_lacking(wanted);
                }
            }
        }
    }

    /// The rules that are asked for at a place at which they did not act yet.
    fn rules_lacking(&self, wanted: &Occurred) -> BTreeSet<Rule> {
        wanted.sites.difference(&self.sites).map(|site| site.rule).collect()
    }

    fn see(&mut self, item: Item) {
        match item {
            Item::Settled { outcome: Outcome::Refused(code), .. } => drop(self.codes.insert(code)),
            Item::Published { event, .. } => {
                self.events.insert(event.name());
                if let Event::KickedOut(reason) = event {
                    self.reasons.insert(reason);
                }
            }
            Item::Settled { .. }
            | Item::StreamEnded { .. }
            | Item::Written { .. }
            | Item::Closed { .. }
            | Item::Callback { .. } => {}
        }
    }

    /// What of `wanted` is missing, a line each.
    pub fn lacks(&self, wanted: &Occurred) -> Vec<String> {
        let place = |site: &Site| format!("{} is asked for at {}:{} and never acts there", site.rule, site.file, site.line);
        let sites = wanted.sites.difference(&self.sites).map(place);
        let codes = wanted.codes.difference(&self.codes).map(|code| format!("no call is refused with {}", code.number()));
        let events = wanted.events.difference(&self.events).map(|event| format!("{event} is never published"));
        let reasons = wanted.reasons.difference(&self.reasons).map(|reason| format!("nobody is kicked with {}", reason.name()));
        let faults = wanted.faults.difference(&self.faults).map(|fault| format!("{} never strikes", fault.name()));
        sites.chain(codes).chain(events).chain(reasons).chain(faults).collect()
    }

    /// Whether the situation of a rule was come to: a step on which it acts.
    pub fn reaches(&self, rule: Rule) -> bool {
        self.sites.iter().any(|site| site.rule == rule)
    }
}

/// A property in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose.
    pub rule: Rule,
    /// Whether the rule acts somewhere.
    pub is_reached: bool,
    /// The mutant that breaks it, by name.
    pub broken_by: Option<String>,
}

impl Entry {
    /// A property that is said to be a rule's: broken by the model without that rule, in a scope, or not.
    pub fn of(rule: Rule, scope: &Scope, occurred: &Occurred, keeps: impl Fn(&Seen<'_>) -> bool) -> Entry {
        let broken = find_violation_of(scope, Rules::without(rule), rule, SearchBound::of_pairs(MOST), keeps);
        Entry { rule, is_reached: occurred.reaches(rule), broken_by: broken.map(|_| format!("without {rule}")) }
    }

    /// What is missing of it, a line each.
    pub fn lacks(&self) -> Vec<String> {
        let unreached = (!self.is_reached).then(|| format!("{}: no step on which it acts was come to", self.rule));
        let empty = self.broken_by.is_none().then(|| format!("{}: no mutant breaks its property", self.rule));
        unreached.into_iter().chain(empty).collect()
    }
}

/// How many pairs of state and knowledge are searched for a violation.
const MOST: usize = 150_000;
