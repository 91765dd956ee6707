//! LINK-11, and the number of the link behind one that was superseded (LINK-3).

use super::*;
use crate::protocol::close_code::{SUPERSEDED, superseded_reason};

/// The server has closed the link, and names that epoch.
fn superseded(epoch: u64, highest: u64) -> Input {
    closed(epoch, SUPERSEDED, &superseded_reason(Epoch(highest)))
}

#[test]
fn an_instance_that_was_replaced_under_its_key_learns_of_it_and_stays_out() {
    let unknown = failed(2, outcome_unknown("message"));
    let sends = [disarm(Timer::Send(MessageId(5))), unknown];
    let learnt = sends.into_iter().chain([publishes(Event::SdkNotReady), kicked_out()]).collect();
    let mut machine = after(ready(), [send(2, 5)]);
    check(&mut machine, [(superseded(1, 7), learnt)]);
    assert_eq!((machine.login_user(), machine.links(), machine.timers(), machine.debts()), (None, 0, vec![], 0));
    check(&mut machine, [(logout(3), vec![settled(3, Answer::Done)]), (login(4, "alice"), vec![open(8), arm(Timer::Login)])]);
}

#[test]
fn one_that_was_not_ready_or_was_resuming_learns_of_it_too() {
    check(&mut logged_in(), [(superseded(1, 7), vec![kicked_out()])]);
    let mut resuming = after(ready(), [down(1), Input::Timer(Timer::Backoff), up(2)]);
    check(&mut resuming, [(superseded(2, 7), vec![publishes(Event::SdkNotReady), kicked_out()])]);
}

#[test]
fn a_login_that_was_superseded_is_unknown_and_the_next_goes_above_the_highest() {
    let fails = vec![disarm(Timer::Login), failed(1, outcome_unknown("login"))];
    check(&mut logging_in(), [(superseded(1, 7), fails), (login(2, "alice"), vec![open(8), arm(Timer::Login)])]);
}

#[test]
fn a_logout_or_destroy_that_runs_resolves_as_at_any_loss() {
    let mut machine = logging_out();
    check(&mut machine, [(superseded(1, 7), vec![disarm(Timer::Logout), settled(2, Answer::Done)])]);
    assert_eq!(machine.debts(), 1);
    let ends = vec![disarm(Timer::Logout), settled(2, Answer::Done), Effect::End];
    check(&mut after(ready(), [destroy(2)]), [(superseded(1, 7), ends)]);
}

#[test]
fn the_close_of_an_older_link_or_a_reason_that_names_nothing_raises_nothing() {
    check(&mut after(ready(), [down(1), Input::Timer(Timer::Backoff)]), [(superseded(1, 7), vec![])]);
    let mut machine = ready();
    let learnt = vec![publishes(Event::SdkNotReady), kicked_out()];
    check(&mut machine, [(closed(1, SUPERSEDED, "gone"), learnt), (login(2, "alice"), vec![open(2), arm(Timer::Login)])]);
    assert_eq!(after(ready(), [superseded(1, 1)]).epoch(), Epoch(1));
}

#[test]
fn any_other_close_is_a_lost_link() {
    for code in [1000, 1001, 1005, 1011, 4000] {
        let lost = publishes(Event::NetStateChange(NetState::Connecting));
        check(&mut ready(), [(closed(1, code, &superseded_reason(Epoch(7))), vec![lost, backoff(1)])]);
    }
}
