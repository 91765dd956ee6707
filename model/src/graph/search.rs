//! The search itself: one state after the other is expanded, its targets found or numbered. A step that looked at one seat and the server's
//! records is made once for all states that agree in these, and so is each step of a broadcast; the others are made each time.

use super::StateId;
use super::broadcasts::{Behind, Broadcasts, Turn};
use super::kept::{Kept, put_together};
use super::moves::{Effect, Known, Moves, Place, Span};
use super::numbers::{Layout, Numbers};
use crate::action::{Action, InstanceId};
use crate::broadcast::BroadcastStep;
use crate::crowd::{Bounds, Crowd, Mark};
use crate::cx::StepCx;
use crate::interned::Interned;
use crate::offers::offer_at;
use crate::rule::Rules;
use crate::rules::RuleSwitch;
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
    broadcasts: Broadcasts,
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
            broadcasts: Broadcasts::new(),
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
        if let Some(first) = BroadcastStep::first(action) {
            return Effect::Broadcast(self.broadcasts.number(first, self.layout.get(at, 0)));
        }
        let mut next = *state;
        let mut made = StepCx::behind(self.scope, RuleSwitch::new(self.rules), &mut next, action);
        let server = self.servers.number_near(self.layout.get(at, 0), made.server);
        match (instance_in(seat), made.seats.touched()) {
            (Some(instance), touched) if touched.is_within(instance) => {
                let before = self.layout.get(at, seat);
                Effect::Local { instance: self.instances.number_near(before, made.seats.at(instance)), server }
            }
            (None, touched) if touched.len() == 0 => Effect::Local { instance: server, server },
            (Some(_) | None, _) => Effect::Global(action),
        }
    }

    fn follow(&mut self, at: Numbers, seat: usize, effect: Effect) -> Numbers {
        match effect {
            Effect::Local { instance, server } => {
                let mut next = at;
                self.layout.set(&mut next, seat, instance);
                self.layout.set(&mut next, 0, server);
                next
            }
            Effect::Broadcast(first) => self.broadcast(at, first),
            Effect::Global(action) => self.take(at, action),
        }
    }

    /// Takes one step of a broadcast after the other.
    fn broadcast(&mut self, at: Numbers, first: u32) -> Numbers {
        let (mut next, mut turn) = (at, Turn::Next(first, InstanceId(0)));
        while let Turn::Next(step, InstanceId(seat)) = turn {
            let seat = usize::from(seat) + 1;
            let instance = self.layout.get(next, seat);
            let (behind, then) = self.broadcasts.taken(step, instance).unwrap_or_else(|| self.apply(step, instance));
            self.layout.set(&mut next, seat, behind);
            turn = then;
        }
        if let Turn::Over(server) = turn {
            self.layout.set(&mut next, 0, server);
        }
        next
    }

    /// Takes a step of a broadcast, for the first time, at a seat with that instance.
    fn apply(&mut self, number: u32, instance: u32) -> Behind {
        let (step, server) = self.broadcasts.met(number);
        let mut state = State { server: self.servers.values()[server as usize], ..self.initial };
        state.instances[usize::from(step.seat.0)] = self.instances.values()[instance as usize];
        let mut made = StepCx::new(self.scope, RuleSwitch::new(self.rules), &mut state);
        let next = made.apply_to_seat(step);
        assert!(made.seats.touched().is_within(step.seat), "a broadcast looks at one seat at a time: {step:?}");
        let server = self.servers.number_near(server, made.server);
        let turn = next.map_or(Turn::Over(server), |next| Turn::Next(self.broadcasts.number(next, server), next.seat));
        let behind = (self.instances.number_near(instance, made.seats.at(step.seat)), turn);
        self.broadcasts.learn(number, instance, behind);
        behind
    }

    /// Takes an action that looks at several seats.
    fn take(&mut self, at: Numbers, action: Action) -> Numbers {
        let mut state = self.whole(at);
        let mut made = StepCx::behind(self.scope, RuleSwitch::new(self.rules), &mut state, action);
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
