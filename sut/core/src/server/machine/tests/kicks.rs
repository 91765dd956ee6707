//! What follows an admission: KICK-4, KICK-6, KICK-8, LOGIN-9, LINK-3.

use super::*;
use crate::protocol::close_code::NORMAL;

const KICKED: ServerFrame = ServerFrame::Notice { reason: KickReason::MultipleAccount };

/// Web has two places: the login of instance 3 has kicked instance 1.
fn one_kicked() -> Node {
    let mut node = Node::with([1, 2]);
    node.takes(up(3));
    let notice = vec![hears(3, admitted()), hears(1, KICKED)];
    node.check([(says(3, login(3, "alice")), notice)]);
    node
}

#[test]
fn a_full_platform_kicks_its_oldest_after_the_newcomer_is_answered() {
    assert_eq!(one_kicked().online("alice"), [2, 3]);
}

#[test]
fn another_kind_of_the_class_is_kicked_as_another_device() {
    let mut node = Node::with([1]);
    node.takes(up(2));
    node.takes(says(2, login_from(2, "alice", Platform::IPhone)));
    node.check([
        (up(3), vec![]),
        (says(3, login_from(3, "alice", Platform::Mac)), vec![hears(3, admitted()), hears(2, notice(KickReason::MultipleDevice))]),
    ]);
    assert_eq!(node.online("alice"), [1, 3]);
}

#[test]
fn a_kicked_session_is_heard_no_more() {
    let mut node = one_kicked();
    for frame in [
        logout(1),
        ClientFrame::Sync,
        ClientFrame::Ping,
        ClientFrame::Pong,
        send("bob"),
        login(1, "alice"),
        ClientFrame::MessageAck { seq: 1 },
    ] {
        node.check([(says(1, frame), vec![])]);
    }
    node.check([
        (says_on(1, digest(2), 1, ClientFrame::KickAck), vec![]),
        (says(3, send("alice")), vec![hears(2, message(1, "alice", "alice")), hears(3, accepted())]),
        (down(1, Some(1000)), vec![]),
    ]);
    assert_eq!((node.online("alice"), node.record("alice").kicks.len()), (vec![2, 3], 1));
}

#[test]
fn the_acknowledgement_of_a_notice_ends_the_kick_record_and_the_link() {
    let mut node = one_kicked();
    assert_eq!(node.record("alice").kicks.len(), 1);
    node.check([(says(1, ClientFrame::KickAck), vec![close(1, NORMAL, "kicked")]), (says(1, ClientFrame::KickAck), vec![])]);
    assert_eq!(node.record("alice").kicks, []);
}

#[test]
fn a_resume_that_comes_behind_the_acknowledgement_of_its_kick_is_too_late() {
    let mut node = one_kicked();
    for input in [says(2, logout(2)), down(1, None), up(4), up(5), says_on(5, digest(1), 3, resume(1, 0))] {
        node.takes(input);
    }
    let late = superseded(4, 3);
    node.check([
        (says_on(5, digest(1), 3, ClientFrame::KickAck), vec![close(5, NORMAL, "kicked")]),
        (says_on(4, digest(1), 2, resume(1, 0)), vec![late]),
    ]);
    assert_eq!(node.online("alice"), [3]);
}

#[test]
fn the_next_login_of_a_victim_closes_its_older_link_and_a_late_acknowledgement_changes_nothing() {
    let mut node = one_kicked();
    node.takes(up(4));
    let newcomer = says_on(4, SessionDigest(104), 2, login(1, "alice"));
    let notice = hears(2, KICKED);
    node.check([(newcomer, vec![hears_on(4, SessionDigest(104), 2, admitted()), superseded(1, 2), notice])]);
    let before = node.record("alice");
    node.check([(says(1, ClientFrame::KickAck), vec![])]);
    assert_eq!(node.record("alice"), before);
    assert_eq!(node.online("alice"), [3, 1]);
}

#[test]
fn an_instance_that_logs_in_anew_replaces_its_session_without_a_kick() {
    let mut node = Node::with([1, 2]);
    let older = superseded(1, 2);
    let answer = hears_on(3, SessionDigest(9), 2, admitted());
    node.check([
        (up(3), vec![]),
        (says_on(3, SessionDigest(9), 2, login(1, "alice")), vec![answer, older]),
        (says(1, logout(1)), vec![]),
        (down(1, Some(1000)), vec![]),
    ]);
    assert_eq!(node.online("alice"), [2, 1]);
}

#[test]
fn a_login_on_an_older_link_is_closed_and_changes_nothing() {
    let mut node = Node::with([1]);
    let before = node.record("alice");
    let late = superseded(2, 1);
    node.check([(up(2), vec![]), (says_on(2, SessionDigest(9), 1, login(1, "alice")), vec![late])]);
    assert_eq!(node.record("alice"), before);
}

#[test]
fn a_victim_without_a_link_is_told_nothing_now() {
    let mut node = Node::with([1, 2]);
    node.check([(down(1, None), vec![]), (up(3), vec![]), (says(3, login(3, "alice")), vec![hears(3, admitted())])]);
    assert_eq!(node.record("alice").kicks.len(), 1);
}

#[test]
fn another_account_sees_nothing_of_a_kick() {
    let mut node = Node::with([1, 2]);
    node.check([(up(3), vec![]), (says(3, login(3, "bob")), vec![hears(3, admitted())])]);
    assert_eq!((node.online("alice"), node.online("bob")), (vec![1, 2], vec![3]));
}
