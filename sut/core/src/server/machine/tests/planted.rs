//! Each planted bug of links that fail, and where it shows: the sound node and the one with the bug part.

use super::*;
use crate::planted::{Planted, Unreplayed, plant, plant_unreplayed};

/// The record of alice, and what the last input leads to, once all of it has happened to a node on which instances 1 and 2 are.
fn outcome(bug: Option<Planted>, inputs: &[Input]) -> (Vec<u128>, Record, Vec<Effect>) {
    plant(bug);
    let mut node = Node::with([1, 2]);
    let mut last = Vec::new();
    for input in inputs {
        last = node.takes(input.clone());
    }
    plant(None);
    (node.online("alice"), node.record("alice"), last)
}

/// The bug shows in the record or in what the last input leads to.
fn parts(bug: Planted, inputs: &[Input]) {
    assert_ne!(outcome(None, inputs), outcome(Some(bug), inputs), "{bug} does not show");
}

fn lapse(n: u64) -> Input {
    Input::Timer(Timer::Lapse { user_id: Arc::from("alice"), key: KeyDigest(u128::from(n)), digest: digest(n) })
}

fn resumes(link: u64, n: u64) -> Input {
    says_on(link, digest(n), 2, resume(n, 0))
}

fn kick_of_1() -> [Input; 4] {
    [down(1, None), up(3), says(3, login(3, "alice")), up(4)]
}

#[test]
fn a_resume_that_is_admitted_as_a_login_shows() {
    parts(Planted::Link2ResumeLogsIn, &[down(1, None), up(3), resumes(3, 1)]);
}

#[test]
fn a_resume_that_does_not_look_at_the_kick_shows() {
    let [lost, opened, kick, again] = kick_of_1();
    parts(Planted::Kick8ResumeForgetsKick, &[lost, opened, kick, again, resumes(4, 1)]);
}

#[test]
fn a_readmission_that_kicks_shows() {
    let gone = [down(1, None), lapse(1), up(3), says(3, login(3, "alice")), up(4), resumes(4, 1)];
    parts(Planted::Kick10ReadmissionKicks, &gone);
}

#[test]
fn a_kicked_session_that_comes_back_shows() {
    let [lost, opened, kick, again] = kick_of_1();
    let acknowledged = [up(5), says_on(5, digest(1), 3, resume(1, 0)), says_on(5, digest(1), 3, ClientFrame::KickAck)];
    let late = says_on(4, digest(1), 2, resume(1, 0));
    parts(Planted::Link5KickedComesBack, &[&[lost, opened, kick, again][..], &acknowledged, &[late]].concat());
}

#[test]
fn an_epoch_that_is_not_compared_shows() {
    parts(Planted::Link3EpochIgnored, &[up(3), says_on(3, SessionDigest(9), 1, login(1, "alice"))]);
}

#[test]
fn a_late_close_and_late_frames_of_a_displaced_link_show() {
    parts(Planted::Link3LateCloseCounts, &[up(3), resumes(3, 1), down(1, Some(1000))]);
    parts(Planted::Link3LateFramesCount, &[up(3), resumes(3, 1), says(1, logout(1))]);
}

#[test]
fn a_rejection_that_cleans_up_shows() {
    parts(Planted::Link3RejectionCleansUp, &[up(3), says_on(3, SessionDigest(9), 1, login(1, "alice"))]);
}

#[test]
fn another_session_under_the_key_that_is_no_reason_to_go_shows() {
    let inputs = [up(3), says_on(3, SessionDigest(7), 2, resume(1, 0))];
    let sound = outcome(None, &inputs);
    plant_unreplayed(Some(Unreplayed::Link11AnotherSessionLost));
    let wrong = outcome(None, &inputs);
    plant_unreplayed(None);
    assert_ne!(sound, wrong);
}

#[test]
fn a_page_that_is_gone_at_once_shows() {
    parts(Planted::Link6PageGoneAtOnce, &[down(1, Some(1001))]);
}

#[test]
fn a_node_that_never_asks_shows() {
    parts(Planted::Link7NeverAsks, &[Input::Timer(Timer::Ask(LinkId(1)))]);
}

#[test]
fn a_timer_that_is_armed_otherwise_shows() {
    let armed = |bug, input: Input| {
        plant(bug);
        let mut node = Node::with([1, 2]);
        let effects = node.takes_at(NOW, input);
        plant(None);
        effects
    };
    let rows = [(Planted::Link6WholeLapse, down(1, Some(1001))), (Planted::Link7FrameNotHeard, says(1, ClientFrame::Pong))];
    for (bug, input) in rows {
        assert_ne!(armed(None, input.clone()), armed(Some(bug), input), "{bug} does not show");
    }
}

#[test]
fn a_lapse_that_kicks_or_is_not_stopped_shows() {
    parts(Planted::Link4LapseKicks, &[down(1, None), lapse(1)]);
    parts(Planted::Link4LapseGoesOn, &[down(1, None), up(3), resumes(3, 1), lapse(1)]);
}

#[test]
fn a_resume_that_doubles_or_forgets_a_message_shows() {
    let received = [says(2, send("alice")), down(1, None), up(3), says_on(3, digest(1), 2, resume(1, 1))];
    parts(Planted::Msg2ResumeDoubles, &received);
    parts(Planted::Msg2ResumeForgets, &[down(1, None), says(2, send("alice")), up(3), resumes(3, 1)]);
}

#[test]
fn a_repeat_that_is_taken_for_a_new_message_shows() {
    parts(Planted::Msg3RepeatIsNew, &[says(2, send("alice")), says(2, send("alice"))]);
}
