//! Walks from the initial state that take every transition as often as they are told: an Euler circuit, cut where it begins afresh. It
//! chooses no repeats.

use model::graph::{Graph, StateId};

use super::Labels;
use super::repeats::Repeats;

/// The label of no transition: a walk ends, and another begins in the initial state.
const AFRESH: u16 = u16::MAX;

/// The labels of the walks, self-loops left out. Every state must be left as often as it is come to, walks that end there and begin anew
/// counted (Hierholzer).
pub(super) fn walks(graph: &Graph, mut left: Repeats) -> Vec<Labels> {
    let mut next: Vec<u16> = vec![0; graph.state_count()];
    let mut open: Vec<(StateId, u16)> = vec![(0, AFRESH)];
    let (mut walks, mut walk) = (Vec::new(), Labels::new());
    while let Some((state, label_to)) = open.last().copied() {
        if let Some(label) = untaken(graph, state, &mut left.taken, &mut next[state as usize]) {
            open.push((graph.targets_of(state)[usize::from(label)], label));
        } else if let Some(fewer) = left.ends[state as usize].checked_sub(1) {
            left.ends[state as usize] = fewer;
            open.push((0, AFRESH));
        } else {
            open.pop();
            match label_to {
                AFRESH => walks.push(reversed(&mut walk)),
                label => walk.push(label),
            }
        }
    }
    walks.reverse();
    walks
}

fn reversed(walk: &mut Labels) -> Labels {
    let mut walk = std::mem::take(walk);
    walk.reverse();
    walk.shrink_to_fit();
    walk
}

/// Takes one transition of a state that is to be taken still.
fn untaken(graph: &Graph, state: StateId, left: &mut [u32], next: &mut u16) -> Option<u16> {
    let left = &mut left[graph.first_transition(state)..][..graph.targets_of(state).len()];
    while usize::from(*next) < left.len() {
        if let Some(fewer) = left[usize::from(*next)].checked_sub(1) {
            left[usize::from(*next)] = fewer;
            return Some(*next);
        }
        *next += 1;
    }
    None
}
