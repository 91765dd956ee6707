//! What was found of a scope: the judges walk every transition of its graph, together with their onlookers, breadth first, so that a
//! counterexample is a shortest one.

use rustc_hash::FxHashSet;

use crate::action::Action;
use crate::graph::{Bound, Graph, StateId};
use crate::interned::Interned;
use crate::observers::{Watches, observe};
use crate::properties::{Seen, broken};
use crate::rule::{Rule, Rules};
use crate::scope::Scope;
use crate::state::State;
use crate::step::{Step, actions, step};

/// What is said of a scope. Only the first is green.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The graph is complete and every property holds on every transition.
    Verified,
    /// No property broke, but the search was cut.
    Bounded {
        /// By what.
        bound: String,
    },
    /// A property broke.
    Violated(Violation),
}

impl Verdict {
    /// The word in the tables.
    pub const fn name(&self) -> &'static str {
        match self {
            Verdict::Verified => "VERIFIED",
            Verdict::Bounded { .. } => "BOUNDED",
            Verdict::Violated(_) => "VIOLATED",
        }
    }
}

/// A broken property with a shortest way to break it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Whose property.
    pub rule: Rule,
    /// The steps from the initial state; the last one breaks it.
    pub actions: Vec<Action>,
    /// The same as labels: each action's place among those offered.
    pub labels: Vec<u16>,
}

/// The judges' walk over a graph.
pub struct Judgement {
    /// What was found.
    pub verdict: Verdict,
    /// How many pairs of state and onlookers' knowledge there are; as many as states where the onlookers know what the states say.
    pub observed: usize,
}

/// Judges every transition of a graph, each made anew and held against where the graph says that it leads.
pub fn judge(graph: &Graph) -> Judgement {
    let mut watches = Interned::new();
    let start = (0 as StateId, watches.number(&Watches::of(&graph.scope)));
    let mut visits = vec![Visit { at: start, parent: 0, label: 0 }];
    let mut met = Met::new(graph, start);
    let mut next = 0;
    while next < visits.len() {
        let (from, watching) = visits[next].at;
        let (before, watched) = (graph.state(from), watches.values()[watching as usize]);
        for (label, (action, target)) in actions(&graph.scope, &before).into_iter().zip(graph.targets_of(from)).enumerate() {
            let Step { next: after, items, .. } = step(&graph.scope, graph.rules, &before, action);
            assert!(graph.is(*target, &after), "the graph leads where the step does");
            let then = observe(&watched, action, &items);
            let seen =
                Seen { scope: &graph.scope, before: &before, action, after: &after, items: &items, watches: &watched, then: &then };
            if let Some(rule) = broken(&seen).iter().next() {
                let violation = retrace(&graph.scope, graph.rules, rule, &visits, next, label as u16);
                return Judgement { verdict: Verdict::Violated(violation), observed: visits.len() };
            }
            let at = (*target, watches.number_near(watching, &then));
            if at != visits[next].at && met.insert(at) {
                visits.push(Visit { at, parent: next, label: label as u16 });
            }
        }
        next += 1;
    }
    Judgement { verdict: verdict_of(graph), observed: visits.len() }
}

/// The pairs of state and knowledge that were met: nearly every state is met with one knowledge only.
struct Met {
    /// What was known when the state was met first.
    first: Vec<Option<u32>>,
    others: FxHashSet<(StateId, u32)>,
}

impl Met {
    fn new(graph: &Graph, start: (StateId, u32)) -> Met {
        let mut met = Met { first: vec![None; graph.state_count()], others: FxHashSet::default() };
        met.insert(start);
        met
    }

    /// Whether the pair was not met before.
    fn insert(&mut self, (state, known): (StateId, u32)) -> bool {
        let first = &mut self.first[state as usize];
        let new = first.is_none();
        *first.get_or_insert(known) != known && self.others.insert((state, known)) || new
    }
}

/// What is said where nothing broke.
fn verdict_of(graph: &Graph) -> Verdict {
    match graph.cut {
        Some(Bound { states }) => Verdict::Bounded { bound: format!("{states} states") },
        None => Verdict::Verified,
    }
}

/// How far a violation is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchBound {
    /// At most so many pairs of state and knowledge are kept.
    pub pairs: usize,
    /// It has at most so many steps.
    pub steps: usize,
}

impl SearchBound {
    /// So many pairs, and any number of steps.
    pub const fn of_pairs(pairs: usize) -> SearchBound {
        SearchBound { pairs, steps: usize::MAX }
    }
}

/// A shortest violation of one rule's property in a scope under some rules, found without building the whole graph; `None` if there is
/// none within the bound.
pub fn find_violation(scope: &Scope, rules: Rules, rule: Rule, bound: SearchBound) -> Option<Violation> {
    find_violation_of(scope, rules, rule, bound, |seen| crate::properties::holds(rule, seen))
}

/// The same of any property that is said to be the rule's.
pub fn find_violation_of(
    scope: &Scope,
    rules: Rules,
    rule: Rule,
    bound: SearchBound,
    keeps: impl Fn(&Seen<'_>) -> bool,
) -> Option<Violation> {
    let mut pairs = Interned::new();
    pairs.number(&(State::initial(scope), Watches::of(scope)));
    let mut visits = vec![Visit { at: (), parent: 0, label: 0 }];
    // Those from `farther` on are one step farther than the ones before.
    let (mut next, mut farther, mut steps) = (0, 1, 1);
    while next < visits.len() && visits.len() < bound.pairs && steps <= bound.steps {
        let (state, watches) = pairs.values()[next];
        for (label, action) in actions(scope, &state).into_iter().enumerate() {
            let made = step(scope, rules, &state, action);
            let then = observe(&watches, action, &made.items);
            let items = &made.items;
            let seen = Seen { scope, before: &state, action, after: &made.next, items, watches: &watches, then: &then };
            if !keeps(&seen) {
                return Some(retrace(scope, rules, rule, &visits, next, label as u16));
            }
            let is_new = pairs.number_near(next as u32, &(made.next, then)) as usize == visits.len();
            visits.extend(is_new.then_some(Visit { at: (), parent: next, label: label as u16 }));
        }
        next += 1;
        if next == farther {
            (farther, steps) = (visits.len(), steps + 1);
        }
    }
    None
}

/// A state with what the onlookers know there, or what stands for both, and how the judges came to it.
struct Visit<T> {
    at: T,
    parent: usize,
    label: u16,
}

fn retrace<T>(scope: &Scope, rules: Rules, rule: Rule, visits: &[Visit<T>], mut at: usize, last: u16) -> Violation {
    let mut labels = vec![last];
    while at != 0 {
        labels.push(visits[at].label);
        at = visits[at].parent;
    }
    labels.reverse();
    let mut state = State::initial(scope);
    let mut taken = Vec::with_capacity(labels.len());
    for label in &labels {
        let action = actions(scope, &state)[usize::from(*label)];
        state = step(scope, rules, &state, action).next;
        taken.push(action);
    }
    Violation { rule, actions: taken, labels }
}
