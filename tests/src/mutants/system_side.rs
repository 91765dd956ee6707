//! The mutants of the real client and server: a bug is planted, the tours of its scope are walked until the machines differ from the
//! model, and the difference is brought down to its shortest story, which the stack must tell in the same words.

use std::time::Instant;

use model::graph::Graph;
use model::scope::Scope;
use sut::planted::Planted;

use super::{Fate, Story};
use crate::divergence::Divergence;
use crate::driver::DriverKind;
use crate::planting;
use crate::replay::replay;
use crate::shortest::{is_minimal, shorten};
use crate::tour::{Labels, tours};

/// How long the tours are.
const TOUR_STEPS: usize = 4_000;

/// The tours on which a bug must show.
pub(super) fn tours_of(scope: &Scope) -> Vec<Labels> {
    tours(&Graph::of(scope), TOUR_STEPS)
}

/// What becomes of the system with that bug on the scope's tours.
pub(super) fn plants(bug: Planted, scope: &Scope, tours: &[Labels]) -> Fate {
    planting::with(Some(bug), || {
        let on_machines = |labels: &Labels| replay(scope, DriverKind::Machines, labels).divergence;
        match tours.iter().find_map(on_machines) {
            Some(found) => tell(&found),
            None => Fate::Survived,
        }
    })
}

fn tell(found: &Divergence) -> Fate {
    let begun = Instant::now();
    let short = shorten(found, DriverKind::Machines);
    let (is_shortest, short) = (short.is_shortest(), short.told);
    let is_minimal = is_minimal(&short, DriverKind::Machines);
    let time = begun.elapsed();
    let message = |divergence: &Divergence| divergence.first_lines().join("  ");
    match replay(&found.scope, DriverKind::Stack, &short.labels).divergence {
        Some(told) if told.labels == short.labels && message(&told) == message(&short) => {
            let (message, steps) = (message(&told), told.labels.len());
            let story = Story { told, found_after: found.labels.len(), is_shortest, is_minimal, time };
            Fate::Killed { message, steps, story: Some(Box::new(story)) }
        }
        Some(_) | None => Fate::KilledBy("replay on machines".to_owned()),
    }
}
