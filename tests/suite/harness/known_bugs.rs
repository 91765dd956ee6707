//! The known bugs of such systems, scenario by scenario: both drivers agree with the model where the system is sound, and differ where the
//! bug is planted. What the scenarios say stands in [`conformance::known_bugs`]; the stories are reviewed among the reports.

#[cfg(debug_assertions)]
mod caught;

use std::collections::BTreeSet;

use conformance::driver::DriverKind;
use conformance::known_bugs::{KNOWN_BUGS, KnownBug};
use conformance::replay::replay;
use conformance::token::Trace;

/// The scenario of a known bug.
fn trace_of(bug: &KnownBug) -> Trace {
    bug.trace().expect("it names a trace")
}

/// A driver walks each scenario to its end.
fn check_that_all_agree(driver: DriverKind) {
    for bug in &KNOWN_BUGS {
        let trace = trace_of(bug);
        replay(&trace.scope, driver, &trace.labels).must_agree(bug.words, trace.labels.len());
    }
}

#[test]
fn every_scenario_goes_on_the_machines_as_the_model_says() {
    check_that_all_agree(DriverKind::Machines);
}

#[test]
fn every_scenario_goes_on_the_stack_as_the_model_says() {
    check_that_all_agree(DriverKind::Stack);
}

#[test]
fn every_known_bug_has_a_scenario_of_its_own_and_a_rule_that_forbids_it() {
    let words: BTreeSet<_> = KNOWN_BUGS.iter().map(|bug| bug.words).collect();
    let traces: BTreeSet<_> = KNOWN_BUGS.iter().map(|bug| bug.trace).collect();
    assert_eq!([words.len(), traces.len()], [KNOWN_BUGS.len(); 2]);
    assert!(KNOWN_BUGS.iter().all(|bug| !bug.rules.is_empty()));
}
