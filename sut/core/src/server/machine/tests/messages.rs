//! Messages to sessions with and without a link: MSG-1, MSG-2, MSG-3.

use super::*;
use crate::protocol::close_code::{GIVEN_UP, POLICY_VIOLATION};

fn named(name: u128, to: &str) -> ClientFrame {
    ClientFrame::Send { id: MessageId(name), to: to.to_owned(), text: "hello".to_owned() }
}

fn told(n: u64, name: u128, seq: u64) -> Effect {
    told_on(n, n, 1, name, seq)
}

fn told_on(link: u64, n: u64, epoch: u64, name: u128, seq: u64) -> Effect {
    let (from, to, text) = ("alice".to_owned(), "alice".to_owned(), "hello".to_owned());
    hears_on(link, digest(n), epoch, ServerFrame::Message { seq, id: MessageId(name), from, to, text })
}

fn done(n: u64, name: u128) -> Effect {
    hears(n, ServerFrame::SendAnswer { id: MessageId(name), refused: None })
}

/// Instance 1 has lost its link; instance 2 has sent three messages, of which one came before the loss.
fn three_sent() -> Node {
    let mut node = Node::with([1, 2]);
    node.check([
        (says(2, named(5, "alice")), vec![told(1, 5, 1), done(2, 5)]),
        (down(1, None), vec![]),
        (says(2, named(6, "alice")), vec![done(2, 6)]),
        (says(2, named(7, "alice")), vec![done(2, 7)]),
        (up(3), vec![]),
    ]);
    node
}

#[test]
fn what_was_not_received_is_sent_again_behind_the_answer() {
    let answer = hears_on(3, digest(1), 2, resumed());
    let all = (1..).zip([5, 6, 7]).map(|(seq, name)| told_on(3, 1, 2, name, seq));
    three_sent().check([(says_on(3, digest(1), 2, resume(1, 0)), [answer.clone()].into_iter().chain(all).collect())]);
    let last = told_on(3, 1, 2, 7, 3);
    let mut node = three_sent();
    node.check([(says_on(3, digest(1), 2, resume(1, 2)), vec![answer, last])]);
    node.check([(says(2, named(8, "alice")), vec![told_on(3, 1, 2, 8, 4), done(2, 8)])]);
}

#[test]
fn what_was_acknowledged_is_kept_no_longer() {
    let mut node = Node::with([1, 2]);
    node.takes(says(2, named(5, "alice")));
    node.takes(says(2, named(6, "alice")));
    assert_eq!(node.machine.kept_messages("alice"), 2);
    node.takes(says(1, ClientFrame::MessageAck { seq: 1 }));
    assert_eq!(node.machine.kept_messages("alice"), 1);
    node.takes(says(1, ClientFrame::MessageAck { seq: 2 }));
    assert_eq!(node.machine.kept_messages("alice"), 0);
}

#[test]
fn an_acknowledgement_of_a_message_never_sent_ends_the_link_and_forgets_nothing() {
    let mut node = Node::with([1, 2]);
    let end = close(1, POLICY_VIOLATION, "no such message was sent");
    node.check([
        (says(2, named(5, "alice")), vec![told(1, 5, 1), done(2, 5)]),
        (says(1, ClientFrame::MessageAck { seq: 2 }), vec![end]),
    ]);
    assert_eq!((node.machine.kept_messages("alice"), node.online("alice")), (1, vec![1, 2]));
}

#[test]
fn a_session_that_receives_too_little_is_dropped_without_a_kick() {
    for (messages, bytes) in [(2, 1000), (1000, 30)] {
        let mut node = Node::with([1, 2]);
        node.machine.0.app.buffers = Buffers { messages, bytes };
        node.takes(says(2, named(5, "alice")));
        node.takes(says(2, named(6, "alice")));
        let end = close(1, GIVEN_UP, "too much was sent that was not received");
        node.check([(says(2, named(7, "alice")), vec![end, done(2, 7)])]);
        assert_eq!((node.online("alice"), node.record("alice").kicks.len()), (vec![2], 0));
        node.check([
            (up(3), vec![]),
            (says_on(3, digest(1), 2, resume(1, 2)), vec![hears_on(3, digest(1), 2, answers(ResumeOutcome::Readmitted))]),
        ]);
        assert_eq!(node.online("alice"), [2, 1]);
    }
}

