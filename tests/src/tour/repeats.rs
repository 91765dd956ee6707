//! Which transitions are taken more than once, and after which states a walk ends and another begins afresh. Of all choices after which
//! every state is left as often as it is come to it is the one of the least cost, where a fresh system costs as much as so many steps. It
//! walks nothing.

use model::graph::{Graph, StateId};

use super::flow::Flow;
use super::network::{Arc, Network};

/// How often each transition is taken, and how often a walk ends in each state.
pub(super) struct Repeats {
    /// Self-loops are not taken here.
    pub(super) taken: Vec<u32>,
    /// Of each state.
    pub(super) ends: Vec<u32>,
}

impl Repeats {
    /// What a flow says.
    pub(super) fn of(graph: &Graph, flow: &Flow) -> Repeats {
        let mut taken = vec![0; graph.transition_count()];
        let mut ends = Vec::with_capacity(graph.state_count());
        for state in 0..graph.state_count() as StateId {
            let taken = &mut taken[graph.first_transition(state)..];
            labels_elsewhere(graph, state).for_each(|label| taken[label] = 1);
            let mut amounts = flow.amounts_of(state);
            ways(graph, state).zip(&mut amounts).for_each(|(label, again)| taken[label] += again);
            ends.extend(amounts);
        }
        Repeats { taken, ends }
    }

    /// How many steps the walks have, self-loops included.
    pub(super) fn steps(&self, graph: &Graph) -> usize {
        self.taken.iter().map(|times| *times as usize).sum::<usize>() + graph.self_loops()
    }
}

/// The cheapest repeats as a flow: a step costs 1, and to begin afresh costs `fresh`, from any state to the initial one.
pub(super) fn flow(graph: &Graph, fresh: u16) -> Flow {
    let arcs_of = |state| {
        let steps = ways(graph, state).map(move |label| Arc { to: graph.targets_of(state)[label], cost: 1 });
        steps.chain([Arc { to: 0, cost: i32::from(fresh) }])
    };
    Flow::cheapest(Network::new(graph.state_count(), arcs_of), &excess(graph))
}

/// How much more often each state is come to than left when every transition is taken once.
fn excess(graph: &Graph) -> Vec<i32> {
    let mut excess = vec![0; graph.state_count()];
    for state in 0..graph.state_count() as StateId {
        for target in graph.targets_of(state) {
            excess[*target as usize] += 1;
            excess[state as usize] -= 1;
        }
    }
    excess
}

/// The labels that lead to another state.
fn labels_elsewhere(graph: &Graph, state: StateId) -> impl Iterator<Item = usize> {
    let targets = graph.targets_of(state).iter().enumerate();
    targets.filter(move |(_, target)| **target != state).map(|(label, _)| label)
}

/// The first label to each other state: no other one needs to be taken again.
fn ways(graph: &Graph, state: StateId) -> impl Iterator<Item = usize> {
    let targets = graph.targets_of(state);
    labels_elsewhere(graph, state).filter(move |label| !targets[..*label].contains(&targets[*label]))
}
