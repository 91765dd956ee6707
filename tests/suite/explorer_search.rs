//! What the Explorer finds, against a plain look at every state and transition of the scope.

use std::sync::OnceLock;

use conformance::explore::find::{Found, Kind, find};
use conformance::explore::index::{Index, Move};
use conformance::explore::query::Query;
use conformance::explore::threats::threats;
use conformance::token::Trace;
use model::action::{AccountId, Action, AppCall, InstanceId};
use model::graph::StateId;
use model::observation::{Event, Item};
use model::rule::Rule;
use model::scopes;
use model::state::State;
use model::step::{Step, acting};

const A: AccountId = AccountId(0);
const A1: InstanceId = InstanceId(0);

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| Index::of(&scopes::named("page-default").expect("it is there")))
}

fn found(question: &str, here: &[u16]) -> Found {
    find(index(), &Query::parse(question).expect("a question"), here).expect("its words are there")
}

fn labels(trace: &str) -> Vec<u16> {
    trace.split_once(": ").map_or(Vec::new(), |_| trace.parse::<Trace>().expect("a trace").labels)
}

/// The states that are so, in the order of their distance.
fn states(is_so: impl Fn(&State) -> bool) -> Vec<StateId> {
    index().graph.states().enumerate().filter(|(_, state)| is_so(state)).map(|(number, _)| number as StateId).collect()
}

fn check_states(question: &str, is_so: impl Fn(&State) -> bool) {
    let (found, expected) = (found(question, &[]), states(is_so));
    assert_eq!((found.of, found.matching, found.total), (Kind::States, expected.len(), index().graph.state_count()), "{question}");
    for (hit, state) in found.nearest.iter().zip(&expected) {
        assert_eq!(hit.steps, index().graph.path_to(*state).len(), "{question}: {}", hit.trace);
        let there = index().number_of(&labels(&hit.trace)).expect("it is reached");
        assert!(expected.contains(&there), "{question}: {}", hit.trace);
    }
}

#[test]
fn states_are_counted_and_the_nearest_are_led_to() {
    check_states("online a: nobody and no kick on record", |state| state.roster(A).is_empty() && state.kick_records(A).is_empty());
    check_states("a1 ready", |state| state.instance(A1).client.is_ready());
    check_states("not a1 ready or a2 online", |state| {
        !state.instance(A1).client.is_ready() || state.roster(A).contains(InstanceId(1))
    });
    check_states("X kicked and X ready", |state| {
        let kicked = |seat| state.kick_records(A).iter().any(|kick| kick.session.seat == seat);
        [A1, InstanceId(1)].into_iter().any(|seat| kicked(seat) && state.instance(seat).client.is_ready())
    });
}

/// How many transitions show it.
fn moves(shows: impl Fn(&State, Action, &Step) -> bool) -> usize {
    let graph = &index().graph;
    let of_state = |state: StateId| {
        let before = graph.state(state);
        graph.actions_of(state).into_iter().filter(|action| shows(&before, *action, &graph.step(state, *action))).count()
    };
    (0..graph.state_count() as StateId).map(of_state).sum()
}

#[test]
fn moves_are_counted_by_what_is_seen_of_them_by_their_rules_and_by_where_they_are_made() {
    let is_kick = |item: &Item| matches!(item, Item::Published { instance: A1, event: Event::KickedOut(_) });
    let told = found("a1 told KICKED_OUT", &[]);
    assert_eq!((told.of, told.matching), (Kind::Moves, moves(|_, _, step| step.items.iter().any(is_kick))));
    let acts = found("KICK-8 acts", &[]);
    let by_rule = |state: &State, action, step: &Step| acting(index().scope(), state, action, step).contains(Rule::Kick8);
    assert_eq!(acts.matching, moves(by_rule));
    let while_ready = found("a1.logout and a2 ready", &[]);
    let is_one = |state: &State, action, _: &Step| {
        action == Action::Call(A1, AppCall::Logout) && state.instance(InstanceId(1)).client.is_ready()
    };
    assert_eq!(while_ready.matching, moves(is_one));
}

