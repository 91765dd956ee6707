//! What is still to be walked where a difference is known: walks that take no transition on which the child is known to differ, and none
//! that is alike. It walks nothing itself.

use std::collections::{BTreeSet, VecDeque};

use model::action::ActionKind;
use model::graph::{Graph, StateId};
use model::rule::{Rule, Rules};
use model::step::{acting, step};

use crate::tour::Labels;

/// The transitions of a scope that are walked, and those that are not.
pub(super) struct Around<'a> {
    graph: &'a Graph,
    /// The transitions that were walked and agreed.
    agreed: Vec<bool>,
    /// Those that were seen to differ.
    differs: BTreeSet<usize>,
    /// By which rule they did, and at which kind of action: wherever that rule acts on such an action it is taken for known.
    alike: BTreeSet<(Rule, ActionKind)>,
    /// For each state that can be reached without any of them, the step by which it is come to first.
    ways: Vec<Option<(StateId, u16)>>,
}

impl<'a> Around<'a> {
    /// Nothing is known to differ.
    pub(super) fn new(graph: &'a Graph) -> Around<'a> {
        let agreed = vec![false; graph.transition_count()];
        Around { graph, agreed, differs: BTreeSet::new(), alike: BTreeSet::new(), ways: Vec::new() }
    }

    /// Notes a walk that agreed.
    pub(super) fn note(&mut self, labels: &[u16]) {
        for (at, label) in self.taken(labels) {
            let transition = self.transition(at, label);
            self.agreed[transition] = true;
        }
    }

    /// Leaves out the last step of a walk from now on, and each of its kind on which that rule acts.
    pub(super) fn leave_out(&mut self, rule: Rule, labels: &[u16]) {
        let Some(&(at, label)) = self.taken(labels).last() else { return };
        self.differs.insert(self.transition(at, label));
        self.alike.insert((rule, self.graph.actions_of(at)[usize::from(label)].kind()));
        self.ways = self.found_ways();
    }

    /// What there is to be walked of a tour, each part behind a way to it: all of it, as long as nothing is known to differ.
    pub(super) fn walks(&self, tour: &[u16]) -> VecDeque<Labels> {
        if self.differs.is_empty() {
            return VecDeque::from([tour.to_vec()]);
        }
        let (mut walks, mut walk) = (VecDeque::new(), None);
        for (at, label) in self.taken(tour) {
            if self.is_left_out(at, label) {
                walks.extend(walk.take());
            } else {
                walk = walk.or_else(|| self.way_to(at));
                walk.iter_mut().for_each(|walk: &mut Labels| walk.push(label));
            }
        }
        walks.extend(walk);
        walks.retain(|walk| self.taken(walk).iter().any(|(at, label)| !self.agreed[self.transition(*at, *label)]));
        walks
    }

    /// The steps of a walk, each with the state that it is made in.
    fn taken(&self, labels: &[u16]) -> Vec<(StateId, u16)> {
        let mut at = 0;
        let mut go = |label: &u16| {
            let from = at;
            at = self.graph.targets_of(from)[usize::from(*label)];
            (from, *label)
        };
        labels.iter().map(&mut go).collect()
    }

    fn transition(&self, at: StateId, label: u16) -> usize {
        self.graph.first_transition(at) + usize::from(label)
    }

    fn is_left_out(&self, at: StateId, label: u16) -> bool {
        if self.differs.contains(&self.transition(at, label)) {
            return true;
        }
        let action = self.graph.actions_of(at)[usize::from(label)];
        let mut rules = self.alike.iter().filter(|(_, kind)| *kind == action.kind()).map(|(rule, _)| *rule).peekable();
        if rules.peek().is_none() {
            return false;
        }
        let (scope, state) = (&self.graph.scope, self.graph.state(at));
        let acts = acting(scope, &state, action, &step(scope, Rules::ALL, &state, action));
        rules.any(|rule| acts.contains(rule))
    }

    /// Breadth first over what is not left out.
    fn found_ways(&self) -> Vec<Option<(StateId, u16)>> {
        let mut ways = vec![None; self.graph.state_count()];
        let mut open = VecDeque::from([0]);
        while let Some(at) = open.pop_front() {
            for (label, target) in (0_u16..).zip(self.graph.targets_of(at)) {
                let way = &mut ways[*target as usize];
                if *target != 0 && way.is_none() && !self.is_left_out(at, label) {
                    *way = Some((at, label));
                    open.push_back(*target);
                }
            }
        }
        ways
    }

    /// The shortest way to a state; `None` if every one is left out.
    fn way_to(&self, mut state: StateId) -> Option<Labels> {
        let mut labels = Labels::new();
        while state != 0 {
            let (before, label) = self.ways[state as usize]?;
            labels.push(label);
            state = before;
        }
        labels.reverse();
        Some(labels)
    }
}
