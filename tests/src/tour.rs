//! The way through a scope: one walk that takes every transition of its graph, cut into tours that each begin afresh. Each next step is
//! the nearest transition that was not taken yet. What was really walked is not counted here but in [`crate::coverage`].

use std::collections::VecDeque;
use std::iter;

use model::graph::{Graph, StateId};

/// Labels from the initial state on: each is an action's place among those offered.
pub type Labels = Vec<u16>;

/// Tours that together take every transition, of about `length` steps each.
pub fn tours(graph: &Graph, length: usize) -> Vec<Labels> {
    tours_by_and_by(graph, length).collect()
}

/// The same tours, each made when it is asked for.
pub fn tours_by_and_by(graph: &Graph, length: usize) -> impl Iterator<Item = Labels> {
    let mut maker = TourMaker::new(graph);
    iter::from_fn(move || (maker.left > 0).then(|| maker.tour(length)))
}

struct TourMaker<'a> {
    graph: &'a Graph,
    taken: Vec<bool>,
    /// Each state's first transition that may not be taken yet.
    fresh: Vec<u16>,
    left: usize,
    at: StateId,
    /// By which search each state was last seen, and from where.
    seen: Vec<(u32, StateId, u16)>,
    search: u32,
}

impl<'a> TourMaker<'a> {
    fn new(graph: &'a Graph) -> TourMaker<'a> {
        let states = graph.state_count();
        let left = graph.transition_count();
        let (taken, fresh, seen) = (vec![false; left], vec![0; states], vec![(0, 0, 0); states]);
        TourMaker { graph, taken, fresh, left, at: 0, seen, search: 0 }
    }

    fn tour(&mut self, length: usize) -> Labels {
        let mut labels = self.graph.path_to(self.at);
        while labels.len() < length && self.left > 0 {
            self.take_self_loops(&mut labels);
            match self.fresh_label(self.at) {
                Some(label) => self.take(label, &mut labels),
                None => self.go_to_nearest(&mut labels),
            }
        }
        labels
    }

    fn fresh_label(&mut self, state: StateId) -> Option<u16> {
        let first = self.graph.first_transition(state);
        let labels = self.graph.targets_of(state).len() as u16;
        while self.fresh[state as usize] < labels {
            let label = self.fresh[state as usize];
            if !self.taken[first + usize::from(label)] {
                return Some(label);
            }
            self.fresh[state as usize] += 1;
        }
        None
    }

    fn take(&mut self, label: u16, labels: &mut Labels) {
        let number = self.graph.first_transition(self.at) + usize::from(label);
        if !std::mem::replace(&mut self.taken[number], true) {
            self.left -= 1;
        }
        labels.push(label);
        self.at = self.graph.targets_of(self.at)[usize::from(label)];
    }

    /// Those that lead nowhere else cost nothing on the way, and a way back later.
    fn take_self_loops(&mut self, labels: &mut Labels) {
        let (first, targets) = (self.graph.first_transition(self.at), self.graph.targets_of(self.at));
        let here = self.at;
        for label in (0..targets.len()).filter(|label| targets[*label] == here) {
            if !self.taken[first + label] {
                self.take(label as u16, labels);
            }
        }
    }

    /// Breadth first to the nearest state that has a transition left; every state can be reached from every other one.
    fn go_to_nearest(&mut self, labels: &mut Labels) {
        self.search += 1;
        self.seen[self.at as usize] = (self.search, self.at, 0);
        let mut open = VecDeque::from([self.at]);
        while let Some(state) = open.pop_front() {
            if self.fresh_label(state).is_some() {
                return self.walk_back_to(state, labels);
            }
            for (label, target) in self.graph.targets_of(state).iter().enumerate() {
                if self.seen[*target as usize].0 != self.search {
                    self.seen[*target as usize] = (self.search, state, label as u16);
                    open.push_back(*target);
                }
            }
        }
        self.at = 0;
        labels.clear();
    }

    fn walk_back_to(&mut self, goal: StateId, labels: &mut Labels) {
        let mut way = Vec::new();
        let mut state = goal;
        while state != self.at {
            let (_, parent, label) = self.seen[state as usize];
            way.push(label);
            state = parent;
        }
        way.into_iter().rev().for_each(|label| self.take(label, labels));
    }
}
