//! LOGIN-3, MSG-1, MSG-4, and the loss of a link (LINK-1).

use super::*;
use crate::protocol::{MAX_SEQ, ResumeOutcome};

fn not_logged_in() -> Refusal {
    refusal(Code::NotLoggedIn, "not logged in")
}

fn says_hello(name: u128) -> Effect {
    let (to, text) = ("bob".to_owned(), "hello".to_owned());
    says(1, ClientFrame::Send { id: MessageId(name), to, text })
}

fn answer(name: u128, refused: Option<Refusal>) -> Input {
    hears(1, ServerFrame::SendAnswer { id: MessageId(name), refused })
}

fn says_ack(seq: u64) -> Effect {
    says(1, ClientFrame::MessageAck { seq })
}

#[test]
fn a_send_is_accepted_only_while_ready() {
    let refused = failed(9, not_logged_in());
    check(&mut logged_out(), [(send(9, 5), vec![refused.clone()])]);
    check(&mut opening(), [(send(9, 5), vec![refused.clone()])]);
    check(&mut logging_in(), [(send(9, 5), vec![refused.clone()])]);
    check(&mut logging_out(), [(send(9, 5), vec![refused.clone()])]);
    check(&mut after(ready(), [hears(1, notice())]), [(send(9, 5), vec![refused])]);
    let not_ready = refusal(Code::NotReady, "not ready yet; wait for SDK_READY");
    check(&mut logged_in(), [(send(9, 5), vec![failed(9, not_ready)])]);
    let link_down = refusal(Code::LinkDown, "the link is down; nothing was sent");
    check(&mut after(ready(), [down(1)]), [(send(9, 5), vec![failed(9, link_down)])]);
}

#[test]
fn a_send_settles_with_its_own_answer() {
    let bad_field = refusal(Code::BadField, "bad");
    check(
        &mut ready(),
        [
            (send(2, 5), vec![says_hello(5), arm(Timer::Send(MessageId(5)))]),
            (send(3, 6), vec![says_hello(6), arm(Timer::Send(MessageId(6)))]),
            (answer(6, None), vec![disarm(Timer::Send(MessageId(6))), settled(3, Answer::Sent)]),
            (answer(5, Some(bad_field.clone())), vec![disarm(Timer::Send(MessageId(5))), failed(2, bad_field)]),
            (answer(5, None), vec![]),
        ],
    );
}

#[test]
fn a_message_in_a_place_that_no_session_has_ends_the_link_and_counts_as_none() {
    let lost = publishes(Event::NetStateChange(NetState::Connecting));
    let resumed = ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Resumed { gap: false } };
    let mut machine = ready();
    check(&mut machine, [(hears(1, message(MAX_SEQ + 1)), vec![close(1, 1008), lost, backoff(1)])]);
    let mut machine = after(machine, [Input::Timer(Timer::Backoff), up(2), hears(2, resumed)]);
    check(&mut machine, [(hears(2, message(1)), vec![says(2, ClientFrame::MessageAck { seq: 1 }), received(1)])]);
}

#[test]
fn a_send_without_an_answer_is_unknown_at_its_deadline() {
    check(
        &mut after(ready(), [send(2, 5)]),
        [(Input::Timer(Timer::Send(MessageId(5))), vec![failed(2, outcome_unknown("message"))]), (answer(5, None), vec![])],
    );
}

#[test]
fn what_comes_before_ready_is_acknowledged_kept_and_follows_in_order() {
    let mut machine = logged_in();
    check(&mut machine, [(hears(1, message(1)), vec![says_ack(1)]), (hears(1, message(2)), vec![says_ack(2)])]);
    assert_eq!(machine.kept_messages(), 2);
    let follows = vec![publishes(Event::SdkReady), received(1), received(2)];
    check(&mut machine, [(hears(1, sync_answer()), follows)]);
    assert_eq!(machine.kept_messages(), 0);
    check(&mut machine, [(hears(1, message(3)), vec![says_ack(3), received(3)])]);
}

#[test]
fn a_lost_link_is_no_logout() {
    let mut machine = after(ready(), [send(2, 5)]);
    let lost = vec![
        disarm(Timer::Send(MessageId(5))),
        failed(2, outcome_unknown("message")),
        publishes(Event::NetStateChange(NetState::Connecting)),
        backoff(1),
    ];
    check(&mut machine, [(down(1), lost), (down(1), vec![]), (hears(1, message(1)), vec![])]);
    assert_eq!((machine.login_user(), machine.is_ready()), (Some("alice"), true));
}
