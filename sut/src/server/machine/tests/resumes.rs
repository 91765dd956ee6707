//! Resumes and owed logouts: LINK-2, LINK-3, LINK-5, KICK-8, LOGOUT-4.

use super::*;
use crate::protocol::close_code::{NORMAL, POLICY_VIOLATION, SUPERSEDED};

const OVERTAKEN: &str = "a later link of this instance has taken its place";

/// Instance `n` resumes on this link as its epoch 2.
fn resumes(link: u64, n: u64) -> Input {
    says_on(link, secret(n), 2, resume(n, 0))
}

fn told(link: u64, n: u64, frame: ServerFrame) -> Effect {
    hears_on(link, secret(n), 2, frame)
}

#[test]
fn a_session_goes_on_over_a_new_link_and_the_older_one_is_closed() {
    let mut node = Node::with([1, 2]);
    node.check([
        (up(3), vec![]),
        (resumes(3, 1), vec![told(3, 1, resumed()), close(1, SUPERSEDED, OVERTAKEN)]),
        (says(1, logout(1)), vec![]),
        (down(1, Some(1000)), vec![]),
        (says_on(3, secret(1), 2, ClientFrame::Ping), vec![told(3, 1, ServerFrame::Pong)]),
    ]);
    assert_eq!((node.online("alice"), node.machine.links()), (vec![1, 2], 2));
}

#[test]
fn a_session_whose_link_is_down_goes_on_in_its_place() {
    let mut node = Node::with([1, 2]);
    node.check([(down(1, None), vec![]), (up(3), vec![]), (resumes(3, 1), vec![told(3, 1, resumed())])]);
    node.takes(up(4));
    let reason = KickReason::MultipleAccount;
    node.check([(says(4, login(4, "alice")), vec![hears(4, admitted()), told(3, 1, notice(reason))])]);
}

#[test]
fn a_resume_on_a_link_that_was_overtaken_changes_nothing() {
    let mut node = Node::with([1]);
    let before = node.record("alice");
    node.check([(up(2), vec![]), (says_on(2, secret(1), 1, resume(1, 0)), vec![close(2, SUPERSEDED, OVERTAKEN)])]);
    assert_eq!((node.record("alice"), node.machine.links()), (before, 1));
}

#[test]
fn a_resume_of_a_kicked_session_is_answered_with_the_notice_until_it_is_acknowledged() {
    let mut node = Node::with([1, 2]);
    node.takes(down(1, None));
    node.takes(up(3));
    node.takes(says(3, login(3, "alice")));
    let reason = KickReason::MultipleAccount;
    let kick_ack = |epoch| says_on(5, secret(1), epoch, ClientFrame::KickAck);
    node.check([
        (up(4), vec![]),
        (resumes(4, 1), vec![told(4, 1, notice(reason))]),
        (says_on(4, secret(1), 2, ClientFrame::Sync), vec![]),
        (down(4, None), vec![]),
        (up(5), vec![]),
        (resumes(5, 1), vec![told(5, 1, notice(reason))]),
        (kick_ack(2), vec![close(5, NORMAL, "kicked")]),
    ]);
    assert_eq!((node.online("alice"), node.record("alice").kicks), (vec![2, 3], vec![]));
}

#[test]
fn a_session_that_lapsed_is_in_anew_or_told_why_not() {
    let mut node = Node::with([1, 2]);
    node.takes(down(1, Some(1000)));
    node.check([(up(3), vec![]), (resumes(3, 1), vec![told(3, 1, answers(ResumeOutcome::Readmitted))])]);
    assert_eq!(node.online("alice"), [2, 1]);
    node.takes(down(2, Some(1000)));
    node.takes(up(4));
    node.takes(says(4, login(4, "alice")));
    let refused = answers(ResumeOutcome::Told { reason: KickReason::MultipleAccount });
    let before = node.record("alice");
    node.check([(up(5), vec![]), (resumes(5, 2), vec![told(5, 2, refused), close(5, NORMAL, "not readmitted")])]);
    assert_eq!(node.record("alice"), before);
}

#[test]
fn a_resume_of_what_can_be_no_account_is_refused() {
    let mut node = Node::new();
    node.takes(up(1));
    let ClientFrame::Resume { sdk_app_id, user_sig, platform, key, last_seq, .. } = resume(1, 0) else { unreachable!() };
    let user_id = "no one".to_owned();
    let effects = node.takes(says(1, ClientFrame::Resume { sdk_app_id, user_id, user_sig, platform, key, last_seq }));
    assert_eq!((effects.len(), effects.last()), (2, Some(&close(1, NORMAL, "not readmitted"))));
}

#[test]
fn an_instance_with_another_session_is_turned_away() {
    let mut node = Node::with([1]);
    let other = close(2, POLICY_VIOLATION, "this instance has another session");
    node.check([(up(2), vec![]), (says_on(2, Secret(7), 2, resume(1, 0)), vec![other])]);
}

#[test]
fn an_owed_logout_is_answered_and_the_login_right_behind_is_admitted() {
    let mut node = Node::with([1, 2]);
    let answer = told(3, 1, ServerFrame::LogoutAnswer);
    node.check([
        (up(3), vec![]),
        (says_on(3, secret(1), 2, logout(1)), vec![answer, close(1, SUPERSEDED, OVERTAKEN)]),
        (says_on(3, Secret(9), 2, login(1, "alice")), vec![hears_on(3, Secret(9), 2, admitted())]),
    ]);
    assert_eq!((node.online("alice"), node.machine.links()), (vec![2, 1], 2));
}

#[test]
fn an_owed_logout_voids_a_late_login_on_an_older_link() {
    let mut node = Node::new();
    node.check([
        (up(1), vec![]),
        (up(2), vec![]),
        (says_on(2, secret(1), 2, logout(1)), vec![told(2, 1, ServerFrame::LogoutAnswer)]),
        (says(1, login(1, "alice")), vec![close(1, SUPERSEDED, OVERTAKEN)]),
    ]);
    assert_eq!(node.online("alice"), []);
}

#[test]
fn an_owed_logout_takes_a_kick_record_along() {
    let mut node = Node::with([1, 2]);
    node.takes(down(1, None));
    node.takes(up(3));
    node.takes(says(3, login(3, "alice")));
    node.check([(up(4), vec![]), (says_on(4, secret(1), 2, logout(1)), vec![told(4, 1, ServerFrame::LogoutAnswer)])]);
    assert_eq!((node.online("alice"), node.record("alice").kicks), (vec![2, 3], vec![]));
}

#[test]
fn all_frames_of_a_link_carry_one_epoch() {
    let mut node = Node::new();
    node.takes(up(1));
    node.takes(says_on(1, secret(1), 2, logout(1)));
    let reason = "all frames of a link carry one epoch";
    node.check([(says_on(1, secret(1), 3, login(1, "alice")), vec![close(1, POLICY_VIOLATION, reason)])]);
}

#[test]
fn a_link_is_one_instances() {
    let mut node = Node::new();
    node.takes(up(1));
    node.takes(says_on(1, secret(1), 2, logout(1)));
    let reason = "a link is one instance's";
    node.check([(says_on(1, secret(2), 2, logout(2)), vec![close(1, POLICY_VIOLATION, reason)])]);
}
