//! LOGOUT-1 to LOGOUT-6, DESTROY-1, DESTROY-2.

use super::*;
use crate::protocol::close_code::{GIVEN_UP, NORMAL};

fn logout_running() -> Refusal {
    refusal(Code::LogoutRunning, "a logout is running; wait until it resolves")
}

fn told(extra: impl IntoIterator<Item = Effect>) -> Vec<Effect> {
    extra.into_iter().chain([says_logout(1), arm(Timer::Logout)]).collect()
}

#[test]
fn a_logout_silences_the_instance_at_once_and_resolves_with_the_answer() {
    let mut machine = ready();
    check(&mut machine, [(logout(2), told([publishes(Event::SdkNotReady)]))]);
    assert_eq!((machine.login_user(), machine.is_ready()), (None, false));
    check(
        &mut machine,
        [
            (hears(1, message(1)), vec![]),
            (hears(1, sync_answer()), vec![]),
            (hears(1, ServerFrame::LogoutAnswer), vec![disarm(Timer::Logout), close(1, NORMAL), settled(2, Answer::Done)]),
        ],
    );
}

#[test]
fn a_logout_settles_the_sends_that_run_before_anything_else() {
    let name = MessageId(5);
    let unknown = failed(2, outcome_unknown("message"));
    let first = [disarm(Timer::Send(name)), unknown, publishes(Event::SdkNotReady)];
    check(&mut after(ready(), [send(2, 5)]), [(logout(3), told(first))]);
}

#[test]
fn a_logout_before_ready_publishes_nothing() {
    let mut machine = after(logged_in(), [hears(1, message(1))]);
    assert_eq!(machine.kept_messages(), 1);
    check(&mut machine, [(logout(2), told([]))]);
    assert_eq!(machine.kept_messages(), 0);
}

#[test]
fn a_logout_when_not_logged_in_resolves_at_once() {
    check(&mut logged_out(), [(logout(1), vec![settled(1, Answer::Done)])]);
    let mut kicked = after(ready(), [hears(1, notice())]);
    check(&mut kicked, [(logout(2), vec![settled(2, Answer::Done)])]);
}

#[test]
fn a_logout_of_a_login_that_was_not_written_abandons_it() {
    check(
        &mut opening(),
        [
            (logout(2), vec![disarm(Timer::Login), failed(1, abandoned()), close(1, GIVEN_UP), settled(2, Answer::Done)]),
            (up(1), vec![close(1, GIVEN_UP)]),
        ],
    );
}

#[test]
fn a_logout_of_a_login_that_was_written_follows_it_at_once() {
    let failed = [disarm(Timer::Login), failed(1, abandoned())];
    check(
        &mut logging_in(),
        [
            (logout(2), told(failed)),
            (hears(1, admitted()), vec![]),
            (hears(1, ServerFrame::LogoutAnswer), vec![disarm(Timer::Logout), close(1, NORMAL), settled(2, Answer::Done)]),
        ],
    );
}

#[test]
fn a_refusal_of_the_login_settles_the_logout_too() {
    let end = vec![disarm(Timer::Logout), close(1, NORMAL), settled(2, Answer::Done)];
    check(&mut after(logging_in(), [logout(2)]), [(hears(1, refused()), end)]);
}

#[test]
fn until_a_logout_resolved_a_login_is_refused_and_a_second_logout_waits_along() {
    check(
        &mut logging_out(),
        [
            (login(3, "alice"), vec![failed(3, logout_running())]),
            (logout(4), vec![]),
            (
                hears(1, ServerFrame::LogoutAnswer),
                vec![disarm(Timer::Logout), close(1, NORMAL), settled(2, Answer::Done), settled(4, Answer::Done)],
            ),
            (login(5, "alice"), vec![open(2), arm(Timer::Login)]),
        ],
    );
}

#[test]
fn a_logout_resolves_at_the_loss_of_the_link_and_at_its_deadline() {
    check(&mut logging_out(), [(down(1), vec![disarm(Timer::Logout), settled(2, Answer::Done)])]);
    let late = vec![close(1, GIVEN_UP), settled(2, Answer::Done)];
    check(&mut logging_out(), [(Input::Timer(Timer::Logout), late)]);
}

#[test]
fn a_logout_with_the_link_down_resolves_at_once() {
    let mut machine = after(ready(), [down(1)]);
    let at_once = vec![publishes(Event::SdkNotReady), disarm(Timer::Backoff), settled(2, Answer::Done)];
    check(&mut machine, [(logout(2), at_once)]);
}

#[test]
fn a_destroy_of_a_logged_out_instance_ends_it_at_once() {
    check(
        &mut logged_out(),
        [
            (destroy(1), vec![settled(1, Answer::Done), Effect::End]),
            (destroy(2), vec![settled(2, Answer::Done)]),
            (login(3, "alice"), vec![failed(3, destroyed())]),
            (logout(4), vec![failed(4, destroyed())]),
            (send(5, 1), vec![failed(5, destroyed())]),
        ],
    );
}

#[test]
fn a_destroy_logs_out_first_and_refuses_every_other_call_meanwhile() {
    let mut machine = ready();
    check(
        &mut machine,
        [
            (destroy(2), told([publishes(Event::SdkNotReady)])),
            (login(3, "alice"), vec![failed(3, destroyed())]),
            (logout(4), vec![failed(4, destroyed())]),
            (send(5, 1), vec![failed(5, destroyed())]),
            (destroy(6), vec![]),
        ],
    );
    assert_eq!((machine.login_user(), machine.is_ready()), (None, false));
    let end = vec![disarm(Timer::Logout), close(1, NORMAL), settled(2, Answer::Done), settled(6, Answer::Done), Effect::End];
    check(&mut machine, [(hears(1, ServerFrame::LogoutAnswer), end)]);
}

#[test]
fn a_destroy_joins_a_running_logout_which_settles_just_before_it() {
    let end = vec![disarm(Timer::Logout), close(1, NORMAL), settled(2, Answer::Done), settled(3, Answer::Done), Effect::End];
    check(&mut logging_out(), [(destroy(3), vec![]), (hears(1, ServerFrame::LogoutAnswer), end)]);
}

#[test]
fn a_destroy_fails_a_running_login_first() {
    check(
        &mut opening(),
        [(
            destroy(2),
            vec![disarm(Timer::Login), failed(1, abandoned()), close(1, GIVEN_UP), settled(2, Answer::Done), Effect::End],
        )],
    );
    let failed = [disarm(Timer::Login), failed(1, abandoned())];
    check(
        &mut logging_in(),
        [(destroy(2), told(failed)), (down(1), vec![disarm(Timer::Logout), settled(2, Answer::Done), Effect::End])],
    );
}
