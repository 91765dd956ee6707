//! Hostile clients in every state: each act of the catalogue, in each state where it applies, against each instance that it can concern,
//! on a fresh whole system. What is demanded comes from the rules and the model's state, never from what the system did.

pub mod class;
pub mod demand;
pub mod tally;

mod afterwards;
mod attempt;
mod craft;
mod history;
mod prey;
mod websocket;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::action::{Credential, InstanceId};
use model::graph::{Graph, StateId};
use model::scope::{Destroys, Scope};
use model::scopes;
use sut::planted::Planted;

use crate::planting;
use crate::tour::Labels;
use class::{Class, Replayed, Where};
use tally::{Act, Tally, Trial};

pub use attempt::When;

/// Where it is tried: a scope, and how far from its initial state.
#[derive(Clone, Debug)]
pub struct Field {
    /// The scope.
    pub scope: Scope,
    /// The states that are at most so many steps away.
    pub steps: usize,
}

/// The refusal scopes: two pages each, so that every phase of an instance occurs, on links that hold and on links that fail.
///
/// # Panics
/// Never: the scopes that they are made of exist.
pub fn fields() -> Vec<Field> {
    let named = |name| scopes::named(name).expect("it is there");
    let calm = |scope: Scope| Scope { credentials: vec![Credential::Good], destroys: Destroys::Never, joined_calls: 1, ..scope };
    vec![
        Field { scope: calm(named("page-default")), steps: usize::MAX },
        Field { scope: Scope { busy: Some(1), ..calm(named("destroy")) }, steps: usize::MAX },
        Field { scope: Scope { busy: Some(1), ..named("reconnect") }, steps: 10 },
        Field { scope: Scope { busy: Some(1), ..named("resume-messages") }, steps: 9 },
    ]
}

/// A hostile act that did not meet what the rules demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub scope: &'static str,
    /// The way to the state.
    pub labels: Labels,
    /// What was done.
    pub act: Act,
    /// To whom.
    pub instance: Option<&'static str>,
    /// When it showed.
    pub when: When,
    /// The difference.
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { scope, labels, act, instance, when, what } = self;
        let instance = instance.unwrap_or("nobody");
        writeln!(f, "scope {scope}, behind {labels:?}: {act:?} against {instance}, {when:?}")?;
        f.write_str(what)
    }
}

/// What came of all acts.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The counts.
    pub tally: Tally,
    /// The acts that did not meet what the rules demand, shortest way first.
    pub failures: Vec<Failure>,
}

/// One act in one state.
#[derive(Clone, Copy, Debug)]
struct Pair {
    state: StateId,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// Against an instance, or nobody's in particular.
    Hostile(Class, Option<InstanceId>),
    /// The call of that label, which is refused.
    Call(u16, Act, Option<InstanceId>),
}

/// All that is to be tried in one field.
struct Plan {
    graph: Graph,
    pairs: Vec<Pair>,
    histories: BTreeMap<(InstanceId, Replayed), Labels>,
}

/// Tries every pair of every field, with that many threads, and with a bug planted in the real system, if one is.
pub fn try_all(fields: &[Field], threads: usize, planted: Option<Planted>) -> Outcome {
    let mut all = Outcome::default();
    for field in fields {
        let plan = Plan::of(field);
        let next = AtomicUsize::new(0);
        let work = || planting::with(planted, || plan.work(&next));
        let outcomes = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
            workers.into_iter().map(|worker| worker.join().expect("no thread panics")).collect::<Vec<_>>()
        });
        for outcome in outcomes {
            all.tally.add(&outcome.tally);
            all.failures.extend(outcome.failures);
        }
    }
    all.failures.sort_by_cached_key(|failure| (failure.labels.len(), failure.act, failure.labels.clone()));
    all
}

impl Plan {
    fn of(field: &Field) -> Plan {
        let graph = Graph::of(&field.scope);
        let histories = histories(&graph);
        let near = (0..graph.state_count() as StateId).filter(|state| graph.path_to(*state).len() <= field.steps);
        let pairs = near.flat_map(|state| pairs(&graph, &histories, state)).collect();
        Plan { graph, pairs, histories }
    }

    /// Tries pairs until none is left.
    fn work(&self, next: &AtomicUsize) -> Outcome {
        let mut outcome = Outcome::default();
        while let Some(pair) = self.pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
            self.try_one(pair, &mut outcome);
        }
        outcome
    }

    fn try_one(&self, pair: &Pair, outcome: &mut Outcome) {
        let scope = &self.graph.scope;
        let mut labels = self.graph.path_to(pair.state);
        let (act, seat, tried) = match pair.what {
            What::Hostile(class, seat) => {
                let against = seat.unwrap_or(InstanceId(0));
                if let Some(before) = history::needed(class).and_then(|what| self.histories.get(&(against, what))) {
                    labels = [before.as_slice(), &labels].concat();
                }
                (Act::Hostile(class), seat, attempt::attempt(scope, &labels, class, against))
            }
            What::Call(label, act, seat) => {
                labels.push(label);
                (act, seat, attempt::call(scope, &labels))
            }
        };
        let trial = if tried.is_ok() { Trial::Met } else { Trial::Failed };
        outcome.tally.count(act, trial, scope, &self.graph.state(pair.state), seat);
        if let Err((when, what)) = tried {
            let instance = seat.map(|seat| scope.name_of(seat));
            outcome.failures.push(Failure { scope: scope.name, labels, act, instance, when, what });
        }
    }
}

/// What each seat's instance can have done before.
fn histories(graph: &Graph) -> BTreeMap<(InstanceId, Replayed), Labels> {
    let all = graph.scope.instances().flat_map(|seat| Replayed::ALL.map(|what| (seat, what)));
    all.filter_map(|(seat, what)| Some(((seat, what), history::with(graph, seat, what)?))).collect()
}

/// Every act that applies in a state.
fn pairs(graph: &Graph, histories: &BTreeMap<(InstanceId, Replayed), Labels>, at: StateId) -> Vec<Pair> {
    let (scope, state) = (&graph.scope, &graph.state(at));
    let possible = |class, seat| {
        let is_known = history::needed(class).is_none_or(|what| histories.contains_key(&(seat, what)));
        is_known && prey::applies(class, scope, state, seat)
    };
    let mut whats = Vec::new();
    for class in Class::all() {
        let concerns_nobody = matches!(class, Class::Garbage(_, Where::Own));
        if concerns_nobody {
            whats.push(What::Hostile(class, None));
        } else {
            let against = scope.instances().filter(|seat| possible(class, *seat));
            whats.extend(against.map(|seat| What::Hostile(class, Some(seat))));
        }
    }
    for (label, action) in graph.actions_of(at).into_iter().enumerate() {
        let refused = tally::refused_call(action, &graph.step(at, action));
        whats.extend(refused.map(|act| What::Call(label as u16, act, action.instance())));
    }
    whats.into_iter().map(|what| Pair { state: at, what }).collect()
}
