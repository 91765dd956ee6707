//! A number for a whole graph. How actions and what is known are grouped does not show in it.

use std::hash::{Hash, Hasher};
use std::iter;

use rustc_hash::FxHasher;

use super::{Graph, StateId};
use crate::action::{Action, ActionKind};
use crate::lives::Waiting;
use crate::scope::Scope;
use crate::state::{Client, Instance, SeatRecord, Server, State};
use crate::step::{Step, actions};

impl Graph {
    /// A number for the whole graph: states, labels, targets and what each transition shows. Another order of search or another
    /// observation gives another digest.
    pub fn digest(&self) -> u64 {
        self.digest_seeing(|_, _, _| {})
    }

    /// The same; each transition is shown on the way, with the state that it starts from.
    pub fn digest_seeing(&self, mut see: impl FnMut(&State, Action, &Step)) -> u64 {
        let (mut hasher, kinds) = (FxHasher::default(), ActionKind::all());
        let mut made = Step::none(self.state(0));
        for (from, state) in self.states().enumerate() {
            take_seats(&state, &mut hasher);
            take_server(&self.scope, &state.server, &mut hasher);
            for (action, target) in actions(&self.scope, &state).into_iter().zip(self.targets_of(from as StateId)) {
                made.next = state;
                made.go_on(&self.scope, self.rules, action);
                take(action, &kinds, &mut hasher);
                (target, &made.items).hash(&mut hasher);
                see(&state, action, &made);
            }
        }
        hasher.finish()
    }
}

/// The seats of a state, and empty ones behind them up to the sixth: how many a state has room for does not show in a digest.
fn take_seats(state: &State, hasher: &mut FxHasher) {
    let seats = state.instances.len().max(6);
    seats.hash(hasher);
    let empty = iter::repeat(Instance::default());
    state.instances.iter().copied().chain(empty).take(seats).for_each(|seat| take_seat(&seat, hasher));
}

/// Where there is one node, that there could be others does not show.
fn take_server(scope: &Scope, server: &Server, hasher: &mut FxHasher) {
    let Server { rosters, records, outboxes, highest, in_force, pending, notices, ailing } = server;
    (rosters, records, outboxes).hash(hasher);
    (highest, in_force, pending).hash(hasher);
    if scope.has_several_nodes() {
        notices.hash(hasher);
    }
    if scope.nodes_fail() {
        ailing.hash(hasher);
    }
}

fn take_seat(Instance { client, links, record }: &Instance, hasher: &mut FxHasher) {
    let Client {
        phase,
        logouts,
        destroys,
        sends,
        kept,
        session,
        leaves,
        reach,
        net,
        debts,
        sig,
        unknown,
        tells,
        shown,
        last,
        residue,
    } = client;
    let SeatRecord { accepted, ledgers, going, waiting } = record;
    (phase, logouts, destroys, sends, kept, links).hash(hasher);
    (session, leaves, reach, net, debts, sig, unknown).hash(hasher);
    (accepted, ledgers, tells, shown).hash(hasher);
    (going, last, residue).hash(hasher);
    if *waiting != Waiting::default() {
        waiting.hash(hasher);
    }
}

/// An action: its place among all kinds, whose it is, and the rest of it.
fn take(action: Action, kinds: &[ActionKind], hasher: &mut FxHasher) {
    let kind = action.kind();
    kinds.iter().take_while(|other| **other != kind).count().hash(hasher);
    action.hash(&mut WithoutKind { hasher, unseen: 2 });
}

/// Takes of an action what is not its kind, which the first two discriminants tell.
struct WithoutKind<'a> {
    hasher: &'a mut FxHasher,
    unseen: u8,
}

impl Hasher for WithoutKind<'_> {
    fn write(&mut self, bytes: &[u8]) {
        self.hasher.write(bytes);
    }

    fn write_u8(&mut self, number: u8) {
        self.hasher.write_u8(number);
    }

    fn write_isize(&mut self, discriminant: isize) {
        match self.unseen.checked_sub(1) {
            Some(unseen) => self.unseen = unseen,
            None => self.hasher.write_isize(discriminant),
        }
    }

    fn finish(&self) -> u64 {
        self.hasher.finish()
    }
}
