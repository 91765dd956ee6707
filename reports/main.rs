//! The reports that a person reviews: rules, scopes, coverage, and one conversation a rule. Rendered from typed data; a diff in them is a
//! change in meaning. The check behind them runs once, on the machines driver; the conversations are replayed on the whole stack.

use std::sync::OnceLock;

use conformance::check::{Checked, Drivers, Plan, Silent, check};
use conformance::conversation::{self, Conversation};
use conformance::coverage::CountRules;
use conformance::driver::DriverKind;
use conformance::extent;
use conformance::faults::{self, FaultKind, ProtocolPhase};
#[cfg(debug_assertions)]
use conformance::known_bugs;
use conformance::refusals::class::Class;
use conformance::refusals::tally::Act;
use conformance::refusals::{self, Outcome};
use conformance::replay::replay;
use conformance::report;
use model::graph::Graph;
use model::liveness::rows;
use model::rule::Rule;

/// What a plain check takes, checked once for all reports; counting the rules that act costs as many steps again as there are rules.
fn checked() -> &'static [Checked] {
    static CHECKED: OnceLock<Vec<Checked>> = OnceLock::new();
    CHECKED.get_or_init(|| {
        let scopes = model::scopes::all().into_iter().filter(extent::shows_the_rules).collect();
        let (drivers, count_rules) = (Drivers::One(DriverKind::Machines), CountRules::Yes);
        check(&Plan { scopes, drivers, threads: 2, planted: None, count_rules }, &Silent)
    })
}

/// What a plain check leaves out, checked once as well.
fn left_out() -> &'static [Checked] {
    static LEFT_OUT: OnceLock<Vec<Checked>> = OnceLock::new();
    LEFT_OUT.get_or_init(|| {
        let scopes = model::scopes::all().into_iter().filter(|scope| !extent::shows_the_rules(scope)).collect();
        let (drivers, count_rules) = (Drivers::One(DriverKind::Machines), CountRules::No);
        check(&Plan { scopes, drivers, threads: 2, planted: None, count_rules }, &Silent)
    })
}

/// Every scope.
fn all() -> Vec<Checked> {
    checked().iter().chain(left_out()).cloned().collect()
}

fn conversations() -> &'static [Conversation] {
    static CONVERSATIONS: OnceLock<Vec<Conversation>> = OnceLock::new();
    CONVERSATIONS.get_or_init(|| Rule::ALL.into_iter().map(conversation::of).collect())
}

/// Every hostile act in every state where it applies, tried once for all tests.
fn hostile() -> &'static Outcome {
    static HOSTILE: OnceLock<Outcome> = OnceLock::new();
    HOSTILE.get_or_init(|| refusals::try_all(&refusals::fields(), 2, None))
}

#[test]
fn every_scope_is_green() {
    let complaints: Vec<_> = all().iter().flat_map(report::complaints).collect();
    assert_eq!(complaints, Vec::<String>::new());
    assert!(all().iter().all(Checked::is_green));
}

#[test]
fn there_are_at_least_eight_million_transitions() {
    let transitions: usize = all().iter().map(|checked| checked.searched.transitions).sum();
    assert!(transitions >= 8_000_000, "only {transitions}");
}

#[test]
fn the_scopes_are_as_reviewed() {
    insta::assert_snapshot!("scopes", report::scopes(&all()));
}

#[test]
fn tours_are_as_short_as_reviewed_and_have_at_most_2_1_steps_a_transition_wherever_any_can() {
    insta::assert_snapshot!("tours", report::tours(&all()));
    assert_eq!(report::wrong_tours(&all()), Vec::<String>::new());
}

#[test]
fn who_ends_whose_session_is_as_reviewed() {
    insta::assert_snapshot!("kick-10", report::balances(&all()));
}

#[test]
fn the_liveness_is_as_reviewed() {
    let report = rows::report(&model::scopes::all()).expect("every mutant's scope is there");
    assert!(report.rows.iter().all(|row| row.verdict() == "VERIFIED"));
    assert!(report.sizes.iter().all(|size| size.owed_in_vain == 0));
    insta::assert_snapshot!("liveness", report::liveness(&report));
}

#[test]
fn the_rules_are_as_reviewed() {
    insta::assert_snapshot!("rules", format!("{}\n\n{}", report::rules(checked()), report::contracts()));
    assert_eq!(report::unused(checked()), Vec::<String>::new());
}

