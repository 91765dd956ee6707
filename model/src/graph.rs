//! All of a scope: every state, every labelled transition, shortest paths, by one breadth-first search. It is the source of truth
//! for what is walked; it judges nothing.

use std::hash::{Hash, Hasher};
use std::iter;

use rustc_hash::{FxHashMap, FxHasher};

use crate::action::Action;
use crate::rule::Rules;
use crate::scope::Scope;
use crate::state::{Instance, State};
use crate::step::{Step, actions, step};

/// A state's number: its place in the order of discovery. The initial state is 0.
pub type StateId = u32;

/// Where a search is stopped before it is complete; the verdict then names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// At most this many states are kept.
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
    /// The states, in the order of their discovery.
    pub states: Vec<State>,
    /// Where each transition leads; those of state `s` are `targets[starts[s]..starts[s + 1]]`, in the order of [`actions`].
    pub targets: Vec<StateId>,
    starts: Vec<usize>,
    parents: Vec<(StateId, u16)>,
    depths: Vec<u16>,
    /// Whether the bound cut the search.
    pub cut: bool,
}

impl Graph {
    /// Searches the scope with all rules in force.
    pub fn of(scope: &Scope) -> Graph {
        Graph::build(scope, Rules::ALL, Bound::NONE)
    }

    /// Searches the scope breadth first; every state is expanded once, every action of it taken once.
    pub fn build(scope: &Scope, rules: Rules, bound: Bound) -> Graph {
        let mut graph = Graph::with_initial_state(scope, rules);
        let mut known = FxHashMap::default();
        known.insert(graph.states[0], 0);
        let mut next = 0;
        while next < graph.states.len() && !graph.cut {
            graph.expand(next as StateId, &mut known, bound);
            next += 1;
        }
        graph.starts.resize(graph.states.len() + 1, graph.targets.len());
        graph
    }

    fn with_initial_state(scope: &Scope, rules: Rules) -> Graph {
        Graph {
            scope: scope.clone(),
            rules,
            states: vec![State::initial(scope)],
            targets: Vec::new(),
            starts: vec![0],
            parents: vec![(0, 0)],
            depths: vec![0],
            cut: false,
        }
    }

    fn expand(&mut self, from: StateId, known: &mut FxHashMap<State, StateId>, bound: Bound) {
        let state = self.states[from as usize];
        for (label, action) in actions(&self.scope, &state).into_iter().enumerate() {
            let next = step(&self.scope, self.rules, &state, action).next;
            let fresh = self.states.len() as StateId;
            let target = *known.entry(next).or_insert(fresh);
            if target == fresh {
                self.cut |= self.states.len() >= bound.states;
                self.states.push(next);
                self.parents.push((from, label as u16));
                self.depths.push(self.depths[from as usize] + 1);
            }
            self.targets.push(target);
        }
        self.starts.push(self.targets.len());
    }

    /// How many states there are.
    pub fn state_count(&self) -> usize {
        self.states.len()
    }

    /// How many labelled transitions there are, parallel ones and self-loops counted apart.
    pub fn transition_count(&self) -> usize {
        self.targets.len()
    }

    /// How many of them lead back to where they start.
    pub fn self_loops(&self) -> usize {
        (0..self.states.len() as StateId).map(|from| self.targets_of(from).iter().filter(|target| **target == from).count()).sum()
    }

    /// How many steps the farthest state is from the initial one.
    pub fn depth(&self) -> u16 {
        self.depths.iter().copied().max().unwrap_or(0)
    }

    /// Where the transitions of a state lead, in the order of [`actions`]; none of a state that a cut search did not expand.
    pub fn targets_of(&self, from: StateId) -> &[StateId] {
        &self.targets[self.starts[from as usize]..self.starts[from as usize + 1]]
    }

    /// The number of a state's first transition; transition numbers run from 0 to [`Graph::transition_count`].
    pub fn first_transition(&self, from: StateId) -> usize {
        self.starts[from as usize]
    }

    /// The actions of a state, one a transition.
    pub fn actions_of(&self, from: StateId) -> Vec<Action> {
        actions(&self.scope, &self.states[from as usize])
    }

    /// Makes one transition again, to see it.
    pub fn step(&self, from: StateId, action: Action) -> Step {
        step(&self.scope, self.rules, &self.states[from as usize], action)
    }

    /// A shortest way from the initial state: the label taken in each state on it.
    pub fn path_to(&self, mut state: StateId) -> Vec<u16> {
        let mut labels = Vec::with_capacity(usize::from(self.depths[state as usize]));
        while state != 0 {
            let (parent, label) = self.parents[state as usize];
            labels.push(label);
            state = parent;
        }
        labels.reverse();
        labels
    }

    /// The longest queue of any link in any state.
    pub fn longest_queue(&self) -> usize {
        let links = self.states.iter().flat_map(|state| state.instances.iter()).flat_map(|seat| [seat.current, seat.abandoned]);
        links.flat_map(|link| [link.up.len(), link.down.len()]).max().unwrap_or(0)
    }

    /// Whether every state can be reached from every other one.
    pub fn is_strongly_connected(&self) -> bool {
        let mut sources = vec![Vec::new(); self.states.len()];
        for from in 0..self.states.len() as StateId {
            for target in self.targets_of(from).iter().filter(|target| **target != from) {
                sources[*target as usize].push(from);
            }
        }
        let mut reached = vec![false; self.states.len()];
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

    /// A number for the whole graph: states, labels, targets and what each transition shows. Another order of search or another
    /// observation gives another digest.
    pub fn digest(&self) -> u64 {
        let mut hasher = FxHasher::default();
        for from in 0..self.states.len() as StateId {
            padded(&self.states[from as usize]).hash(&mut hasher);
            self.states[from as usize].server.hash(&mut hasher);
            for (action, target) in self.actions_of(from).into_iter().zip(self.targets_of(from)) {
                (action, target, self.step(from, action).items).hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}

/// The seats of a state, and empty ones behind them up to the sixth: a digest has spoken of six seats since the first was reviewed.
fn padded(state: &State) -> Vec<Instance> {
    let empty = iter::repeat_n(Instance::default(), 6_usize.saturating_sub(state.instances.len()));
    state.instances.iter().copied().chain(empty).collect()
}
