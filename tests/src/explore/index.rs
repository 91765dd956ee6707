//! A scope as the Explorer has it open: its graph, the different instances and records that occur in it, and what is seen of each of its
//! transitions. It searches for nothing and draws nothing.

use std::num::NonZero;
use std::ops::Range;
use std::sync::OnceLock;
use std::thread;

use model::action::Action;
use model::frame::Frame;
use model::graph::{Graph, StateId};
use model::interned::Interned;
use model::observation::Item;
use model::rule::{RuleSet, Rules};
use model::scope::Scope;
use model::state::{Instance, Server, State};
use model::step::{acting_within, actions, step};
use rustc_hash::FxHashMap;

use super::lines::Lines;
use crate::naming;

/// A scope that is open.
pub struct Index {
    /// All of it.
    pub graph: Graph,
    /// The different instances, whatever their seat.
    pub instances: Vec<Instance>,
    /// The different records of the server.
    pub servers: Vec<Server>,
    /// For each state the number of each seat's instance, then that of the server's records.
    parts: Vec<u32>,
    moves: OnceLock<Moves>,
    lines: OnceLock<Lines>,
    sources: OnceLock<Sources>,
}

/// What is seen of the transitions.
pub struct Moves {
    /// Each different one once.
    pub different: Vec<Move>,
    /// For each transition which of them it is.
    pub of_transition: Vec<u32>,
}

/// A move, and what is seen of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Move {
    /// What is done.
    pub action: Action,
    /// The frame that it delivers.
    pub carried: Option<Frame>,
    /// What is seen, in order.
    pub items: Vec<Item>,
    /// The rules that act on it.
    pub acting: RuleSet,
}

/// Where each state is come to from.
struct Sources {
    /// The transitions, those into one state after those into the one before it.
    transitions: Vec<u32>,
    /// Where those of each state begin.
    starts: Vec<u32>,
}

impl Index {
    /// Searches the scope.
    pub fn of(scope: &Scope) -> Index {
        let graph = Graph::of(scope);
        let (mut instances, mut servers) = (Interned::new(), Interned::new());
        let mut parts = Vec::with_capacity(graph.state_count() * (scope.seats.len() + 1));
        for state in graph.states() {
            parts.extend(scope.instances().map(|instance| instances.number(state.instance(instance))));
            parts.push(servers.number(&state.server));
        }
        let (instances, servers) = (instances.into_values(), servers.into_values());
        Index { graph, instances, servers, parts, moves: OnceLock::new(), lines: OnceLock::new(), sources: OnceLock::new() }
    }

    /// The scope.
    pub fn scope(&self) -> &Scope {
        &self.graph.scope
    }

    /// The numbers of a state's instances, then that of its records.
    pub fn parts(&self, state: StateId) -> &[u32] {
        let width = self.scope().seats.len() + 1;
        &self.parts[state as usize * width..][..width]
    }

    /// What is seen of each transition; the first to ask waits for it.
    pub fn moves(&self) -> &Moves {
        self.moves.get_or_init(|| Moves::of(self))
    }

    /// The lines that a question is held against; the first to ask waits for them.
    pub fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(self))
    }

    /// The transitions into a state, each with the state that it begins in, the nearest first.
    pub fn ways_into(&self, state: StateId) -> impl Iterator<Item = (StateId, usize)> {
        let sources = self.sources.get_or_init(|| Sources::of(&self.graph));
        let [start, end] = [state, state + 1].map(|state| sources.starts[state as usize] as usize);
        sources.transitions[start..end].iter().map(|transition| (self.source(*transition as usize), *transition as usize))
    }

    /// The state in which a transition begins.
    pub fn source(&self, transition: usize) -> StateId {
        let (mut low, mut high) = (0, self.graph.state_count() as StateId);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.graph.first_transition(middle) <= transition { low = middle } else { high = middle }
        }
        low
    }

    /// The label of a transition in the state in which it begins.
    pub fn label(&self, from: StateId, transition: usize) -> u16 {
        (transition - self.graph.first_transition(from)) as u16
    }

    /// The number of a state that can be reached; `None` of any other.
    pub fn number_of(&self, labels: &[u16]) -> Option<StateId> {
        labels.iter().try_fold(0, |state: StateId, label| self.graph.targets_of(state).get(usize::from(*label)).copied())
    }
}

