//! What a node waits for: LINK-3, LINK-4, LINK-7, LINK-8, KICK-6, SIG-1, and 70050 of LOGIN-8.

use std::net::IpAddr;
use std::time::Duration;

use super::*;
use crate::protocol::close_code::GIVEN_UP;
use crate::timers::HEARTBEAT;

fn heartbeat(link: u64) -> Timer {
    Timer::Heartbeat(LinkId(link))
}

fn ask(link: u64) -> Timer {
    Timer::Ask(LinkId(link))
}

fn lapse(n: u64) -> Timer {
    Timer::Lapse { user_id: Arc::from("alice"), key: KeyDigest(u128::from(n)), digest: digest(n) }
}

fn expiry(n: u64) -> Timer {
    Timer::Expiry { user_id: Arc::from("alice"), key: KeyDigest(u128::from(n)), digest: digest(n) }
}

fn epoch(n: u64) -> Timer {
    Timer::Epoch { user_id: Arc::from("alice"), key: KeyDigest(n.into()) }
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
    assert_eq!((HEARTBEAT.as_secs(), ASK_AFTER.as_secs()), (30, 20));
    assert!(admission.contains(&arms(ask(1), ASK_AFTER)), "{admission:?}");
    let pong = [arms(heartbeat(1), HEARTBEAT), arms(ask(1), ASK_AFTER), hears(1, ServerFrame::Pong)];
    assert_eq!(node.takes_at(NOW, says(1, ClientFrame::Ping)), pong);
}

/// Every frame of a client that may come on a link which carries a session.
fn every_frame_in_place() -> [ClientFrame; 6] {
    let ack = ClientFrame::MessageAck { seq: 0 };
    [ClientFrame::Sync, send("bob"), ack, ClientFrame::Ping, ClientFrame::Pong, logout(1)]
}

#[test]
fn every_frame_of_a_client_starts_the_heartbeat_and_the_question_anew() {
    for frame in every_frame_in_place() {
        let effects = Node::with([1]).takes_at(later(19), says(1, frame.clone()));
        assert_eq!(effects[..2], [arms(heartbeat(1), HEARTBEAT), arms(ask(1), ASK_AFTER)], "{frame:?}");
    }
}

#[test]
fn a_silent_link_that_carries_a_session_is_asked_and_asked_again() {
    let mut node = Node::with([1]);
    for _ in 0..2 {
        let asked = [hears(1, ServerFrame::Ping), arms(ask(1), ASK_AFTER)];
        assert_eq!(node.takes_at(later(20), fires(ask(1))), asked);
    }
    node.takes(up(2));
    assert_eq!(node.takes_at(later(20), fires(ask(2))), []);
}

#[test]
fn the_link_of_a_kicked_session_is_asked_nothing() {
    let mut node = Node::with([1, 2]);
    node.takes(up(3));
    let kicked = node.takes_at(NOW, says(3, login(3, "alice")));
    assert!(kicked.contains(&disarms(ask(1))), "{kicked:?}");
    assert_eq!(node.takes_at(later(20), fires(ask(1))), []);
}

#[test]
fn a_page_that_went_has_5_s_to_come_back_and_nobody_else() {
    for (code, platform, after_s) in [(1000, Platform::Web, 5), (1001, Platform::Web, 5), (1005, Platform::Web, 58)] {
        let mut node = Node::new();
        node.takes(up(1));
        node.takes(says(1, login_from(1, "alice", platform)));
        assert_eq!(
            node.takes_at(later(2), down(1, Some(code))),
            [disarms(heartbeat(1)), disarms(ask(1)), arms_s(lapse(1), after_s)]
        );
        assert_eq!(node.online("alice"), [1]);
    }
    for close in [None, Some(4000), Some(4001), Some(1002), Some(1008)] {
        assert_eq!(Node::with([1]).takes_at(later(2), down(1, close)).last(), Some(&arms_s(lapse(1), 58)));
    }
}

#[test]
fn a_page_that_comes_back_goes_on_and_one_that_does_not_is_dropped_without_a_kick() {
    let mut node = Node::with([1, 2]);
    node.takes(down(1, Some(1001)));
    node.takes(up(3));
    let back = node.takes_at(later(4), says_on(3, digest(1), 2, resume(1, 0)));
    assert!(back.contains(&disarms(lapse(1))) && back.contains(&hears_on(3, digest(1), 2, resumed())), "{back:?}");
    assert_eq!(node.online("alice"), [1, 2]);
    node.takes(down(3, Some(1000)));
    node.takes_at(later(9), fires(lapse(1)));
    assert_eq!((node.online("alice"), node.record("alice").kicks), (vec![2], vec![]));
}

#[test]
fn the_late_close_of_a_page_that_is_back_changes_nothing() {
    let mut node = Node::with([1]);
    node.takes(up(2));
    node.takes(says_on(2, digest(1), 2, resume(1, 0)));
    assert_eq!(node.takes_at(later(1), down(1, Some(1001))), []);
    assert_eq!(node.online("alice"), [1]);
}

