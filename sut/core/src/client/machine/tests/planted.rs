//! Each planted bug of an instance that loses its link, its session or a login, and where it shows: the sound instance and the one with the bug part.

use super::*;
use crate::planted::{Unreplayed, plant, plant_unreplayed};
use crate::protocol::ResumeOutcome;

/// What the last input leads to, and how many logouts are owed then.
fn outcome(bug: Option<Planted>, inputs: &[Input]) -> (usize, Vec<Effect>) {
    plant(bug);
    let (mut machine, mut last) = (ready(), Vec::new());
    for input in inputs {
        last.clear();
        machine.handle(NOW, input.clone(), &mut last);
    }
    plant(None);
    (machine.debts(), last)
}

fn parts(bug: Planted, inputs: &[Input]) {
    assert_ne!(outcome(None, inputs), outcome(Some(bug), inputs), "{bug} does not show");
}

#[test]
fn a_connection_that_is_published_too_early_shows() {
    parts(Planted::Link1ConnectedAtOpening, &[down(1), Input::Timer(Timer::Backoff), down(2), Input::Timer(Timer::Backoff), up(3)]);
    parts(Planted::Link1ConnectedAtOpening, &[down(1), Input::Timer(Timer::Backoff), up(2)]);
}

#[test]
fn a_lost_logout_that_is_not_owed_shows() {
    parts(Planted::Logout4NothingOwed, &[logout(2), down(1)]);
}

#[test]
fn a_kick_that_is_reported_twice_shows() {
    parts(Planted::Kick4ReportedTwice, &[hears(1, notice())]);
}

#[test]
fn a_fresh_user_sig_that_is_called_expired_shows() {
    parts(Planted::Sig1FreshCalledExpired, &[hears(1, notice()), login(2, "alice")]);
}

#[test]
fn a_login_after_a_kick_that_never_settles_shows() {
    parts(Planted::Login1NeverSettles, &[hears(1, notice()), login(2, "alice"), up(2), hears(2, admitted())]);
}

#[test]
fn a_late_end_of_an_earlier_session_shows() {
    let again = [hears(1, notice()), login(2, "alice"), up(2), hears(2, admitted()), hears(2, sync_answer())];
    parts(Planted::Login2LateNotReady, &again);
}

#[test]
fn an_owed_logout_that_shows_no_user_sig_shows() {
    parts(Planted::Logout4ShowsNothing, &[down(1), logout(2), login(3, "alice"), up(2)]);
}

#[test]
fn a_login_that_is_numbered_without_the_clock_shows() {
    plant_unreplayed(Some(Unreplayed::Link3EpochsFromOne));
    let mut effects = Vec::new();
    logged_out().handle(UnixMillis(1_000), login(1, "alice"), &mut effects);
    plant_unreplayed(None);
    assert_eq!(effects.first(), Some(&open(1)));
}

#[test]
fn an_instance_that_was_replaced_and_does_not_know_it_shows() {
    parts(Planted::Link11ReconnectsForEver, &[closed(1, 4001, "")]);
}

#[test]
fn a_ping_without_an_answer_shows() {
    parts(Planted::Link10PongMissing, &[hears(1, ServerFrame::Ping)]);
}

#[test]
fn a_gap_that_is_not_published_shows() {
    let gap = ServerFrame::LoginAnswer { refused: None, gap: true };
    let again = [hears(1, notice()), login(2, "alice"), up(2), hears(2, gap), hears(2, sync_answer())];
    parts(Planted::Login9GapNotPublished, &again);
}

#[test]
fn a_refused_readmission_without_its_code_shows() {
    let refusal = ResumeOutcome::Refused { refusal: refusal(Code::SigWrong, "wrong") };
    let refused = [down(1), Input::Timer(Timer::Backoff), up(2), hears(2, ServerFrame::ResumeAnswer { outcome: refusal })];
    let sound = outcome(None, &refused);
    plant_unreplayed(Some(Unreplayed::Link5CodeNotTold));
    let silent = outcome(None, &refused);
    plant_unreplayed(None);
    assert_ne!(sound, silent);
}

#[test]
fn a_refused_login_that_leaves_a_mark_shows() {
    let refused_next = [hears(1, notice()), login(2, "alice"), up(2), hears(2, refused()), login(3, "alice")];
    parts(Planted::Login7LeavesMark, &refused_next);
}
