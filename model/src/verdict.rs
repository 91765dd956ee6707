//! What was found of a scope: the judges walk every transition of its graph, together with their onlookers, breadth first, so that a
//! counterexample is a shortest one.

mod memo;

use rustc_hash::FxHashSet;

use crate::action::Action;
use crate::graph::{Bound, Graph, Numbers, StateId};
use crate::interned::Interned;
use crate::observers::{Watches, observe};
use crate::properties::{Moment, Seen, broken};
use crate::rule::{Rule, Rules};
use crate::scope::Scope;
use crate::state::State;
use crate::step::{actions, step};

use memo::{Memo, Pair, Spot};

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

/// Judges every transition of a graph, and holds each against where the graph says that it leads. A step is made and judged once for all
/// states that agree in what it and the judges look at.
pub fn judge(graph: &Graph) -> Judgement {
    let mut judges = Judges { graph, memo: Memo::new(&graph.scope) };
    let mut known = Interned::new();
    let start = (0 as StateId, known.number(&Numbers::default()));
    let mut visits = vec![Visit { at: start, parent: 0, label: 0 }];
    let mut met = Met::new(graph, start);
    let (mut next, mut offered) = (0, Vec::new());
    while next < visits.len() {
        let (from, knowing) = visits[next].at;
        let before = Pair { state: graph.numbers(from), known: known.values()[knowing as usize] };
        let state = graph.state(from);
        judges.memo.offers(&graph.scope, &state, before, &mut offered);
        for (label, (spot, target)) in offered.iter().zip(graph.targets_of(from)).enumerate() {
            let behind = match judges.behind(&state, before, *spot, *target) {
                Ok(behind) => behind,
                Err(rule) => {
                    let violation = retrace(&graph.scope, graph.rules, rule, &visits, next, label as u16);
                    return Judgement { verdict: Verdict::Violated(violation), observed: visits.len() };
                }
            };
            let at = (*target, known.number_near(knowing, &behind));
            if at != visits[next].at && met.insert(at) {
                visits.push(Visit { at, parent: next, label: label as u16 });
            }
        }
        next += 1;
    }
    Judgement { verdict: verdict_of(graph), observed: visits.len() }
}

/// The judges of a graph, and what they found so far.
struct Judges<'a> {
    graph: &'a Graph,
    memo: Memo,
}

impl Judges<'_> {
    /// What is known behind a step, or the rule whose property it breaks.
    fn behind(&mut self, state: &State, before: Pair, spot: Spot, target: StateId) -> Result<Numbers, Rule> {
        match self.memo.behind(spot, before) {
            Some(behind) => {
                assert!(behind.state == self.graph.numbers(target), "the graph leads where the step does");
                Ok(behind.known)
            }
            None => self.judge(state, before, spot, target),
        }
    }

    /// The same of a step that is made anew.
    fn judge(&mut self, state: &State, before: Pair, spot: Spot, target: StateId) -> Result<Numbers, Rule> {
        let action = self.memo.action(spot);
        let Graph { scope, rules, .. } = self.graph;
        let made = step(scope, *rules, state, action);
        assert!(self.graph.is(target, &made.next), "the graph leads where the step does");
        let watches = self.memo.watches(before.known);
        let then = observe(&watches, action, &made.items);
        let earlier = Moment { state, watches: &watches };
        let seen = Seen::new(scope, earlier, action, &made.items, Moment { state: &made.next, watches: &then });
        if let Some(rule) = broken(&seen).iter().next() {
            return Err(rule);
        }
        let known = self.memo.number(&then);
        let mut looked = made.touched.and(seen.looked());
        made.items.iter().map(|item| item.instance()).chain(action.instance()).for_each(|instance| looked.insert(instance));
        self.memo.learn(spot, before, Pair { state: self.graph.numbers(target), known }, looked);
        Ok(known)
    }
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
            let before = Moment { state: &state, watches: &watches };
            let seen = Seen::new(scope, before, action, items, Moment { state: &made.next, watches: &then });
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
