//! How an action of the model is asked for on a line. It says what happens, never what must follow.

use std::collections::BTreeMap;

use model::action::{AccountId, Action, InstanceId, Loss, Post, Setting, Slot, Token};
use model::frame::Frame;
use model::observation::Call;
use model::scope::{Scope, Seat};
use model::state::State;

use super::names;
use super::protocol::{Body, How, PROTOCOL, Place, Request, Sending, Step, Timer, Which, World};
use crate::cast::user_id;
use crate::naming::carried;
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
        policy: scope.policy.name(),
        limits: limits(scope, Setting::Stated),
        accounts: scope.accounts().map(user_id).collect(),
        instances: scope.seats.iter().map(|seat| place(scope, seat)).collect(),
        kicked_before: scope.accounts().filter(|_| is_kicked).map(user_id).collect(),
    }
}

fn place(scope: &Scope, seat: &Seat) -> Place {
    Place { name: seat.name, platform: seat.platform.name(), key_of: seat.shares.map(|other| scope.name_of(other)) }
}

fn limits(scope: &Scope, setting: Setting) -> BTreeMap<&'static str, usize> {
    scope.seats.iter().map(|seat| (seat.platform.name(), scope.limit_under(setting, seat.platform))).collect()
}

/// What is asked for an action that is offered in that state.
pub(super) fn body(scope: &Scope, before: &State, ask: Ask) -> Body {
    let instance = ask.action.instance().map(|instance| scope.name_of(instance)).unwrap_or_default();
    let frame = || carried(before, ask.action).map(names::kind).expect("a frame is delivered only if there is one");
    match ask.action {
        Action::Login { account, credential, .. } => {
            Body::Step(Step::Login { instance, account: user_id(account), credential: credential.name() })
        }
        Action::Logout { .. } => Body::Step(Step::Logout { instance }),
        Action::Destroy { .. } => Body::Step(Step::Destroy { instance }),
        Action::Send { to, .. } => Body::Step(Step::Send(sending(instance, to, ask.message))),
        Action::Resend { instance: seat } => Body::Step(Step::Resend(sending(instance, unknown_to(before, seat), ask.message))),
        Action::PageClose { .. } => Body::Step(Step::PageClose { instance }),
        Action::Wake { .. } => Body::Step(Step::Wake { instance }),
        Action::Open { .. } => Body::Step(Step::Open { instance }),
        Action::OpenFails { .. } => Body::Step(Step::OpenFails { instance }),
        Action::ToServer { slot, .. } => Body::Step(Step::ToServer { instance, link: which(slot), frame: frame() }),
        Action::ToClient { .. } => Body::Step(Step::ToClient { instance, frame: frame() }),
        Action::Cut { .. } => Body::Step(Step::Cut { instance }),
        Action::ClientLoses { how: Loss::Ended, .. } => Body::Step(Step::ClientLoses { instance }),
        Action::ClientLoses { how: Loss::Heartbeat, .. } => Body::Fire(Timer::ClientHeartbeat { instance }),
        Action::ServerLoses { slot, how: Loss::Ended, .. } => Body::Step(Step::ServerLoses { instance, link: which(slot) }),
        Action::ServerLoses { slot, how: Loss::Heartbeat, .. } => {
            Body::Fire(Timer::ServerHeartbeat { instance, link: which(slot) })
        }
        Action::Backoff { .. } => Body::Fire(Timer::Backoff { instance }),
        Action::Deadline { call, .. } => Body::Fire(Timer::Deadline { instance, call: call.name() }),
        Action::Ping { .. } => Body::Fire(Timer::Ping { instance }),
        Action::Ask { slot, .. } => Body::Fire(Timer::ServerPing { instance, link: which(slot) }),
        Action::Lapse { account, .. } => Body::Fire(Timer::Lapse { instance, account: user_id(account) }),
        Action::Expire { account, .. } => Body::Fire(Timer::Expire { instance, account: user_id(account) }),
        Action::Renew { .. } => Body::Step(Step::Renew { instance }),
        Action::RestKick { account } => Body::Step(Step::RestKick { account: user_id(account) }),
        Action::Configure { setting } => Body::Step(Step::Configure { limits: limits(scope, setting) }),
        Action::TakeEffect => Body::Fire(Timer::TakeEffect),
        Action::Webhook { account, how } => Body::Step(Step::Post { account: user_id(account), how: posted(how) }),
        Action::Restart => Body::Step(Step::Restart),
        Action::Stop => Body::Step(Step::Stop),
    }
}

/// The call that a request makes.
pub(super) const fn call_of(ask: Ask) -> Option<Call> {
    match ask.action {
        Action::Login { .. } => Some(Call::Login),
        Action::Logout { .. } => Some(Call::Logout),
        Action::Destroy { .. } => Some(Call::Destroy),
        Action::Send { .. } | Action::Resend { .. } => match ask.message {
            Some((token, _)) => Some(Call::Send(Some(token))),
            None => Some(Call::Send(None)),
        },
        Action::PageClose { .. }
        | Action::Wake { .. }
        | Action::Ask { .. }
        | Action::Stop
        | Action::Open { .. }
        | Action::OpenFails { .. }
        | Action::ToServer { .. }
        | Action::ToClient { .. }
        | Action::Cut { .. }
        | Action::ClientLoses { .. }
        | Action::ServerLoses { .. }
        | Action::Backoff { .. }
        | Action::Deadline { .. }
        | Action::Ping { .. }
        | Action::Lapse { .. }
        | Action::Expire { .. }
        | Action::Renew { .. }
        | Action::RestKick { .. }
        | Action::Configure { .. }
        | Action::TakeEffect
        | Action::Webhook { .. }
        | Action::Restart => None,
    }
}

fn sending(instance: &'static str, to: AccountId, message: Option<(Token, AccountId)>) -> Sending {
    Sending { instance, to: user_id(to), message: message.map(|(token, _)| names::of_message(token)) }
}

/// The receiver of the message whose outcome an instance does not know.
fn unknown_to(before: &State, seat: InstanceId) -> AccountId {
    match before.instance(seat).unknown.first() {
        Some(Frame::Send { to, .. }) => to,
        Some(_) | None => unreachable!("a message is sent again only if its outcome is not known"),
    }
}

const fn which(slot: Slot) -> Which {
    match slot {
        Slot::Current => Which::Current,
        Slot::Abandoned => Which::Old,
    }
}

const fn posted(how: Post) -> How {
    match how {
        Post::Taken => How::Taken,
        Post::Failed => How::Failed,
    }
}
