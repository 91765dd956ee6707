//! Two nodes at one registry: NODE-1, NODE-2, KICK-6, LINK-11.

use super::registry::{ended, handle, load};
use super::*;
use crate::protocol::close_code::{GIVEN_UP, NORMAL};
use crate::registry::Passed;
use crate::session::KickRecord;

const KICKED: ServerFrame = ServerFrame::Notice { reason: KickReason::MultipleAccount };

/// Instances 1 and 2 are on the first node; the second one has nobody.
fn two() -> [Node; 2] {
    let first = Node::with([1, 2]);
    let second = Node::on(Arc::clone(&first.registry));
    [first, second]
}

/// The login of instance 3 on the second node has kicked instance 1, of which the first has not heard.
fn kicked_there() -> [Node; 2] {
    let [first, mut second] = two();
    second.check([(up(3), vec![]), (says(3, login(3, "alice")), vec![hears(3, admitted())])]);
    [first, second]
}

fn changed(version: u64) -> Input {
    Input::Changed(Notice::of("alice", Version(version)))
}

#[test]
fn a_kick_of_another_node_reaches_the_victim_with_its_notice_and_no_bystander() {
    let [mut first, _second] = kicked_there();
    first.check([
        (changed(3), vec![hears(1, KICKED)]),
        (changed(3), vec![]),
        (says(1, ClientFrame::Ping), vec![]),
        (says(1, ClientFrame::KickAck), vec![close(1, NORMAL, "kicked")]),
    ]);
    assert_eq!((first.machine.sessions("alice"), first.record("alice").kicks.len()), (1, 0));
}

#[test]
fn nothing_is_accepted_from_the_victim_by_a_node_that_has_not_heard_of_the_kick() {
    for frame in [ClientFrame::Sync, send("bob"), logout(1)] {
        let [mut first, _second] = kicked_there();
        first.check([(says(1, frame), vec![hears(1, KICKED)])]);
        assert_eq!((first.record("alice").kicks.len(), first.record("alice").accepted.len()), (1, 0));
    }
}

#[test]
fn a_commit_that_meets_another_nodes_kick_is_decided_again() {
    let [mut first, mut second] = two();
    let stale = first.record("alice");
    handle(&mut first.machine, says(1, send("bob")));
    let loaded = |record, version| Input::Loaded { asker: Asker::Account("alice".into()), record, version: Version(version) };
    handle(&mut first.machine, loaded(stale, 2));
    second.takes(up(3));
    second.takes(says(3, login(3, "alice")));
    first.check([(Input::Stored { user_id: "alice".into(), commit: Commit::Conflict }, vec![hears(1, KICKED)])]);
}

#[test]
fn a_session_that_goes_on_over_another_node_is_superseded_here() {
    let [mut first, mut second] = two();
    let goes_on = hears_on(1, digest(1), 2, answers(ResumeOutcome::Resumed { gap: true }));
    second.check([(up(1), vec![]), (says_on(1, digest(1), 2, resume(1, 0)), vec![goes_on])]);
    first.check([(changed(3), vec![superseded(1, 2)])]);
    assert_eq!([&first, &second].map(|node| node.machine.sessions("alice")), [1, 1]);
}

#[test]
fn a_session_that_comes_back_from_another_node_is_behind_a_gap() {
    let [mut first, mut second] = two();
    second.takes(up(1));
    second.takes(says_on(1, digest(1), 2, resume(1, 0)));
    let goes_on = hears_on(3, digest(1), 3, answers(ResumeOutcome::Resumed { gap: true }));
    first.check([(up(3), vec![]), (says_on(3, digest(1), 3, resume(1, 0)), vec![superseded(1, 2), goes_on])]);
}

#[test]
fn a_login_under_its_key_on_another_node_supersedes_a_session_here() {
    let [mut first, mut second] = two();
    second.takes(up(1));
    let gap = hears_on(1, digest(9), 2, ServerFrame::LoginAnswer { refused: None, gap: true });
    second.check([(says_on(1, digest(9), 2, login(1, "alice")), vec![gap])]);
    first.check([(changed(3), vec![superseded(1, 2)])]);
}

#[test]
fn the_link_of_a_session_that_ended_elsewhere_without_a_kick_is_given_up() {
    let [mut first, _second] = two();
    let mut record = first.record("alice");
    record.sessions.remove(0);
    first.registry.commit("alice", Version(2), record, vec![]).now_or_never().unwrap().unwrap();
    first.check([(changed(3), vec![close(1, GIVEN_UP, "its session ended on another node")])]);
    assert_eq!(first.machine.sessions("alice"), 1);
}

