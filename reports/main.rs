//! The reports that a person reviews: here rules, coverage, refusals and one conversation a rule, from the scopes of a plain check; those of
//! every scope in [`whole`], the matrix of the mutants in [`mutants`]. Rendered from typed data; a diff in them is a change in meaning. The
//! check behind them runs once, on the machines driver; the conversations are replayed on the whole stack.

#[cfg(debug_assertions)]
mod mutants;
mod whole;

use std::panic::catch_unwind;
use std::sync::OnceLock;

use conformance::check::{Checked, Drivers, Plan, Silent, check};
use conformance::conversation::{self, Conversation};
use conformance::coverage::CountRules;
use conformance::driver::DriverKind;
use conformance::faults::ProtocolPhase;
#[cfg(debug_assertions)]
use conformance::known_bugs;
#[cfg(debug_assertions)]
use conformance::planting;
use conformance::refusals::catalogue::{CATALOGUE, Hostile};
use conformance::refusals::{self, Outcome};
use conformance::replay::replay;
use conformance::report;
use model::rule::Rule;
use model::scope::Tier;
#[cfg(debug_assertions)]
use sut::planted::Planted;

/// What a plain check takes, checked once for all reports; counting the rules that act costs as many steps again as there are rules.
pub(crate) fn plain() -> &'static [Checked] {
    static PLAIN: OnceLock<Vec<Checked>> = OnceLock::new();
    PLAIN.get_or_init(|| {
        let scopes = model::scopes::all().into_iter().filter(|scope| scope.tier == Tier::Plain).collect();
        let (drivers, count_rules) = (Drivers::One(DriverKind::Machines), CountRules::Yes);
        check(&Plan { scopes, drivers, threads: 2, planted: None, count_rules }, &Silent)
    })
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

/// Passes if all are green; otherwise it says why each is not, and draws it.
pub(crate) fn check_that_all_are_green(all: &[Checked]) {
    let red: Vec<_> = all.iter().filter(|checked| !checked.is_green()).collect();
    let told: Vec<_> =
        red.iter().flat_map(|checked| report::complaints(checked).into_iter().chain(report::stories(checked))).collect();
    assert!(red.is_empty(), "{} scopes are not green\n{}", red.len(), told.join("\n\n"));
}

#[test]
fn every_scope_of_a_plain_check_is_green() {
    check_that_all_are_green(plain());
}

#[test]
fn what_each_scope_asks_of_a_foreign_system_is_as_reviewed() {
    insta::assert_snapshot!("asked", report::asked(&model::scopes::all()));
}

#[test]
fn the_rules_are_as_reviewed() {
    insta::assert_snapshot!("rules", report::rulebook(plain()));
}

#[test]
fn the_coverage_is_as_reviewed() {
    insta::assert_snapshot!("coverage", report::coverage(plain()));
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
    let untried: Vec<_> = CATALOGUE.iter().map(Hostile::act).filter(|act| tally.row(*act).pairs == 0).collect();
    assert_eq!(untried, []);
    let spared: Vec<_> = ProtocolPhase::ALL.into_iter().filter(|phase| tally.in_phase(*phase) == 0).collect();
    assert_eq!(spared, []);
}

#[test]
fn the_refusals_are_as_reviewed() {
    insta::assert_snapshot!("refusals", hostile().tally.report());
}

#[test]
fn no_line_of_a_report_is_wider_than_120_columns() {
    let reports = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../reports/snapshots")).expect("there are reports");
    for path in reports.map(|report| report.expect("it is there").path()) {
        let report = std::fs::read_to_string(&path).expect("it is text");
        let widest = report.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(120), "{}: {widest:?}", path.display());
    }
}

#[test]
fn a_plain_check_shows_every_rule() {
    assert_eq!(report::unused(plain()), Vec::<String>::new());
}

/// Whether a conversation is as it was reviewed; if not, it is shown and written down for the review, and the others still are.
fn is_as_reviewed(conversation: &Conversation) -> bool {
    let name = format!("conversation-{}", conversation.rule);
    catch_unwind(|| insta::assert_snapshot!(name, conversation.to_string())).is_ok()
}

#[test]
fn every_rule_has_a_conversation_as_reviewed() {
    let changed = conversations().iter().filter(|conversation| !is_as_reviewed(conversation));
    let changed: Vec<_> = changed.map(|conversation| conversation.rule.name()).collect();
    assert!(changed.is_empty(), "changed: {}; `cargo insta review` shows them one by one", changed.join(", "));
}

#[test]
fn every_conversation_is_what_the_real_system_does() {
    for Conversation { rule, trace } in conversations() {
        assert!(!trace.labels.is_empty(), "{rule} has no conversation");
        replay(&trace.scope, DriverKind::Stack, &trace.labels).must_agree(rule, trace.labels.len());
    }
}

/// With a limit of 1, the newest that is no newcomer is the oldest too.
#[cfg(debug_assertions)]
#[test]
fn the_conversation_of_kick_2_is_not_what_a_system_does_that_kicks_the_newest() {
    let Conversation { trace, .. } = conversation::of(Rule::Kick2);
    let walked = planting::with(Some(Planted::Kick2NewestKicked), || replay(&trace.scope, DriverKind::Stack, &trace.labels));
    let found = walked.divergence.expect("the bug is seen");
    assert_eq!(found.first_lines(), ["- server ⇢ a1: notice multipleAccount", "+ server ⇢ a2: notice multipleAccount"]);
}

/// Only builds with debug assertions can plant a bug.
#[cfg(debug_assertions)]
#[test]
fn the_known_bugs_are_as_reviewed() {
    insta::assert_snapshot!("known-bugs", known_bugs::report().expect("every scenario is a trace"));
}

/// Asserts that the page of the harness says so, wherever its lines break.
pub(crate) fn the_readme_says(what: &str) {
    let words: Vec<_> = include_str!("../tests/README.md").split_whitespace().collect();
    assert!(words.join(" ").contains(what), "tests/README.md would say: {what}");
}

#[test]
fn the_readmes_have_the_tables_and_the_line_of_result() {
    let (readme, system) = (include_str!("../README.md"), include_str!("../sut/README.md"));
    assert!(readme.contains(&report::rule_table()), "the rule table would be:\n{}", report::rule_table());
    assert!(system.contains(&report::code_table()), "the table of codes would be:\n{}", report::code_table());
    let result = report::result_line(plain(), DriverKind::Stack);
    assert!(readme.contains(&result), "the line of result would be:\n{result}");
}
