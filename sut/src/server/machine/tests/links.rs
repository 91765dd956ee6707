//! What a node waits for: LINK-3, LINK-4, LINK-7, LINK-8, KICK-6, SIG-1, and 70050 of LOGIN-8.

use std::net::IpAddr;
use std::time::Duration;

use super::*;
use crate::protocol::close_code::GIVEN_UP;
use crate::timers::HEARTBEAT;

fn heartbeat(link: u64) -> Timer {
    Timer::Heartbeat(LinkId(link))
}

fn lapse(n: u64) -> Timer {
    Timer::Lapse { user_id: Arc::from("alice"), key: InstanceKey(u128::from(n)), secret: secret(n) }
}

fn expiry(n: u64) -> Timer {
    Timer::Expiry { user_id: Arc::from("alice"), key: InstanceKey(u128::from(n)), secret: secret(n) }
}

fn epoch(n: u64) -> Timer {
    Timer::Epoch { user_id: Arc::from("alice"), key: InstanceKey(n.into()) }
}

fn arms(timer: Timer, after: Duration) -> Effect {
    Effect::Arm { timer, after }
}

fn arms_s(timer: Timer, after_s: u64) -> Effect {
    arms(timer, Duration::from_secs(after_s))
}

fn disarms(timer: Timer) -> Effect {
    Effect::Disarm { timer }
}

fn fires(timer: Timer) -> Input {
    Input::Timer(timer)
}

fn later(seconds: u64) -> UnixMillis {
    UnixMillis(NOW.0 + seconds * 1000)
}

#[test]
fn every_frame_shows_that_its_link_lives() {
    let mut node = Node::new();
    assert_eq!(node.takes_at(NOW, up(1)), [arms(heartbeat(1), HEARTBEAT)]);
    let admission = node.takes_at(NOW, says(1, login(1, "alice")));
    assert_eq!(admission.first(), Some(&arms(heartbeat(1), HEARTBEAT)));
    assert_eq!(HEARTBEAT.as_secs(), 30);
    let pong = [arms(heartbeat(1), HEARTBEAT), hears(1, ServerFrame::Pong)];
    assert_eq!(node.takes_at(NOW, says(1, ClientFrame::Ping)), pong);
}

#[test]
fn a_silent_link_is_closed_and_its_session_lapses() {
    let mut node = Node::with([1]);
    let end = close(1, GIVEN_UP, "nothing was heard for the heartbeat time");
    let effects = node.takes_at(later(30), fires(heartbeat(1)));
    assert_eq!(effects, [end, disarms(heartbeat(1)), arms_s(lapse(1), 30)]);
    assert_eq!(node.online("alice"), [1]);
}

#[test]
fn a_silent_link_without_a_session_is_just_closed() {
    let mut node = Node::new();
    node.takes(up(1));
    node.check([(fires(heartbeat(1)), vec![close(1, GIVEN_UP, "nothing was heard for the heartbeat time")])]);
    assert_eq!(node.machine.links(), 0);
}

#[test]
fn the_link_of_a_kicked_session_ends_at_the_heartbeat_time_whatever_it_says() {
    let mut node = Node::with([1, 2]);
    node.takes(up(3));
    let kicked = node.takes_at(NOW, says(3, login(3, "alice")));
    assert!(kicked.contains(&arms(heartbeat(1), HEARTBEAT)));
    assert_eq!(node.takes_at(later(9), says(1, ClientFrame::Ping)), []);
    node.check([(fires(heartbeat(1)), vec![close(1, GIVEN_UP, "nothing was heard for the heartbeat time")])]);
    assert_eq!(node.record("alice").kicks.len(), 1);
}

#[test]
fn a_session_lapses_60_s_after_its_last_frame_and_400_s_if_it_is_no_page() {
    let mut node = Node::with([1]);
    node.takes_at(later(7), says(1, ClientFrame::Ping));
    let lost = node.takes_at(later(20), down(1, None));
    assert_eq!(lost, [disarms(heartbeat(1)), arms_s(lapse(1), 47)]);
    node.takes(up(2));
    node.takes(says(2, login_from(2, "alice", Platform::IPhone)));
    assert_eq!(node.takes_at(NOW, down(2, Some(1000))), [disarms(heartbeat(2)), arms_s(lapse(2), 400)]);
    node.takes_at(later(60), fires(lapse(1)));
    assert_eq!((node.online("alice"), node.record("alice").kicks), (vec![2], vec![]));
    node.takes_at(later(400), fires(lapse(2)));
    assert_eq!(node.online("alice"), []);
}

