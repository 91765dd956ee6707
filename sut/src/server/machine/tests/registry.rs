//! What stands between a frame and its answer: nothing is said before the record is stored.

use super::callbacks::registered;
use super::*;
use crate::callback::Callback;
use crate::protocol::close_code::INTERNAL_ERROR;

pub(super) fn load() -> Effect {
    Effect::Load { asker: Asker::Account("alice".into()), user_id: "alice".to_owned() }
}

pub(super) fn commit(expected: u64, record: Record, callbacks: Vec<Callback>) -> Effect {
    Effect::Commit { user_id: "alice".into(), expected: Version(expected), record, callbacks }
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

#[test]
fn a_registry_out_of_reach_ends_the_link_and_admits_nobody() {
    let mut machine = asked();
    let fault = close(1, INTERNAL_ERROR, "the registry is out of reach; try again");
    assert_eq!(handle(&mut machine, out_of_reach()), [fault]);
    assert_eq!(machine.links(), 0);
}

#[test]
fn a_session_that_overflowed_while_the_registry_was_out_of_reach_lapses() {
    let node = Node::with([1]);
    let session = node.record("alice").sessions[0].clone();
    let mut fresh = Node::new().machine;
    let mut effects = Vec::new();
    fresh.retry(NOW, Job::of(Arc::from("alice"), Task::Drop(session, Cause::Overflowed)), &mut effects);
    let lapses = |effect: &Effect| matches!(effect, Effect::Arm { timer: Timer::Lapse { .. }, .. });
    assert_eq!((fresh.sessions("alice"), effects.iter().filter(|effect| lapses(effect)).count()), (1, 1));
}
