//! Calls that send one message at once, under one name: one frame, and every call settles once, all of them alike (MSG-3).

use super::*;

/// How the two sends of message 5, calls 2 and 3, have settled, and how often it was written.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    settled: Vec<(u64, Result<Answer, Refusal>)>,
    written: usize,
}

fn seen(end: Input) -> Seen {
    let (mut machine, mut effects) = (ready(), Vec::new());
    for input in [send(2, 5), send(3, 5), end] {
        machine.handle(NOW, input, &mut effects);
    }
    let mut seen = Seen::default();
    for effect in effects {
        match effect {
            Effect::Settle { call: CallId(call @ 2..=3), outcome } => seen.settled.push((call, outcome)),
            Effect::Send { frame: Envelope { frame: ClientFrame::Send { .. }, .. }, .. } => seen.written += 1,
            Effect::Settle { .. }
            | Effect::Send { .. }
            | Effect::Open { .. }
            | Effect::Close { .. }
            | Effect::Publish(_)
            | Effect::Arm { .. }
            | Effect::ArmWithin { .. }
            | Effect::Disarm { .. }
            | Effect::End => {}
        }
    }
    seen
}

fn answer(refused: Option<Refusal>) -> Input {
    hears(1, ServerFrame::SendAnswer { id: MessageId(5), refused })
}

/// Every end of a send, and how both calls settle then.
fn ends() -> Vec<(Input, Result<Answer, Refusal>)> {
    let (refused, unknown) = (refusal(Code::BadField, "bad"), outcome_unknown("message"));
    vec![
        (answer(None), Ok(Answer::Sent)),
        (answer(Some(refused.clone())), Err(refused)),
        (Input::Timer(Timer::Send(MessageId(5))), Err(unknown.clone())),
        (down(1), Err(unknown.clone())),
        (Input::Timer(Timer::Heartbeat), Err(unknown.clone())),
        (hears(1, notice()), Err(unknown.clone())),
        (logout(9), Err(unknown.clone())),
        (destroy(9), Err(unknown)),
    ]
}

#[test]
fn two_calls_with_one_message_id_write_it_once_and_settle_both_alike_at_every_end() {
    for (end, outcome) in ends() {
        let settled = vec![(2, outcome.clone()), (3, outcome)];
        assert_eq!(seen(end.clone()), Seen { settled, written: 1 }, "at {end:?}");
    }
}

#[cfg(debug_assertions)]
mod planted {
    use super::*;
    use crate::planted::{Unreplayed, plant_unreplayed};

    fn seen_with(bug: Unreplayed) -> (Vec<u64>, usize) {
        plant_unreplayed(Some(bug));
        let seen = seen(answer(None));
        plant_unreplayed(None);
        (seen.settled.iter().map(|(call, _)| *call).collect(), seen.written)
    }

    #[test]
    fn a_second_call_that_never_settles_is_seen() {
        assert_eq!(seen_with(Unreplayed::Msg3SecondNeverSettles), (vec![2], 1));
    }

    #[test]
    fn a_second_call_that_is_written_once_more_is_seen() {
        assert_eq!(seen_with(Unreplayed::Msg3SecondIsSent), (vec![2, 3], 2));
    }
}
