//! A number for a whole graph. How actions and what is known are grouped does not show in it.

use std::hash::{Hash, Hasher};
use std::iter;

use rustc_hash::FxHasher;

use super::{Graph, StateId};
use crate::action::{Action, ActionKind, AppCall, LinkMove, PageMove, ServerMove, Timer};
use crate::scope::Scope;
use crate::state::{Client, Instance, SeatRecord, Server, State};
use crate::step::{actions, step};

impl Graph {
    /// A number for the whole graph: states, labels, targets and what each transition shows. Another order of search or another
    /// observation gives another digest.
    pub fn digest(&self) -> u64 {
        let (mut hasher, kinds) = (FxHasher::default(), ActionKind::all());
        for (from, state) in self.states().enumerate() {
            take_seats(&state, &mut hasher);
            take_server(&self.scope, &state.server, &mut hasher);
            for (action, target) in actions(&self.scope, &state).into_iter().zip(self.targets_of(from as StateId)) {
                take(action, &kinds, &mut hasher);
                (target, step(&self.scope, self.rules, &state, action).items).hash(&mut hasher);
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
    let Server { rosters, records, outboxes, highest, in_force, pending, notices } = server;
    (rosters, records, outboxes).hash(hasher);
    (highest, in_force, pending).hash(hasher);
    if scope.has_several_nodes() {
        notices.hash(hasher);
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
    let SeatRecord { accepted, ledgers, going } = record;
    (phase, logouts, destroys, sends, kept, links).hash(hasher);
    (session, leaves, reach, net, debts, sig, unknown).hash(hasher);
    (accepted, ledgers, tells, shown).hash(hasher);
    (going, last, residue).hash(hasher);
}

/// An action: its place among all kinds, whose it is, and the rest of it.
fn take(action: Action, kinds: &[ActionKind], hasher: &mut FxHasher) {
    let kind = action.kind();
    kinds.iter().take_while(|other| **other != kind).count().hash(hasher);
    action.instance().into_iter().for_each(|instance| instance.hash(hasher));
    match action {
        Action::Call(_, AppCall::Login { account, credential }) => (account, credential).hash(hasher),
        Action::Call(_, AppCall::Send(account))
        | Action::Timer(_, Timer::Lapse(account) | Timer::Expire(account))
        | Action::Server(ServerMove::RestKick(account)) => account.hash(hasher),
        Action::Link(_, LinkMove::ToServer(slot)) | Action::Timer(_, Timer::Ask(slot)) => slot.hash(hasher),
        Action::Link(_, LinkMove::ClientLoses(how)) => how.hash(hasher),
        Action::Link(_, LinkMove::ServerLoses(slot, how)) => (slot, how).hash(hasher),
        Action::Timer(_, Timer::Deadline(call)) => call.hash(hasher),
        Action::Server(ServerMove::Configure(setting)) => setting.hash(hasher),
        Action::Server(ServerMove::Webhook(account, how)) => (account, how).hash(hasher),
        Action::Server(ServerMove::Hear(node, account) | ServerMove::Miss(node, account)) => (node, account).hash(hasher),
        Action::Server(ServerMove::Poll(node)) => node.hash(hasher),
        Action::Call(_, AppCall::Logout | AppCall::Destroy | AppCall::Resend)
        | Action::Page(_, PageMove::Close | PageMove::Wake)
        | Action::Link(_, LinkMove::Open | LinkMove::OpenFails | LinkMove::ToClient | LinkMove::Cut)
        | Action::Timer(_, Timer::Backoff | Timer::Ping)
        | Action::Renew(_)
        | Action::Server(ServerMove::TakeEffect | ServerMove::Restart | ServerMove::Stop | ServerMove::Store(_)) => {}
    }
}