#[test]
fn an_account_is_loaded_for_a_commit_that_its_sessions_here_do_not_follow_yet_and_for_no_other() {
    let [mut first, mut second] = two();
    assert_eq!(first.machine.held(), [(Arc::from("alice"), Version(2))]);
    assert_eq!([1, 2].map(|version| handle(&mut first.machine, changed(version))), [[], []]);
    assert_eq!(handle(&mut second.machine, changed(7)), []);
    assert_eq!([first.machine.needs(&changed(7)), second.machine.needs(&changed(7))], [Some("alice"), None]);
    assert_eq!(handle(&mut first.machine, changed(3)), [load()]);
}

#[test]
fn a_record_that_comes_with_its_notice_is_followed_and_not_loaded() {
    let [mut first, second] = kicked_there();
    let told = Notice { record: Some(Arc::new(second.record("alice"))), ..Notice::of("alice", Version(3)) };
    assert_eq!(handle(&mut first.machine, Input::Changed(told.clone())), [hears(1, KICKED)]);
    assert_eq!(handle(&mut first.machine, Input::Changed(told)), []);
}

/// The second of two nodes holds nobody, and remembers alice of a notice; link 3 is open there.
fn remembers() -> Node {
    let [first, mut second] = two();
    let record = Some(Arc::new(Record { rest_kick_s: Some(NOW.0 / 1000 - 1), ..first.record("alice") }));
    second.takes(Input::Life(life(2)));
    second.takes(Input::Changed(Notice { record, ..Notice::of("alice", Version(2)) }));
    second.takes(up(3));
    second
}

#[test]
fn what_is_stored_is_decided_on_the_record_that_is_remembered() {
    let mut node = remembers();
    let stored = handle(&mut node.machine, says(3, login(3, "alice")));
    assert!(matches!(&stored[..], [Effect::Commit { expected: Version(2), .. }]), "{stored:?}");
    assert_eq!(handle(&mut node.machine, ended(Commit::Conflict)), [load()]);
}

#[test]
fn nobody_is_refused_on_a_record_that_is_only_remembered() {
    let revoked = login_issued(3, "alice", Platform::Web, NOW.0 / 1000 - 1);
    for refused in [says(3, revoked), says_on(3, digest(1), 1, resume(1, 0))] {
        assert_eq!(handle(&mut remembers().machine, refused), [load()]);
    }
}

#[test]
fn in_another_life_nothing_is_remembered() {
    let mut node = remembers();
    node.takes(Input::Life(life(3)));
    assert_eq!(handle(&mut node.machine, says(3, login(3, "alice"))), [load()]);
}

#[test]
fn the_record_of_a_late_notice_ends_no_session_that_was_taken_over_since() {
    let [first, _second] = two();
    let mut third = Node::on(Arc::clone(&first.registry));
    third.takes(Input::Life(life(3)));
    third.takes(restored(Record { sessions: first.record("alice").sessions, ..Record::default() }, vec![]));
    let record = Some(Arc::new(Record::default()));
    third.takes(Input::Changed(Notice { record, ..Notice::of("alice", Version(1)) }));
    assert_eq!(third.machine.sessions("alice"), 2);
}

#[test]
fn a_record_that_the_sessions_here_do_not_follow_yet_is_loaded() {
    let mut node = remembers();
    node.takes(says(3, login(3, "alice")));
    node.machine.0.knows("alice", Version(9));
    assert_eq!(handle(&mut node.machine, says(3, send("bob"))), [load()]);
}

fn life(n: u32) -> NodeLife {
    NodeLife(n.try_into().unwrap())
}

#[test]
fn a_session_bears_the_life_of_the_node_that_has_its_link() {
    let [mut first, mut second] = two();
    let bears = |node: &Node| node.record("alice").sessions.iter().map(|session| session.node).collect::<Vec<_>>();
    assert_eq!(bears(&first), [None, None]);
    first.takes(Input::Life(life(1)));
    second.takes(Input::Life(life(2)));
    first.takes(up(4));
    first.takes(says_on(4, digest(1), 2, resume(1, 0)));
    second.takes(up(2));
    second.takes(says_on(2, digest(2), 2, resume(2, 0)));
    assert_eq!(bears(&first), [Some(life(1)), Some(life(2))]);
}

