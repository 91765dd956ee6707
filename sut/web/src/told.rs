//! Effects as the page's script reads them: plain data in JSON, one kind of object each. It decides nothing.

use std::time::Duration;

use serde::Serialize;
use sut_core::client::Event;
use sut_core::client::machine::{Answer, Effect};
use sut_core::code::Refusal;
use sut_core::protocol::encode;
use sut_core::session::Epoch;

/// One effect. `package/effects.d.ts` is the same list in TypeScript.
#[derive(Serialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Told {
    Open { epoch: Epoch },
    Send { epoch: Epoch, text: String },
    Close { epoch: Epoch, code: u16 },
    Resolve { call: u64, answer: Answer },
    Reject { call: u64, refusal: Refusal },
    Publish { event: Event },
    Arm { timer: String, after_ms: u64 },
    ArmWithin { timer: String, bound_ms: u64 },
    Disarm { timer: String },
    End,
}

/// All of them, in order, as a JSON array.
pub(super) fn all(effects: Vec<Effect>) -> String {
    let told: Vec<_> = effects.into_iter().map(told).collect();
    serde_json::to_string(&told).expect("an effect is made of names, numbers and texts only")
}

fn told(effect: Effect) -> Told {
    match effect {
        Effect::Open { epoch } => Told::Open { epoch },
        Effect::Send { epoch, frame } => Told::Send { epoch, text: encode(&frame) },
        Effect::Close { epoch, code } => Told::Close { epoch, code },
        Effect::Settle { call, outcome: Ok(answer) } => Told::Resolve { call: call.0, answer },
        Effect::Settle { call, outcome: Err(refusal) } => Told::Reject { call: call.0, refusal },
        Effect::Publish(event) => Told::Publish { event },
        Effect::Arm { timer, after } => Told::Arm { timer: timer.to_string(), after_ms: millis(after) },
        Effect::ArmWithin { timer, bound } => Told::ArmWithin { timer: timer.to_string(), bound_ms: millis(bound) },
        Effect::Disarm { timer } => Told::Disarm { timer: timer.to_string() },
        Effect::End => Told::End,
    }
}

fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}