/// What is seen of a move is looked up where the move was made before: it must be what it is when it is made anew.
#[test]
fn what_is_seen_of_each_move_is_what_is_seen_when_it_is_made_anew() {
    for name in ["page-default", "half-open", "kick-two"] {
        let index = Index::of(&scopes::named(name).expect("it is there"));
        let (graph, moves) = (&index.graph, index.moves());
        for from in 0..graph.state_count() as StateId {
            let state = graph.state(from);
            for (transition, action) in (graph.first_transition(from)..).zip(graph.actions_of(from)) {
                let seen = &moves.different[moves.of_transition[transition] as usize];
                assert_eq!(*seen, Move::of(index.scope(), &state, action), "{name}, state {from}");
            }
        }
    }
}

#[test]
fn what_must_come_before_is_on_every_way_and_the_way_is_no_longer_than_both_ways() {
    let after = found("a1 ready preceded by a2.logout", &[]);
    let [ready, logout] = ["a1 ready", "a2.logout"].map(|question| found(question, &[]).nearest[0].steps);
    for hit in &after.nearest {
        assert!(hit.trace.contains(" a2.logout") && hit.steps >= ready + logout, "{}", hit.trace);
    }
    assert_eq!(after.nearest[0].steps, ready + logout);
    assert_eq!(after.matching, found("a1 ready", &[]).matching, "every state is reached from every other one");
}

#[test]
fn a_way_from_here_goes_on_from_here() {
    let here = labels("page-default: a1.login a1.open a1.up");
    let hit = &found("a1 ready from here", &here).nearest[0];
    assert_eq!(hit.trace, "page-default: a1.login a1.open a1.up a1.down a1.up a1.down");
}

#[test]
fn only_what_still_can_kick_an_instance_is_named() {
    let here = labels("page-default: a1.login a1.open a1.up");
    let threats = threats(index(), &here, A1);
    assert_eq!(threats.iter().map(|threat| threat.by.as_str()).collect::<Vec<_>>(), ["a2"]);
    assert_eq!(threats[0].trace, "page-default: a1.login a1.open a1.up a2.login a2.open a2.up");
    assert_eq!(threats[0].steps, 3);
    assert_eq!(conformance::explore::threats::threats(index(), &[], A1), [], "it is not online");
}

#[test]
fn whoever_can_kick_only_another_session_of_the_instance_is_not_named() {
    let index = Index::of(&scopes::named("two-accounts").expect("it is there"));
    let threats = threats(&index, &labels("two-accounts: x2.login x2.open x2.up"), InstanceId(1));
    let by: Vec<_> = threats.iter().map(|threat| threat.by.as_str()).collect();
    assert_eq!(by, ["a1"], "b3 could, once x2 is logged in as b");
}

/// Bugs are planted only where debug assertions are.
#[cfg(debug_assertions)]
mod planted {
    use conformance::explore::unavoidable::{Unavoidable, unavoidable};
    use conformance::{driver::DriverKind, planting, replay::replay};
    use sut::planted::Planted;

    use super::*;

    const STORY: &str = "page-story: a1.login a1.open a1.up a2.login a2.open a2.up a3.login a3.open a3.up";

    #[test]
    fn a_difference_is_unavoidable_from_the_step_behind_which_no_way_back_is_without_one() {
        let index = Index::of(&scopes::named("page-story").expect("it is there"));
        let known = planting::with(Some(Planted::Kick2NewestKicked), || {
            let known = unavoidable(&index, &labels(STORY));
            let Unavoidable::From { instead: way, .. } = &known else { panic!("{known:?}") };
            let way: Trace = way.parse().expect("a trace");
            assert!(replay(&way.scope, DriverKind::Machines, &way.labels).divergence.is_none(), "{way}");
            assert_eq!(index.number_of(&way.labels), Some(0), "it leads back");
            known
        });
        assert!(matches!(known, Unavoidable::From { differs: 9, step: 9, .. }), "{known:?}");
        assert_eq!(unavoidable(&index, &labels(STORY)), Unavoidable::Agrees, "nothing is planted");
    }
}
