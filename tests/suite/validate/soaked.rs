//! A short soak, explained; and that its journals hold what a soak is for.

use std::fs;

use conformance::soak::{Plan, soak};
use conformance::validate::validate;
use sut::config::Policy;

/// The most soaks that are made: what happens in one is chance, and each of these things is missing in hardly one of a hundred.
const SOAKS: u64 = 8;

/// How many instances of an account speak at once in each, at least; of eight some may be late.
const CROWD: usize = 4;

/// What must have happened at least once.
const KINDS: [&str; 11] = [
    "multipleAccount",
    "multipleDevice",
    "REST_API_Kick",
    "\"resumed\"",
    "\"readmitted\"",
    "\"lapse\"",
    "\"ended\"",
    "\"close\":1001",
    "\"code\":4000",
    "70009",
    "70052",
];

#[test]
fn a_soak_of_clients_on_several_threads_is_explained() {
    let mut missing = KINDS.to_vec();
    for seed in 0..SOAKS {
        let journals = explained_soak(seed, Policy::DUAL);
        missing.retain(|kind| !journals.contains(kind));
        if missing.is_empty() {
            return;
        }
    }
    panic!("nothing in {SOAKS} soaks is {missing:?}");
}

#[test]
fn a_soak_in_which_newcomers_are_refused_is_explained() {
    assert!(explained_soak(0, Policy::DUAL.refusing()).contains("70409"));
}

/// What a soak has written down.
fn explained_soak(seed: u64, policy: Policy) -> String {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { seed, accounts: 12, pages: 8, threads: 2, events: 25_000, policy, folder: folder.path().to_owned() };
    let lines = soak(&plan).unwrap();
    let verdict = validate(&plan.journals(), 2).unwrap();
    if let Some(finding) = verdict.finding {
        panic!("{finding}\nthe journals stay in {}", folder.keep().display());
    }
    assert_eq!(verdict.events as u64, lines);
    assert!(verdict.overlapping >= CROWD, "only {} instances of an account at once", verdict.overlapping);
    plan.journals().map(|journal| fs::read_to_string(journal).unwrap()).concat()
}
