//! LOGIN-1 to LOGIN-10, LINK-9.

use super::*;
use crate::protocol::close_code::{GIVEN_UP, NORMAL};
use crate::protocol::{MAX_FRAME_BYTES, MAX_SEQ, encode};

fn login_frame() -> ClientFrame {
    let (user_id, user_sig) = ("alice".to_owned(), "sig".to_owned());
    let (platform, key) = (Platform::Web, InstanceKey(1));
    ClientFrame::Login { sdk_app_id: 1400, user_id, user_sig, platform, key }
}

fn cannot_open() -> Refusal {
    refusal(Code::LinkDown, "the link cannot be opened; nothing was sent")
}

fn unknown() -> Refusal {
    outcome_unknown("login")
}

#[test]
fn the_session_is_known_from_the_resolved_login_to_the_logout() {
    let machines = [logged_out(), logging_in(), logged_in(), ready(), logging_out()];
    assert_eq!(machines.map(|machine| machine.session()), [None, None, Some(SECRET), Some(SECRET), None]);
}

#[test]
fn a_link_that_comes_up_twice_is_given_up_and_nothing_is_written_on_it() {
    for mut machine in [logging_in(), ready()] {
        check(&mut machine, [(up(1), vec![close(1, GIVEN_UP)])]);
    }
}

#[test]
fn a_login_resolves_first_and_is_ready_after_the_sync() {
    let mut machine = logged_out();
    check(
        &mut machine,
        [
            (login(1, "alice"), vec![open(1), arm(Timer::Login)]),
            (up(1), vec![says(1, login_frame())]),
            (hears(1, admitted()), vec![disarm(Timer::Login), settled(1, Answer::LoggedIn), says(1, ClientFrame::Sync)]),
        ],
    );
    assert_eq!((machine.login_user(), machine.is_ready()), (Some("alice"), false));
    check(&mut machine, [(hears(1, sync_answer()), vec![publishes(Event::SdkReady)])]);
    assert!(machine.is_ready());
    let first_sync = FirstSync { online: vec![Platform::Web], server_time_ms: 5 };
    assert_eq!(machine.first_sync(), Some(&first_sync));
}

#[test]
fn a_second_sync_answer_is_no_second_sdk_ready() {
    check(&mut ready(), [(hears(1, sync_answer()), vec![])]);
}

#[test]
fn a_login_fails_with_2800_if_nothing_was_written() {
    check(&mut opening(), [(down(1), vec![disarm(Timer::Login), failed(1, cannot_open())])]);
    let given_up = vec![close(1, GIVEN_UP), failed(1, cannot_open())];
    check(&mut opening(), [(Input::Timer(Timer::Login), given_up), (up(1), vec![close(1, GIVEN_UP)])]);
}

#[test]
fn a_login_fails_with_2801_if_it_was_written() {
    check(&mut logging_in(), [(down(1), vec![disarm(Timer::Login), failed(1, unknown())])]);
    let given_up = vec![close(1, GIVEN_UP), failed(1, unknown())];
    check(&mut logging_in(), [(Input::Timer(Timer::Login), given_up), (hears(1, admitted()), vec![])]);
}

#[test]
fn a_login_that_failed_is_followed_by_a_login_on_the_next_link() {
    let mut machine = after(logging_in(), [down(1)]);
    assert_eq!(machine.login_user(), None);
    check(&mut machine, [(login(2, "alice"), vec![open(2), arm(Timer::Login)])]);
}

#[test]
fn a_refused_login_ends_its_link() {
    let end = vec![disarm(Timer::Login), failed(1, sig_expired()), close(1, NORMAL)];
    check(&mut logging_in(), [(hears(1, refused()), end), (login(2, "alice"), vec![open(2), arm(Timer::Login)])]);
}

#[test]
fn a_repeat_login_is_answered_by_the_instance_alone() {
    let error_info = "alice is logged in on this instance already; nothing was done".to_owned();
    let repeat = settled(9, Answer::Repeat { error_info });
    check(&mut logged_in(), [(login(9, "alice"), vec![repeat.clone()])]);
    check(&mut ready(), [(login(9, "alice"), vec![repeat.clone()])]);
    check(&mut after(ready(), [down(1)]), [(login(9, "alice"), vec![repeat])]);
}

#[test]
fn a_login_while_one_runs_is_refused_and_disturbs_nothing() {
    let refused = refusal(Code::LoginRuns, "an earlier login is still running");
    check(
        &mut logging_in(),
        [
            (login(9, "alice"), vec![failed(9, refused)]),
            (hears(1, admitted()), vec![disarm(Timer::Login), settled(1, Answer::LoggedIn), says(1, ClientFrame::Sync)]),
        ],
    );
}

#[test]
fn another_account_must_log_out_first() {
    let refused = refusal(Code::OtherAccount, "alice is logged in on this instance; log out first");
    check(&mut ready(), [(login(9, "bob"), vec![failed(9, refused)])]);
}

#[test]
fn a_login_after_a_logout_sees_nothing_of_the_first_account() {
    let mut machine = after(logging_out(), [hears(1, ServerFrame::LogoutAnswer), login(3, "bob")]);
    assert_eq!((machine.login_user(), machine.kept_messages()), (None, 0));
    check(&mut machine, [(hears(1, message(1)), vec![]), (hears(1, notice()), vec![])]);
    let machine = after(machine, [up(2), hears(2, admitted())]);
    assert_eq!(machine.login_user(), Some("bob"));
}

