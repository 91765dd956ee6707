//! The mutants of the real client and server: a bug is planted, the tours of its scope are walked until the machines differ from the
//! model, and the difference is brought down to its shortest story, which the stack must tell in the same words.

use std::time::Instant;

use model::graph::Graph;
use sut::planted::Planted;

use super::{Fate, Story};
use crate::divergence::Divergence;
use crate::driver::DriverKind;
use crate::planting;
use crate::replay::replay;
use crate::shortest::{is_minimal, shorten};
use crate::tour::tours_by_and_by;

/// How long the tours are.
const TOUR_STEPS: usize = 4_000;

/// What becomes of the system with that bug.
pub(super) fn plants(bug: Planted, graph: &Graph) -> Fate {
    planting::with(Some(bug), || {
        let on_machines = |labels: Vec<u16>| replay(&graph.scope, DriverKind::Machines, &labels).divergence;
        match tours_by_and_by(graph, TOUR_STEPS).find_map(on_machines) {
            Some(found) => tell(&found),
            None => Fate::Survived,
        }
    })
}

fn tell(found: &Divergence) -> Fate {
    let begun = Instant::now();
    let short = shorten(found);
    let is_minimal = is_minimal(&short);
    let time = begun.elapsed();
    let message = |divergence: &Divergence| divergence.first_lines().join("  ");
    match replay(&found.scope, DriverKind::Stack, &short.labels).divergence {
        Some(told) if told.labels == short.labels && message(&told) == message(&short) => {
            let (message, steps) = (message(&told), told.labels.len());
            let story = Story { told, found_after: found.labels.len(), is_minimal, time };
            Fate::Killed { message, steps, story: Some(Box::new(story)) }
        }
        Some(_) | None => Fate::KilledBy("replay on machines".to_owned()),
    }
}
