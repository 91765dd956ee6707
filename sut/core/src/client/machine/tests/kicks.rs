//! KICK-4, KICK-7, KICK-9 at the victim.

use super::*;
use crate::protocol::close_code::NORMAL;

fn acknowledged() -> [Effect; 2] {
    [says(1, ClientFrame::KickAck), close(1, NORMAL)]
}

fn told(learnt: impl IntoIterator<Item = Effect>) -> Vec<Effect> {
    acknowledged().into_iter().chain(learnt).collect()
}

#[test]
fn a_victim_that_was_ready_learns_that_it_is_not_before_it_learns_why() {
    let mut machine = ready();
    let learnt = told([publishes(Event::SdkNotReady), kicked_out()]);
    check(&mut machine, [(hears(1, notice()), learnt)]);
    assert_eq!((machine.login_user(), machine.is_ready()), (None, false));
}

#[test]
fn a_victim_that_was_not_ready_only_learns_why() {
    let mut machine = after(logged_in(), [hears(1, message(1))]);
    check(&mut machine, [(hears(1, notice()), told([kicked_out()]))]);
    assert_eq!(machine.kept_messages(), 0);
}

#[test]
fn a_notice_settles_the_sends_that_run_in_their_order() {
    let unknown = |call| failed(call, outcome_unknown("message"));
    let learnt = [
        disarm(Timer::Send(MessageId(5))),
        unknown(2),
        disarm(Timer::Send(MessageId(4))),
        unknown(3),
        publishes(Event::SdkNotReady),
        kicked_out(),
    ];
    let mut machine = after(ready(), [send(2, 5), send(3, 4)]);
    check(&mut machine, [(hears(1, notice()), told(learnt))]);
}

#[test]
fn a_victim_hears_nothing_more_and_never_logs_in_by_itself() {
    check(
        &mut after(ready(), [hears(1, notice())]),
        [
            (hears(1, notice()), vec![]),
            (hears(1, message(1)), vec![]),
            (down(1), vec![]),
            (login(2, "alice"), vec![open(2), arm(Timer::Login)]),
        ],
    );
}

#[test]
fn an_instance_that_logs_out_sees_nothing_of_its_kick() {
    let resolved = [disarm(Timer::Logout), settled(2, Answer::Done)];
    check(&mut logging_out(), [(hears(1, notice()), told(resolved))]);
}

#[test]
fn an_instance_that_is_destroyed_sees_nothing_of_its_kick() {
    let resolved = [disarm(Timer::Logout), settled(2, Answer::Done), Effect::End];
    check(&mut after(ready(), [destroy(2)]), [(hears(1, notice()), told(resolved))]);
}
