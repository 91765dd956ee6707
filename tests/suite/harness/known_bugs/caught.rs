//! Each known bug, planted in the real client and server: the scenario must differ. Only builds with debug assertions can plant one.

use conformance::driver::DriverKind;
use conformance::known_bugs::{KNOWN_BUGS, KnownBug, Planting, caught};
use sut::planted::Planted;

use super::trace_of;

/// The switch of a known bug; `None` if one node cannot have it.
fn switch(bug: &KnownBug) -> Option<Planted> {
    match bug.planting {
        Planting::Switch(planted) => Some(planted),
        Planting::TakesTwoNodes(_) => None,
    }
}

/// The bugs that a driver does not see in their scenario.
fn unseen(driver: DriverKind) -> Vec<&'static str> {
    let is_seen = |bug: &&KnownBug| switch(bug).is_none_or(|planted| caught(&trace_of(bug), driver, planted).is_some());
    KNOWN_BUGS.iter().filter(|bug| !is_seen(bug)).map(|bug| bug.words).collect()
}

#[test]
fn every_known_bug_is_caught_on_the_machines() {
    assert_eq!(unseen(DriverKind::Machines), Vec::<&str>::new());
}

#[test]
fn every_known_bug_is_caught_on_the_stack() {
    assert_eq!(unseen(DriverKind::Stack), Vec::<&str>::new());
}

#[test]
fn one_bug_alone_takes_two_nodes() {
    let planted = KNOWN_BUGS.iter().filter_map(switch).count();
    assert_eq!(planted, KNOWN_BUGS.len() - 1);
}