#[test]
fn a_frame_of_another_link_or_session_means_nothing() {
    let mut stranger = logged_in();
    let (session, epoch) = (Secret(8), Epoch(1));
    let other = Envelope { v: VERSION, session, epoch, frame: notice() };
    let late = Envelope { v: VERSION, session: SECRET, epoch: Epoch(0), frame: notice() };
    check(
        &mut stranger,
        [
            (Input::Frame { epoch, frame: other }, vec![]),
            (Input::Frame { epoch, frame: late.clone() }, vec![]),
            (Input::Frame { epoch: Epoch(0), frame: late }, vec![]),
            (down(0), vec![]),
        ],
    );
}

#[test]
fn an_answer_that_nobody_asked_for_means_nothing() {
    check(
        &mut logging_in(),
        [
            (hears(1, sync_answer()), vec![]),
            (hears(1, notice()), vec![]),
            (hears(1, message(1)), vec![]),
            (hears(1, ServerFrame::LogoutAnswer), vec![]),
            (hears(1, ServerFrame::Pong), vec![]),
        ],
    );
    check(&mut ready(), [(hears(1, refused()), vec![]), (hears(1, ServerFrame::LogoutAnswer), vec![])]);
}

#[test]
fn a_bad_frame_ends_the_link_which_then_is_lost() {
    let error = FrameError::Malformed("x".to_owned());
    let bad = Input::BadFrame { epoch: Epoch(1), error };
    let lost = publishes(Event::NetStateChange(NetState::Connecting));
    check(&mut ready(), [(bad.clone(), vec![close(1, 1007), lost, backoff(1)]), (bad.clone(), vec![])]);
    let failed = vec![close(1, 1007), disarm(Timer::Login), failed(1, unknown())];
    check(&mut logging_in(), [(bad, failed)]);
}

#[test]
fn the_next_link_is_one_above_the_last_of_an_earlier_life() {
    let mut machine = Machine::new(Options { epoch: Epoch(41), ..logged_out().options.clone() });
    check(&mut machine, [(login(1, "alice"), vec![open(42), arm(Timer::Login)])]);
}

/// The links that an instance asks for which comes back with the number of its last link: for a login at that time, for a resume, and for
/// another login later.
fn numbers(last: u64, now: u64, later: u64) -> Vec<u64> {
    let options = Options { sdk_app_id: 1400, platform: Platform::Web, key: InstanceKey(1), epoch: Epoch(last) };
    let mut machine = Machine::new(options);
    let mut effects = Vec::new();
    machine.handle(UnixMillis(now), login(1, "alice"), &mut effects);
    let first = machine.epoch().0;
    for input in [up(first), hears(first, admitted()), down(first), Input::Timer(Timer::Backoff), logout(2)] {
        machine.handle(UnixMillis(later), input, &mut effects);
    }
    machine.handle(UnixMillis(later), login(3, "alice"), &mut effects);
    effects.iter().filter_map(|effect| if let Effect::Open { epoch } = effect { Some(epoch.0) } else { None }).collect()
}

#[test]
fn the_first_link_of_a_login_is_numbered_by_the_clock_and_that_of_a_resume_is_one_more() {
    assert_eq!(numbers(0, 1_000, 5_000), [1_000, 1_001, 5_000]);
    assert_eq!(numbers(9_000, 1_000, 5_000), [9_001, 9_002, 9_003]);
    assert_eq!(numbers(0, 1_000, 1_000), [1_000, 1_001, 1_002]);
}

#[test]
fn no_link_is_numbered_beyond_the_last_number() {
    assert_eq!(numbers(0, u64::MAX, 0), [Epoch::LAST.0; 3]);
    assert_eq!(numbers(u64::MAX, 0, 0), [Epoch::LAST.0; 3]);
}

/// Whether a login with a UserSig of that many bytes asks for the link behind that epoch.
fn opens(epoch: u64, bytes: usize) -> bool {
    let options = Options { sdk_app_id: 1400, platform: Platform::Web, key: InstanceKey(1), epoch: Epoch(epoch) };
    let (user_id, user_sig) = ("alice".to_owned(), "s".repeat(bytes));
    let mut effects = Vec::new();
    Machine::new(options).handle(NOW, call(1, Call::Login { user_id, user_sig, secret: SECRET }), &mut effects);
    effects.contains(&open(epoch + 1))
}

/// How many bytes the resume takes, on the last link that there can be and behind the last message.
fn longest_resume(user_sig_bytes: usize) -> usize {
    let [first, second] = [Epoch::LAST.0 - 1, Epoch::LAST.0];
    let options = Options { sdk_app_id: 1400, platform: Platform::Web, key: InstanceKey(1), epoch: Epoch(first - 1) };
    let (user_id, user_sig) = ("alice".to_owned(), "s".repeat(user_sig_bytes));
    let login = call(1, Call::Login { user_id, user_sig, secret: SECRET });
    let lost = [hears(first, admitted()), hears(first, message(MAX_SEQ)), down(first), Input::Timer(Timer::Backoff)];
    let mut machine = after(Machine::new(options), [login, up(first)].into_iter().chain(lost));
    let mut effects = Vec::new();
    machine.handle(NOW, up(second), &mut effects);
    let written =
        effects.iter().filter_map(|effect| if let Effect::Send { frame, .. } = effect { Some(encode(frame)) } else { None });
    written.map(|frame| frame.len()).max().expect("a resume is written")
}

#[test]
fn a_login_whose_resume_no_frame_holds_is_refused_by_the_byte() {
    let longest = (0..MAX_FRAME_BYTES).rev().find(|bytes| opens(0, *bytes)).unwrap();
    assert_eq!(longest_resume(longest), MAX_FRAME_BYTES);
    assert!(opens(Epoch::LAST.0 - 1, longest));
}
