//! Each planted bug of an instance that loses its link, its session or a login, and where it shows: the sound instance and the one with the bug part.

use super::*;
use crate::planted::plant;

/// What the last input leads to, and how many logouts are owed then.
fn outcome(bug: Option<Planted>, inputs: &[Input]) -> (usize, Vec<Effect>) {
    plant(bug);
    let (mut machine, mut last) = (ready(), Vec::new());
    for input in inputs {
        last.clear();
        machine.handle(input.clone(), &mut last);
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
fn a_refused_login_that_leaves_a_mark_shows() {
    let refused_next = [hears(1, notice()), login(2, "alice"), up(2), hears(2, refused()), login(3, "alice")];
    parts(Planted::Login7LeavesMark, &refused_next);
}
