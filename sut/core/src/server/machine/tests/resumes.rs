//! Resumes and owed logouts: LINK-2, LINK-3, LINK-5, KICK-8, LOGOUT-4.

use super::*;
use crate::protocol::close_code::{NORMAL, POLICY_VIOLATION};
use crate::session::EpochEntry;

/// Instance `n` resumes on this link as its epoch 2.
fn resumes(link: u64, n: u64) -> Input {
    says_on(link, digest(n), 2, resume(n, 0))
}

fn told(link: u64, n: u64, frame: ServerFrame) -> Effect {
    hears_on(link, digest(n), 2, frame)
}

#[test]
fn a_session_goes_on_over_a_new_link_and_the_older_one_is_closed() {
    let mut node = Node::with([1, 2]);
    node.check([
        (up(3), vec![]),
        (resumes(3, 1), vec![told(3, 1, resumed()), superseded(1, 2)]),
        (says(1, logout(1)), vec![]),
        (down(1, Some(1000)), vec![]),
        (says_on(3, digest(1), 2, ClientFrame::Ping), vec![told(3, 1, ServerFrame::Pong)]),
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
    node.check([(up(2), vec![]), (says_on(2, digest(1), 1, resume(1, 0)), vec![superseded(2, 1)])]);
    assert_eq!((node.record("alice"), node.machine.links()), (before, 1));
}

#[test]
fn a_resume_of_a_kicked_session_is_answered_with_the_notice_until_it_is_acknowledged() {
    let mut node = Node::with([1, 2]);
    node.takes(down(1, None));
    node.takes(up(3));
    node.takes(says(3, login(3, "alice")));
    let reason = KickReason::MultipleAccount;
    let kick_ack = |epoch| says_on(5, digest(1), epoch, ClientFrame::KickAck);
    node.check([
        (up(4), vec![]),
        (resumes(4, 1), vec![told(4, 1, notice(reason))]),
        (says_on(4, digest(1), 2, ClientFrame::Sync), vec![]),
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
    node.lapses(1);
    node.check([(up(3), vec![]), (resumes(3, 1), vec![told(3, 1, answers(ResumeOutcome::Readmitted))])]);
    assert_eq!(node.online("alice"), [2, 1]);
    node.lapses(2);
    node.takes(up(4));
    node.takes(says(4, login(4, "alice")));
    let refused = answers(ResumeOutcome::Told { reason: KickReason::MultipleAccount });
    let mut expected = node.record("alice");
    expected.epochs.insert(KeyDigest(2), EpochEntry { epoch: Epoch(2), raised_at: NOW });
    node.check([(up(5), vec![]), (resumes(5, 2), vec![told(5, 2, refused), close(5, NORMAL, "not readmitted")])]);
    assert_eq!(node.record("alice"), expected);
    node.check([(up(6), vec![]), (resumes(6, 2), vec![superseded(6, 2)])]);
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
fn a_resume_under_whose_key_another_session_stands_is_closed_as_replaced() {
    let mut node = Node::with([1]);
    let before = node.record("alice");
    node.check([(up(2), vec![]), (says_on(2, SessionDigest(7), 2, resume(1, 0)), vec![superseded(2, 1)])]);
    assert_eq!((node.record("alice"), node.machine.links()), (before, 1));
}

#[test]
fn an_owed_logout_is_answered_and_the_login_right_behind_is_admitted() {
    let mut node = Node::with([1, 2]);
    let answer = told(3, 1, ServerFrame::LogoutAnswer);
    node.check([
        (up(3), vec![]),
        (says_on(3, digest(1), 2, owed_logout(1)), vec![answer, superseded(1, 1)]),
        (says_on(3, SessionDigest(9), 2, login(1, "alice")), vec![hears_on(3, SessionDigest(9), 2, admitted())]),
    ]);
    assert_eq!((node.online("alice"), node.machine.links()), (vec![2, 1], 2));
}

#[test]
fn an_owed_logout_voids_a_late_login_on_an_older_link() {
    let mut node = Node::new();
    node.check([
        (up(1), vec![]),
        (up(2), vec![]),
        (says_on(2, digest(1), 2, owed_logout(1)), vec![told(2, 1, ServerFrame::LogoutAnswer)]),
        (says(1, login(1, "alice")), vec![superseded(1, 1)]),
    ]);
    assert_eq!(node.online("alice"), []);
}

#[test]
fn an_owed_logout_takes_a_kick_record_along() {
    let mut node = Node::with([1, 2]);
    node.takes(down(1, None));
    node.takes(up(3));
    node.takes(says(3, login(3, "alice")));
    node.check([(up(4), vec![]), (says_on(4, digest(1), 2, logout(1)), vec![told(4, 1, ServerFrame::LogoutAnswer)])]);
    assert_eq!((node.online("alice"), node.record("alice").kicks), (vec![2, 3], vec![]));
}

/// Whatever an owed logout names, of an account that may be unknown, is answered.
fn stores_nothing(node: &mut Node, user_id: &str, frame: ClientFrame) {
    let before = node.record(user_id);
    let answer = hears_on(9, SessionDigest(5), 7, ServerFrame::LogoutAnswer);
    node.check([(up(9), vec![]), (says_on(9, SessionDigest(5), 7, frame), vec![answer]), (down(9, None), vec![])]);
    assert_eq!(node.record(user_id), before);
}

#[test]
fn an_owed_logout_of_a_stranger_is_answered_and_stores_nothing() {
    let signed_for = |user_id| Some(usersig::make(1400, KEY, user_id, NOW.0 / 1000, 3600, None));
    let mut node = Node::with([1]);
    for user_sig in [None, Some(String::new()), Some("x".to_owned()), signed_for("bob")] {
        stores_nothing(&mut node, "alice", logout_showing(2, user_sig.clone()));
        stores_nothing(&mut node, "alice", logout_showing(1, user_sig));
    }
    stores_nothing(&mut node, "alice", owed_logout(1));
    let (user_id, key) = ("carol".to_owned(), KeyDigest(1));
    stores_nothing(&mut node, "carol", ClientFrame::Logout { user_id, key, user_sig: signed_for("alice") });
    assert_eq!(node.registry.accounts().now_or_never().unwrap().unwrap(), ["alice"]);
}

#[test]
fn an_owed_logout_ends_its_session_without_any_user_sig_and_raises_nothing() {
    let mut node = Node::with([1, 2]);
    let before = node.record("alice").epochs;
    let answer = told(3, 1, ServerFrame::LogoutAnswer);
    node.check([(up(3), vec![]), (says_on(3, digest(1), 2, logout(1)), vec![answer, superseded(1, 1)])]);
    assert_eq!((node.online("alice"), node.record("alice").epochs), (vec![2], before));
}

#[test]
fn from_the_commit_that_raises_an_epoch_every_older_link_of_the_instance_is_closed_and_no_other() {
    let mut node = Node::with([1, 2]);
    node.takes(up(3));
    node.takes(says(3, login(3, "alice")));
    node.takes(up(4));
    node.takes(says_on(4, SessionDigest(8), 1, login(1, "bob")));
    assert_eq!(node.machine.links(), 4);
    let answer = hears_on(5, digest(1), 3, ServerFrame::LogoutAnswer);
    node.check([(up(5), vec![]), (says_on(5, digest(1), 3, owed_logout(1)), vec![answer, superseded(1, 2)])]);
    assert_eq!(node.machine.links(), 4);
}

#[test]
fn all_frames_of_a_link_carry_one_epoch() {
    let mut node = Node::new();
    node.takes(up(1));
    node.takes(says_on(1, digest(1), 2, logout(1)));
    let reason = "all frames of a link carry one epoch";
    node.check([(says_on(1, digest(1), 3, login(1, "alice")), vec![close(1, POLICY_VIOLATION, reason)])]);
}

#[test]
fn a_link_is_one_instances() {
    let mut node = Node::new();
    node.takes(up(1));
    node.takes(says_on(1, digest(1), 2, logout(1)));
    let reason = "a link is one instance's";
    node.check([(says_on(1, digest(2), 2, logout(2)), vec![close(1, POLICY_VIOLATION, reason)])]);
}
