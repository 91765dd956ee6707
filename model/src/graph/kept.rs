//! States as a graph keeps them: each seat's instance and the server's records once, and a state as their numbers. It finds none.

use super::StateId;
use crate::scope::Scope;
use crate::state::{Instance, Server, State};

/// The states of a graph.
pub(super) struct Kept {
    /// Where everything begins.
    initial: State,
    instances: Vec<Instance>,
    servers: Vec<Server>,
    /// Of each state, one after the other: the number of the server's records, then those of the seats' instances.
    numbers: Vec<u32>,
}

impl Kept {
    pub(super) fn new(scope: &Scope, instances: Vec<Instance>, servers: Vec<Server>, numbers: Vec<u32>) -> Kept {
        Kept { initial: State::initial(scope), instances, servers, numbers }
    }

    pub(super) fn state(&self, id: StateId) -> State {
        put_together(&self.initial, self.numbers(id), &self.instances, &self.servers)
    }

    /// Whether that is the state of that number.
    pub(super) fn is(&self, id: StateId, state: &State) -> bool {
        let (server, instances) = self.numbers(id).split_first().expect("a state has a number for the server's records");
        let instances = instances.iter().map(|number| &self.instances[*number as usize]);
        self.servers[*server as usize] == state.server && instances.eq(state.instances.iter())
    }

    fn numbers(&self, id: StateId) -> &[u32] {
        let width = self.initial.instances.len() + 1;
        &self.numbers[id as usize * width..][..width]
    }

    /// Every instance that stands in a seat of some state.
    pub(super) fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.instances.iter()
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.instances) + size_of_val(&*self.servers) + size_of_val(&*self.numbers)
    }
}

/// The state of these numbers.
pub(super) fn put_together(initial: &State, numbers: &[u32], instances: &[Instance], servers: &[Server]) -> State {
    let mut state = *initial;
    state.server = servers[numbers[0] as usize];
    for (seat, number) in state.instances.iter_mut().zip(&numbers[1..]) {
        *seat = instances[*number as usize];
    }
    state
}
