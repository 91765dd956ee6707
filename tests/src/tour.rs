//! The way through a scope: walks from the initial state that together take every transition of its graph, cut into tours that each begin
//! on a fresh system. They are made as a postman's round: some transitions are taken again so that every state is left as often as it is
//! come to, see `repeats`, and then an Euler circuit takes them all, see `circuit`. What was really walked is not counted here but in
//! [`crate::coverage`].

mod circuit;
mod flow;
mod moves;
mod network;
mod proof;
mod repeats;

use std::iter;

use model::graph::{Graph, StateId};

pub use moves::moves;
use repeats::Repeats;

/// Labels from the initial state on: each is an action's place among those offered.
pub type Labels = Vec<u16>;

/// As how many steps a fresh system counts when repeats are chosen: the more, the longer a walk is, and long histories show what a system
/// keeps hidden. With the first, tours have nearly a thousand steps on average at least; the second is for graphs that only
/// then take few enough steps.
const FRESH: [u16; 2] = [12, 5];

/// How many steps a hundred transitions are to take at most where that can be: 210, less what it takes to come back to where a tour was cut.
const MOST_STEPS: usize = 208;

/// Tours that together take every transition, of about `length` steps each or less.
pub fn tours(graph: &Graph, length: usize) -> Vec<Labels> {
    Round::of(graph).tours(length).collect()
}

/// The same tours, each made when it is asked for.
pub fn tours_by_and_by(graph: &Graph, length: usize) -> impl Iterator<Item = Labels> {
    let round = Round::of(graph);
    let mut cut = Cut::new(graph);
    iter::from_fn(move || cut.tour(&round.walks, length))
}

/// Walks that together take every transition of a graph.
pub struct Round<'a> {
    graph: &'a Graph,
    walks: Vec<Labels>,
    least_steps: usize,
}

impl<'a> Round<'a> {
    /// The walks through a graph: long ones, and shorter ones only where that brings all of them to 2.1 steps a transition.
    pub fn of(graph: &'a Graph) -> Round<'a> {
        let cheapest = repeats::flow(graph, 0);
        let least_steps =
            proof::least_steps(graph, |state| cheapest.price(state)).expect("the price rises by no more than a step costs");
        drop(cheapest);
        let repeats = chosen(graph, least_steps);
        Round { graph, walks: circuit::walks(graph, repeats), least_steps }
    }

    /// The walked graph.
    pub fn graph(&self) -> &'a Graph {
        self.graph
    }

    /// No walks from the initial state that together take every transition have fewer steps than this, however many they are.
    pub fn least_steps(&self) -> usize {
        self.least_steps
    }

    /// The walks, cut into tours of about `length` steps each or less.
    pub fn tours(&self, length: usize) -> impl Iterator<Item = Labels> {
        let mut cut = Cut::new(self.graph);
        iter::from_fn(move || cut.tour(&self.walks, length))
    }
}

/// The first repeats of few enough steps; the very first if none can have so few.
fn chosen(graph: &Graph, least_steps: usize) -> Repeats {
    let few = |steps: usize| steps * 100 <= graph.transition_count() * MOST_STEPS;
    let made = |fresh| Repeats::of(graph, &repeats::flow(graph, fresh));
    let first = made(FRESH[0]);
    if few(first.steps(graph)) || !few(least_steps) { first } else { made(FRESH[1]) }
}

/// Walks that are being cut into tours.
struct Cut<'a> {
    graph: &'a Graph,
    /// The number of the walk.
    walk: usize,
    /// How many of its steps were taken.
    step: usize,
    /// Where they led.
    at: StateId,
    /// The states whose self-loops were taken.
    looped: Vec<bool>,
}

impl<'a> Cut<'a> {
    fn new(graph: &'a Graph) -> Cut<'a> {
        Cut { graph, walk: 0, step: 0, at: 0, looped: vec![false; graph.state_count()] }
    }

    /// The next part of a walk; `None` behind the last.
    fn tour(&mut self, walks: &[Labels], length: usize) -> Option<Labels> {
        while let Some(walk) = walks.get(self.walk) {
            let tour = self.part(walk, length);
            if self.step == walk.len() {
                (self.walk, self.step, self.at) = (self.walk + 1, 0, 0);
            }
            if tour.is_some() {
                return tour;
            }
        }
        None
    }

    /// What comes next of a walk, behind the shortest path to where it begins; `None` if nothing does.
    fn part(&mut self, walk: &[u16], length: usize) -> Option<Labels> {
        let mut labels = self.graph.path_to(self.at);
        let way = labels.len();
        self.take_self_loops(&mut labels);
        while labels.len() < length.max(way + 1)
            && let Some(label) = walk.get(self.step)
        {
            labels.push(*label);
            self.step += 1;
            self.at = self.graph.targets_of(self.at)[usize::from(*label)];
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
    fn tours_take_every_transition_in_at_most_2_1_steps_each_where_any_walks_can() {
        for name in ["usersig", "page-default", "limit-change", "messages", "copies"] {
            let graph = graph(name);
            let (taken, steps) = taken(&graph, &tours(&graph, 4_000));
            assert_eq!(taken, graph.transition_count(), "{name}");
            assert!(steps * 10 <= graph.transition_count() * 21, "{name}: {steps} steps");
        }
    }

    #[test]
    fn where_no_walks_can_be_so_short_tours_are_long() {
        for name in ["callbacks-expiry", "order", "half-open"] {
            let graph = graph(name);
            let (least, tours) = (Round::of(&graph).least_steps(), tours(&graph, 4_000));
            let (_, steps) = taken(&graph, &tours);
            assert!(least * 10 > graph.transition_count() * 21, "{name}: at least {least} steps");
            assert!(steps >= tours.len() * 3_000 && steps * 10 <= least * 12, "{name}: {steps} steps, {} tours", tours.len());
        }
    }

    #[test]
    fn walks_have_the_least_number_of_steps_if_a_fresh_system_counts_nothing() {
        for name in ["usersig", "policy-multi", "late-frames", "callbacks-expiry"] {
            let graph = graph(name);
            let walks = circuit::walks(&graph, Repeats::of(&graph, &repeats::flow(&graph, 0)));
            let steps = walks.iter().map(Vec::len).sum::<usize>() + graph.self_loops();
            assert_eq!(steps, Round::of(&graph).least_steps(), "{name}");
        }
    }

    #[test]
    fn a_graph_that_cannot_be_come_back_through_is_walked_whole() {
        let scope = scopes::named("usersig").expect("it is there");
        let graph = Graph::build(&scope, Rules::ALL, Bound { states: 40 });
        assert!(!graph.is_strongly_connected());
        assert_eq!(taken(&graph, &tours(&graph, 4_000)).0, graph.transition_count());
    }

    #[test]
    fn where_every_transition_ends_in_a_state_that_leads_nowhere_each_is_a_tour() {
        let scope = scopes::named("usersig").expect("it is there");
        let graph = Graph::build(&scope, Rules::ALL, Bound { states: 1 });
        let elsewhere = graph.transition_count() - graph.self_loops();
        assert!(elsewhere > 1 && graph.state_count() == elsewhere + 1);
        assert_eq!(tours(&graph, 4_000).len(), elsewhere);
        assert_eq!(Round::of(&graph).least_steps(), graph.transition_count());
    }

    #[test]
    fn short_tours_take_as_much_as_long_ones() {
        let graph = graph("callbacks-expiry");
        for length in [1, 50, usize::MAX] {
            assert_eq!(taken(&graph, &tours(&graph, length)).0, graph.transition_count(), "{length}");
        }
    }
}
