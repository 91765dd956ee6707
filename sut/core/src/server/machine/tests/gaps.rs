//! What may be missing of a session's messages, and until when that is told: LINK-5, LOGIN-9, MSG-2.

use super::*;

/// Instance 1 resumes on this link as that epoch, and has received what is up to that place.
fn resumes(link: u64, epoch: u64, last_seq: u64) -> [Input; 2] {
    [up(link), says_on(link, digest(1), epoch, resume(1, last_seq))]
}

/// Instance 1 logs in anew, as another session.
fn logs_in_anew(link: u64, epoch: u64) -> [Input; 2] {
    [up(link), says_on(link, SessionDigest(9), epoch, login(1, "alice"))]
}

fn readmitted() -> ServerFrame {
    answers(ResumeOutcome::Readmitted)
}

fn gap() -> ServerFrame {
    answers(ResumeOutcome::Resumed { gap: true })
}

fn admitted_behind_a_gap() -> ServerFrame {
    ServerFrame::LoginAnswer { refused: None, gap: true }
}

impl Node {
    /// Takes the inputs; the first frame that is written on this link.
    fn first_said(&mut self, link: u64, inputs: impl IntoIterator<Item = Input>) -> ServerFrame {
        let effects: Vec<_> = inputs.into_iter().flat_map(|input| self.takes(input)).collect();
        let said = |effect| if let Effect::Send { link: on, frame } = effect { Some((on, frame.frame)) } else { None };
        let mut frames = effects.into_iter().filter_map(said);
        frames.find(|(on, _)| *on == LinkId(link)).expect("something is said").1
    }

    /// The node stops and another one starts in its place.
    fn stops(&mut self) {
        let owed_nothing = self.machine.owed_nothing().into_iter().map(|(_, digest)| digest).collect();
        self.starts(owed_nothing);
    }

    fn starts(&mut self, owed_nothing: Vec<SessionDigest>) {
        self.machine = Node::new().machine;
        let record = self.record("alice");
        self.takes(restored(record, owed_nothing));
    }
}

/// Instance 1 was not on record for a while, and is in anew on link 3 as its epoch 2, behind place 4.
fn back_in() -> Node {
    let mut node = Node::with([1, 2]);
    node.lapses(1);
    assert_eq!(node.first_said(3, resumes(3, 2, 4)), readmitted());
    node
}

#[test]
fn a_readmission_whose_answer_is_lost_is_followed_by_a_gap_until_that_is_named() {
    let mut node = back_in();
    node.takes(down(3, None));
    node.takes(says(2, send("alice")));
    for (link, epoch) in [(4, 3), (5, 4)] {
        assert_eq!(node.first_said(link, resumes(link, epoch, 4)), gap());
        node.takes(down(link, None));
    }
    assert_eq!(node.first_said(6, resumes(6, 5, 5)), resumed());
    let kept = hears_on(7, digest(1), 6, message(6, "alice", "alice"));
    let again = hears_on(7, digest(1), 6, resumed());
    node.check([(up(7), vec![]), (says_on(7, digest(1), 6, resume(1, 5)), vec![again, superseded(6, 6), kept])]);
}

#[test]
fn whatever_an_instance_writes_behind_a_gap_names_it_but_a_logout() {
    for frame in [ClientFrame::Sync, ClientFrame::Ping, ClientFrame::Pong, send("bob"), ClientFrame::MessageAck { seq: 1 }] {
        let mut node = back_in();
        node.takes(says_on(3, digest(1), 2, frame));
        node.takes(down(3, None));
        assert_eq!(node.first_said(4, resumes(4, 3, 4)), resumed());
    }
    let mut node = back_in();
    node.takes(down(3, None));
    assert_eq!(node.first_said(4, logs_in_anew(4, 3)), admitted_behind_a_gap());
}

