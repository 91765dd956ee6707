//! What an instance does, as tables: an input, and all that it leads to.

mod kicks;
mod logins;
mod logouts;
mod messages;
#[cfg(debug_assertions)]
mod planted;
mod reconnects;
mod repeats;
mod replaced;
mod timers;

use super::*;
use crate::client::Machine;
use crate::protocol::{FrameError, MessageId, ServerFrame};
use crate::session::KickReason;

const SECRET: Secret = Secret(7);

/// Where time is no matter; links are numbered from 1.
const NOW: UnixMillis = UnixMillis(0);

type Step = (Input, Vec<Effect>);

/// Takes the instance through the steps; each input must lead to exactly these effects, the timers that guard a link aside.
fn check(machine: &mut Machine, steps: impl IntoIterator<Item = Step>) {
    for (input, expected) in steps {
        let mut effects = Vec::new();
        machine.handle(NOW, input.clone(), &mut effects);
        effects.retain(|effect| !guards_a_link(effect));
        assert_eq!(effects, expected, "after {input:?}");
    }
}

fn guards_a_link(effect: &Effect) -> bool {
    let (Effect::Arm { timer, .. } | Effect::Disarm { timer }) = effect else { return false };
    matches!(timer, Timer::Heartbeat | Timer::Ping)
}

fn logged_out() -> Machine {
    let (platform, key) = (Platform::Web, InstanceKey(1));
    Machine::new(Options { sdk_app_id: 1400, platform, key, epoch: Epoch(0) })
}

/// Call 1 is the login, link 1 is asked for.
fn opening() -> Machine {
    after(logged_out(), [login(1, "alice")])
}

/// The login frame is written.
fn logging_in() -> Machine {
    after(opening(), [up(1)])
}

/// The login resolved.
fn logged_in() -> Machine {
    after(logging_in(), [hears(1, admitted())])
}

/// `SDK_READY` is published.
fn ready() -> Machine {
    after(logged_in(), [hears(1, sync_answer())])
}

/// Call 2 is a logout that the server was told of.
fn logging_out() -> Machine {
    after(ready(), [logout(2)])
}

fn after(mut machine: Machine, inputs: impl IntoIterator<Item = Input>) -> Machine {
    for input in inputs {
        machine.handle(NOW, input, &mut Vec::new());
    }
    machine
}

fn call(id: u64, call: Call) -> Input {
    Input::Call { id: CallId(id), call }
}

fn login(id: u64, user_id: &str) -> Input {
    let (user_id, user_sig) = (user_id.to_owned(), "sig".to_owned());
    call(id, Call::Login { user_id, user_sig, secret: SECRET })
}

fn logout(id: u64) -> Input {
    call(id, Call::Logout)
}

fn destroy(id: u64) -> Input {
    call(id, Call::Destroy)
}

fn send(id: u64, name: u128) -> Input {
    let (to, text) = ("bob".to_owned(), "hello".to_owned());
    call(id, Call::Send { id: MessageId(name), to, text })
}

fn up(epoch: u64) -> Input {
    Input::LinkUp { epoch: Epoch(epoch) }
}

fn down(epoch: u64) -> Input {
    Input::LinkDown { epoch: Epoch(epoch), close: None }
}

/// The server has closed the link.
fn closed(epoch: u64, code: u16, reason: &str) -> Input {
    Input::LinkDown { epoch: Epoch(epoch), close: Some(PeerClose { code, reason: reason.to_owned() }) }
}

fn hears(epoch: u64, frame: ServerFrame) -> Input {
    let epoch = Epoch(epoch);
    Input::Frame { epoch, frame: Envelope { v: VERSION, session: SECRET, epoch, frame } }
}

fn admitted() -> ServerFrame {
    ServerFrame::LoginAnswer { refused: None, gap: false }
}

fn refused() -> ServerFrame {
    ServerFrame::LoginAnswer { refused: Some(sig_expired()), gap: false }
}

fn sig_expired() -> Refusal {
    refusal(Code::SigExpired, "expired")
}

fn sync_answer() -> ServerFrame {
    ServerFrame::SyncAnswer { online: vec![Platform::Web], server_time_ms: 5 }
}

fn notice() -> ServerFrame {
    ServerFrame::Notice { reason: KickReason::MultipleAccount }
}

fn message(seq: u64) -> ServerFrame {
    let (from, to, text) = ("bob".to_owned(), "alice".to_owned(), "hi".to_owned());
    ServerFrame::Message { seq, id: MessageId(seq.into()), from, to, text }
}

fn says_logout(epoch: u64) -> Effect {
    says(epoch, logout_frame(None))
}

fn says_owed(epoch: u64) -> Effect {
    says(epoch, logout_frame(Some("sig".to_owned())))
}

fn logout_frame(user_sig: Option<String>) -> ClientFrame {
    ClientFrame::Logout { user_id: "alice".to_owned(), key: InstanceKey(1), user_sig }
}

fn backoff(seconds: u64) -> Effect {
    Effect::ArmWithin { timer: Timer::Backoff, bound: std::time::Duration::from_secs(seconds) }
}

fn received(seq: u64) -> Effect {
    let (from, to, text) = ("bob".to_owned(), "alice".to_owned(), "hi".to_owned());
    Effect::Publish(Event::MessageReceived { from, to, id: MessageId(seq.into()), text })
}

fn open(epoch: u64) -> Effect {
    Effect::Open { epoch: Epoch(epoch) }
}

fn says(epoch: u64, frame: ClientFrame) -> Effect {
    let epoch = Epoch(epoch);
    Effect::Send { epoch, frame: Envelope { v: VERSION, session: SECRET, epoch, frame } }
}

fn close(epoch: u64, code: u16) -> Effect {
    Effect::Close { epoch: Epoch(epoch), code }
}

fn disarm(timer: Timer) -> Effect {
    Effect::Disarm { timer }
}

fn settled(call: u64, answer: Answer) -> Effect {
    settle(CallId(call), answer)
}

fn failed(call: u64, refusal: Refusal) -> Effect {
    refuse(CallId(call), refusal)
}

fn publishes(event: Event) -> Effect {
    Effect::Publish(event)
}

fn kicked_out() -> Effect {
    publishes(Event::KickedOut { reason: KickReason::MultipleAccount, refusal: None })
}

fn abandoned() -> Refusal {
    refusal(Code::LoginAbandoned, "given up by a logout or destroy")
}
