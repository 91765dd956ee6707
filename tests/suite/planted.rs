//! Rules turned round in the real system, one at a time: the harness must see each. These bugs exist only in builds with debug
//! assertions, and this file plants them only on its own threads.
#![cfg(debug_assertions)]

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use conformance::check::{Drivers, Plan, Silent, check};
use conformance::coverage::CountRules;
use conformance::divergence::Divergence;
use conformance::driver::{Driver, DriverKind, Machines};
use conformance::observation::expected;
use conformance::planting;
use conformance::replay::{Replay, replay};
use conformance::shortest::shortest;
use conformance::tour::{Labels, tours_by_and_by};
use model::graph::Graph;
use model::scope::Scope;
use model::scopes;
use sut::planted::Planted;

/// Where each bug shows: a small scope whose first tours show it. The late close and the late frames of a displaced link show before they
/// come: whoever would listen to them has not closed that link in the step that displaced it (LINK-3).
const fn scope_of(bug: Planted) -> &'static str {
    match bug {
        Planted::Login1NeverSettles
        | Planted::Login2LateNotReady
        | Planted::Kick2NoLimit
        | Planted::Kick3NewcomerKicked
        | Planted::Kick3BothOffline
        | Planted::Kick4LearnsFirst
        | Planted::Kick4ReportedTwice
        | Planted::Kick6AnswersTheKicked
        | Planted::Kick7LogsInAgain
        | Planted::Kick9KickedDuringLogout
        | Planted::Logout1StaysSilent
        | Planted::Logout1SilencesOthers
        | Planted::Logout2Refused
        | Planted::Logout3LoginGoesOn
        | Planted::Logout7ListenersGone
        | Planted::Sig1FreshCalledExpired => "limit-change",
        Planted::Logout6SecondResolves | Planted::Destroy1SkipsLogout | Planted::Destroy2AnswersOn => "destroy",
        Planted::Kick1NoClassKick | Planted::Kick11CountsEveryPlatform => "policy-dual",
        Planted::Kick2NewestKicked | Planted::Kick5BystandersKicked => "page-story",
        Planted::Kick8ResumeForgetsKick
        | Planted::Kick10ReadmissionKicks
        | Planted::Logout4NothingOwed
        | Planted::Link1ConnectedAtOpening
        | Planted::Link2ResumeLogsIn
        | Planted::Link3EpochIgnored
        | Planted::Link3LateCloseCounts
        | Planted::Link3LateFramesCount
        | Planted::Link3RejectionCleansUp
        | Planted::Link4LapseKicks
        | Planted::Link4LapseGoesOn => "late-frames",
        Planted::Logout5KeepsMessages => "copies",
        Planted::Msg2ResumeDoubles | Planted::Msg2ResumeForgets | Planted::Msg3RepeatIsNew => "repeat",
        Planted::Login7LeavesMark | Planted::Rest1OldSigAccepted | Planted::Rest1NobodyKicked => "rest-kick",
        Planted::Hook1WrongPlatform => "callbacks-expiry",
    }
}

/// A bug, and the driver that is to see it.
type Hunt = (DriverKind, Planted);

/// The bugs that no tour of the scope where each shows has seen, found once for both drivers.
fn unseen() -> &'static [Hunt] {
    static UNSEEN: OnceLock<Vec<Hunt>> = OnceLock::new();
    UNSEEN.get_or_init(|| {
        let names: BTreeSet<_> = Planted::ALL.into_iter().map(scope_of).collect();
        names.into_iter().flat_map(unseen_in).collect()
    })
}

/// Walks the tours of a scope until every bug that shows there was seen on both drivers.
fn unseen_in(name: &str) -> Vec<Hunt> {
    let scope = scopes::named(name).expect("it is there");
    let bugs = Planted::ALL.into_iter().filter(|bug| scope_of(*bug) == name);
    let mut left: Vec<Hunt> = bugs.flat_map(|bug| [(DriverKind::Machines, bug), (DriverKind::Stack, bug)]).collect();
    let graph = Graph::of(&scope);
    let mut tours = tours_by_and_by(&graph, 5_000);
    while !left.is_empty()
        && let Some(tour) = tours.next()
    {
        left.retain(|(driver, bug)| planting::with(Some(*bug), || replay(&scope, *driver, &tour).divergence.is_none()));
    }
    left
}

fn unseen_on(driver: DriverKind) -> Vec<Hunt> {
    unseen().iter().copied().filter(|(hunter, _)| *hunter == driver).collect()
}

#[test]
fn every_planted_bug_diverges_on_the_machines() {
    assert_eq!(unseen_on(DriverKind::Machines), []);
}

#[test]
fn every_planted_bug_diverges_on_the_stack() {
    assert_eq!(unseen_on(DriverKind::Stack), []);
}

#[test]
fn without_a_bug_the_first_tours_agree() {
    for name in Planted::ALL.into_iter().map(scope_of).collect::<BTreeSet<_>>() {
        let scope = scopes::named(name).expect("it is there");
        let graph = Graph::of(&scope);
        let tour = tours_by_and_by(&graph, 5_000).next().expect("there are transitions");
        let differs = [DriverKind::Machines, DriverKind::Stack].map(|driver| replay(&scope, driver, &tour).divergence);
        assert_eq!(differs, [None, None], "{name}");
    }
}

/// The shortest story of the newest kicked, found once.
fn newest_kicked() -> &'static Divergence {
    static FOUND: OnceLock<Divergence> = OnceLock::new();
    FOUND.get_or_init(|| {
        let scope = scopes::named("page-story").expect("it is there");
        let found = planting::with(Some(Planted::Kick2NewestKicked), || shortest(&scope, DriverKind::Stack, 20));
        found.expect("the bug is seen")
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
            assert_eq!(machines.step(made.ask), expected(scope, &made.step), "{trace:?} is shorter and differs");
        }
        let end = (trace.len(), *replay.state(), machines.fingerprint());
        if ends.insert(end) && trace.len() < most {
            let longer = |label| trace.iter().copied().chain([label]).collect();
            open.extend((0..replay.offered().len() as u16).map(longer));
        }
    }
    ends.len()
}

#[test]
fn the_story_of_the_newest_kicked_reads_well() {
    insta::assert_snapshot!(newest_kicked().to_string());
}

#[test]
fn the_readme_tells_this_very_story() {
    assert!(include_str!("../../README.md").contains(&newest_kicked().to_string()));
}

#[test]
fn the_same_trace_gives_the_same_story_again() {
    let found = newest_kicked();
    let again = planting::with(Some(Planted::Kick2NewestKicked), || replay(&found.scope, DriverKind::Stack, &found.labels));
    assert_eq!(again.divergence.map(|divergence| divergence.to_string()), Some(found.to_string()));
}

#[test]
fn a_check_with_a_planted_bug_is_red() {
    let scopes = vec![scopes::named("usersig").expect("it is there")];
    let (drivers, threads, count_rules) = (Drivers::One(DriverKind::Stack), 2, CountRules::No);
    let plan = |planted| Plan { scopes: scopes.clone(), drivers, threads, planted, count_rules };
    assert!(check(&plan(None), &Silent)[0].is_green());
    let red = &check(&plan(Some(Planted::Logout2Refused)), &Silent)[0];
    assert!(!red.is_green());
    assert_eq!(red.divergence.as_ref().expect("it is there").labels.len(), 1, "one logout shows it");
}
