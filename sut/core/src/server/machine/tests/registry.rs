//! What stands between a frame and its answer: nothing is said before the record is stored.

use super::callbacks::registered;
use super::job::{Cause, Job, Task};
use super::*;
use crate::admission::{Change, Occasion};
use crate::callback::Callback;
use crate::protocol::close_code::{GIVEN_UP, NORMAL};

pub(super) fn load() -> Effect {
    Effect::Load { asker: Asker::Account("alice".into()), user_id: "alice".to_owned() }
}

pub(super) fn commit(expected: u64, record: Record, callbacks: Vec<Callback>) -> Effect {
    Effect::Commit { user_id: "alice".into(), expected: Version(expected), record, callbacks, passed: None }
}

pub(super) fn loaded(record: Record, version: u64) -> Input {
    Input::Loaded { asker: Asker::Account("alice".into()), record, version: Version(version) }
}

pub(super) fn ended(commit: Commit) -> Input {
    Input::Stored { user_id: "alice".into(), commit }
}

pub(super) fn out_of_reach() -> Input {
    Input::Unreachable { asker: Asker::Account("alice".into()), why: Unreachable("down".to_owned()) }
}

/// The machine alone, asked to log instance 1 in.
fn asked() -> Machine {
    let mut machine = Node::new().machine;
    assert_eq!(handle(&mut machine, up(1)), []);
    assert_eq!(handle(&mut machine, says(1, login(1, "alice"))), [load()]);
    machine
}

pub(super) fn handle(machine: &mut Machine, input: Input) -> Vec<Effect> {
    let mut effects = Vec::new();
    machine.handle(NOW, input, &mut effects);
    effects.retain(is_told);
    effects
}

#[test]
fn a_login_is_answered_once_its_record_is_stored() {
    let mut machine = asked();
    let stored = Node::with([1]).record("alice");
    assert_eq!(handle(&mut machine, loaded(Record::default(), 0)), [commit(0, stored, vec![registered(1, [])])]);
    assert_eq!(handle(&mut machine, ended(Commit::Done(Version(1)))), [hears(1, admitted())]);
}

#[test]
fn what_is_stored_is_written_down_before_anything_is_said_of_it_and_what_is_not_is_not() {
    let mut machine = asked();
    machine.handle(NOW, loaded(Record::default(), 0), &mut Vec::new());
    let (mut conflicted, mut effects) = (machine.clone(), Vec::new());
    conflicted.handle(NOW, ended(Commit::Conflict), &mut effects);
    assert_eq!(effects, [load()]);
    effects.clear();
    machine.handle(UnixMillis(NOW.0 + 7), ended(Commit::Done(Version(1))), &mut effects);
    let admitted = Node::with([1]).record("alice").sessions.pop();
    let change = Change { at: NOW, occasion: Occasion::Login, admitted, resumed: None, kicked: vec![], dropped: None };
    assert_eq!(effects.first(), Some(&Effect::Committed { user_id: "alice".into(), version: Version(1), change }));
}

#[test]
fn on_a_conflict_it_loads_and_decides_again() {
    let mut machine = asked();
    handle(&mut machine, loaded(Record::default(), 0));
    assert_eq!(handle(&mut machine, ended(Commit::Conflict)), [load()]);
    let full = Node::with([2, 3]).record("alice");
    let [Effect::Commit { expected, record, .. }] = &handle(&mut machine, loaded(full, 7))[..] else {
        panic!("no commit");
    };
    assert_eq!((*expected, record.kicks.len(), record.sessions.len()), (Version(7), 1, 2));
}

/// What a login hears that was not done.
fn refused_for_now() -> [Effect; 2] {
    let refused = Some(Refusal { code: Code::RegistryUnreachable, text: "the registry is out of reach; try again".to_owned() });
    [hears(1, ServerFrame::LoginAnswer { refused, gap: false }), close(1, NORMAL, "login refused")]
}

#[test]
fn a_login_of_which_nothing_was_stored_is_refused_and_its_link_closed() {
    let mut loading = asked();
    let mut storing = loading.clone();
    handle(&mut storing, loaded(Record::default(), 0));
    for machine in [&mut loading, &mut storing] {
        assert_eq!(handle(machine, out_of_reach()), refused_for_now());
        assert_eq!((machine.links(), machine.is_busy("alice")), (0, false));
    }
}