#[test]
fn a_silent_link_is_closed_and_its_session_lapses() {
    let mut node = Node::with([1]);
    let end = close(1, GIVEN_UP, "nothing was heard for the heartbeat time");
    let effects = node.takes_at(later(30), fires(heartbeat(1)));
    assert_eq!(effects, [end, disarms(heartbeat(1)), disarms(ask(1)), arms_s(lapse(1), 30)]);
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
    assert_eq!(lost, [disarms(heartbeat(1)), disarms(ask(1)), arms_s(lapse(1), 47)]);
    node.takes(up(2));
    node.takes(says(2, login_from(2, "alice", Platform::IPhone)));
    assert_eq!(node.takes_at(NOW, down(2, Some(1000))), [disarms(heartbeat(2)), disarms(ask(2)), arms_s(lapse(2), 400)]);
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
    let effects = node.takes_at(later(50), says_on(2, digest(1), 2, resume(1, 0)));
    assert!(effects.contains(&disarms(lapse(1))), "{effects:?}");
    node.check([(fires(lapse(1)), vec![])]);
    assert_eq!(node.online("alice"), [1]);
    assert_eq!(node.takes_at(later(50), down(2, None)), [disarms(heartbeat(2)), disarms(ask(2)), arms_s(lapse(1), 60)]);
}

#[test]
fn a_session_that_left_leaves_no_timer_of_its_own() {
    let mut node = Node::with([1]);
    let effects = node.takes_at(NOW, says(1, logout(1)));
    for timer in [expiry(1), heartbeat(1), ask(1)] {
        assert!(effects.contains(&disarms(timer)), "{effects:?}");
    }
    assert!(effects.contains(&arms_s(epoch(1), 60)), "{effects:?}");
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
    assert!(effects.contains(&arms_s(epoch(1), 60)), "{effects:?}");
}

#[test]
fn an_epoch_is_forgotten_a_minute_after_it_was_raised_unless_there_is_a_session() {
    let mut node = Node::with([1]);
    node.takes_at(later(60), fires(epoch(1)));
    assert_eq!(node.record("alice").epochs.len(), 1);
    node.takes(says(1, logout(1)));
    assert_eq!(node.takes_at(later(59), fires(epoch(1))), [arms_s(epoch(1), 60)]);
    assert_eq!(node.record("alice").epochs.len(), 1);
    let mut pruned = node.takes_at(later(60), fires(epoch(1)));
    pruned.retain(|effect| !effect.is_commit_of("alice"));
    assert_eq!((pruned, node.record("alice")), (vec![], Record::default()));
}

#[test]
fn whatever_raises_an_epoch_starts_its_time_anew() {
    let mut node = Node::new();
    node.takes(up(1));
    let repaid = node.takes_at(NOW, says_on(1, digest(1), 2, owed_logout(1)));
    assert_eq!(repaid.last(), Some(&arms_s(epoch(1), 60)));
    let admitted = node.takes_at(later(9), says_on(1, SessionDigest(9), 2, login(1, "alice")));
    assert!(admitted.contains(&disarms(epoch(1))), "{admitted:?}");
    node.takes(says_on(1, SessionDigest(9), 2, logout(1)));
    let expired = ClientFrame::Resume {
        sdk_app_id: 1400,
        user_id: "alice".to_owned(),
        user_sig: usersig::make(1400, KEY, "alice", NOW.0 / 1000 - 9, 1, None),
        platform: Platform::Web,
        key: KeyDigest(1),
        last_seq: 0,
    };
    node.takes(up(2));
    let told = node.takes_at(later(10), says_on(2, SessionDigest(9), 3, expired));
    assert_eq!(told.last(), Some(&arms_s(epoch(1), 60)));
    node.takes_at(later(69), fires(epoch(1)));
    assert_eq!(node.record("alice").epochs[&KeyDigest(1)].epoch, Epoch(3));
}

#[test]
fn a_restarted_node_lets_every_session_lapse_from_then_on() {
    let record = Node::with([1, 2]).record("alice");
    let mut node = Node::new();
    let effects = node.takes_at(later(100), restored(record, vec![]));
    let expected = [arms_s(lapse(1), 60), arms_s(expiry(1), 3500), arms_s(lapse(2), 60), arms_s(expiry(2), 3500)];
    assert_eq!((effects.as_slice(), node.machine.sessions("alice")), (&expected[..], 2));
}

/// A login with an empty UserSig, from this address; the code that refuses it.
fn refused_from(node: &mut Node, link: u64, address: [u8; 4], now: UnixMillis, frame: ClientFrame) -> Option<Code> {
    node.takes(Input::LinkUp { link: LinkId(link), address: Some(IpAddr::from(address)) });
    node.takes_at(now, says(link, frame)).into_iter().find_map(|effect| match effect {
        Effect::Send { frame: Envelope { frame: ServerFrame::LoginAnswer { refused: Some(why), .. }, .. }, .. } => Some(why.code),
        _ => None,
    })
}

