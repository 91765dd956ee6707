//! The shortest story: breadth first over the product of the model's state and what the machines know, to the first step at which both
//! differ. No shorter trace differs. It finds a difference; what it means is not known here.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use model::graph::{Graph, StateId};
use model::scope::Scope;
use rustc_hash::FxHashSet;

use crate::divergence::Divergence;
use crate::driver::{Driver, DriverKind, Machines};
use crate::observation::expected;
use crate::replay::{Replay, actions_of, replay};
use crate::tour::Labels;

/// How many places are looked at before a search is given up: what the machines know has no bound of its own.
const MOST_PLACES: usize = 200_000;

/// The story of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// The difference at the end of a trace.
    pub told: Divergence,
    /// Whether no shorter trace differs: every one was looked at.
    pub is_shortest: bool,
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proof =
            if self.is_shortest { "no shorter trace differs" } else { "a shorter trace may differ: not all were looked at" };
        write!(f, "{}\nleast   {proof}", self.told)
    }
}

/// The shortest story of a difference that was found on some trace. Where the machines differ too, no shorter trace differs, unless the
/// search was given up. What only the stack shows is told along the model's shortest path to the step that showed it, and along the
/// whole trace if that path does not show it: then the system knows more than the model's state says.
pub fn shorten(found: &Divergence) -> Short {
    let on_machines = replay(&found.scope, DriverKind::Machines, &found.labels).divergence;
    let shortest = on_machines.and_then(|seen| shortest(&found.scope, found.driver, seen.labels.len()));
    let longer = || Short { told: straight(found).unwrap_or_else(|| found.clone()), is_shortest: false };
    shortest.unwrap_or_else(longer)
}

/// The difference on the model's shortest path to the step that showed it.
fn straight(found: &Divergence) -> Option<Divergence> {
    let labels = straight_to(&Graph::of(&found.scope), &found.labels)?;
    replay(&found.scope, found.driver, &labels).divergence
}

/// The model's shortest path to the last step of a trace, that step included; `None` for a trace without steps.
pub(crate) fn straight_to(graph: &Graph, labels: &[u16]) -> Option<Labels> {
    let (last, before) = labels.split_last()?;
    let mut replay_before = Replay::new(&graph.scope);
    before.iter().for_each(|label| drop(replay_before.make(*label)));
    let at = graph.states().position(|state| state == *replay_before.state())?;
    let mut labels = graph.path_to(at as StateId);
    labels.push(*last);
    Some(labels)
}

/// A trace of the least number of steps on which both the machines and the driver's system differ from the model, of at most `most`
/// steps; `None` if none was found.
pub fn shortest(scope: &Scope, kind: DriverKind, most: usize) -> Option<Short> {
    let (labels, is_shortest) = on_machines(scope, most)?;
    replay(scope, kind, &labels).divergence.map(|told| Short { told, is_shortest })
}

/// First one path to each state of the model, which are few; then every pair of a state and a system, in fewer steps than those took.
/// With the trace, whether it is known to be the shortest.
fn on_machines(scope: &Scope, most: usize) -> Option<(Labels, bool)> {
    let quick = match search(scope, most, |place| key(place.replay.state())) {
        End::Differs(labels) => Some(labels),
        End::Agrees | End::GivenUp => None,
    };
    let fewer = quick.as_ref().map_or(most, |labels| labels.len() - 1);
    match search(scope, fewer, |place| key(&(place.replay.state(), place.machines.fingerprint()))) {
        End::Differs(labels) => Some((labels, true)),
        End::Agrees => quick.map(|labels| (labels, true)),
        End::GivenUp => quick.map(|labels| (labels, false)),
    }
}

/// How a search ends.
enum End {
    /// With the first trace that differs.
    Differs(Labels),
    /// Nothing within reach differs.
    Agrees,
    /// There was too much to look at.
    GivenUp,
}

fn key(known: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    known.hash(&mut hasher);
    hasher.finish()
}

/// Breadth first to the first trace that differs, of at most `most` steps; what is alike by `key` is gone on from once.
fn search(scope: &Scope, most: usize, key: impl Fn(&Place) -> u64) -> End {
    let start = Place { replay: Replay::new(scope), machines: Machines::start(scope), labels: Labels::new() };
    let mut known = FxHashSet::from_iter([key(&start)]);
    let mut layer = vec![start];
    for steps in 1..=most {
        let mut next = Vec::new();
        for place in layer {
            for label in 0..place.replay.offered().len() as u16 {
                match place.after(label) {
                    Err(divergent) => return End::Differs(divergent),
                    Ok(place) if steps < most && known.insert(key(&place)) => next.push(place),
                    Ok(_) => {}
                }
            }
        }
        if known.len() > MOST_PLACES {
            return End::GivenUp;
        }
        layer = next;
    }
    End::Agrees
}

/// Where a trace leads on both sides.
struct Place<'a> {
    replay: Replay<'a>,
    machines: Machines,
    labels: Labels,
}

impl<'a> Place<'a> {
    /// One step further; the trace, if both sides differ there.
    fn after(&self, label: u16) -> Result<Place<'a>, Labels> {
        let (mut replay, mut machines) = (self.replay.clone(), self.machines.clone());
        let labels: Labels = self.labels.iter().copied().chain([label]).collect();
        match replay.make(label) {
            Some(made) if machines.step(made.ask) == expected(replay.scope(), &made.step) => Ok(Place { replay, machines, labels }),
            Some(_) | None => Err(labels),
        }
    }
}

/// The traces that are left when one step of this one is taken out and the others are done all the same, by action; where one of them is
/// not offered any more, there is no trace.
fn with_one_step_less(scope: &Scope, labels: &[u16]) -> Vec<Labels> {
    let actions = actions_of(scope, labels);
    let without = |out: usize| {
        let mut replay = Replay::new(scope);
        let left = actions.iter().enumerate().filter(|(index, _)| *index != out);
        left.map(|(_, action)| replay.follow(*action)).collect::<Option<Labels>>()
    };
    (0..actions.len()).filter_map(without).collect()
}

/// Whether no trace that is left when one step is taken out differs on that driver.
pub fn is_minimal(found: &Divergence) -> bool {
    let left = with_one_step_less(&found.scope, &found.labels);
    left.iter().all(|labels| replay(&found.scope, found.driver, labels).divergence.is_none())
}
