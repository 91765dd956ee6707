//! The way through a scope: one closed walk that takes every transition of its graph, cut into tours that each begin afresh. It is made
//! as a postman's round: some transitions are taken again so that every state is left as often as it is come to, see [`repeats`], and then
//! an Euler circuit takes them all, see [`circuit`]. What was really walked is not counted here but in [`crate::coverage`].

mod circuit;
mod repeats;

use std::iter;
use std::vec;

use model::graph::{Graph, StateId};

use circuit::circuit;
use repeats::Repeats;

/// Labels from the initial state on: each is an action's place among those offered.
pub type Labels = Vec<u16>;

/// Tours that together take every transition, of about `length` steps each.
pub fn tours(graph: &Graph, length: usize) -> Vec<Labels> {
    tours_by_and_by(graph, length).collect()
}

/// The same tours, each made when it is asked for.
pub fn tours_by_and_by(graph: &Graph, length: usize) -> impl Iterator<Item = Labels> {
    let round = Repeats::of(graph).map(|repeats| Round::new(graph, circuit(graph, repeats)));
    let mut one_by_one = round.is_none().then(|| one_by_one(graph)).into_iter().flatten();
    let mut round = round.into_iter();
    let mut open = round.next();
    iter::from_fn(move || match &mut open {
        Some(round) => round.tour(length),
        None => one_by_one.next(),
    })
}

/// How many steps every walk that takes all transitions has at least, the ways to the beginnings of tours aside; `None` if no walk can,
/// since some state cannot be come back from.
pub fn least_steps(graph: &Graph) -> Option<usize> {
    Repeats::of(graph).map(|repeats| graph.transition_count() + repeats.at_least())
}

/// Every transition by itself, behind the shortest path to it: where no closed walk takes them all.
fn one_by_one(graph: &Graph) -> impl Iterator<Item = Labels> {
    let of_state = move |state: StateId| {
        let labels = 0..graph.targets_of(state).len() as u16;
        labels.map(move |label| graph.path_to(state).into_iter().chain([label]).collect())
    };
    (0..graph.state_count() as StateId).flat_map(of_state)
}

/// The closed walk being cut into tours.
struct Round<'a> {
    graph: &'a Graph,
    circuit: vec::IntoIter<u16>,
    at: StateId,
    /// The states whose self-loops were taken.
    looped: Vec<bool>,
}

impl<'a> Round<'a> {
    fn new(graph: &'a Graph, circuit: Labels) -> Round<'a> {
        Round { graph, circuit: circuit.into_iter(), at: 0, looped: vec![false; graph.state_count()] }
    }

    /// The next part of the walk, behind the shortest path to where it begins; `None` behind the last.
    fn tour(&mut self, length: usize) -> Option<Labels> {
        let mut labels = self.graph.path_to(self.at);
        let way = labels.len();
        self.take_self_loops(&mut labels);
        while labels.len() < length.max(way + 1)
            && let Some(label) = self.circuit.next()
        {
            labels.push(label);
            self.at = self.graph.targets_of(self.at)[usize::from(label)];
            self.take_self_loops(&mut labels);
        }
        (labels.len() > way).then_some(labels)
    }

    /// Those that lead nowhere else cost nothing on the way.
    fn take_self_loops(&mut self, labels: &mut Labels) {
        let here = self.at;
        if !std::mem::replace(&mut self.looped[here as usize], true) {
            let targets = self.graph.targets_of(here).iter().enumerate();
            labels.extend(targets.filter(|(_, target)| **target == here).map(|(label, _)| label as u16));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::graph::Bound;
    use model::rule::Rules;
    use model::scopes;

    fn graph(name: &str) -> Graph {
        Graph::of(&scopes::named(name).expect("it is there"))
    }

    /// How many transitions the tours take, and how many steps they have.
    fn taken(graph: &Graph, tours: &[Labels]) -> (usize, usize) {
        let mut taken = vec![false; graph.transition_count()];
        for tour in tours {
            let mut at = 0;
            for label in tour {
                taken[graph.first_transition(at) + usize::from(*label)] = true;
                at = graph.targets_of(at)[usize::from(*label)];
            }
        }
        (taken.into_iter().filter(|taken| *taken).count(), tours.iter().map(Vec::len).sum())
    }

    #[test]
    fn tours_take_every_transition_in_little_more_than_the_least_number_of_steps() {
        for name in ["usersig", "page-default", "limit-change"] {
            let graph = graph(name);
            let (taken, steps) = taken(&graph, &tours(&graph, 4_000));
            let least = least_steps(&graph).expect("it is strongly connected");
            assert_eq!(taken, graph.transition_count(), "{name}");
            assert!(steps >= least && steps * 10 <= graph.transition_count() * 21, "{name}: {steps} steps, at least {least}");
        }
    }

    #[test]
    fn a_graph_that_cannot_be_come_back_through_is_walked_one_by_one() {
        let scope = scopes::named("usersig").expect("it is there");
        let graph = Graph::build(&scope, Rules::ALL, Bound { states: 40 });
        assert_eq!(least_steps(&graph), None);
        assert_eq!(taken(&graph, &tours(&graph, 4_000)).0, graph.transition_count());
    }

    #[test]
    fn short_tours_take_as_much_as_long_ones() {
        let graph = graph("callbacks-expiry");
        for length in [1, 50, usize::MAX] {
            assert_eq!(taken(&graph, &tours(&graph, length)).0, graph.transition_count(), "{length}");
        }
    }
}