fn unsigned() -> ClientFrame {
    let (user_id, user_sig) = ("alice".to_owned(), String::new());
    ClientFrame::Login { sdk_app_id: 1400, user_id, user_sig, platform: Platform::Web, key: KeyDigest(1) }
}

#[test]
fn after_ten_refusals_from_one_address_a_bad_user_sig_is_told_70050_for_a_minute_and_a_right_one_is_let_in() {
    let mut node = Node::new();
    for link in 1..=10 {
        assert_eq!(refused_from(&mut node, link, [10, 0, 0, 1], NOW, unsigned()), Some(Code::SigEmpty));
    }
    assert_eq!(refused_from(&mut node, 11, [10, 0, 0, 1], later(59), unsigned()), Some(Code::TooManyFailures));
    assert_eq!(refused_from(&mut node, 12, [10, 0, 0, 1], later(59), login(12, "alice")), None);
    assert_eq!(refused_from(&mut node, 13, [10, 0, 0, 1], later(59), unsigned()), Some(Code::TooManyFailures));
    assert_eq!(refused_from(&mut node, 14, [10, 0, 0, 2], later(59), unsigned()), Some(Code::SigEmpty));
    assert_eq!(refused_from(&mut node, 15, [10, 0, 0, 1], later(60), unsigned()), Some(Code::SigEmpty));
    assert_eq!(node.online("alice"), [12]);
}

#[test]
fn a_bad_user_id_is_told_as_such_whatever_came_before() {
    let mut node = Node::new();
    let nobody = || ClientFrame::Login {
        sdk_app_id: 1400,
        user_id: "no one".to_owned(),
        user_sig: String::new(),
        platform: Platform::Web,
        key: KeyDigest(1),
    };
    for link in 1..=11 {
        assert_eq!(refused_from(&mut node, link, [10, 0, 0, 1], NOW, nobody()), Some(Code::BadField));
    }
}

#[test]
fn a_revoked_user_sig_counts_among_the_refusals() {
    let mut node = Node::new();
    node.takes(Input::RestKick { request: RequestId(1), user_id: "alice".to_owned() });
    for link in 1..=10 {
        assert_eq!(refused_from(&mut node, link, [10, 0, 0, 1], NOW, login(1, "alice")), Some(Code::SigRevoked));
    }
    assert_eq!(refused_from(&mut node, 11, [10, 0, 0, 1], NOW, login(1, "alice")), Some(Code::TooManyFailures));
    let fresh = login_issued(12, "alice", Platform::Web, NOW.0 / 1000 + 1);
    assert_eq!(refused_from(&mut node, 12, [10, 0, 0, 1], later(1), fresh), None);
}

#[cfg(debug_assertions)]
#[test]
fn a_blocked_pair_that_locks_its_owner_out_shows() {
    crate::planted::plant_unreplayed(Some(crate::planted::Unreplayed::Login8BlockedLocksOut));
    let mut node = Node::new();
    for link in 1..=10 {
        refused_from(&mut node, link, [10, 0, 0, 1], NOW, unsigned());
    }
    let refused = refused_from(&mut node, 11, [10, 0, 0, 1], NOW, login(11, "alice"));
    crate::planted::plant_unreplayed(None);
    assert_eq!(refused, Some(Code::TooManyFailures));
}

/// What a resume from that address comes to.
fn resumed_from(node: &mut Node, link: u64, address: [u8; 4], frame: ClientFrame) -> Option<ResumeOutcome> {
    node.takes(Input::LinkUp { link: LinkId(link), address: Some(IpAddr::from(address)) });
    node.takes(says_on(link, digest(1), link, frame)).into_iter().find_map(|effect| match effect {
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
    assert_eq!(refused_from(&mut node, 11, [10, 0, 0, 1], NOW, unsigned()), Some(Code::TooManyFailures));
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
    assert_eq!(refused_from(&mut node, 11, [10, 0, 0, 1], NOW, unsigned()), Some(Code::SigEmpty));
}

#[test]
fn a_session_under_another_ones_secret_has_timers_of_its_own() {
    let mut node = Node::with([1]);
    node.takes(up(2));
    node.takes(says_on(2, digest(1), 1, login(2, "alice")));
    let (user_id, key) = (Arc::from("alice"), KeyDigest(2));
    node.takes(fires(Timer::Expiry { user_id, key, digest: digest(1) }));
    assert_eq!(node.online("alice"), [1]);
}

#[test]
fn an_instance_has_no_link_any_more_that_is_gone() {
    let mut node = Node::with([1, 2, 3]);
    let instances: Vec<_> = node.machine.carriers.iter().map(|(key, link)| (key.0, link.0)).collect();
    assert_eq!(instances, [(1, 1), (2, 2), (3, 3)]);
    for link in 1..=3 {
        node.takes(down(link, None));
    }
    assert!(node.machine.carriers.is_empty());
}