#[test]
fn a_node_that_was_taken_for_dead_gives_up_the_links_of_its_sessions_and_no_other() {
    let mut node = Node::with([1, 2]);
    let given_up = [1, 2].map(|link| close(link, GIVEN_UP, "the node was taken for dead")).to_vec();
    node.check([(up(3), vec![]), (Input::Life(life(2)), given_up)]);
    let resumed = hears_on(3, digest(1), 2, resumed());
    node.check([(says_on(3, digest(1), 2, resume(1, 0)), vec![resumed])]);
    assert_eq!((node.machine.links(), node.machine.sessions("alice")), (1, 2));
}

/// Two nodes that pass messages on, and what instance 1 of the first accepted message led to elsewhere.
fn passed() -> ([Node; 2], Notice) {
    let [mut first, mut second] = two();
    first.takes(Input::Life(life(1)));
    second.takes(Input::Life(life(2)));
    for (n, user_id) in [(3, "bob"), (4, "alice")] {
        second.takes(up(n));
        second.takes(says(n, login_from(n, user_id, Platform::Mac)));
    }
    for n in [5, 6] {
        first.takes(up(n));
        first.takes(says_on(n, digest(n - 4), 2, resume(n - 4, 0)));
    }
    let mut effects = Vec::new();
    first.machine.handle(NOW, says_on(5, digest(1), 2, send("bob")), &mut effects);
    let (record, version) = first.registry.load("alice").now_or_never().unwrap().unwrap();
    first.machine.handle(NOW, Input::Loaded { asker: Asker::Account("alice".into()), record, version }, &mut effects);
    let Some(Effect::Commit { expected, passed, .. }) = effects.pop() else { panic!("nothing is stored: {effects:?}") };
    let notice = Notice { passed, ..Notice::of("alice", Version(expected.0 + 1)) };
    ([first, second], notice)
}

#[test]
fn a_message_reaches_the_sessions_of_both_accounts_on_another_node_and_none_on_its_own_twice() {
    let ([mut first, mut second], notice) = passed();
    assert!(matches!(notice.passed.as_deref(), Some(Passed { by, sender: KeyDigest(1), .. }) if *by == life(1)));
    let to = |n| hears(n, message(1, "alice", "bob"));
    second.check([(Input::Changed(notice.clone()), vec![to(4), to(3)])]);
    assert_eq!(first.machine.kept_messages("alice"), 0);
    for changes in [Input::Changed(notice.clone()), Input::Life(life(3)), Input::Changed(notice)] {
        first.takes(changes);
        assert_eq!(first.machine.kept_messages("alice"), 0);
    }
}

/// The kick was an earlier commit, of which no notice came.
#[test]
fn a_message_reaches_no_session_that_the_record_beside_it_says_is_kicked() {
    let ([_first, mut second], notice) = passed();
    let mut record = second.record("alice");
    record.sessions.retain(|session| session.key != KeyDigest(4));
    record.kicks.push(KickRecord { key: KeyDigest(4), digest: digest(4), reason: KickReason::MultipleAccount });
    let notice = Notice { record: Some(Arc::new(record)), ..notice };
    second.check([(Input::Changed(notice), vec![hears(4, KICKED), hears(3, message(1, "alice", "bob"))])]);
}

#[test]
fn a_message_waits_for_what_is_under_way_of_its_receiver() {
    let ([_first, mut second], notice) = passed();
    assert_eq!(second.machine.needs(&Input::Changed(notice.clone())), Some("alice"));
    handle(&mut second.machine, says(3, ClientFrame::Sync));
    assert_eq!(second.machine.needs(&Input::Changed(notice)), Some("bob"));
}

#[test]
fn a_commit_without_an_answer_in_whose_place_another_nodes_stands_is_not_done() {
    let [mut first, mut second] = two();
    let stale = first.record("alice");
    let loaded = |record, version| Input::Loaded { asker: Asker::Account("alice".into()), record, version: Version(version) };
    handle(&mut first.machine, says(2, send("bob")));
    handle(&mut first.machine, loaded(stale, 2));
    handle(&mut first.machine, Input::Stored { user_id: "alice".into(), commit: Commit::Unknown });
    second.takes(up(3));
    second.takes(says(3, login(3, "alice")));
    let now = first.record("alice");
    assert_eq!(handle(&mut first.machine, loaded(now, 3)), [hears(1, KICKED)]);
}

