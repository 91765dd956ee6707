//! From which step of a trace on the difference at its end could no longer be avoided: from there on every way back to where nobody is
//! logged in passes a difference. It is decided over the product of the model's state and what the machines know.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use model::graph::StateId;
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::index::Index;
use crate::shortest::Position;
use crate::token::Trace;
use crate::tour::Labels;

/// How many places are looked at before it is left undecided.
const MOST_PLACES: usize = 20_000;

/// What is known of a difference.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "known")]
pub enum Unavoidable {
    /// The machines do not differ on the trace.
    Agrees,
    /// It can be avoided no more.
    From {
        /// The step that shows the difference.
        differs: usize,
        /// The first step behind which every way back passes a difference; it is `differs` if there was a way until the last.
        step: usize,
        /// A way back without a difference from where that step is made; before the first step one is back already.
        instead: String,
    },
    /// Too many places were looked at.
    Undecided {
        /// The step that shows the difference.
        differs: usize,
        /// How many.
        places: usize,
    },
}

/// Since when the first difference on a trace could not be avoided, with what is planted on this thread.
pub fn unavoidable(index: &Index, labels: &[u16]) -> Unavoidable {
    let Some(places) = until_it_differs(index, labels) else { return Unavoidable::Agrees };
    let (differs, homewards) = (places.len(), distances_home(index));
    for (step, place) in places.into_iter().enumerate().rev() {
        match way_home(index, &homewards, place) {
            Way::Home(way) => {
                let trace = Trace { scope: index.scope().clone(), labels: way };
                return Unavoidable::From { differs, step: step + 1, instead: trace.to_string() };
            }
            Way::None => {}
            Way::Undecided => return Unavoidable::Undecided { differs, places: MOST_PLACES },
        }
    }
    unreachable!("before the first step nobody is logged in")
}

/// The places before each step up to the one that differs; `None` if none does.
fn until_it_differs<'a>(index: &'a Index, labels: &[u16]) -> Option<Vec<Position<'a>>> {
    let mut places = vec![Position::start(index.scope())];
    for label in labels {
        match places[places.len() - 1].after(*label) {
            Ok(next) => places.push(next),
            Err(_) => return Some(places),
        }
    }
    None
}

/// How a search for a way home ends.
enum Way {
    Home(Labels),
    None,
    Undecided,
}

/// Of the places that are known the one whose model state is nearest to home is gone on from first.
fn way_home(index: &Index, homewards: &[u32], from: Position<'_>) -> Way {
    let (mut known, mut places) = (FxHashSet::from_iter([from.key()]), vec![Some(from)]);
    let distance = |place: &Position<'_>| index.number_of(&place.labels).map_or(u32::MAX, |state| homewards[state as usize]);
    let mut open = BinaryHeap::from([Reverse((0, 0))]);
    while let Some(Reverse((_, number))) = open.pop() {
        let Some(place) = places[number].take() else { continue };
        if distance(&place) == 0 {
            return Way::Home(place.labels);
        }
        for label in 0..place.replay.offered().len() as u16 {
            let Ok(next) = place.after(label) else { continue };
            if known.insert(next.key()) {
                open.push(Reverse((distance(&next), places.len())));
                places.push(Some(next));
            }
        }
        if known.len() > MOST_PLACES {
            return Way::Undecided;
        }
    }
    Way::None
}

/// For each state how many steps it is from the initial one.
fn distances_home(index: &Index) -> Vec<u32> {
    let mut distances = vec![u32::MAX; index.graph.state_count()];
    let mut open: VecDeque<StateId> = VecDeque::from([0]);
    distances[0] = 0;
    while let Some(state) = open.pop_front() {
        for (from, _) in index.ways_into(state) {
            if distances[from as usize] == u32::MAX {
                distances[from as usize] = distances[state as usize] + 1;
                open.push_back(from);
            }
        }
    }
    distances
}
