//! The search itself: one state after the other is expanded, its targets found or numbered. A step that looked at one seat and the server's
//! records is made once for all states that agree in these; the others are made each time.

use std::ops::Range;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::StateId;
use super::blows::{Blows, Turn};
use super::kept::{Kept, put_together};
use super::moves::{Effect, Moves};
use super::numbers::{Layout, Numbers};
use crate::action::{Action, InstanceId};
use crate::blow::Blow;
use crate::crowd::{Bounds, Crowd, Mark};
use crate::interned::Interned;
use crate::offers;
use crate::rule::Rules;
use crate::scope::{MAX_INSTANCES, Scope};
use crate::state::{Instance, Server, State};
use crate::step::Stage;

/// A search under way.
pub(super) struct Search<'a> {
    scope: &'a Scope,
    rules: Rules,
    initial: State,
    instances: Interned<Instance>,
    servers: Interned<Server>,
    moves: Moves,
    blows: Blows,
    layout: Layout,
    /// Those of all states.
    numbers: Vec<Numbers>,
    known: HashTable<StateId>,
    offered: Vec<Action>,
}

impl<'a> Search<'a> {
    /// Only the initial state is known.
    pub(super) fn new(scope: &'a Scope, rules: Rules) -> Search<'a> {
        let layout = Layout::of(scope);
        let mut search = Search {
            scope,
            rules,
            initial: State::initial(scope),
            instances: Interned::new(),
            servers: Interned::new(),
            moves: Moves::new(layout.count()),
            blows: Blows::default(),
            layout,
            numbers: Vec::new(),
            known: HashTable::new(),
            offered: Vec::new(),
        };
        search.instances.number(&Instance::default());
        search.servers.number(&Server::default());
        search.find(Numbers::default());
        search
    }

    pub(super) fn state_count(&self) -> usize {
        self.numbers.len()
    }

    /// The states found.
    pub(super) fn finish(self) -> Kept {
        let Search { scope, instances, servers, mut numbers, .. } = self;
        numbers.shrink_to_fit();
        Kept::new(scope, instances.into_values(), servers.into_values(), numbers)
    }

    /// Adds the targets of a state, in the order of its actions.
    pub(super) fn expand(&mut self, from: StateId, targets: &mut Vec<StateId>) {
        let mut at = At { id: from, numbers: self.numbers[from as usize], whole: None };
        let (mut crowd, mut places) = (Crowd::default(), [0; MAX_INSTANCES + 1]);
        let server = self.layout.get(at.numbers, 0);
        for (seat, number) in places[..self.layout.count()].iter_mut().enumerate() {
            let (place, mark) = self.place(&at, seat, server);
            *number = place;
            if let Some(instance) = instance_in(seat) {
                crowd.add(instance, mark);
            }
        }
        for seat in (1..self.layout.count()).chain([0]) {
            let bounds = match instance_in(seat) {
                Some(instance) => crowd.bounds(self.scope, instance),
                None => crowd.bounds_of_nobody(self.scope),
            };
            let offers = self.moves.offers(places[seat], bounds).unwrap_or_else(|| self.learn(&mut at, seat, places[seat], bounds));
            for number in offers {
                let target = self.follow(&mut at, seat, self.moves.effect(number));
                targets.push(target);
            }
        }
    }

    fn place(&mut self, at: &At, seat: usize, server: u32) -> (u32, Mark) {
        let instance = if seat == 0 { 0 } else { self.layout.get(at.numbers, seat) };
        self.moves.known(seat, instance, server).unwrap_or_else(|| {
            let mark = match instance_in(seat) {
                Some(id) => {
                    Mark::of(self.scope, id, &self.instances.values()[instance as usize], &self.servers.values()[server as usize])
                }
                None => Mark::NONE,
            };
            self.moves.add(seat, instance, server, mark)
        })
    }

    /// Takes every action that is offered at a place to see where it leads.
    fn learn(&mut self, at: &mut At, seat: usize, place: u32, bounds: Bounds) -> Range<u32> {
        let state = *self.whole(at);
        let mut offered = std::mem::take(&mut self.offered);
        match instance_in(seat) {
            Some(instance) => {
                let (seat, server) = (state.instance(instance), &state.server);
                offers::Place { scope: self.scope, instance, seat, server, bounds }.offer(&mut offered);
            }
            None => offers::offer_for_all(self.scope, &state.server, bounds, &mut offered),
        }
        let effects: Vec<_> = offered.drain(..).map(|action| self.effect_of(at, &state, seat, action)).collect();
        self.offered = offered;
        self.moves.learn(place, bounds, effects.into_iter())
    }

    fn effect_of(&mut self, at: &At, state: &State, seat: usize, action: Action) -> Effect {
        if let Some(first) = Blow::first(action) {
            return Effect::Struck(self.blows.number(first, self.layout.get(at.numbers, 0)));
        }
        let mut stage = Stage::behind(self.scope, self.rules, state, action);
        let server = self.servers.number_near(self.layout.get(at.numbers, 0), &stage.server);
        match (instance_in(seat), stage.touched()) {
            (Some(instance), touched) if touched.is_within(instance) => {
                let before = self.layout.get(at.numbers, seat);
                Effect::Near { instance: self.instances.number_near(before, stage.seat(instance)), server }
            }
            (None, touched) if touched.len() == 0 => Effect::Near { instance: server, server },
            (Some(_) | None, _) => Effect::Far(action),
        }
    }

    fn follow(&mut self, at: &mut At, seat: usize, effect: Effect) -> StateId {
        match effect {
            Effect::Near { instance, server } => {
                let mut next = at.numbers;
                self.layout.set(&mut next, seat, instance);
                self.layout.set(&mut next, 0, server);
                if next == at.numbers { at.id } else { self.find(next) }
            }
            Effect::Struck(first) => self.strike(at, first),
            Effect::Far(action) => self.step(at, action),
        }
    }

    /// Takes one blow after the other.
    fn strike(&mut self, at: &At, first: u32) -> StateId {
        let (mut next, mut turn) = (at.numbers, Turn::Blow(first));
        loop {
            match turn {
                Turn::Blow(blow) => {
                    let seat = self.blows.seat(blow);
                    let instance = self.layout.get(next, seat);
                    let (behind, then) = self.blows.dealt(blow, instance).unwrap_or_else(|| self.deal(blow, instance));
                    self.layout.set(&mut next, seat, behind);
                    turn = then;
                }
                Turn::Over(server) => {
                    self.layout.set(&mut next, 0, server);
                    return if next == at.numbers { at.id } else { self.find(next) };
                }
            }
        }
    }

    /// Deals a blow that was not dealt before to a seat with that instance: all that it looks at, and the records that it meets.
    fn deal(&mut self, number: u32, instance: u32) -> (u32, Turn) {
        let (blow, server) = self.blows.met(number);
        let mut state = State { server: self.servers.values()[server as usize], ..self.initial };
        state.instances[usize::from(blow.seat.0)] = self.instances.values()[instance as usize];
        let (mut stage, next) = Stage::struck(self.scope, self.rules, &state, blow);
        assert!(stage.touched().is_within(blow.seat), "a blow looks at its seat alone: {blow:?}");
        let server = self.servers.number_near(server, &stage.server);
        let turn = next.map_or(Turn::Over(server), |next| Turn::Blow(self.blows.number(next, server)));
        let behind = (self.instances.number_near(instance, stage.seat(blow.seat)), turn);
        self.blows.learn(number, instance, behind);
        behind
    }

    /// Takes an action that looks at several seats.
    fn step(&mut self, at: &mut At, action: Action) -> StateId {
        let mut stage = Stage::behind(self.scope, self.rules, self.whole(at), action);
        let mut next = at.numbers;
        let server = self.servers.number_near(self.layout.get(next, 0), &stage.server);
        self.layout.set(&mut next, 0, server);
        for instance in stage.touched() {
            let seat = usize::from(instance.0) + 1;
            let number = self.instances.number_near(self.layout.get(next, seat), stage.seat(instance));
            self.layout.set(&mut next, seat, number);
        }
        self.find(next)
    }

    /// The state that is expanded, put together when it is first needed.
    fn whole<'s>(&self, at: &'s mut At) -> &'s State {
        let At { numbers, whole, .. } = at;
        let put = || put_together(&self.initial, self.layout, *numbers, self.instances.values(), self.servers.values());
        whole.get_or_insert_with(put)
    }

    /// The number of a state; a new one if it was not found before.
    fn find(&mut self, state: Numbers) -> StateId {
        let Search { numbers, known, .. } = self;
        let same = |id: &StateId| numbers[*id as usize] == state;
        match known.entry(state.hash(), same, |id| numbers[*id as usize].hash()) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(free) => {
                let fresh = numbers.len() as StateId;
                free.insert(fresh);
                numbers.push(state);
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
