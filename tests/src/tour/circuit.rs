//! An Euler circuit: a closed walk from the initial state that takes every transition as often as it is told. It chooses no repeats.

use model::graph::{Graph, StateId};

use super::Labels;
use super::repeats::Repeats;

/// The labels of the circuit, self-loops left out. Each other transition is taken once and as often again as `repeats` says; every state
/// must be left as often as it is come to (Hierholzer).
pub(super) fn circuit(graph: &Graph, repeats: Repeats) -> Labels {
    let mut left = repeats.times_taken(graph);
    let mut next: Vec<u16> = vec![0; graph.state_count()];
    let mut open: Vec<(StateId, u16)> = vec![(0, 0)];
    let mut circuit = Labels::new();
    while let Some((state, label_to)) = open.last().copied() {
        match untaken(graph, state, &mut left, &mut next[state as usize]) {
            Some(label) => open.push((graph.targets_of(state)[usize::from(label)], label)),
            None => {
                circuit.push(label_to);
                open.pop();
            }
        }
    }
    circuit.pop();
    circuit.reverse();
    circuit
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
