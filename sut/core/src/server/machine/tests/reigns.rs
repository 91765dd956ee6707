//! A registry that goes on under another primary, perhaps without its last commit: NODE-5.

use std::num::NonZeroU32;

use super::registry::handle;
use super::*;
use crate::protocol::close_code::GIVEN_UP;
use crate::session::{NodeLife, Reign};

const KICKED: ServerFrame = ServerFrame::Notice { reason: KickReason::MultipleAccount };
const LOST: &str = "its session is lost with an earlier primary of the registry";

fn at(seconds: u64) -> UnixMillis {
    UnixMillis(NOW.0 + 1000 * seconds)
}

fn reign() -> Input {
    Input::Reign(Reign(1))
}

impl Node {
    /// Among others, where each session says when it was admitted. They log in as alice, each at the second of its number.
    fn among_others(registry: Arc<Memory>, instances: impl IntoIterator<Item = u64>) -> Node {
        let mut node = Node::on(registry);
        node.takes(Input::Life(NodeLife(NonZeroU32::MIN)));
        instances.into_iter().for_each(|n| node.logs_in(n, n));
        node
    }

    fn logs_in(&mut self, n: u64, second: u64) {
        self.takes(up(n));
        self.takes_at(at(second), says(n, login(n, "alice")));
    }

    /// It reaches another primary, which has all or all but the last commit.
    fn fails_over(&mut self, has_last: bool) {
        self.registry = Arc::new(self.registry.promoted(has_last));
    }
}

/// Instances 1 and 2 are on the first node, and nobody is on the second.
fn two() -> [Node; 2] {
    let first = Node::among_others(Arc::default(), [1, 2]);
    let second = Node::among_others(Arc::clone(&first.registry), []);
    [first, second]
}

/// Instance 3 has logged in on the second node, which the registry has lost.
fn lost_login() -> [Node; 2] {
    let [mut first, mut second] = two();
    second.logs_in(3, 3);
    second.fails_over(false);
    first.registry = Arc::clone(&second.registry);
    [first, second]
}

#[test]
fn a_login_that_is_lost_is_on_record_again_and_its_victim_is_kicked() {
    let [mut first, mut second] = lost_login();
    assert_eq!(first.online("alice"), [1, 2]);
    second.check([(reign(), vec![]), (reign(), vec![])]);
    assert_eq!(second.online("alice"), [2, 3]);
    first.check([(reign(), vec![hears(1, KICKED)])]);
    assert_eq!(second.registry.stored("alice").1, Version(3).under(Reign(1)));
}

#[test]
fn a_victim_that_has_learned_of_its_kick_is_kicked_once_more_on_record_alone() {
    let mut node = Node::among_others(Arc::default(), [1, 2, 3]);
    node.fails_over(false);
    node.check([(reign(), vec![])]);
    assert_eq!((node.online("alice"), node.record("alice").kicks.len()), (vec![2, 3], 1));
}

#[test]
fn where_nothing_is_lost_nothing_is_stored_and_nobody_hears_of_it() {
    let mut node = Node::among_others(Arc::default(), [1, 2]);
    node.fails_over(true);
    node.check([(reign(), vec![])]);
    assert_eq!(node.registry.stored("alice").1, Version(2).under(Reign(1)));
    assert_eq!(node.machine.held(), [(Arc::from("alice"), Version(2).under(Reign(1)))]);
}

#[test]
fn whoever_was_admitted_earlier_than_all_in_its_place_is_out_and_its_resume_is_told() {
    let [first, mut second] = two();
    second.logs_in(3, 0);
    second.fails_over(false);
    second.check([
        (reign(), vec![close(3, GIVEN_UP, LOST)]),
        (up(4), vec![]),
        (
            says_on(4, digest(3), 2, resume(3, 0)),
            vec![
                hears_on(4, digest(3), 2, answers(ResumeOutcome::Told { reason: KickReason::MultipleAccount })),
                close(4, protocol::close_code::NORMAL, "not readmitted"),
            ],
        ),
    ]);
    assert_eq!((second.online("alice"), first.online("alice")), (vec![1, 2], vec![2, 3]));
}

