//! A short soak, explained; and that its journals hold what a soak is for.

use std::fs;

use conformance::soak::{Plan, soak};
use conformance::validate::validate;

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
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { seed: 20, accounts: 12, pages: 8, threads: 2, events: 25_000, folder: folder.path().to_owned() };
    let lines = soak(&plan).unwrap();
    let verdict = validate(&plan.journals(), 2).unwrap();
    assert_eq!(verdict.finding.map(|finding| finding.to_string()), None);
    assert_eq!((verdict.events as u64, verdict.overlapping), (lines, 8));
    let text = plan.journals().map(|journal| fs::read_to_string(journal).unwrap()).concat();
    for kind in KINDS {
        assert!(text.contains(kind), "nothing in the soak is {kind}");
    }
}
