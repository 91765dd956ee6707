//! The search itself: one state after the other is expanded, its targets found or numbered. A step that looked at one seat and the server's
//! records is made once for all states that agree in these, and so is each blow of what strikes every seat; the others are made each time.

use super::StateId;
use super::blows::{Behind, Blows, Turn};
use super::kept::{Kept, put_together};
use super::moves::{Effect, Known, Moves, Place, Span};
use super::numbers::{Layout, Numbers};
use crate::action::{Action, InstanceId};
use crate::blow::Blow;
use crate::crowd::{Bounds, Crowd, Mark};
use crate::cx::StepCx;
use crate::interned::Interned;
use crate::offers::offer_at;
use crate::rule::Rules;
use crate::scope::{MAX_INSTANCES, Scope};
use crate::state::{Instance, Server, State};

/// A search under way: what it remembers by numbers.
pub(super) struct Search<'a> {
    scope: &'a Scope,
    rules: Rules,
    initial: State,
    instances: Interned<Instance>,
    servers: Interned<Server>,
    moves: Moves,
    blows: Blows,
    layout: Layout,
    states: Interned<Numbers>,
    /// Where the actions of the state that is expanded lead.
    next: Vec<Numbers>,
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
            moves: Moves::new(),
            blows: Blows::new(),
            layout,
            states: Interned::new(),
            next: Vec::new(),
        };
        search.instances.number(&Instance::default());
        search.servers.number(&Server::default());
        search.states.number(&Numbers::default());
        search
    }

    pub(super) fn state_count(&self) -> usize {
        self.states.values().len()
    }

    /// The states found.
    pub(super) fn finish(self) -> Kept {
        let Search { scope, instances, servers, states, .. } = self;
        Kept::new(scope, instances.into_values(), servers.into_values(), states.into_values())
    }

    /// Adds the targets of a state, in the order of its actions. What is remembered is looked up side by side, not seat by seat: each look
    /// waits for memory.
    pub(super) fn expand(&mut self, from: StateId, targets: &mut Vec<StateId>) {
        let at = self.states.values()[from as usize];
        let offers = self.offers(at);
        for seat in (1..self.layout.count()).chain([0]) {
            for number in offers[seat].0..offers[seat].1 {
                let next = self.follow(at, seat, self.moves.effect(number));
                self.next.push(next);
            }
        }
        let Search { next, states, .. } = self;
        targets.extend(next.drain(..).map(|next| states.number_near(from, &next)));
    }

    /// What is offered at each place of a state.
    fn offers(&mut self, at: Numbers) -> [Span; MAX_INSTANCES + 1] {
        let (mut crowd, mut places) = (Crowd::default(), [0; MAX_INSTANCES + 1]);
        for (seat, place) in places[..self.layout.count()].iter_mut().enumerate() {
            let known = self.known(at, seat);
            *place = known.number;
            if let Some(instance) = instance_in(seat) {
                crowd.add(instance, known.mark);
            }
        }
        let mut offers = [(0, 0); MAX_INSTANCES + 1];
        for seat in 0..self.layout.count() {
            let bounds = crowd.bounds(self.scope, instance_in(seat));
            let known = self.moves.offers(places[seat], bounds);
            offers[seat] = known.unwrap_or_else(|| self.learn(at, seat, places[seat], bounds));
        }
        offers
    }

    fn known(&mut self, at: Numbers, seat: usize) -> Known {
        let (server, held) = (self.layout.get(at, 0), instance_in(seat));
        let place = Place { seat, instance: held.map_or(0, |_| self.layout.get(at, seat)), server };
        self.moves.known(place).unwrap_or_else(|| {
            let [server, instance] = [place.server, place.instance].map(|number| number as usize);
            let (server, instance) = (&self.servers.values()[server], &self.instances.values()[instance]);
            self.moves.add(place, held.map_or(Mark::NONE, |id| Mark::of(self.scope, id, instance, server)))
        })
    }

    /// Takes every action that is offered at a place to see where it leads.
    fn learn(&mut self, at: Numbers, seat: usize, place: u32, bounds: Bounds) -> Span {
        let state = self.whole(at);
        let mut offered = Vec::new();
        offer_at(self.scope, &state, instance_in(seat), bounds, &mut offered);
        let effects: Vec<_> = offered.into_iter().map(|action| self.effect_of(at, &state, seat, action)).collect();
        self.moves.learn(place, bounds, effects.into_iter())
    }

    fn effect_of(&mut self, at: Numbers, state: &State, seat: usize, action: Action) -> Effect {
        if let Some(first) = Blow::first(action) {
            return Effect::Struck(self.blows.number(first, self.layout.get(at, 0)));
        }
        let mut next = *state;
        let mut made = StepCx::behind(self.scope, self.rules, &mut next, action);
        let server = self.servers.number_near(self.layout.get(at, 0), made.server);
        match (instance_in(seat), made.seats.touched()) {
            (Some(instance), touched) if touched.is_within(instance) => {
                let before = self.layout.get(at, seat);
                Effect::Near { instance: self.instances.number_near(before, made.seats.at(instance)), server }
            }
            (None, touched) if touched.len() == 0 => Effect::Near { instance: server, server },
            (Some(_) | None, _) => Effect::Far(action),
        }
    }

    fn follow(&mut self, at: Numbers, seat: usize, effect: Effect) -> Numbers {
        match effect {
            Effect::Near { instance, server } => {
                let mut next = at;
                self.layout.set(&mut next, seat, instance);
                self.layout.set(&mut next, 0, server);
                next
            }
            Effect::Struck(first) => self.strike(at, first),
            Effect::Far(action) => self.step(at, action),
        }
    }

    /// Takes one blow after the other.
    fn strike(&mut self, at: Numbers, first: u32) -> Numbers {
        let (mut next, mut turn) = (at, Turn::Blow(first, InstanceId(0)));
        while let Turn::Blow(blow, InstanceId(seat)) = turn {
            let seat = usize::from(seat) + 1;
            let instance = self.layout.get(next, seat);
            let (behind, then) = self.blows.dealt(blow, instance).unwrap_or_else(|| self.deal(blow, instance));
            self.layout.set(&mut next, seat, behind);
            turn = then;
        }
        if let Turn::Over(server) = turn {
            self.layout.set(&mut next, 0, server);
        }
        next
    }

    /// Deals a blow, for the first time, to a seat with that instance.
    fn deal(&mut self, number: u32, instance: u32) -> Behind {
        let (blow, server) = self.blows.met(number);
        let mut state = State { server: self.servers.values()[server as usize], ..self.initial };
        state.instances[usize::from(blow.seat.0)] = self.instances.values()[instance as usize];
        let (mut made, next) = StepCx::struck(self.scope, self.rules, &mut state, blow);
        assert!(made.seats.touched().is_within(blow.seat), "a blow looks at its seat alone: {blow:?}");
        let server = self.servers.number_near(server, made.server);
        let turn = next.map_or(Turn::Over(server), |next| Turn::Blow(self.blows.number(next, server), next.seat));
        let behind = (self.instances.number_near(instance, made.seats.at(blow.seat)), turn);
        self.blows.learn(number, instance, behind);
        behind
    }

    /// Takes an action that looks at several seats.
    fn step(&mut self, at: Numbers, action: Action) -> Numbers {
        let mut state = self.whole(at);
        let mut made = StepCx::behind(self.scope, self.rules, &mut state, action);
        let mut next = at;
        let server = self.servers.number_near(self.layout.get(next, 0), made.server);
        self.layout.set(&mut next, 0, server);
        for instance in made.seats.touched() {
            let seat = usize::from(instance.0) + 1;
            let number = self.instances.number_near(self.layout.get(next, seat), made.seats.at(instance));
            self.layout.set(&mut next, seat, number);
        }
        next
    }

    fn whole(&self, at: Numbers) -> State {
        put_together(&self.initial, self.layout, at, self.instances.values(), self.servers.values())
    }
}

fn instance_in(seat: usize) -> Option<InstanceId> {
    seat.checked_sub(1).map(|place| InstanceId(place as u8))
}