#[test]
fn a_resume_stops_the_lapse_and_a_second_loss_starts_it_anew() {
    let mut node = Node::with([1]);
    node.takes(down(1, None));
    node.takes(up(2));
    let effects = node.takes_at(later(50), says_on(2, secret(1), 2, resume(1, 0)));
    assert!(effects.contains(&disarms(lapse(1))), "{effects:?}");
    node.check([(fires(lapse(1)), vec![])]);
    assert_eq!(node.online("alice"), [1]);
    assert_eq!(node.takes_at(later(50), down(2, None)), [disarms(heartbeat(2)), arms_s(lapse(1), 60)]);
}

#[test]
fn a_session_that_left_leaves_no_timer_of_its_own() {
    let mut node = Node::with([1]);
    let effects = node.takes_at(NOW, says(1, logout(1)));
    for timer in [expiry(1), heartbeat(1)] {
        assert!(effects.contains(&disarms(timer)), "{effects:?}");
    }
    assert_eq!(effects.last(), Some(&arms(epoch(1), HEARTBEAT)));
}

#[test]
fn a_session_is_kicked_when_its_user_sig_expires_its_link_up_or_down() {
    let mut node = Node::with([1, 2]);
    node.takes(down(2, None));
    node.check([
        (fires(expiry(1)), vec![hears(1, notice(KickReason::UserSigExpired))]),
        (fires(expiry(1)), vec![]),
        (fires(expiry(2)), vec![]),
        (fires(lapse(2)), vec![]),
    ]);
    assert_eq!((node.online("alice"), node.record("alice").kicks.len()), (vec![], 2));
}

#[test]
fn the_expiry_is_that_of_the_user_sig() {
    let mut node = Node::new();
    node.takes(up(1));
    let effects = node.takes_at(later(5), says(1, login(1, "alice")));
    assert!(effects.contains(&arms_s(expiry(1), 3595)), "{effects:?}");
}

#[test]
fn a_victim_whose_link_is_down_waits_for_nothing_more() {
    let mut node = Node::with([1, 2]);
    node.takes(down(1, None));
    node.takes(up(3));
    let effects = node.takes_at(NOW, says(3, login(3, "alice")));
    for timer in [lapse(1), expiry(1)] {
        assert!(effects.contains(&disarms(timer)), "{effects:?}");
    }
    assert!(effects.contains(&arms(epoch(1), HEARTBEAT)), "{effects:?}");
}

#[test]
fn an_epoch_is_forgotten_a_heartbeat_after_the_last_link_of_an_instance_without_a_session() {
    let mut node = Node::with([1]);
    node.takes(fires(epoch(1)));
    assert_eq!(node.record("alice").epochs.len(), 1);
    node.takes(says(1, logout(1)));
    node.takes(fires(epoch(1)));
    assert_eq!(node.record("alice"), Record::default());
}

#[test]
fn the_epoch_of_an_owed_logout_is_kept_while_its_link_is_open() {
    let mut node = Node::new();
    node.takes(up(1));
    let effects = node.takes_at(NOW, says_on(1, secret(1), 2, logout(1)));
    assert_eq!(effects.last(), Some(&disarms(epoch(1))));
    node.takes(fires(epoch(1)));
    assert_eq!(node.record("alice").epochs.len(), 1);
    assert_eq!(node.takes_at(NOW, down(1, None)), [disarms(heartbeat(1)), arms(epoch(1), HEARTBEAT)]);
}

#[test]
fn a_restarted_node_lets_every_session_lapse_from_then_on() {
    let record = Node::with([1, 2]).record("alice");
    let mut node = Node::new();
    let effects = node.takes_at(later(100), Input::Restored { user_id: "alice".to_owned(), record });
    let expected = [arms_s(lapse(1), 60), arms_s(expiry(1), 3500), arms_s(lapse(2), 60), arms_s(expiry(2), 3500)];
    assert_eq!((effects.as_slice(), node.machine.sessions("alice")), (&expected[..], 2));
}

