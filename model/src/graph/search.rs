//! The search itself: one state after the other is expanded, its targets found or numbered. A step that looked at one seat and the server's
//! records is made once for all states that agree in these; the others are made each time.

use std::hash::Hasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::FxHasher;

use super::StateId;
use super::kept::{Kept, put_together};
use super::moves::{Effect, Moves, Place, Span};
use crate::action::{Action, InstanceId};
use crate::crowd::{Bounds, Crowd, Mark};
use crate::interned::Interned;
use crate::offers;
use crate::rule::Rules;
use crate::scope::{MAX_INSTANCES, Scope};
use crate::state::{Instance, Server, State};
use crate::step::Stage;

/// A state by its numbers: the server's records, then the seats' instances; what is behind them stays 0.
type Numbers = [u32; MAX_INSTANCES + 1];

/// A search under way.
pub(super) struct Search<'a> {
    scope: &'a Scope,
    rules: Rules,
    initial: State,
    instances: Interned<Instance>,
    servers: Interned<Server>,
    moves: Moves,
    /// How many numbers a state has.
    width: usize,
    /// Those of all states, one after the other.
    numbers: Vec<u32>,
    known: HashTable<StateId>,
    offered: Vec<Action>,
}

impl<'a> Search<'a> {
    /// Only the initial state is known.
    pub(super) fn new(scope: &'a Scope, rules: Rules) -> Search<'a> {
        let mut search = Search {
            scope,
            rules,
            initial: State::initial(scope),
            instances: Interned::new(),
            servers: Interned::new(),
            moves: Moves::new(),
            width: scope.seats.len() + 1,
            numbers: Vec::new(),
            known: HashTable::new(),
            offered: Vec::new(),
        };
        search.instances.number(&Instance::default());
        search.servers.number(&Server::default());
        search.find(&[0; MAX_INSTANCES + 1]);
        search
    }

    pub(super) fn state_count(&self) -> usize {
        self.numbers.len() / self.width
    }

    /// The states found.
    pub(super) fn finish(self) -> Kept {
        let Search { scope, instances, servers, mut numbers, .. } = self;
        numbers.shrink_to_fit();
        Kept::new(scope, instances.into_values(), servers.into_values(), numbers)
    }

    /// Adds the targets of a state, in the order of its actions.
    pub(super) fn expand(&mut self, from: StateId, targets: &mut Vec<StateId>) {
        let mut at = At { id: from, numbers: [0; MAX_INSTANCES + 1], whole: None };
        at.numbers[..self.width].copy_from_slice(&self.numbers[from as usize * self.width..][..self.width]);
        let (mut crowd, mut places) = (Crowd::default(), [0; MAX_INSTANCES + 1]);
        for (seat, place) in places[..self.width].iter_mut().enumerate() {
            *place = self.place(&at, seat);
            if let Some(instance) = instance_in(seat) {
                crowd.add(instance, self.moves.mark(*place));
            }
        }
        for seat in (1..self.width).chain([0]) {
            let bounds = crowd.bounds(self.scope, instance_in(seat).unwrap_or(InstanceId(MAX_INSTANCES as u8)));
            let known = self.moves.offers(places[seat], bounds);
            let (first, last) = known.unwrap_or_else(|| self.learn(&mut at, seat, places[seat], bounds));
            for effect in first..last {
                let target = self.follow(&mut at, seat, self.moves.effect(effect));
                targets.push(target);
            }
        }
        if crowd.may_restart(self.scope) {
            let target = self.step(&mut at, Action::Restart);
            targets.push(target);
        }
    }

    fn place(&mut self, at: &At, seat: usize) -> usize {
        let [server, instance] = [at.numbers[0], at.numbers[seat]];
        let Search { moves, instances, servers, scope, .. } = self;
        moves.number(Place { seat, instance, server }, || match instance_in(seat) {
            Some(id) => Mark::of(scope, id, &instances.values()[instance as usize], &servers.values()[server as usize]),
            None => Mark::NONE,
        })
    }

    /// Takes every action that is offered at a place to see where it leads.
    fn learn(&mut self, at: &mut At, seat: usize, place: usize, bounds: Bounds) -> Span {
        let state = *self.whole(at);
        let mut offered = std::mem::take(&mut self.offered);
        match instance_in(seat) {
            Some(instance) => {
                let (seat, server) = (state.instance(instance), &state.server);
                offers::Place { scope: self.scope, instance, seat, server, bounds }.offer(&mut offered);
            }
            None => offers::offer_for_all(self.scope, &state.server, &mut offered),
        }
        let effects: Vec<_> = offered.drain(..).map(|action| self.effect_of(at, &state, seat, action)).collect();
        self.offered = offered;
        self.moves.learn(place, bounds, effects.into_iter())
    }

    fn effect_of(&mut self, at: &At, state: &State, seat: usize, action: Action) -> Effect {
        let mut stage = Stage::behind(self.scope, self.rules, state, action);
        let server = self.servers.number_near(at.numbers[0], &stage.server);
        match (instance_in(seat), stage.touched()) {
            (Some(instance), touched) if touched.is_within(instance) => {
                Effect::Near { instance: self.instances.number_near(at.numbers[seat], stage.seat(instance)), server }
            }
            (None, touched) if touched.len() == 0 => Effect::Near { instance: server, server },
            (Some(_) | None, _) => Effect::Far(action),
        }
    }

    fn follow(&mut self, at: &mut At, seat: usize, effect: Effect) -> StateId {
        match effect {
            Effect::Near { instance, server } if [instance, server] == [at.numbers[seat], at.numbers[0]] => at.id,
            Effect::Near { instance, server } => {
                let mut next = at.numbers;
                (next[seat], next[0]) = (instance, server);
                self.find(&next)
            }
            Effect::Far(action) => self.step(at, action),
        }
    }

    /// Takes an action that looks at several seats.
    fn step(&mut self, at: &mut At, action: Action) -> StateId {
        let mut stage = Stage::behind(self.scope, self.rules, self.whole(at), action);
        let mut next = at.numbers;
        next[0] = self.servers.number_near(next[0], &stage.server);
        for instance in stage.touched() {
            let number = &mut next[usize::from(instance.0) + 1];
            *number = self.instances.number_near(*number, stage.seat(instance));
        }
        self.find(&next)
    }

    /// The state that is expanded, put together when it is first needed.
    fn whole<'s>(&self, at: &'s mut At) -> &'s State {
        let At { numbers, whole, .. } = at;
        let put = || put_together(&self.initial, &numbers[..self.width], self.instances.values(), self.servers.values());
        whole.get_or_insert_with(put)
    }

    /// The number of a state; a new one if it was not found before.
    fn find(&mut self, state: &Numbers) -> StateId {
        let Search { width, numbers, known, .. } = self;
        let width = *width;
        let state = &state[..width];
        let of = |id: &StateId| &numbers[*id as usize * width..][..width];
        match known.entry(hash(state), |id| state.iter().eq(of(id)), |id| hash(of(id))) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(free) => {
                let fresh = (numbers.len() / width) as StateId;
                free.insert(fresh);
                numbers.extend_from_slice(state);
                fresh
            }
        }
    }
}

/// The state that is expanded.
struct At {
    id: StateId,
    numbers: Numbers,
    whole: Option<State>,
}

fn instance_in(seat: usize) -> Option<InstanceId> {
    seat.checked_sub(1).map(|place| InstanceId(place as u8))
}

fn hash(numbers: &[u32]) -> u64 {
    let mut hasher = FxHasher::default();
    numbers.iter().for_each(|number| hasher.write_u32(*number));
    hasher.finish()
}
