//! The reports of every scope, those that a plain check leaves out as well: each is searched, judged and replayed whole on the machines.

use std::sync::OnceLock;

use conformance::check::{Checked, Drivers, Plan, Silent, check};
use conformance::coverage::CountRules;
use conformance::driver::DriverKind;
use conformance::faults::{self, ProtocolPhase};
use conformance::token::Trace;
use conformance::{diagram, report};
use model::action::ActionKind;
use model::graph::{Graph, StateId};
use model::liveness::rows;
use model::scope::Tier;
use model::state::State;

use super::{check_that_all_are_green, plain, the_readme_says};

/// What a plain check leaves out, checked once as well.
fn left_out() -> &'static [Checked] {
    static LEFT_OUT: OnceLock<Vec<Checked>> = OnceLock::new();
    LEFT_OUT.get_or_init(|| {
        let scopes = model::scopes::all().into_iter().filter(|scope| scope.tier != Tier::Plain).collect();
        let (drivers, count_rules) = (Drivers::One(DriverKind::Machines), CountRules::No);
        check(&Plan { scopes, drivers, threads: 2, planted: None, count_rules }, &Silent)
    })
}

/// Every scope.
fn all() -> Vec<Checked> {
    plain().iter().chain(left_out()).cloned().collect()
}

#[test]
fn every_scope_is_green() {
    check_that_all_are_green(&all());
}

#[test]
fn there_are_at_least_eight_million_transitions() {
    let transitions: usize = all().iter().map(|checked| checked.searched.transitions).sum();
    assert!(transitions >= 8_000_000, "only {transitions}");
}

#[test]
fn the_table_of_a_check_fits_80_columns() {
    let rows: Vec<_> = all().iter().map(|checked| report::row(checked).to_vec()).collect();
    let table = report::aligned(&report::HEADING, &rows);
    let too_wide: Vec<_> = table.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(too_wide.is_empty() && table.lines().count() == rows.len() + 1, "{too_wide:#?}");
}

#[test]
fn the_scopes_are_as_reviewed() {
    insta::assert_snapshot!("scopes", report::scopes(&all()));
}

#[test]
fn tours_are_as_short_as_reviewed_and_have_at_most_2_1_steps_a_transition_wherever_any_can() {
    insta::assert_snapshot!("tours", report::tours(&all()));
    assert_eq!(report::wrong_tours(&all()), Vec::<String>::new());
    the_readme_says(&format!("which is in {} of {} scopes", report::short_tours(&all()), all().len()));
}

#[test]
fn who_ends_whose_session_is_as_reviewed() {
    insta::assert_snapshot!("kick-10", report::balances(&all()));
}

#[test]
fn the_liveness_is_as_reviewed() {
    let report = rows::report(&model::scopes::all()).expect("every mutant's scope is there");
    assert_eq!(report::unverified(&report), Vec::<String>::new());
    assert!(report.sizes.iter().all(|size| size.owed_in_vain == 0));
    insta::assert_snapshot!("liveness", report::liveness(&report));
}

#[test]
fn the_faults_are_as_reviewed() {
    insta::assert_snapshot!("faults", report::faults(&all()));
}

#[test]
fn every_fault_strikes_in_every_phase_that_some_state_allows() {
    let all = all();
    let struck = |kind, phase| report::fault_count(&all, kind, phase) > 0;
    let cells = faults::kinds().into_iter().flat_map(|kind| ProtocolPhase::ALL.map(|phase| (kind, phase)));
    let wrong = |(kind, phase): &(ActionKind, ProtocolPhase)| struck(*kind, *phase) == faults::unreachable(*kind, *phase).is_some();
    assert_eq!(cells.filter(wrong).collect::<Vec<_>>(), []);
    assert!(faults::UNREACHABLE.len() <= 10);
}

#[test]
fn no_state_has_what_an_unreachable_cell_needs() {
    for scope in model::scopes::all() {
        let graph = Graph::of(&scope);
        let has = |state: State| {
            let mut seats = scope.instances().map(|seat| *state.instance(seat));
            seats.any(|seat| faults::UNREACHABLE.iter().any(|cell| (cell.needs)(&seat)))
        };
        if let Some(at) = graph.states().position(has) {
            let trace = Trace { labels: graph.path_to(at as StateId), scope };
            panic!("there is one, and `cargo run -- replay {trace}` leads to it\n{}", diagram::text(&trace.scope, &trace.labels));
        }
    }
}