#[test]
fn every_rule_acts_on_some_transition_that_was_replayed() {
    let acts = |rule: Rule| checked().iter().any(|checked| acted(checked, rule));
    let vacuous: Vec<_> = Rule::ALL.into_iter().filter(|rule| !acts(*rule)).collect();
    assert_eq!(vacuous, []);
}

#[test]
fn the_coverage_is_as_reviewed() {
    insta::assert_snapshot!("coverage", report::coverage(checked()));
}

#[test]
fn every_hostile_act_is_answered_as_the_rules_demand_and_changes_nothing_else() {
    let Outcome { tally, failures } = hostile();
    assert_eq!(failures.first().map(ToString::to_string), None, "of {} pairs {} failed", tally.pairs(), failures.len());
    assert_eq!(tally.met(), tally.pairs());
}

#[test]
fn every_hostile_act_was_tried_somewhere_and_in_every_phase() {
    let Outcome { tally, .. } = hostile();
    assert!(tally.pairs() >= 10_000, "only {}", tally.pairs());
    let untried: Vec<_> = Class::all().into_iter().filter(|class| tally.row(Act::Hostile(*class)).pairs == 0).collect();
    assert_eq!(untried, []);
    let spared: Vec<_> = ProtocolPhase::ALL.into_iter().filter(|phase| tally.in_phase(*phase) == 0).collect();
    assert_eq!(spared, []);
}

#[test]
fn the_refusals_are_as_reviewed() {
    insta::assert_snapshot!("refusals", hostile().tally.report());
}

#[test]
fn a_plain_check_shows_every_rule() {
    let shown = |checked: &&Checked| extent::shows_the_rules(&checked.scope);
    let acts = |rule: Rule| checked().iter().filter(shown).any(|checked| acted(checked, rule));
    let missing: Vec<_> = Rule::ALL.into_iter().filter(|rule| !acts(*rule)).collect();
    assert_eq!(missing, []);
}

fn acted(checked: &Checked, rule: Rule) -> bool {
    checked.coverage.rules.keys().any(|(acting, _)| *acting == rule)
}

#[test]
fn the_faults_are_as_reviewed() {
    insta::assert_snapshot!("faults", report::faults(&all()));
}

#[test]
fn every_fault_strikes_in_every_phase_that_some_state_allows() {
    let all = all();
    let struck = |kind, phase| report::fault_count(&all, kind, phase) > 0;
    let cells = FaultKind::ALL.into_iter().flat_map(|kind| ProtocolPhase::ALL.map(|phase| (kind, phase)));
    let wrong = |(kind, phase): &(FaultKind, ProtocolPhase)| struck(*kind, *phase) == faults::unreachable(*kind, *phase).is_some();
    assert_eq!(cells.filter(wrong).collect::<Vec<_>>(), []);
    assert!(faults::UNREACHABLE.len() <= 10);
}

#[test]
fn no_state_has_what_an_unreachable_cell_needs() {
    for scope in model::scopes::all() {
        for state in Graph::of(&scope).states() {
            let mut seats = scope.instances().map(|seat| state.instance(seat));
            assert!(!seats.any(|seat| faults::UNREACHABLE.iter().any(|cell| (cell.needs)(seat))), "{}: {state:?}", scope.name);
        }
    }
}

#[test]
fn every_rule_has_a_conversation_as_reviewed() {
    for conversation in conversations() {
        insta::assert_snapshot!(format!("conversation-{}", conversation.rule), conversation.to_string());
    }
}

#[test]
fn every_conversation_is_what_the_real_system_does() {
    for Conversation { rule, trace } in conversations() {
        assert!(!trace.labels.is_empty(), "{rule} has no conversation");
        let walked = replay(&trace.scope, DriverKind::Stack, &trace.labels);
        assert_eq!((walked.steps, walked.divergence), (trace.labels.len(), None), "{rule}");
    }
}

/// Only builds with debug assertions can plant a bug.
#[cfg(debug_assertions)]
#[test]
fn the_known_bugs_are_as_reviewed() {
    insta::assert_snapshot!("known-bugs", known_bugs::report().expect("every scenario is a trace"));
}

#[test]
fn the_readme_has_the_rule_table_and_the_line_of_result() {
    let readme = include_str!("../README.md");
    assert!(readme.contains(&report::rule_table()), "the rule table would be:\n{}", report::rule_table());
    let plain: Vec<_> = checked().iter().filter(|checked| extent::shows_the_rules(&checked.scope)).cloned().collect();
    let result = report::result_line(&plain, DriverKind::Stack);
    assert!(readme.contains(&result), "the line of result would be:\n{result}");
}