#[test]
fn a_message_is_not_accepted_if_its_session_is_kicked_elsewhere_while_its_link_ends_here() {
    let [mut first, mut second] = two();
    let stale = first.record("alice");
    let loaded = |record, version| Input::Loaded { asker: Asker::Account("alice".into()), record, version: Version(version) };
    handle(&mut first.machine, says(1, send("bob")));
    handle(&mut first.machine, loaded(stale, 2));
    handle(&mut first.machine, Input::Life(life(2)));
    second.takes(up(3));
    second.takes(says(3, login(3, "alice")));
    handle(&mut first.machine, Input::Stored { user_id: "alice".into(), commit: Commit::Conflict });
    let effects = handle(&mut first.machine, loaded(second.record("alice"), 3));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Commit { .. })), "{effects:?}");
}

#[test]
fn a_commit_without_an_answer_is_told_by_its_own_version_also_behind_a_later_one() {
    let [mut first, mut second] = two();
    handle(&mut first.machine, says(2, send("bob")));
    let stale = first.record("alice");
    let loaded = |record, version| Input::Loaded { asker: Asker::Account("alice".into()), record, version: Version(version) };
    let Some(Effect::Commit { record, .. }) = handle(&mut first.machine, loaded(stale, 2)).pop() else {
        panic!("nothing is stored")
    };
    first.registry.commit("alice", Version(2), record, vec![]).now_or_never().unwrap().unwrap();
    second.takes(up(3));
    second.takes(says(3, login(3, "alice")));
    handle(&mut first.machine, Input::Stored { user_id: "alice".into(), commit: Commit::Unknown });
    let mut effects = Vec::new();
    first.machine.handle(NOW, loaded(second.record("alice"), 4), &mut effects);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Committed { version: Version(3), .. })), "{effects:?}");
}

#[test]
fn a_commit_without_an_answer_is_told_if_the_record_is_the_one_that_was_sent_and_not_if_it_is_alike() {
    for is_own in [true, false] {
        let mut node = remembers();
        node.takes(says(3, login(3, "alice")));
        let asked = handle(&mut node.machine, says(3, logout(3))).pop();
        let Some(Effect::Commit { user_id, expected, record, .. }) = asked else { panic!("nothing is stored") };
        handle(&mut node.machine, Input::Stored { user_id: user_id.clone(), commit: Commit::Unknown });
        let record = if is_own { record } else { Record { rest_kick_s: None, ..record } };
        let (asker, version, mut effects) = (Asker::Account(user_id), Version(expected.0 + 1), Vec::new());
        node.machine.handle(NOW, Input::Loaded { asker, record, version }, &mut effects);
        assert_eq!(effects.iter().any(|effect| matches!(effect, Effect::Committed { .. })), is_own, "{effects:?}");
        assert_eq!(node.machine.sessions("alice"), 0, "logged out either way");
    }
}

/// A node that was taken for dead may be alive, and deliver what the others keep for its sessions.
#[test]
fn nothing_is_kept_for_a_session_that_was_taken_over_until_it_resumes_behind_a_gap() {
    let ([_first, mut second], notice) = passed();
    let mut third = Node::on(Arc::clone(&second.registry));
    third.takes(Input::Life(life(4)));
    let sessions = third.record("alice").sessions;
    third.takes(restored(Record { sessions, ..Record::default() }, vec![]));
    third.takes(Input::Changed(notice.clone()));
    assert_eq!(third.machine.kept_messages("alice"), 0);
    second.takes(Input::Changed(notice));
    let goes_on = hears_on(9, digest(2), 4, answers(ResumeOutcome::Resumed { gap: true }));
    third.check([(up(9), vec![]), (says_on(9, digest(2), 4, resume(2, 1)), vec![goes_on])]);
}

/// Nobody told this node that the instance went on over another one, which died as well.
#[test]
fn a_session_that_is_taken_over_takes_the_place_of_what_the_node_waits_for_of_its_instance() {
    let mut other = Node::new();
    other.takes(Input::Life(life(2)));
    let mut node = Node::on(Arc::clone(&other.registry));
    node.takes(Input::Life(life(1)));
    for (link, n) in [(1, 1), (2, 2)] {
        other.takes(up(link));
        other.takes(says_on(link, digest(n), n, login(1, "alice")));
        let sessions = node.record("alice").sessions;
        node.takes(restored(Record { sessions, ..Record::default() }, vec![]));
    }
    assert_eq!(node.machine.sessions("alice"), 1);
    let (record, version) = node.registry.stored("alice");
    node.takes(Input::Changed(Notice { record: Some(record), ..Notice::of("alice", version) }));
    assert_eq!(node.machine.sessions("alice"), 1);
}