/// A login with an empty UserSig, from this address; the code that refuses it.
fn refused_from(node: &mut Node, link: u64, address: [u8; 4], now: UnixMillis, frame: ClientFrame) -> Option<Code> {
    node.takes(Input::LinkUp { link: LinkId(link), address: Some(IpAddr::from(address)) });
    node.takes_at(now, says(link, frame)).into_iter().find_map(|effect| match effect {
        Effect::Send { frame: Envelope { frame: ServerFrame::LoginAnswer { refused: Some(why) }, .. }, .. } => Some(why.code),
        _ => None,
    })
}

fn unsigned() -> ClientFrame {
    let (user_id, user_sig) = ("alice".to_owned(), String::new());
    ClientFrame::Login { sdk_app_id: 1400, user_id, user_sig, platform: Platform::Web, key: InstanceKey(1) }
}

#[test]
fn after_ten_refusals_from_one_address_even_a_good_user_sig_is_refused_for_a_minute() {
    let mut node = Node::new();
    for link in 1..=10 {
        assert_eq!(refused_from(&mut node, link, [10, 0, 0, 1], NOW, unsigned()), Some(Code::SigEmpty));
    }
    let blocked = refused_from(&mut node, 11, [10, 0, 0, 1], later(59), login(1, "alice"));
    assert_eq!(blocked, Some(Code::TooManyFailures));
    assert_eq!(refused_from(&mut node, 12, [10, 0, 0, 2], later(59), login(1, "alice")), None);
    assert_eq!(refused_from(&mut node, 13, [10, 0, 0, 1], later(60), login(2, "alice")), None);
}

#[test]
fn a_revoked_user_sig_counts_among_the_refusals() {
    let mut node = Node::new();
    node.takes(Input::RestKick { request: RequestId(1), user_id: "alice".to_owned() });
    for link in 1..=10 {
        assert_eq!(refused_from(&mut node, link, [10, 0, 0, 1], NOW, login(1, "alice")), Some(Code::SigRevoked));
    }
    let fresh = login_issued(1, "alice", Platform::Web, NOW.0 / 1000 + 1);
    assert_eq!(refused_from(&mut node, 11, [10, 0, 0, 1], later(1), fresh), Some(Code::TooManyFailures));
}

/// What a resume from that address comes to.
fn resumed_from(node: &mut Node, link: u64, address: [u8; 4], frame: ClientFrame) -> Option<ResumeOutcome> {
    node.takes(Input::LinkUp { link: LinkId(link), address: Some(IpAddr::from(address)) });
    node.takes(says_on(link, secret(1), link, frame)).into_iter().find_map(|effect| match effect {
        Effect::Send { frame: Envelope { frame: ServerFrame::ResumeAnswer { outcome }, .. }, .. } => Some(outcome),
        _ => None,
    })
}

#[test]
fn a_resume_does_not_look_at_refused_logins() {
    let mut node = Node::new();
    for link in 1..=10 {
        refused_from(&mut node, link, [10, 0, 0, 1], NOW, unsigned());
    }
    assert_eq!(refused_from(&mut node, 11, [10, 0, 0, 1], NOW, login(1, "alice")), Some(Code::TooManyFailures));
    assert_eq!(resumed_from(&mut node, 12, [10, 0, 0, 1], resume(1, 0)), Some(ResumeOutcome::Readmitted));
}

#[test]
fn a_refused_resume_does_not_count_among_the_refused_logins() {
    let mut node = Node::new();
    let ClientFrame::Login { sdk_app_id, user_id, user_sig, platform, key } = unsigned() else { unreachable!("it is a login") };
    for link in 1..=10 {
        let (user_id, user_sig) = (user_id.clone(), user_sig.clone());
        let resume = ClientFrame::Resume { sdk_app_id, user_id, user_sig, platform, key, last_seq: 0 };
        assert!(matches!(resumed_from(&mut node, link, [10, 0, 0, 1], resume), Some(ResumeOutcome::Refused { .. })));
    }
    assert_eq!(refused_from(&mut node, 11, [10, 0, 0, 1], NOW, login(1, "alice")), None);
}

#[test]
fn a_session_under_another_ones_secret_has_timers_of_its_own() {
    let mut node = Node::with([1]);
    node.takes(up(2));
    node.takes(says_on(2, secret(1), 1, login(2, "alice")));
    let (user_id, key) = (Arc::from("alice"), InstanceKey(2));
    node.takes(fires(Timer::Expiry { user_id, key, secret: secret(1) }));
    assert_eq!(node.online("alice"), [1]);
}