#[test]
fn what_a_lost_session_says_is_accepted_behind_its_return_or_not_at_all() {
    let [_, mut second] = lost_login();
    second.check([(says(3, send("bob")), vec![hears(3, accepted())])]);
    assert_eq!(second.online("alice"), [2, 3]);
    let [_, mut second] = two();
    second.logs_in(3, 0);
    second.fails_over(false);
    second.check([(says(3, send("bob")), vec![close(3, GIVEN_UP, LOST)])]);
    assert_eq!((second.online("alice"), second.record("alice").accepted.len()), (vec![1, 2], 0));
    assert!(!second.machine.is_busy("alice") && !second.machine.is_asking(LinkId(3)));
}

#[test]
fn a_place_is_taken_of_one_whose_link_is_down_here_whenever_it_was_admitted() {
    let mut node = Node::among_others(Arc::default(), [7, 8]);
    node.takes(down(8, None));
    node.logs_in(3, 3);
    node.fails_over(false);
    node.check([(reign(), vec![])]);
    assert_eq!((node.online("alice"), node.record("alice").kicks[0].key), (vec![7, 3], KeyDigest(8)));
}

#[test]
fn a_session_without_a_link_that_is_lost_is_decided_at_its_next_resume() {
    let [_, mut second] = lost_login();
    second.takes(down(3, None));
    second.check([(reign(), vec![])]);
    assert_eq!((second.online("alice"), second.machine.sessions("alice")), (vec![1, 2], 0));
}

#[test]
fn a_resume_that_is_lost_is_on_record_again_whether_its_link_is_up_or_lapses_if_not() {
    for is_up in [true, false] {
        let mut node = Node::among_others(Arc::default(), [1]);
        node.takes(up(4));
        node.takes(says_on(4, digest(1), 2, resume(1, 0)));
        node.fails_over(false);
        if !is_up {
            node.takes(down(4, None));
        }
        node.check([(reign(), vec![])]);
        assert_eq!(node.record("alice").sessions[0].epoch, Epoch(if is_up { 2 } else { 1 }));
        node.takes(Input::Timer(callbacks::lapse(1)));
        assert_eq!(node.online("alice").len(), usize::from(is_up));
    }
}

#[test]
fn a_kick_on_record_reaches_a_session_whose_last_resume_is_lost() {
    let [mut first, mut second] = two();
    second.logs_in(3, 3);
    let kicked = Arc::clone(&second.registry);
    first.registry = Arc::new(first.registry.promoted(false));
    first.takes(up(4));
    first.takes(says_on(4, digest(1), 2, resume(1, 0)));
    first.registry = Arc::new(kicked.promoted(true).promoted(true));
    first.check([(Input::Reign(Reign(2)), vec![hears_on(4, digest(1), 2, KICKED)])]);
}

#[test]
fn what_was_decided_on_an_earlier_primary_is_decided_again_on_this_one() {
    let mut node = Node::among_others(Arc::default(), [1]);
    let mut effects = handle(&mut node.machine, says(1, send("bob")));
    assert_eq!(effects.len(), 1);
    let (record, version) = node.registry.load("alice").now_or_never().unwrap().unwrap();
    let loaded = Input::Loaded { asker: Asker::Account("alice".into()), record, version };
    node.machine.handle(NOW, loaded, &mut effects);
    let Some(Effect::Commit { user_id, expected, record, callbacks, passed: _ }) = effects.pop() else { panic!("no commit") };
    node.fails_over(true);
    let commit = node.registry.commit(&user_id, expected, record, callbacks).now_or_never().unwrap().unwrap();
    assert_eq!(commit, Commit::Conflict);
    node.check([(Input::Stored { user_id, commit }, vec![hears(1, accepted())])]);
    assert_eq!(node.registry.stored("alice").1, Version(2).under(Reign(1)));
}

#[test]
fn a_session_that_cannot_be_decided_anew_now_is_once_the_account_is_found_again() {
    let [_, mut second] = lost_login();
    let (record, version) = second.registry.load("alice").now_or_never().unwrap().unwrap();
    handle(&mut second.machine, reign());
    handle(&mut second.machine, Input::Loaded { asker: Asker::Account("alice".into()), record, version });
    assert_eq!(handle(&mut second.machine, registry::out_of_reach()), []);
    assert_eq!(second.machine.held(), [(Arc::from("alice"), Version(0))]);
    second.check([(Input::Changed(Notice::of("alice", version)), vec![])]);
    assert_eq!(second.online("alice"), [2, 3]);
}