#[test]
fn a_repeat_gets_the_first_answer_and_is_not_delivered_again() {
    let mut node = Node::with([1, 2]);
    node.check([
        (says(2, named(5, "alice")), vec![told(1, 5, 1), done(2, 5)]),
        (says(2, named(5, "alice")), vec![done(2, 5)]),
        (says(1, named(5, "alice")), vec![told(2, 5, 1), done(1, 5)]),
    ]);
}

#[test]
fn a_repeat_gets_the_first_answer_whatever_it_brings() {
    let mut node = Node::with([1]);
    node.check([(says(1, named(5, "alice")), vec![done(1, 5)]), (says(1, named(5, "no user")), vec![done(1, 5)])]);
    let why = Refusal::new(Code::BadField, r#"nobody was sent anything: "no user" is no userID"#);
    let refused = hears(1, ServerFrame::SendAnswer { id: MessageId(6), refused: Some(why) });
    node.check([(says(1, named(6, "no user")), vec![refused]), (says(1, named(6, "alice")), vec![done(1, 6)])]);
}

#[test]
fn a_repeat_is_known_after_a_resume_and_after_a_restart() {
    let mut node = Node::with([1]);
    node.takes(says(1, named(5, "alice")));
    let record = node.record("alice");
    node.machine = Node::new().machine;
    node.takes(restored(record, vec![]));
    node.takes(up(2));
    node.takes(says_on(2, digest(1), 2, resume(1, 0)));
    let answer = ServerFrame::SendAnswer { id: MessageId(5), refused: None };
    node.check([(says_on(2, digest(1), 2, named(5, "alice")), vec![hears_on(2, digest(1), 2, answer)])]);
    assert_eq!(node.record("alice").accepted[&KeyDigest(1)].len(), 1);
}

#[test]
fn a_restarted_node_tells_of_a_gap_until_the_resume_names_it_and_goes_on_counting_behind_it() {
    let mut node = Node::with([1, 2]);
    let record = node.record("alice");
    node.machine = Node::new().machine;
    node.takes(restored(record, vec![]));
    let gap = answers(ResumeOutcome::Resumed { gap: true });
    let sent = ServerFrame::SendAnswer { id: MessageId(5), refused: None };
    node.check([
        (up(3), vec![]),
        (says_on(3, digest(2), 2, resume(2, 0)), vec![hears_on(3, digest(2), 2, gap.clone())]),
        (says_on(3, digest(2), 2, named(5, "alice")), vec![hears_on(3, digest(2), 2, sent)]),
        (up(4), vec![]),
        (says_on(4, digest(1), 2, resume(1, 9)), vec![hears_on(4, digest(1), 2, gap.clone()), told_on(4, 1, 2, 5, 11)]),
        (down(4, None), vec![]),
        (up(5), vec![]),
        (says_on(5, digest(1), 3, resume(1, 9)), vec![hears_on(5, digest(1), 3, gap), told_on(5, 1, 3, 5, 11)]),
        (down(5, None), vec![]),
        (up(6), vec![]),
        (says_on(6, digest(1), 4, resume(1, 10)), vec![hears_on(6, digest(1), 4, resumed()), told_on(6, 1, 4, 5, 11)]),
        (down(6, None), vec![]),
        (up(7), vec![]),
        (says_on(7, digest(1), 5, resume(1, 11)), vec![hears_on(7, digest(1), 5, resumed())]),
    ]);
}

#[test]
fn a_resume_beyond_every_message_ends_the_link_and_changes_nothing() {
    let mut node = Node::with([1, 2]);
    let record = node.record("alice");
    node.machine = Node::new().machine;
    node.takes(restored(record.clone(), vec![]));
    let end = close(3, POLICY_VIOLATION, "no session has so many messages");
    node.check([(up(3), vec![]), (says_on(3, digest(1), 2, resume(1, u64::MAX)), vec![end])]);
    assert_eq!(node.record("alice"), record);
    let gap = hears_on(4, digest(2), 2, answers(ResumeOutcome::Resumed { gap: true }));
    node.check([(up(4), vec![]), (says_on(4, digest(2), 2, resume(2, 0)), vec![gap])]);
    node.takes(says_on(4, digest(2), 2, named(5, "alice")));
    assert_eq!(node.machine.kept_messages("alice"), 1);
}
