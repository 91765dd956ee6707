//! How an action of the model is asked for on a line. It says what happens, never what must follow.

use std::collections::BTreeMap;

use model::action::{
    self, AccountId, Action, AppCall, InstanceId, LinkMove, Loss, PageMove, Post, ServerMove, Setting, Slot, Token,
};
use model::frame::UpFrame;
use model::observation::Call;
use model::scope::{Scope, Seat};
use model::state::State;

use super::names;
use super::protocol::{Body, FrameKind, How, PROTOCOL, Place, Request, Sending, Step, Timer, Which, World};
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
    let name = |instance| scope.name_of(instance);
    match ask.action {
        Action::Call(seat, call) => Body::Step(called(before, (seat, name(seat)), call, ask.message)),
        Action::Page(seat, PageMove::Close) => Body::Step(Step::PageClose { instance: name(seat) }),
        Action::Page(seat, PageMove::Wake) => Body::Step(Step::Wake { instance: name(seat) }),
        Action::Link(seat, link) => {
            let frame = || carried(before, ask.action).map(names::kind).expect("a frame is delivered only if there is one");
            moved(name(seat), link, frame)
        }
        Action::Timer(seat, timer) => Body::Fire(fired(name(seat), timer)),
        Action::Renew(seat) => Body::Step(Step::Renew { instance: name(seat) }),
        Action::Server(server) => at_server(scope, server),
    }
}

fn called(
    before: &State,
    (seat, instance): (InstanceId, &'static str),
    call: AppCall,
    message: Option<(Token, AccountId)>,
) -> Step {
    match call {
        AppCall::Login { account, credential } => {
            Step::Login { instance, account: user_id(account), credential: credential.name() }
        }
        AppCall::Logout => Step::Logout { instance },
        AppCall::Destroy => Step::Destroy { instance },
        AppCall::Send(to) => Step::Send(sending(instance, to, message)),
        AppCall::Resend => Step::Resend(sending(instance, unknown_to(before, seat), message)),
    }
}

fn moved(instance: &'static str, link: LinkMove, frame: impl Fn() -> FrameKind) -> Body {
    match link {
        LinkMove::Open => Body::Step(Step::Open { instance }),
        LinkMove::OpenFails => Body::Step(Step::OpenFails { instance }),
        LinkMove::ToServer(slot) => Body::Step(Step::ToServer { instance, link: which(slot), frame: frame() }),
        LinkMove::ToClient => Body::Step(Step::ToClient { instance, frame: frame() }),
        LinkMove::Cut => Body::Step(Step::Cut { instance }),
        LinkMove::ClientLoses(Loss::Ended) => Body::Step(Step::ClientLoses { instance }),
        LinkMove::ClientLoses(Loss::Heartbeat) => Body::Fire(Timer::ClientHeartbeat { instance }),
        LinkMove::ServerLoses(slot, Loss::Ended) => Body::Step(Step::ServerLoses { instance, link: which(slot) }),
        LinkMove::ServerLoses(slot, Loss::Heartbeat) => Body::Fire(Timer::ServerHeartbeat { instance, link: which(slot) }),
    }
}

fn fired(instance: &'static str, timer: action::Timer) -> Timer {
    match timer {
        action::Timer::Backoff => Timer::Backoff { instance },
        action::Timer::Deadline(call) => Timer::Deadline { instance, call: call.name() },
        action::Timer::Ping => Timer::Ping { instance },
        action::Timer::Ask(slot) => Timer::ServerPing { instance, link: which(slot) },
        action::Timer::Lapse(account) => Timer::Lapse { instance, account: user_id(account) },
        action::Timer::Expire(account) => Timer::Expire { instance, account: user_id(account) },
    }
}

fn at_server(scope: &Scope, server: ServerMove) -> Body {
    match server {
        ServerMove::RestKick(account) => Body::Step(Step::RestKick { account: user_id(account) }),
        ServerMove::Configure(setting) => Body::Step(Step::Configure { limits: limits(scope, setting) }),
        ServerMove::TakeEffect => Body::Fire(Timer::TakeEffect),
        ServerMove::Webhook(account, how) => Body::Step(Step::Post { account: user_id(account), how: posted(how) }),
        ServerMove::Restart => Body::Step(Step::Restart),
        ServerMove::Stop => Body::Step(Step::Stop),
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

fn sending(instance: &'static str, to: AccountId, message: Option<(Token, AccountId)>) -> Sending {
    Sending { instance, to: user_id(to), message: message.map(|(token, _)| names::of_message(token)) }
}

/// The receiver of the message whose outcome an instance does not know.
fn unknown_to(before: &State, seat: InstanceId) -> AccountId {
    match before.instance(seat).client.unknown.first() {
        Some(UpFrame::Send { to, .. }) => to,
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
