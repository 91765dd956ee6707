//! What a client's machine asks for, done as its shell would. It hands no input over.

use std::time::Duration;

use model::action::InstanceId;
use sut::client::machine as client;

use super::rig::Rig;
use super::{Cx, Moves, close};
use crate::wire::length_of;

/// Does what a client asks for.
pub(super) fn perform(cx: &mut Cx, rig: &mut Rig, seat: InstanceId, effect: client::Effect) {
    match effect {
        client::Effect::Open { epoch } => rig.opening = Some(epoch),
        client::Effect::Send { epoch, frame } => match rig.link(epoch) {
            Some(link) => cx.wire.client_wrote(link, frame, Moves::Frame),
            None => cx.wire.is_strange("a frame on no link".to_owned()),
        },
        client::Effect::Close { epoch, code } => {
            rig.opening.take_if(|opening| *opening == epoch);
            if let Some(link) = rig.link(epoch) {
                rig.lose(epoch);
                cx.wire.client_closed(link, Some(code), Some(close(code, String::new())));
            }
        }
        client::Effect::Settle { call, outcome } => cx.settled(call.0, &outcome),
        client::Effect::Publish(event) => cx.published(seat, &event),
        client::Effect::Arm { timer, after: wait } | client::Effect::ArmWithin { timer, bound: wait } => {
            compare_length(cx, timer, wait);
            rig.arm(timer, cx.moment.now().plus(wait));
        }
        client::Effect::Disarm { timer } => rig.disarm(timer),
        client::Effect::End => {
            rig.alive = false;
            cx.ended(seat);
        }
    }
}

/// Every timer of an instance runs as long as the rulebook says; the bound of a backoff grows to that.
fn compare_length(cx: &mut Cx, timer: client::Timer, wait: Duration) {
    let most = length_of(timer);
    if wait > most || (wait < most && timer != client::Timer::Backoff) {
        cx.wire.is_strange(format!("a {timer} timer of {} ms, not {} ms", wait.as_millis(), most.as_millis()));
    }
}
