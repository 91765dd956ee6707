//! Which frame means what where: LOGIN-2, LOGIN-7, LOGOUT-1, LINK-6, LINK-9, MSG-1.

use super::*;
use crate::protocol::close_code::{NORMAL, POLICY_VIOLATION};

const ANOTHER: &str = "the frame's session or epoch is not this link's";

#[test]
fn a_login_is_answered_and_the_sync_tells_who_is_online() {
    let online = vec![Platform::Web, Platform::IPhone];
    let sync_answer = ServerFrame::SyncAnswer { online, server_time_ms: NOW.0 };
    Node::with([1]).check([
        (up(2), vec![]),
        (says(2, login_from(2, "alice", Platform::IPhone)), vec![hears(2, admitted())]),
        (says(2, ClientFrame::Sync), vec![hears(2, sync_answer)]),
    ]);
}

#[test]
fn a_refused_login_changes_nothing_and_ends_its_link() {
    let mut node = Node::with([1, 2]);
    let (user_id, user_sig) = ("alice".to_owned(), String::new());
    let (platform, key) = (Platform::Web, KeyDigest(3));
    let bad = ClientFrame::Login { sdk_app_id: 1400, user_id, user_sig, platform, key };
    node.takes(up(3));
    let effects = node.takes(says(3, bad));
    let [Effect::Send { frame, .. }, end] = &effects[..] else { panic!("{effects:?}") };
    let ServerFrame::LoginAnswer { refused: Some(refusal), gap: false } = &frame.frame else { panic!("{frame:?}") };
    assert_eq!(refusal.code, Code::SigEmpty);
    assert_eq!(*end, close(3, NORMAL, "login refused"));
    assert_eq!(node.online("alice"), [1, 2]);
    assert_eq!(node.machine.links(), 2);
}

#[test]
fn a_logout_frees_its_own_place_only_and_ends_its_link() {
    let mut node = Node::with([1, 2]);
    let end = vec![hears(1, ServerFrame::LogoutAnswer), close(1, NORMAL, "logged out")];
    node.check([(says(1, logout(1)), end), (says(1, ClientFrame::Sync), vec![])]);
    assert_eq!(node.online("alice"), [2]);
}

#[test]
fn nothing_but_a_login_a_resume_or_an_owed_logout_comes_first() {
    let reason = "the first frame must be a login, a resume or an owed logout";
    let (ack, ping, pong) = (ClientFrame::MessageAck { seq: 1 }, ClientFrame::Ping, ClientFrame::Pong);
    for frame in [ClientFrame::Sync, send("bob"), ack, ClientFrame::KickAck, ping, pong] {
        Node::new().check([
            (up(1), vec![]),
            (says(1, frame), vec![close(1, POLICY_VIOLATION, reason)]),
            (says(1, login(1, "alice")), vec![]),
        ]);
    }
}

#[test]
fn a_frame_out_of_place_ends_the_link_and_leaves_the_session_on_record() {
    for (frame, reason) in [
        (says(1, login(1, "alice")), "a link carries one login"),
        (says(1, resume(1, 0)), "a link carries one login"),
        (says(1, logout(2)), "the logout's account or instance is not this link's"),
        (says(1, ClientFrame::KickAck), "there is no notice to acknowledge"),
        (says_on(1, digest(2), 1, logout(2)), ANOTHER),
        (says_on(1, digest(1), 2, logout(1)), ANOTHER),
    ] {
        let mut node = Node::with([1]);
        node.check([(frame, vec![close(1, POLICY_VIOLATION, reason)])]);
        assert_eq!((node.online("alice"), node.machine.links()), (vec![1], 0));
    }
}

#[test]
fn a_bad_frame_ends_the_link_with_its_code_and_text() {
    let error = FrameError::Malformed("x".to_owned());
    let bad = Input::BadFrame { link: LinkId(1), error };
    Node::with([1]).check([(bad.clone(), vec![close(1, 1007, "not JSON: x")]), (bad, vec![])]);
}

#[test]
fn a_ping_is_answered_and_an_acknowledgement_is_not() {
    Node::with([1, 2]).check([
        (says(1, ClientFrame::Ping), vec![hears(1, ServerFrame::Pong)]),
        (says(2, send("alice")), vec![hears(1, message(1, "alice", "alice")), hears(2, accepted())]),
        (says(1, ClientFrame::MessageAck { seq: 1 }), vec![]),
        (says(1, ClientFrame::Pong), vec![]),
    ]);
}

#[test]
fn a_message_goes_to_every_session_of_the_recipient_and_the_senders_others() {
    let mut node = Node::with([1, 2]);
    node.takes(up(3));
    node.takes(says(3, login(3, "bob")));
    let to_bob = |seq| message(seq, "alice", "bob");
    node.check([
        (says(1, send("bob")), vec![hears(2, to_bob(1)), hears(3, to_bob(1)), hears(1, accepted())]),
        (says(2, send("bob")), vec![hears(1, to_bob(1)), hears(3, to_bob(2)), hears(2, accepted())]),
    ]);
    let mut node = Node::with([1, 2]);
    node.check([(says(1, send("alice")), vec![hears(2, message(1, "alice", "alice")), hears(1, accepted())])]);
}

#[test]
fn a_message_to_nobody_is_accepted_and_dropped() {
    Node::with([1]).check([(says(1, send("bob")), vec![hears(1, accepted())])]);
}

#[test]
fn a_message_to_no_user_id_is_refused() {
    let text = "nobody was sent anything: \"no one\" is no userID".to_owned();
    let refused = Some(Refusal { code: Code::BadField, text });
    let answer = ServerFrame::SendAnswer { id: MessageId(5), refused };
    Node::with([1, 2]).check([(says(1, send("no one")), vec![hears(1, answer)])]);
}

#[test]
fn a_message_that_would_be_too_long_for_its_receivers_is_refused() {
    let text = "nobody was sent anything: a text may take 15872 bytes of a frame".to_owned();
    let refused = Some(Refusal { code: Code::BadField, text });
    let answer = ServerFrame::SendAnswer { id: MessageId(5), refused };
    let frame = ClientFrame::Send { id: MessageId(5), to: "alice".to_owned(), text: "\"".repeat(7_936) };
    Node::with([1, 2]).check([(says(1, frame), vec![hears(1, answer)])]);
}

#[test]
fn a_lost_link_leaves_its_session_on_record() {
    let mut node = Node::with([1]);
    node.check([(down(1, None), vec![]), (down(1, None), vec![])]);
    node.takes(up(2));
    node.takes(says(2, login_from(2, "alice", Platform::IPhone)));
    node.check([(down(2, Some(1000)), vec![])]);
    assert_eq!(node.online("alice"), [1, 2]);
}

#[test]
fn a_login_a_resume_or_an_owed_logout_on_a_link_without_a_number_ends_it_and_changes_nothing() {
    let reason = "an epoch is 1 to 9007199254740991";
    for epoch in [0, Epoch::LAST.0 + 1, u64::MAX] {
        for frame in [login(1, "alice"), resume(1, 0), owed_logout(1)] {
            let mut node = Node::new();
            node.takes(up(1));
            node.check([(says_on(1, digest(1), epoch, frame), vec![close(1, POLICY_VIOLATION, reason)])]);
            assert_eq!(node.record("alice"), Record::default());
        }
    }
    let mut node = Node::new();
    node.takes(up(1));
    let last = hears_on(1, digest(1), Epoch::LAST.0, admitted());
    node.check([(says_on(1, digest(1), Epoch::LAST.0, login(1, "alice")), vec![last])]);
}