#[test]
fn a_login_in_place_of_a_session_that_was_owed_a_message_is_told_of_it_until_it_is_named() {
    let mut node = Node::with([1, 2]);
    node.takes(says(2, send("alice")));
    assert_eq!(node.first_said(3, logs_in_anew(3, 2)), admitted_behind_a_gap());
    assert_eq!(node.first_said(4, logs_in_anew(4, 3)), admitted_behind_a_gap());
    let first = hears_on(4, SessionDigest(9), 3, message(2, "alice", "alice"));
    node.check([(says(2, send_as(6)), vec![first_as(first, 6), hears(2, accepted_as(6))])]);
    node.takes(says_on(4, SessionDigest(9), 3, ClientFrame::MessageAck { seq: 2 }));
    assert_eq!(node.first_said(5, logs_in_anew(5, 4)), admitted());
}

fn send_as(name: u128) -> ClientFrame {
    ClientFrame::Send { id: MessageId(name), to: "alice".to_owned(), text: "hello".to_owned() }
}

fn accepted_as(name: u128) -> ServerFrame {
    ServerFrame::SendAnswer { id: MessageId(name), refused: None }
}

fn first_as(effect: Effect, name: u128) -> Effect {
    let Effect::Send { link, frame: Envelope { v, session, epoch, frame } } = effect else { return effect };
    let ServerFrame::Message { seq, from, to, text, .. } = frame else { unreachable!("it is a message") };
    let frame = ServerFrame::Message { seq, id: MessageId(name), from, to, text };
    Effect::Send { link, frame: Envelope { v, session, epoch, frame } }
}

#[test]
fn a_login_in_place_of_a_session_that_was_owed_nothing_has_no_gap() {
    let mut node = Node::with([1]);
    assert_eq!(node.first_said(2, logs_in_anew(2, 2)), admitted());
}

#[test]
fn a_login_behind_a_crash_is_told_of_the_gap_and_one_behind_a_stop_is_not() {
    let mut node = Node::with([1]);
    node.stops();
    assert_eq!(node.first_said(2, logs_in_anew(2, 2)), admitted());
    node.starts(vec![]);
    assert_eq!(node.first_said(3, logs_in_anew(3, 3)), admitted_behind_a_gap());
}

#[test]
fn a_node_that_stops_says_which_sessions_it_owes_nothing() {
    let mut node = Node::with([1, 2]);
    assert_eq!(node.machine.owed_nothing(), [("alice".to_owned(), digest(1)), ("alice".to_owned(), digest(2))]);
    node.takes(says(2, send("alice")));
    assert_eq!(node.machine.owed_nothing(), [("alice".to_owned(), digest(2))]);
    node.takes(says(1, ClientFrame::MessageAck { seq: 1 }));
    assert_eq!(node.machine.owed_nothing().len(), 2);
    assert_eq!(back_in().machine.owed_nothing(), [("alice".to_owned(), digest(2))]);
}

#[test]
fn a_session_that_a_stop_owed_nothing_goes_on_without_a_gap_and_counts_on() {
    let mut node = Node::with([1, 2]);
    node.stops();
    assert_eq!(node.machine.owed_nothing().len(), 2);
    node.takes(up(3));
    node.takes(says_on(3, digest(2), 2, resume(2, 0)));
    node.takes(says_on(3, digest(2), 2, send("alice")));
    let kept = hears_on(4, digest(1), 2, message(8, "alice", "alice"));
    let answer = hears_on(4, digest(1), 2, resumed());
    node.check([(up(4), vec![]), (says_on(4, digest(1), 2, resume(1, 7)), vec![answer, kept])]);
}

#[test]
fn a_session_that_a_stop_owed_something_has_a_gap() {
    let mut node = Node::with([1, 2]);
    node.takes(says(2, send("alice")));
    node.stops();
    assert_eq!(node.first_said(3, resumes(3, 2, 0)), gap());
}

#[test]
fn a_stop_before_a_gap_was_named_does_not_forget_it() {
    let mut node = Node::with([1]);
    node.starts(vec![]);
    assert_eq!(node.machine.owed_nothing(), []);
    node.stops();
    assert_eq!(node.first_said(2, resumes(2, 2, 0)), gap());
}
