//! Which actions a state makes possible at all, whatever a scope's bounds hold back: more than [`crate::step::actions`] offers. It says
//! nothing of what follows from an action.

use crate::action::{Action, AppCall, InstanceId, LinkMove, Loss, PageMove, ServerMove, Timed, Timer};
use crate::frame::{CAPACITY, TOKENS};
use crate::link::{Link, Owner, ServerEnd, Wire};
use crate::scope::{Platform, Scope};
use crate::state::{Instance, Phase, Reach, State};

/// Whether the action can happen in the state, were nothing held back. Only such an action may be given to [`crate::step::step`].
pub fn is_possible(scope: &Scope, state: &State, action: Action) -> bool {
    match action {
        Action::Call(instance, call) => may_call(state, state.instance(instance), call),
        Action::Page(instance, page) => scope.platform(instance) == Platform::Web && may_move(state.instance(instance), page),
        Action::Link(instance, link) => may_happen(state.instance(instance), link),
        Action::Timer(instance, timer) => is_armed(state, instance, timer),
        Action::Renew(instance) => state.instance(instance).client.is_over() && leaves_nothing_online(scope, state, instance),
        Action::Server(ServerMove::TakeEffect) => state.server.pending.is_some(),
        Action::Server(ServerMove::Webhook(account, _)) => !state.outbox(account).is_empty(),
        Action::Server(ServerMove::RestKick(_) | ServerMove::Configure(_) | ServerMove::Restart | ServerMove::Stop) => true,
    }
}

fn may_call(state: &State, seat: &Instance, call: AppCall) -> bool {
    match call {
        AppCall::Login { .. } => seat.client.phase != Phase::Closed,
        AppCall::Logout | AppCall::Destroy => may_leave(seat),
        AppCall::Send(_) => may_send(state, seat),
        AppCall::Resend => !seat.client.unknown.is_empty(),
    }
}

/// A page wakes without its link if it had one; where that is broken already, it learns of that like any other.
fn may_move(seat: &Instance, page: PageMove) -> bool {
    match page {
        PageMove::Close => !seat.client.is_over(),
        PageMove::Wake => is_whole(seat),
    }
}

fn may_happen(seat: &Instance, link: LinkMove) -> bool {
    match link {
        LinkMove::Open => seat.client.asks_for_a_link() && !seat.links.current.exists(),
        LinkMove::OpenFails => seat.client.asks_for_a_link(),
        LinkMove::ToServer(slot) => !seat.links.at(slot).up.is_empty(),
        LinkMove::ToClient => !seat.links.current.down.is_empty(),
        LinkMove::Cut => is_whole(seat),
        LinkMove::ClientLoses(how) => client_may_lose(seat, how),
        LinkMove::ServerLoses(slot, how) => server_may_lose(seat.links.at(slot), how),
    }
}

fn is_armed(state: &State, instance: InstanceId, timer: Timer) -> bool {
    let seat = state.instance(instance);
    match timer {
        Timer::Backoff => seat.client.reach == Reach::Down,
        Timer::Deadline(call) => has_deadline(seat, call),
        Timer::Ping => may_ping(seat),
        Timer::Ask(slot) => may_ask(seat.links.at(slot)),
        Timer::Lapse(account) => {
            let mut theirs = state.roster(account).sessions().filter(|session| session.seat == instance);
            theirs.any(|session| state.slot_of(account, session).is_none())
        }
        Timer::Expire(account) => state.roster(account).contains(instance),
    }
}

/// An instance can owe no more than its list of debts has room for.
fn may_leave(seat: &Instance) -> bool {
    seat.client.phase != Phase::Closed && seat.client.debts.len() < 4
}

/// A send that is accepted takes a message that is found nowhere.
fn may_send(state: &State, seat: &Instance) -> bool {
    seat.client.phase != Phase::Closed && (!seat.client.accepts_sends() || state.free_token(TOKENS).is_some())
}

fn client_may_lose(seat: &Instance, how: Loss) -> bool {
    let link = &seat.links.current;
    match (how, link.wire) {
        (Loss::Ended, Wire::Whole) => link.is_held() && link.is_closed() && link.down.is_empty(),
        (Loss::Ended, Wire::Cut) => link.is_held(),
        (Loss::Heartbeat, Wire::Whole | Wire::Cut) => {
            seat.client.login_user().is_some() && (link.is_held() || seat.client.reach == Reach::Asking)
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
        Timed::Login => matches!(seat.client.phase, Phase::Opening { .. } | Phase::Waiting { .. }),
        Timed::Logout => matches!(seat.client.phase, Phase::Leaving | Phase::Destroying),
        Timed::Send => !seat.client.sends.is_empty(),
    }
}

/// As long as the queue has room.
fn may_ping(seat: &Instance) -> bool {
    let room = seat.links.current.up.len() < CAPACITY;
    seat.client.login_user().is_some() && !seat.client.is_cut_off() && seat.links.current.is_held() && room
}

fn is_whole(seat: &Instance) -> bool {
    seat.links.current.is_held() && seat.links.current.wire == Wire::Whole
}

/// As long as the queue has room, on a link that a session is online on.
fn may_ask(link: &Link) -> bool {
    matches!(link.server, ServerEnd::Serving { .. }) && link.down.len() < CAPACITY
}

/// A fresh instance comes where its predecessor is not online any more and has no link.
fn leaves_nothing_online(scope: &Scope, state: &State, instance: InstanceId) -> bool {
    let seat = state.instance(instance);
    let linked = seat.links.current.exists() || seat.links.abandoned.exists();
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
                let renews = matches!(action, Action::Renew(_));
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
