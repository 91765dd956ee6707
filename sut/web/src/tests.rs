//! What crosses the border of WebAssembly: calls in, JSON out.

use serde_json::{Value, json};
use sut_core::client::machine::{Answer, Effect, Timer};
use sut_core::client::{Event, NetState};
use sut_core::code::{Code, Refusal};
use sut_core::protocol::{ClientFrame, Envelope, ServerFrame, VERSION, encode};
use sut_core::session::KickReason;

use super::*;

const NOW: f64 = 1_700_000_000_000.0;
const SECRET: Secret = Secret(7);

fn effects(told: &str) -> Vec<Value> {
    serde_json::from_str(told).unwrap()
}

fn says<F>(frame: F) -> Envelope<F> {
    Envelope { v: VERSION, session: SECRET, epoch: Epoch(whole(NOW)), frame }
}

/// Call 1, a login, is written.
fn logging_in() -> Instance {
    let mut instance = Instance::new(1400, 1, 0.0);
    instance.login(NOW, 1, "alice".to_owned(), "sig".to_owned(), SECRET.0);
    instance.link_up(NOW, NOW);
    instance
}

#[test]
fn a_login_asks_for_a_link_and_is_written_on_it() {
    let mut instance = Instance::new(1400, 1, 0.0);
    let asked = instance.login(NOW, 1, "alice".to_owned(), "sig".to_owned(), SECRET.0);
    let arm = json!({"do": "arm", "timer": "login", "afterMs": 10_000});
    assert_eq!(effects(&asked), [json!({"do": "open", "epoch": 1_700_000_000_000_u64}), arm]);
    let (user_id, user_sig, platform, key) = ("alice".to_owned(), "sig".to_owned(), Platform::Web, InstanceKey(1));
    let text = encode(&says(ClientFrame::Login { sdk_app_id: 1400, user_id, user_sig, platform, key }));
    assert_eq!(effects(&instance.link_up(NOW, NOW)), [json!({"do": "send", "epoch": 1_700_000_000_000_u64, "text": text})]);
}

#[test]
fn a_frame_is_read_and_a_message_of_bytes_ends_the_link() {
    let mut instance = logging_in();
    let refused = Some(Refusal { code: Code::SigExpired, text: "the UserSig has expired".to_owned() });
    let told = effects(&instance.text(NOW, NOW, &encode(&says(ServerFrame::LoginAnswer { refused, gap: false }))));
    assert_eq!(told[1], json!({"do": "reject", "call": 1, "refusal": {"code": 70001, "text": "the UserSig has expired"}}));
    assert_eq!(told[2], json!({"do": "close", "epoch": 1_700_000_000_000_u64, "code": 1000}));
    let told = effects(&logging_in().binary(NOW, NOW));
    assert_eq!(told[0], json!({"do": "close", "epoch": 1_700_000_000_000_u64, "code": 1003}));
}

#[test]
fn a_timer_fires_by_its_name_and_means_nothing_once_nothing_waits_for_it() {
    let mut instance = logging_in();
    let told = effects(&instance.timer(NOW, "login"));
    assert_eq!(told[1]["refusal"]["code"], 2801);
    assert_eq!(effects(&instance.timer(NOW, "login")), [] as [Value; 0]);
    assert_eq!(effects(&instance.timer(NOW, "tea")), [] as [Value; 0]);
}

#[test]
fn an_epoch_that_the_page_has_stored_is_below_that_of_the_next_link() {
    let mut instance = Instance::new(1400, 1, 0.0);
    instance.learn_epoch(NOW + 5.0);
    let told = effects(&instance.login(NOW, 1, "alice".to_owned(), "sig".to_owned(), SECRET.0));
    assert_eq!(told[0]["epoch"].as_f64(), Some(NOW + 6.0));
}

/// One of each kind of effect, answer and event.
fn every_effect() -> Vec<Effect> {
    let (epoch, call, refusal) = (Epoch(1), CallId(1), Refusal { code: Code::LinkDown, text: String::new() });
    let message = Event::MessageReceived { from: "a".to_owned(), to: "b".to_owned(), id: MessageId(1), text: String::new() };
    let events = [
        Event::SdkReady,
        Event::SdkNotReady,
        Event::KickedOut { reason: KickReason::RestApi, refusal: Some(refusal.clone()) },
        Event::NetStateChange(NetState::Connecting),
        message,
        Event::MessagesLost,
    ];
    let answers = [Answer::LoggedIn, Answer::Repeat { error_info: String::new() }, Answer::Done, Answer::Sent];
    let (after, bound) = (Timer::Login.after(), Timer::Backoff.after());
    let others = [
        Effect::Open { epoch },
        Effect::Send { epoch, frame: says(ClientFrame::Sync) },
        Effect::Close { epoch, code: 1000 },
        Effect::Settle { call, outcome: Err(refusal) },
        Effect::Arm { timer: Timer::Login, after },
        Effect::ArmWithin { timer: Timer::Backoff, bound },
        Effect::Disarm { timer: Timer::Login },
        Effect::End,
    ];
    let settled = answers.map(|answer| Effect::Settle { call, outcome: Ok(answer) });
    others.into_iter().chain(settled).chain(events.map(Effect::Publish)).collect()
}

/// All names in a value, and all texts that are kinds of something.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let within = |(name, value): (&String, &Value)| [vec![name.clone()], words(value)].concat();
            fields.iter().flat_map(within).collect()
        }
        Value::String(kind) if kind.contains('-') => vec![kind.clone()],
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => Vec::new(),
    }
}

#[test]
fn the_types_of_the_package_know_every_name_in_an_effect() {
    let types = include_str!("../package/effects.d.ts");
    let told = effects(&told::all(every_effect()));
    let unknown: Vec<_> = told.iter().flat_map(words).filter(|word| !types.contains(word.as_str())).collect();
    assert_eq!(unknown, Vec::<String>::new());
    assert_eq!(told.iter().flat_map(words).filter(|word| word == "do").count(), 18);
}
