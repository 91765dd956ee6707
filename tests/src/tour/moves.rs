//! A short way that takes each move of a scope: where every transition would cost too much. It counts nothing that was walked.

use std::collections::{BTreeMap, VecDeque};

use model::action::Action;
use model::graph::{Graph, StateId};
use model::state::{Phase, Reach, State};

use super::Labels;

/// An action, and how its instance stands as it happens: its phase, its link, and how many messages run.
type Move = (Action, Option<(Phase, Reach, usize)>);

/// Tours that together take every action in every phase of its instance in which the scope has it, of about `length` steps each or less:
/// always the nearest that was not taken yet.
pub fn moves(graph: &Graph, length: usize) -> Vec<Labels> {
    let mut moves = Moves::of(graph);
    let mut tours = Vec::new();
    loop {
        let tour = moves.tour(length);
        if tour.is_empty() {
            return tours;
        }
        tours.push(tour);
    }
}

/// The moves of a graph, and which were taken.
struct Moves<'a> {
    graph: &'a Graph,
    /// Which each transition is, by number.
    of: Vec<u32>,
    taken: Vec<bool>,
}

impl<'a> Moves<'a> {
    fn of(graph: &'a Graph) -> Moves<'a> {
        let mut numbers: BTreeMap<Move, u32> = BTreeMap::new();
        let mut of = Vec::with_capacity(graph.transition_count());
        for (from, state) in graph.states().enumerate() {
            for action in graph.actions_of(from as StateId) {
                let fresh = numbers.len() as u32;
                of.push(*numbers.entry((action, stands(&state, action))).or_insert(fresh));
            }
        }
        Moves { graph, of, taken: vec![false; numbers.len()] }
    }

    fn tour(&mut self, length: usize) -> Labels {
        let (mut tour, mut at) = (Labels::new(), 0);
        while tour.len() < length
            && let Some(way) = self.nearest(at)
        {
            for label in way {
                let place = self.graph.first_transition(at) + usize::from(label);
                self.taken[self.of[place] as usize] = true;
                at = self.graph.targets[place];
                tour.push(label);
            }
        }
        tour
    }

    /// The shortest way on that ends with a move that was not taken yet.
    fn nearest(&self, from: StateId) -> Option<Labels> {
        let mut came: BTreeMap<StateId, (StateId, u16)> = BTreeMap::new();
        let mut next = VecDeque::from([from]);
        while let Some(at) = next.pop_front() {
            for (label, target) in (0..).zip(self.graph.targets_of(at)) {
                if !self.taken[self.of[self.graph.first_transition(at) + usize::from(label)] as usize] {
                    return Some(way(&came, from, at, label));
                }
                if *target != from && !came.contains_key(target) {
                    came.insert(*target, (at, label));
                    next.push_back(*target);
                }
            }
        }
        None
    }
}

fn way(came: &BTreeMap<StateId, (StateId, u16)>, from: StateId, mut at: StateId, last: u16) -> Labels {
    let mut labels = vec![last];
    while at != from {
        let (before, label) = came[&at];
        labels.push(label);
        at = before;
    }
    labels.reverse();
    labels
}

fn stands(state: &State, action: Action) -> Option<(Phase, Reach, usize)> {
    let client = &state.instance(action.instance()?).client;
    Some((client.phase, client.reach, client.sends.len()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::scopes;

    use super::*;

    /// The moves of walks through a graph.
    fn taken(graph: &Graph, tours: &[Labels]) -> BTreeSet<Move> {
        let mut taken = BTreeSet::new();
        for tour in tours {
            let mut at = 0;
            for label in tour {
                let action = graph.actions_of(at)[usize::from(*label)];
                taken.insert((action, stands(&graph.state(at), action)));
                at = graph.targets_of(at)[usize::from(*label)];
            }
        }
        taken
    }

    #[test]
    fn every_action_is_taken_in_every_phase_in_few_steps() {
        let graph = Graph::of(&scopes::named("usersig").expect("it is there"));
        let every = graph.states().enumerate().flat_map(|(from, state)| {
            graph.actions_of(from as StateId).into_iter().map(move |action| (action, stands(&state, action)))
        });
        let every: BTreeSet<_> = every.collect();
        for length in [10, 2_000] {
            let tours = moves(&graph, length);
            assert_eq!(taken(&graph, &tours), every);
            assert!(tours.iter().map(Vec::len).sum::<usize>() * 10 < graph.transition_count(), "{length}");
        }
    }
}
