//! States as a graph keeps them: each seat's instance and the server's records once, and a state as their numbers. It finds none.

use super::StateId;
use super::numbers::{Layout, Numbers};
use crate::scope::Scope;
use crate::state::{Instance, Server, State};

/// The states of a graph.
pub(super) struct Kept {
    /// Where everything begins.
    initial: State,
    layout: Layout,
    instances: Vec<Instance>,
    servers: Vec<Server>,
    /// Of each state.
    numbers: Vec<Numbers>,
}

impl Kept {
    pub(super) fn new(scope: &Scope, instances: Vec<Instance>, servers: Vec<Server>, numbers: Vec<Numbers>) -> Kept {
        Kept { initial: State::initial(scope), layout: Layout::of(scope), instances, servers, numbers }
    }

    pub(super) fn state(&self, id: StateId) -> State {
        put_together(&self.initial, self.layout, self.numbers[id as usize], &self.instances, &self.servers)
    }

    pub(super) fn numbers(&self, id: StateId) -> Numbers {
        self.numbers[id as usize]
    }

    /// Whether that is the state of that number.
    pub(super) fn is(&self, id: StateId, state: &State) -> bool {
        let number = |place| self.layout.get(self.numbers[id as usize], place) as usize;
        let instances = (1..self.layout.count()).map(|place| &self.instances[number(place)]);
        self.servers[number(0)] == state.server && instances.eq(state.instances.iter())
    }

    /// Every instance that stands in a seat of some state, or between two steps of a broadcast, where no queue is longer than behind the last.
    pub(super) fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.instances.iter()
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.instances) + size_of_val(&*self.servers) + size_of_val(&*self.numbers)
    }
}

/// The state of these numbers.
pub(super) fn put_together(initial: &State, layout: Layout, numbers: Numbers, instances: &[Instance], servers: &[Server]) -> State {
    let mut state = *initial;
    state.server = servers[layout.get(numbers, 0) as usize];
    for (place, seat) in state.instances.iter_mut().enumerate() {
        *seat = instances[layout.get(numbers, place + 1) as usize];
    }
    state
}