/// The machine whose commit of a login on that version, none stored, was not answered.
fn unknown(expected: u64) -> Machine {
    let mut machine = asked();
    handle(&mut machine, loaded(Record::default(), expected));
    assert_eq!(handle(&mut machine, ended(Commit::Unknown)), [load()]);
    machine
}

#[test]
fn a_commit_whose_answer_did_not_come_is_done_if_its_record_stands_and_otherwise_not() {
    let stored = Node::with([1]).record("alice");
    assert_eq!(handle(&mut unknown(7), loaded(stored, 8)), [hears(1, admitted())]);
    for version in [7, 8, 90] {
        assert_eq!(handle(&mut unknown(7), loaded(Record::default(), version)), refused_for_now(), "{version}");
    }
}

#[test]
fn whoever_waits_for_such_a_commit_waits_until_it_is_known() {
    let (mut machine, look_up) = (unknown(0), Input::Timer(Timer::LookUp { user_id: "alice".into() }));
    let asked_anew = |machine: &mut Machine| {
        let mut effects = Vec::new();
        machine.handle(NOW, out_of_reach(), &mut effects);
        matches!(&effects[..], [Effect::Arm { timer: Timer::LookUp { .. }, .. }])
    };
    for _ in 0..3 {
        assert!(asked_anew(&mut machine));
        assert!(machine.is_busy("alice") && machine.is_asking(LinkId(1)));
        assert_eq!(handle(&mut machine, look_up.clone()), [load()]);
    }
    assert_eq!(handle(&mut machine, loaded(Node::with([1]).record("alice"), 1)), [hears(1, admitted())]);
    assert_eq!(handle(&mut machine, look_up), []);
}

/// The machine on which alice's session is to go on over link 2, with the registry out of reach.
fn waiting() -> Machine {
    let mut machine = Node::with([1]).machine;
    handle(&mut machine, up(2));
    handle(&mut machine, says_on(2, digest(1), 2, resume(1, 0)));
    assert_eq!(handle(&mut machine, out_of_reach()), []);
    machine
}

#[test]
fn a_resume_waits_while_the_registry_is_out_of_reach_and_its_account_is_free() {
    let (mut machine, retry) = (waiting(), Input::Timer(Timer::Retry(LinkId(2))));
    assert_eq!((machine.is_busy("alice"), machine.needs(&retry)), (false, Some("alice")));
    assert_eq!(handle(&mut machine, retry), [load()]);
    assert_eq!(handle(&mut machine, Input::Timer(Timer::Retry(LinkId(2)))), []);
}

#[test]
fn nothing_is_left_of_a_resume_that_waited_for_the_heartbeat_time() {
    let (mut machine, mut effects) = (waiting(), Vec::new());
    machine.handle(NOW, Input::Timer(Timer::Heartbeat(LinkId(2))), &mut effects);
    assert!(effects.contains(&close(2, GIVEN_UP, "nothing was heard for the heartbeat time")), "{effects:?}");
    assert!(effects.contains(&Effect::Disarm { timer: Timer::Retry(LinkId(2)) }), "{effects:?}");
    assert_eq!(handle(&mut machine, Input::Timer(Timer::Retry(LinkId(2)))), []);
    assert_eq!((machine.links(), machine.sessions("alice")), (1, 1));
}

#[test]
fn a_session_that_is_kicked_while_its_sync_waits_hears_nothing_behind_the_notice() {
    let mut node = Node::with([1, 2]);
    handle(&mut node.machine, says(1, ClientFrame::Sync));
    assert_eq!(handle(&mut node.machine, out_of_reach()), []);
    node.takes(up(3));
    node.takes(says(3, login(3, "alice")));
    assert_eq!(node.takes(Input::Timer(Timer::Retry(LinkId(1)))), []);
}

#[test]
fn a_session_that_overflowed_while_the_registry_was_out_of_reach_lapses() {
    let node = Node::with([1]);
    let session = node.record("alice").sessions[0].clone();
    let mut fresh = Node::new().machine;
    let mut effects = Vec::new();
    fresh.0.retry(NOW, Job::of(Arc::from("alice"), Task::Drop(session, Cause::Overflowed)), &mut effects);
    let lapses = |effect: &Effect| matches!(effect, Effect::Arm { timer: Timer::Lapse { .. }, .. });
    assert_eq!((fresh.sessions("alice"), effects.iter().filter(|effect| lapses(effect)).count()), (1, 1));
}
