//! The planted bugs of an instance that no replay shows, and where each shows: the sound instance and the one with the bug part.

use super::*;
use crate::planted::{Unreplayed, plant_unreplayed};
use crate::protocol::ResumeOutcome;

#[test]
fn a_login_that_is_numbered_without_the_clock_shows() {
    plant_unreplayed(Some(Unreplayed::Link3EpochsFromOne));
    let mut effects = Vec::new();
    logged_out().handle(UnixMillis(1_000), login(1, "alice"), &mut effects);
    plant_unreplayed(None);
    assert_eq!(effects.first(), Some(&open(1)));
}

#[test]
fn a_refused_readmission_without_its_code_shows() {
    let refusal = ResumeOutcome::Refused { refusal: refusal(Code::SigWrong, "wrong") };
    let refused = [down(1), Input::Timer(Timer::Backoff), up(2), hears(2, ServerFrame::ResumeAnswer { outcome: refusal })];
    let told = |bug| {
        plant_unreplayed(bug);
        let (mut machine, mut effects) = (ready(), Vec::new());
        refused.iter().for_each(|input| machine.handle(NOW, input.clone(), &mut effects));
        plant_unreplayed(None);
        effects
    };
    assert_ne!(told(None), told(Some(Unreplayed::Link5CodeNotTold)));
}
