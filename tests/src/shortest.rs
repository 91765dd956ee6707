//! The shortest story: breadth first over the product of the model's state and what the machines know, to the first step at which both
//! differ. No shorter trace differs. It finds a difference; what it means is not known here.

use model::scope::Scope;
use model::state::State;
use rustc_hash::FxHashSet;

use crate::divergence::Divergence;
use crate::driver::{Driver, DriverKind, Machines};
use crate::observation::expected;
use crate::replay::{Replay, replay};
use crate::tour::Labels;

/// A trace of the least number of steps on which the driver's system and the model differ, of at most `most` steps; `None` if there is
/// none. What only the stack shows is looked for along the model's shortest paths.
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
