//! Which actions a state makes possible at all, whatever a scope's bounds hold back: more than [`crate::step::actions`] offers. It says
//! nothing of what follows from an action.

use crate::action::{Action, InstanceId, Loss, Timed};
use crate::frame::{Queue, TOKENS};
use crate::link::{Link, Owner, ServerEnd, Wire};
use crate::scope::{Platform, Scope};
use crate::state::{Instance, Phase, Reach, State};

/// Whether the action can happen in the state, were nothing held back. Only such an action may be given to [`crate::step::step`].
pub fn is_possible(scope: &Scope, state: &State, action: Action) -> bool {
    match action {
        Action::Login { instance, .. } => state.instance(instance).phase != Phase::Closed,
        Action::Logout { instance } | Action::Destroy { instance } => may_leave(state.instance(instance)),
        Action::Send { instance, .. } => may_send(state, state.instance(instance)),
        Action::Resend { instance } => !state.instance(instance).unknown.is_empty(),
        Action::PageClose { instance } => scope.platform(instance) == Platform::Web && !state.instance(instance).is_over(),
        Action::Open { instance } => state.instance(instance).asks_for_a_link() && !state.instance(instance).current.exists(),
        Action::OpenFails { instance } => state.instance(instance).asks_for_a_link(),
        Action::ToServer { instance, slot } => !state.instance(instance).link(slot).up.is_empty(),
        Action::ToClient { instance } => !state.instance(instance).current.down.is_empty(),
        Action::Cut { instance } => {
            state.instance(instance).current.is_held() && state.instance(instance).current.wire == Wire::Whole
        }
        Action::ClientLoses { instance, how } => client_may_lose(state.instance(instance), how),
        Action::ServerLoses { instance, slot, how } => server_may_lose(state.instance(instance).link(slot), how),
        Action::Backoff { instance } => state.instance(instance).reach == Reach::Down,
        Action::Deadline { instance, call } => has_deadline(state.instance(instance), call),
        Action::Wake { instance } => scope.platform(instance) == Platform::Web && may_wake(state.instance(instance)),
        Action::Ask { instance, slot } => may_ask(state.instance(instance).link(slot)),
        Action::Ping { instance } => may_ping(state.instance(instance)),
        Action::Lapse { instance, account } => {
            let mut theirs = state.roster(account).sessions().filter(|session| session.seat == instance);
            theirs.any(|session| state.slot_of(account, session).is_none())
        }
        Action::Expire { instance, account } => state.roster(account).contains(instance),
        Action::Renew { instance } => state.instance(instance).is_over() && leaves_nothing_online(scope, state, instance),
        Action::TakeEffect => state.server.pending.is_some(),
        Action::Webhook { account, .. } => !state.outbox(account).is_empty(),
        Action::RestKick { .. } | Action::Configure { .. } | Action::Restart | Action::Stop => true,
    }
}

/// An instance can owe no more than its list of debts has room for.
fn may_leave(seat: &Instance) -> bool {
    seat.phase != Phase::Closed && seat.debts.len() < 4
}

/// A send that is accepted takes a message that is found nowhere.
fn may_send(state: &State, seat: &Instance) -> bool {
    seat.phase != Phase::Closed && (!seat.accepts_sends() || state.free_token(TOKENS).is_some())
}

fn client_may_lose(seat: &Instance, how: Loss) -> bool {
    let link = &seat.current;
    match (how, link.wire) {
        (Loss::Ended, Wire::Whole) => link.is_held() && link.is_closed() && link.down.is_empty(),
        (Loss::Ended, Wire::Cut) => link.is_held(),
        (Loss::Heartbeat, Wire::Whole | Wire::Cut) => {
            seat.login_user().is_some() && (link.is_held() || seat.reach == Reach::Asking)
        }
    }
}

fn server_may_lose(link: &Link, how: Loss) -> bool {
    link.is_heard()
        && match (how, link.wire) {
            (Loss::Ended, Wire::Whole) => link.owner != Owner::User && link.up.is_empty(),
            (Loss::Ended, Wire::Cut) | (Loss::Heartbeat, Wire::Whole | Wire::Cut) => true,
        }
}

fn has_deadline(seat: &Instance, call: Timed) -> bool {
    match call {
        Timed::Login => matches!(seat.phase, Phase::Opening { .. } | Phase::Waiting { .. }),
        Timed::Logout => matches!(seat.phase, Phase::Leaving | Phase::Destroying),
        Timed::Send => !seat.sends.is_empty(),
    }
}

/// As long as the queue has room.
fn may_ping(seat: &Instance) -> bool {
    let room = seat.current.up.len() < Queue::CAPACITY;
    seat.login_user().is_some() && !seat.is_cut_off() && seat.current.is_held() && room
}

/// A page wakes without its link if it had one; where that is broken already, it learns of that like any other.
fn may_wake(seat: &Instance) -> bool {
    seat.current.is_held() && seat.current.wire == Wire::Whole
}

/// As long as the queue has room, on a link that a session is online on.
fn may_ask(link: &Link) -> bool {
    matches!(link.server, ServerEnd::Serving { .. }) && link.down.len() < Queue::CAPACITY
}

/// A fresh instance comes where its predecessor is not online any more and has no link.
fn leaves_nothing_online(scope: &Scope, state: &State, instance: InstanceId) -> bool {
    let seat = state.instance(instance);
    let linked = seat.current.exists() || seat.abandoned.exists();
    !linked && !scope.accounts().any(|account| state.roster(account).contains(instance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::scopes;
    use crate::step::actions;

    fn check(scope: &str) {
        let scope = scopes::named(scope).unwrap();
        let graph = Graph::of(&scope);
        for state in graph.states() {
            for action in actions(&scope, &state) {
                let renews = matches!(action, Action::Renew { .. });
                assert!(renews || is_possible(&scope, &state, action), "{action:?} in {state:?}");
            }
        }
    }

    #[test]
    fn what_is_offered_where_links_hold_is_possible() {
        check("page-default");
    }

    #[test]
    fn what_is_offered_where_links_fail_is_possible() {
        check("half-open");
        check("restart");
    }
}
