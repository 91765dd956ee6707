//! Each planted bug of links that fail, and where it shows: the sound instance and the one with the bug part.

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
