//! The shortest story: breadth first over the product of the model's state and what the machines know, to the first step at which both
//! differ. No shorter trace differs. It finds a difference; what it means is not known here.

use model::graph::{Graph, StateId};
use model::scope::Scope;
use model::state::State;
use rustc_hash::FxHashSet;

use crate::divergence::Divergence;
use crate::driver::{Driver, DriverKind, Machines};
use crate::observation::expected;
use crate::replay::{Replay, replay};
use crate::tour::Labels;

/// How many pairs are looked at before the search is given up: what the machines know has no bound of its own.
const MOST_PAIRS: usize = 50_000;

/// The shortest story of a difference that was found on some trace. Where the machines differ too, no shorter trace differs, unless the
/// search was given up. What only the stack shows is told along the model's shortest path to the step that showed it, and along the
/// whole trace if that path does not show it: then the system knows more than the model's state says.
pub fn shorten(found: &Divergence) -> Divergence {
    let straight = straight(found).unwrap_or_else(|| found.clone());
    let on_machines = replay(&found.scope, DriverKind::Machines, &straight.labels).divergence;
    let shorter = on_machines.and_then(|_| shortest(&found.scope, found.driver, straight.labels.len()));
    shorter.unwrap_or(straight)
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
pub fn shortest(scope: &Scope, kind: DriverKind, most: usize) -> Option<Divergence> {
    let labels = on_machines(scope, most)?;
    replay(scope, kind, &labels).divergence
}

fn on_machines(scope: &Scope, most: usize) -> Option<Labels> {
    let mut known: FxHashSet<(State, String)> = FxHashSet::default();
    let mut layer: Vec<Labels> = vec![Vec::new()];
    for _ in 0..most {
        let mut next = Vec::new();
        for labels in layer {
            match successors(scope, &labels, &mut known) {
                Err(divergent) => return Some(divergent),
                Ok(_) if known.len() > MOST_PAIRS => return None,
                Ok(mut fresh) => next.append(&mut fresh),
            }
        }
        layer = next;
    }
    None
}

/// The traces one step longer that lead to a pair not known before, or the first of them that differs.
fn successors(scope: &Scope, labels: &[u16], known: &mut FxHashSet<(State, String)>) -> Result<Vec<Labels>, Labels> {
    let mut before = Replay::new(scope);
    labels.iter().for_each(|label| drop(before.make(*label)));
    let mut fresh = Vec::new();
    for label in 0..before.offered().len() as u16 {
        let longer: Labels = labels.iter().copied().chain([label]).collect();
        let Some(pair) = pair(scope, &longer) else { return Err(longer) };
        if known.insert(pair) {
            fresh.push(longer);
        }
    }
    Ok(fresh)
}

/// Where a trace leads on both sides; `None` if its last step differs.
fn pair(scope: &Scope, labels: &[u16]) -> Option<(State, String)> {
    let (mut replay, mut machines) = (Replay::new(scope), Machines::start(scope));
    for label in labels {
        let made = replay.make(*label)?;
        if machines.step(made.ask) != expected(scope, &made.step) {
            return None;
        }
    }
    Some((*replay.state(), machines.fingerprint()))
}