impl Move {
    /// What is seen of the action in the state, where it is offered.
    pub fn of(scope: &Scope, state: &State, action: Action) -> Move {
        Move::within(scope, state, action).0
    }

    /// The same, and whether it is so wherever the instance in the action's seat and the server's records are the same.
    fn within(scope: &Scope, state: &State, action: Action) -> (Move, bool) {
        let made = step(scope, Rules::ALL, state, action);
        let (acting, is_within) = acting_within(scope, state, action, &made);
        (Move { action, carried: naming::carried(state, action), items: made.items, acting }, is_within)
    }
}

impl Moves {
    /// On as many threads as there are cores, each with a part of the states.
    fn of(index: &Index) -> Moves {
        let threads = thread::available_parallelism().map_or(1, NonZero::get) as StateId;
        let states = index.graph.state_count() as StateId;
        let bounds: Vec<_> =
            (0..=threads).map(|part| (u64::from(states) * u64::from(part) / u64::from(threads)) as StateId).collect();
        let parts = thread::scope(|scope| {
            let parts: Vec<_> = bounds.windows(2).map(|part| scope.spawn(|| Part::of(index, part[0]..part[1]))).collect();
            parts.into_iter().map(|part| part.join().expect("a move is seen without a panic")).collect::<Vec<_>>()
        });
        let mut all = Part::default();
        parts.into_iter().for_each(|part| all.append(part));
        Moves { different: all.different, of_transition: all.of_transition }
    }
}

/// The moves of some of the states.
#[derive(Default)]
struct Part {
    different: Vec<Move>,
    numbers: FxHashMap<Move, u32>,
    /// Those that are the same wherever the action, its seat's instance and the server's records are.
    within: FxHashMap<(Action, u32, u32), u32>,
    of_transition: Vec<u32>,
}

impl Part {
    fn of(index: &Index, states: Range<StateId>) -> Part {
        let mut part = Part::default();
        for number in states {
            let state = index.graph.state(number);
            for action in actions(index.scope(), &state) {
                let made = part.made(index, &state, index.parts(number), action);
                part.of_transition.push(made);
            }
        }
        part
    }

    fn made(&mut self, index: &Index, state: &State, parts: &[u32], action: Action) -> u32 {
        let of_seat = action.instance().map(|instance| parts[usize::from(instance.0)]);
        let key = (action, of_seat.unwrap_or_default(), parts.last().copied().unwrap_or_default());
        if let Some(known) = self.within.get(&key) {
            return *known;
        }
        let (made, is_within) = Move::within(index.scope(), state, action);
        let number = self.number(made);
        if is_within {
            self.within.insert(key, number);
        }
        number
    }

    fn number(&mut self, made: Move) -> u32 {
        let Part { different, numbers, .. } = self;
        *numbers.entry(made).or_insert_with_key(|made| {
            different.push(made.clone());
            different.len() as u32 - 1
        })
    }

    fn append(&mut self, other: Part) {
        let numbers: Vec<_> = other.different.into_iter().map(|made| self.number(made)).collect();
        self.of_transition.extend(other.of_transition.into_iter().map(|number| numbers[number as usize]));
    }
}

impl Sources {
    fn of(graph: &Graph) -> Sources {
        let mut starts = vec![0_u32; graph.state_count() + 1];
        graph.targets.iter().for_each(|target| starts[*target as usize + 1] += 1);
        for state in 1..starts.len() {
            starts[state] += starts[state - 1];
        }
        let (mut next, mut transitions) = (starts.clone(), vec![0; graph.transition_count()]);
        for (transition, target) in graph.targets.iter().enumerate() {
            let place = &mut next[*target as usize];
            transitions[*place as usize] = transition as u32;
            *place += 1;
        }
        Sources { transitions, starts }
    }
}
