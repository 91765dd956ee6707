//! A rule turned round in the real system, and the story that the harness tells of it. That every bug is seen stands in the matrix of the
//! mutants. These bugs exist only in builds with debug assertions, and this file plants them only on its own threads.
#![cfg(debug_assertions)]

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use conformance::check::{Drivers, Plan, Silent, check};
use conformance::coverage::CountRules;
use conformance::divergence::{Divergence, diff, lines};
use conformance::driver::{Driver, DriverKind, Machines};
use conformance::mutants::SYSTEM;
use conformance::observation::expected;
use conformance::planting;
use conformance::replay::{Replay, replay};
use conformance::shortest::{is_minimal, shortest};
use conformance::token::Trace;
use conformance::tour::{Labels, tours_by_and_by};
use model::action::{Action, AppCall, InstanceId};
use model::graph::Graph;
use model::scope::Scope;
use model::scopes;
use sut::planted::{Planted, Unreplayed, plant_unreplayed};

#[test]
fn without_a_bug_the_first_tours_agree() {
    for name in SYSTEM.into_iter().map(|mutant| mutant.scope).collect::<BTreeSet<_>>() {
        let scope = scopes::named(name).expect("it is there");
        let graph = Graph::of(&scope);
        let tour = tours_by_and_by(&graph, 5_000).next().expect("there are transitions");
        for driver in [DriverKind::Machines, DriverKind::Stack] {
            replay(&scope, driver, &tour).must_agree(name, tour.len());
        }
    }
}

/// The shortest story of the newest kicked, found once.
fn newest_kicked() -> &'static Divergence {
    static FOUND: OnceLock<Divergence> = OnceLock::new();
    FOUND.get_or_init(|| {
        let scope = scopes::named("page-story").expect("it is there");
        let found = planting::with(Some(Planted::Kick2NewestKicked), || shortest(&scope, DriverKind::Stack, 20));
        found.expect("the bug is seen").told
    })
}

#[test]
fn the_newest_kicked_is_told_in_the_least_number_of_steps() {
    let found = newest_kicked();
    let pairs = planting::with(Some(Planted::Kick2NewestKicked), || agreeing_pairs(&found.scope, found.labels.len() - 1));
    assert!(pairs > 1_000, "only {pairs} pairs of model state and system were come to");
}

/// Every trace of at most `most` steps, none of which may differ; traces that end in the same model state and the same system go on as
/// one. How many ends there are.
fn agreeing_pairs(scope: &Scope, most: usize) -> usize {
    let mut ends = HashSet::new();
    let mut open: Vec<Labels> = vec![Labels::new()];
    while let Some(trace) = open.pop() {
        let (mut replay, mut machines) = (Replay::new(scope), Machines::start(scope));
        for label in &trace {
            let made = replay.make(*label).expect("it is there");
            let [seen, expected] = [machines.step(made.ask), expected(scope, &made.step)].map(|side| lines(scope, &side));
            assert!(seen == expected, "{} is shorter and differs:\n{}", named(scope, &trace), diff(&expected, &seen));
        }
        let end = (trace.len(), *replay.state(), machines.fingerprint());
        if ends.insert(end) && trace.len() < most {
            let longer = |label| trace.iter().copied().chain([label]).collect();
            open.extend((0..replay.offered().len() as u16).map(longer));
        }
    }
    ends.len()
}

fn named(scope: &Scope, labels: &Labels) -> Trace {
    Trace { scope: scope.clone(), labels: labels.clone() }
}

#[test]
fn no_step_of_its_story_can_be_left_out() {
    assert!(planting::with(Some(Planted::Kick2NewestKicked), || is_minimal(newest_kicked(), DriverKind::Stack)));
}

#[test]
fn a_story_with_a_step_too_many_is_not_minimal() {
    let found = newest_kicked();
    let mut replay_of = Replay::new(&found.scope);
    let refused = replay_of.follow(Action::Call(InstanceId(0), AppCall::Logout)).expect("a logout is always offered");
    let labels: Labels = [refused].into_iter().chain(found.labels.iter().copied()).collect();
    let longer = planting::with(Some(Planted::Kick2NewestKicked), || replay(&found.scope, DriverKind::Stack, &labels).divergence);
    let longer = longer.expect("the bug is seen");
    assert!(!planting::with(Some(Planted::Kick2NewestKicked), || is_minimal(&longer, DriverKind::Stack)));
}

#[test]
fn the_story_of_the_newest_kicked_reads_well() {
    insta::assert_snapshot!(newest_kicked().to_string());
}

#[test]
fn the_readme_tells_this_very_story() {
    assert!(include_str!("../README.md").contains(&newest_kicked().to_string()));
}

#[test]
fn the_same_trace_gives_the_same_story_again() {
    let found = newest_kicked();
    let again = planting::with(Some(Planted::Kick2NewestKicked), || replay(&found.scope, DriverKind::Stack, &found.labels));
    let again = again.divergence.expect("the bug is seen");
    assert!(again == *found, "{again}\n\nwhere it was\n\n{found}");
}

#[test]
fn a_check_with_a_planted_bug_is_red() {
    let scopes = vec![scopes::named("usersig").expect("it is there")];
    let (drivers, threads, count_rules) = (Drivers::One(DriverKind::Stack), 2, CountRules::No);
    let plan = |planted| Plan { scopes: scopes.clone(), drivers, threads, planted, count_rules };
    assert!(check(&plan(None), &Silent)[0].is_green());
    let red = &check(&plan(Some(Planted::Logout2Refused)), &Silent)[0];
    assert!(!red.is_green());
    let story = red.divergence.as_ref().expect("it is there");
    assert_eq!((story.told.labels.len(), story.is_shortest()), (1, true), "one logout shows it");
    assert!(story.to_string().ends_with("\nleast   no shorter trace differs"), "{story}");
}

#[test]
fn what_survives_a_refused_readmission_is_seen() {
    let found = first_lines("resume-messages", Unreplayed::Msg4RefusedKeeps, DriverKind::Machines);
    assert_eq!(found, ["- a1 is: as new", "+ a1 is: 1 kept message"]);
}

/// The first lines that differ on the tours of a scope with that bug.
fn first_lines(scope: &str, bug: Unreplayed, driver: DriverKind) -> Vec<String> {
    let scope = scopes::named(scope).expect("it is there");
    let graph = Graph::of(&scope);
    plant_unreplayed(Some(bug));
    let found = tours_by_and_by(&graph, 5_000).find_map(|tour| replay(&scope, driver, &tour).divergence);
    plant_unreplayed(None);
    found.expect("it is seen").first_lines()
}

#[test]
fn a_commit_that_another_node_overtook_and_that_is_taken_for_done_is_seen() {
    let found = first_lines("nodes-same-instant", Unreplayed::Node1ConflictIsDone, DriverKind::Stack);
    assert_eq!(found, ["- server: 2 links, 2 heartbeats, 1 ask timer, 1 expiry timer", "+ server ⇢ a2: login admitted"]);
}

#[test]
fn a_node_that_stores_what_it_decided_over_what_another_one_stored_is_seen() {
    let found = first_lines("nodes-same-instant", Unreplayed::Node1OldRecordWins, DriverKind::Stack);
    assert_eq!(found, ["- kicks a: a1 multipleAccount", "+ kicks a: a1(#2) multipleAccount"]);
}
