//! All of a scope: every state, every labelled transition, shortest paths, by one breadth-first search. It is the source of truth
//! for what is walked; it judges nothing.

mod broadcasts;
mod digest;
mod kept;
mod moves;
mod numbers;
mod search;
mod table;

use std::iter;

use crate::action::Action;
use crate::rule::Rules;
use crate::scope::Scope;
use crate::state::State;
use crate::step::{Step, actions, step};

pub(crate) use numbers::{Layout, Numbers};

use kept::Kept;
use search::Search;

/// A state's number: its place in the order of discovery. The initial state is 0.
pub type StateId = u32;

/// Where a search is stopped before it is complete; the verdict then names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// No state is expanded any more once there are more than so many.
    pub states: usize,
}

impl Bound {
    /// No bound that a scope is meant to reach: 50 million states.
    pub const NONE: Bound = Bound { states: 50_000_000 };
}

/// The complete graph of a scope under some rules, or as much of it as a bound let pass.
pub struct Graph {
    /// What was searched.
    pub scope: Scope,
    /// Under which rules.
    pub rules: Rules,
    /// Where each transition leads; those of state `s` are `targets[starts[s]..starts[s + 1]]`, in the order of [`actions`].
    pub targets: Vec<StateId>,
    states: Kept,
    starts: Vec<u32>,
    /// For each state that was expanded, how many were known then: those that it found are numbered from there on.
    known: Vec<StateId>,
    /// What cut the search, if anything did.
    pub cut: Option<Bound>,
}

impl Graph {
    /// Searches the scope with all rules in force.
    pub fn of(scope: &Scope) -> Graph {
        Graph::build(scope, Rules::ALL, Bound::NONE)
    }

    /// Searches the scope breadth first; every state is expanded once, every action of it taken once.
    pub fn build(scope: &Scope, rules: Rules, bound: Bound) -> Graph {
        let mut search = Search::new(scope, rules);
        let (mut targets, mut starts, mut known) = (Vec::new(), vec![0], Vec::new());
        let mut cut = None;
        while known.len() < search.state_count() && cut.is_none() {
            let from = known.len() as StateId;
            known.push(search.state_count() as StateId);
            search.expand(from, &mut targets);
            starts.push(u32::try_from(targets.len()).expect("a bound keeps transitions below four billion"));
            cut = (search.state_count() > bound.states).then_some(bound);
        }
        starts.resize(search.state_count() + 1, targets.len() as u32);
        [&mut targets, &mut starts, &mut known].into_iter().for_each(Vec::shrink_to_fit);
        Graph { scope: scope.clone(), rules, targets, states: search.finish(), starts, known, cut }
    }

    /// How many states there are.
    pub fn state_count(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many labelled transitions there are, parallel ones and self-loops counted apart.
    pub fn transition_count(&self) -> usize {
        self.targets.len()
    }

    /// One of the states.
    pub fn state(&self, id: StateId) -> State {
        self.states.state(id)
    }

    /// One of the states, by the numbers of its parts.
    pub(crate) fn numbers(&self, id: StateId) -> Numbers {
        self.states.numbers(id)
    }

    /// Whether that is the state of that number.
    pub(crate) fn is(&self, id: StateId, state: &State) -> bool {
        self.states.is(id, state)
    }

    /// The states, in the order of their discovery.
    pub fn states(&self) -> impl ExactSizeIterator<Item = State> {
        (0..self.state_count() as StateId).map(|id| self.state(id))
    }

    /// How many bytes are kept, the transitions aside.
    pub fn bytes_besides_transitions(&self) -> usize {
        self.states.bytes() + size_of_val(&*self.starts) + size_of_val(&*self.known)
    }

    /// How many of the transitions lead back to where they start.
    pub fn self_loops(&self) -> usize {
        (0..self.state_count() as StateId).map(|from| self.targets_of(from).iter().filter(|target| **target == from).count()).sum()
    }

    /// How many steps the farthest state is from the initial one.
    pub fn depth(&self) -> u16 {
        let last = self.state_count() as StateId - 1;
        let parents = iter::successors(Some(last), |state| (*state != 0).then(|| self.parent(*state)));
        parents.count() as u16 - 1
    }

    /// Where the transitions of a state lead, in the order of [`actions`]; none of a state that a cut search did not expand.
    pub fn targets_of(&self, from: StateId) -> &[StateId] {
        &self.targets[self.first_transition(from)..self.first_transition(from + 1)]
    }

    /// The number of a state's first transition; transition numbers run from 0 to [`Graph::transition_count`].
    pub fn first_transition(&self, from: StateId) -> usize {
        self.starts[from as usize] as usize
    }

    /// The actions of a state, one a transition.
    pub fn actions_of(&self, from: StateId) -> Vec<Action> {
        actions(&self.scope, &self.state(from))
    }

    /// Makes one transition again, to see it.
    pub fn step(&self, from: StateId, action: Action) -> Step {
        step(&self.scope, self.rules, &self.state(from), action)
    }

    /// The state that found another one: of those that lead to it the one that was expanded first.
    fn parent(&self, state: StateId) -> StateId {
        self.known.partition_point(|known| *known <= state) as StateId - 1
    }

    /// A shortest way from the initial state: the label taken in each state on it.
    pub fn path_to(&self, mut state: StateId) -> Vec<u16> {
        let mut labels = Vec::new();
        while state != 0 {
            let parent = self.parent(state);
            let label = self.targets_of(parent).iter().position(|target| *target == state);
            labels.push(label.expect("a state is found by its parent") as u16);
            state = parent;
        }
        labels.reverse();
        labels
    }

    /// The longest queue of any link in any state.
    pub fn longest_queue(&self) -> usize {
        let links = self.states.instances().flat_map(|seat| [seat.links.current, seat.links.abandoned]);
        links.flat_map(|link| [link.up.len(), link.down.len()]).max().unwrap_or(0)
    }

    /// Whether every state can be reached from every other one.
    pub fn is_strongly_connected(&self) -> bool {
        let mut sources = vec![Vec::new(); self.state_count()];
        for from in 0..self.state_count() as StateId {
            for target in self.targets_of(from).iter().filter(|target| **target != from) {
                sources[*target as usize].push(from);
            }
        }
        let mut reached = vec![false; self.state_count()];
        reached[0] = true;
        let mut open = vec![0];
        while let Some(state) = open.pop() {
            for source in &sources[state as usize] {
                if !std::mem::replace(&mut reached[*source as usize], true) {
                    open.push(*source);
                }
            }
        }
        reached.into_iter().all(|reached| reached)
    }
}
