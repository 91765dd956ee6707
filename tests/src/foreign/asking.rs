//! How an action of the model is asked for on a line. It says what happens, never what must follow.

use std::collections::BTreeMap;

use model::action::{Action, AppCall, LinkMove, NodeId, ServerMove, Setting, Slot, Timer};
use model::observation::Call;
use model::scope::{Scope, Seat};
use model::state::State;
use serde_json::{Value, json};

use super::deed::Deed;
use super::protocol::{Body, Doing, PROTOCOL, Participant, Request, World};
use crate::cast::user_id;
use crate::naming::{carried, kind};
use crate::observation::Ask;
use crate::replay::Replay;
use crate::tour::Labels;

/// Every request of a walk, each as its line: the reset, an observation, the steps, and an observation again.
pub fn requests(scope: &Scope, labels: &Labels) -> Vec<String> {
    let mut replay = Replay::new(scope);
    let mut bodies = vec![Body::Reset(world(scope)), Body::Observe];
    for label in labels {
        let before = *replay.state();
        bodies.extend(replay.make(*label).map(|made| body(scope, &before, made.ask)));
    }
    bodies.push(Body::Observe);
    bodies.into_iter().zip(1..).map(|(body, id)| line(&Request { id, body })).collect()
}

/// A request as its line, without the end.
pub(super) fn line(request: &Request) -> String {
    serde_json::to_string(request).expect("names and numbers can be written")
}

/// The world of a scope.
pub(super) fn world(scope: &Scope) -> World {
    let is_kicked = scope.is_kicked_before();
    World {
        protocol: PROTOCOL,
        scope: scope.name,
        policy: scope.policy.to_string(),
        limits: limits(scope, Setting::Stated),
        accounts: scope.accounts().map(user_id).collect(),
        instances: scope.seats.iter().map(|seat| participant(scope, seat)).collect(),
        kicked_before: scope.accounts().filter(|_| is_kicked).map(user_id).collect(),
    }
}

fn participant(scope: &Scope, seat: &Seat) -> Participant {
    let node = scope.has_several_nodes().then_some(seat.node.0 + 1);
    Participant { name: seat.name, platform: seat.platform.name(), key_of: seat.shares.map(|other| scope.name_of(other)), node }
}

fn limits(scope: &Scope, setting: Setting) -> BTreeMap<&'static str, usize> {
    scope.seats.iter().map(|seat| (seat.platform.name(), scope.limit_under(setting, seat.platform))).collect()
}

/// What is asked for an action that is offered in that state.
pub(super) fn body(scope: &Scope, before: &State, ask: Ask) -> Body {
    let what = Deed::of(scope, ask.action);
    let instance = ask.action.instance().map(|seat| ("instance", scope.name_of(seat).into()));
    let particulars = instance.into_iter().chain(particulars(scope, before, ask)).collect();
    let doing = Doing { what, particulars };
    if what.is_timer() { Body::Fire(doing) } else { Body::Step(doing) }
}

/// What a request says beyond what is done and on which instance, by the names on the line.
fn particulars(scope: &Scope, before: &State, ask: Ask) -> Vec<(&'static str, Value)> {
    let account = |account| ("account", user_id(account).into());
    let link = |slot| ("link", which(slot).into());
    let node = |node: NodeId| ("node", (node.0 + 1).into());
    let send = |to| {
        let message = ask.message.map(|(token, _)| ("message", format!("m{}", token.0).into()));
        [("to", user_id(to).into())].into_iter().chain(message).collect()
    };
    let frame = carried(before, ask.action).map(|frame| ("frame", kind(frame).into()));
    match ask.action {
        Action::Call(_, AppCall::Login { account: of, credential }) => vec![account(of), ("credential", credential.name().into())],
        Action::Call(_, AppCall::Send(to)) => send(to),
        Action::Call(_, AppCall::Resend) => ask.message.map(|(_, to)| send(to)).unwrap_or_default(),
        Action::Link(_, LinkMove::ToServer(slot)) => [link(slot)].into_iter().chain(frame).collect(),
        Action::Link(_, LinkMove::ServerLoses(slot, _)) | Action::Timer(_, Timer::Ask(slot)) => vec![link(slot)],
        Action::Timer(_, Timer::Deadline(call)) => vec![("call", call.name().into())],
        Action::Timer(_, Timer::Lapse(of) | Timer::Expire(of)) | Action::Server(ServerMove::RestKick(of)) => vec![account(of)],
        Action::Server(ServerMove::Configure(setting)) => vec![("limits", json!(limits(scope, setting)))],
        Action::Server(ServerMove::Hear(at, of) | ServerMove::Miss(at, of)) => vec![node(at), account(of)],
        Action::Server(
            ServerMove::Poll(at)
            | ServerMove::Die(at)
            | ServerMove::Start(at)
            | ServerMove::Freeze(at)
            | ServerMove::Wake(at)
            | ServerMove::LeaseEnds(at),
        ) => vec![node(at)],
        Action::Server(ServerMove::Webhook(of, how)) => vec![account(of), ("how", how.name().into())],
        _ => frame.into_iter().collect(),
    }
}

/// The call that a request makes.
pub(super) fn call_of(ask: Ask) -> Option<Call> {
    let Action::Call(_, call) = ask.action else { return None };
    Some(match call {
        AppCall::Login { .. } => Call::Login,
        AppCall::Logout => Call::Logout,
        AppCall::Destroy => Call::Destroy,
        AppCall::Send(_) | AppCall::Resend => Call::Send(ask.message.map(|(token, _)| token)),
    })
}

const fn which(slot: Slot) -> &'static str {
    match slot {
        Slot::Current => "current",
        Slot::Abandoned => "old",
    }
}
