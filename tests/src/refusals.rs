//! Hostile clients in every state: each act of the catalogue, in each state where it applies, against each instance that it can concern,
//! on a whole system that was brought there afresh. Acts that by the rules leave everything as it is come one after the other on one
//! system; if anything differs, each of them once more on its own. What is demanded comes from the rules and the model's state, never from
//! what the system did.

pub mod catalogue;
pub mod demand;
pub mod tally;

mod afterwards;
mod attempt;
mod history;
mod payload;
mod target;
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
use catalogue::{CATALOGUE, Hostile};
use tally::{Act, ActCounts, Trial};

use attempt::Difference;
use history::Earlier;

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
    pub tally: ActCounts,
    /// The acts that did not meet what the rules demand, shortest way first.
    pub failures: Vec<Failure>,
}

/// One act in one state, against an instance or nobody's in particular.
#[derive(Clone, Copy, Debug)]
struct Pair {
    state: StateId,
    seat: Option<InstanceId>,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Hostile(&'static Hostile),
    /// The call of that label, which is refused.
    Call(u16, Act),
}

/// With which others an act comes on one system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Company {
    /// With all others that leave everything as it is, on links of the stranger's own, after the same history.
    Quiet(Option<(InstanceId, Earlier)>),
    /// With none.
    Alone,
}

impl Pair {
    fn act(&self) -> Act {
        match self.what {
            What::Hostile(hostile) => hostile.act(),
            What::Call(_, act) => act,
        }
    }

    fn against(&self) -> InstanceId {
        self.seat.unwrap_or(InstanceId(0))
    }

    /// What must have been before.
    fn history(&self) -> Option<(InstanceId, Earlier)> {
        match self.what {
            What::Hostile(hostile) => hostile.needs.map(|what| (self.against(), what)),
            What::Call(..) => None,
        }
    }

    fn company(&self) -> Company {
        match self.what {
            What::Hostile(hostile) if hostile.is_quiet() => Company::Quiet(self.history()),
            What::Hostile(_) | What::Call(..) => Company::Alone,
        }
    }

    fn comes_with(&self, other: &Pair) -> bool {
        (self.state, self.company()) == (other.state, other.company()) && self.company() != Company::Alone
    }
}

/// All that is to be tried in one field.
struct Plan {
    graph: Graph,
    pairs: Vec<Pair>,
    histories: BTreeMap<(InstanceId, Earlier), Labels>,
}

/// Tries every pair of every field, with that many threads, and with a bug planted in the real system, if one is.
pub fn try_all(fields: &[Field], threads: usize, planted: Option<Planted>) -> Outcome {
    let mut all = Outcome::default();
    for field in fields {
        let plan = Plan::of(field);
        let groups: Vec<_> = plan.pairs.chunk_by(Pair::comes_with).collect();
        let next = AtomicUsize::new(0);
        let work = || planting::with(planted, || plan.work(&groups, &next));
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

    /// Tries groups of pairs until none is left.
    fn work(&self, groups: &[&[Pair]], next: &AtomicUsize) -> Outcome {
        let mut outcome = Outcome::default();
        while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            self.try_group(group, &mut outcome);
        }
        outcome
    }

    /// All of a group on one system. If anything differs, each on its own, to see which it was; and if none is, all of them together.
    fn try_group(&self, group: &[Pair], outcome: &mut Outcome) {
        let failed_before = outcome.failures.len();
        match self.try_together(group) {
            Some(Ok(())) => group.iter().for_each(|pair| self.count(pair, Trial::Met, outcome)),
            None => group.iter().for_each(|pair| self.try_one(pair, outcome)),
            Some(Err((place, difference))) => {
                group.iter().for_each(|pair| self.try_one(pair, outcome));
                if outcome.failures.len() == failed_before {
                    outcome.failures.push(self.failure(&group[place], difference));
                }
            }
        }
    }

    /// What came of a group, if it is one of several acts; and at which of them something differed.
    fn try_together(&self, group: &[Pair]) -> Option<Result<(), (usize, Difference)>> {
        let hostile = |pair: &Pair| if let What::Hostile(hostile) = pair.what { Some((hostile, pair.against())) } else { None };
        let acts: Vec<_> = group.iter().filter_map(hostile).collect();
        (acts.len() > 1).then(|| attempt::attempts(&self.graph.scope, &self.way(&group[0]), &acts))
    }

    fn try_one(&self, pair: &Pair, outcome: &mut Outcome) {
        let way = self.way(pair);
        let tried = match pair.what {
            What::Hostile(hostile) => attempt::attempt(&self.graph.scope, &way, hostile, pair.against()),
            What::Call(..) => attempt::call(&self.graph.scope, &way),
        };
        self.count(pair, if tried.is_ok() { Trial::Met } else { Trial::Failed }, outcome);
        outcome.failures.extend(tried.err().map(|difference| self.failure(pair, difference)));
    }

    /// How the state is reached, with the history that the act needs before, and the call that is the act behind.
    fn way(&self, pair: &Pair) -> Labels {
        let history = pair.history().and_then(|history| self.histories.get(&history));
        let mut way = history.cloned().unwrap_or_default();
        way.extend(self.graph.path_to(pair.state));
        if let What::Call(label, _) = pair.what {
            way.push(label);
        }
        way
    }

    fn count(&self, pair: &Pair, trial: Trial, outcome: &mut Outcome) {
        outcome.tally.count(pair.act(), trial, &self.graph.scope, &self.graph.state(pair.state), pair.seat);
    }

    fn failure(&self, pair: &Pair, (when, what): Difference) -> Failure {
        let scope = &self.graph.scope;
        let instance = pair.seat.map(|seat| scope.name_of(seat));
        Failure { scope: scope.name, labels: self.way(pair), act: pair.act(), instance, when, what }
    }
}

/// What each seat's instance can have done before.
fn histories(graph: &Graph) -> BTreeMap<(InstanceId, Earlier), Labels> {
    let all = graph.scope.instances().flat_map(|seat| Earlier::ALL.map(|what| (seat, what)));
    all.filter_map(|(seat, what)| Some(((seat, what), history::with(graph, seat, what)?))).collect()
}

/// Every act that applies in a state, those of one group side by side.
fn pairs(graph: &Graph, histories: &BTreeMap<(InstanceId, Earlier), Labels>, at: StateId) -> Vec<Pair> {
    let (scope, state) = (&graph.scope, &graph.state(at));
    let mut pairs = Vec::new();
    for hostile in CATALOGUE.iter() {
        let pair = |seat| Pair { state: at, seat, what: What::Hostile(hostile) };
        let is_known = |seat| hostile.needs.is_none_or(|what| histories.contains_key(&(seat, what)));
        match hostile.against {
            None => pairs.push(pair(None)),
            Some(is_possible) => {
                let against = scope.instances().filter(|seat| is_known(*seat) && is_possible(scope, state, *seat));
                pairs.extend(against.map(|seat| pair(Some(seat))));
            }
        }
    }
    for (label, action) in graph.actions_of(at).into_iter().enumerate() {
        let refused = tally::refused_call(action, &graph.step(at, action));
        pairs.extend(refused.map(|act| Pair { state: at, seat: action.instance(), what: What::Call(label as u16, act) }));
    }
    pairs.sort_by_key(Pair::company);
    pairs
}
