//! The matrix of the mutants, which a person reviews: every rule taken out of the model, everything left out that a claim needs, and every
//! bug planted in the real client and server; they are run once for all tests. Only builds with debug assertions can plant a bug.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use conformance::mutants::{self, Change, Fate, Kind, Matrix, Mutant, RULES, SYSTEM, Verdict};
use model::liveness::Claim;
use model::rule::Rule;
use sut::planted::Planted;

use super::the_readme_says;

fn matrix() -> &'static Matrix {
    static MATRIX: OnceLock<Matrix> = OnceLock::new();
    MATRIX.get_or_init(|| Matrix { verdicts: run(&mutants::all(), 2) })
}

fn run(mutants: &[Mutant], threads: usize) -> Vec<Verdict> {
    mutants::run(mutants, threads, &|_| ()).expect("every mutant names a scope")
}

#[test]
fn every_mutant_is_killed_by_its_named_check_as_reviewed() {
    assert_eq!(matrix().complaints(), Vec::<String>::new());
}

#[test]
fn the_mutants_are_as_reviewed() {
    insta::assert_snapshot!("mutants", matrix().report());
}

#[test]
fn the_readme_counts_them() {
    the_readme_says(&format!("({} mutants)", Rule::ALL.len() + Claim::ALL.len()));
    the_readme_says(&format!("each of {} bugs in the real client and server", SYSTEM.len()));
}

#[test]
fn every_story_is_the_shortest_and_minimal() {
    let stories = matrix().stories();
    assert_eq!(stories.len(), SYSTEM.len());
    assert!(stories.iter().all(|story| story.is_shortest && story.is_minimal && story.told.labels.len() <= story.found_after));
}

#[test]
fn every_rule_every_claim_and_every_bug_is_a_mutant_once() {
    let rules = Rule::ALL.map(Change::Without).into_iter();
    let all = rules.chain(Claim::ALL.map(Change::Breaks)).chain(Planted::ALL.map(Change::Plants));
    assert_eq!(mutants::all().iter().map(|mutant| mutant.change).collect::<Vec<_>>(), all.collect::<Vec<_>>());
}

#[test]
fn every_kind_of_mistake_is_among_them() {
    let kinds: BTreeSet<_> = mutants::all().iter().map(|mutant| mutant.kind).collect();
    assert_eq!(kinds, BTreeSet::from(Kind::ALL));
    let [of_the_system, ten] = [SYSTEM.iter().map(|mutant| mutant.kind).collect(), BTreeSet::from_iter(Kind::ALL[..10].to_vec())];
    assert!(ten.is_subset(&of_the_system), "{of_the_system:?}");
}

/// What a mutant is called where it is not killed as it should be.
fn complaint(mutant: Mutant) -> String {
    let verdict = run(&[mutant], 1).remove(0);
    verdict.complaint().unwrap_or_else(|| panic!("{:?}", verdict.fate))
}

fn mutant(change: Change, scope: &'static str) -> Mutant {
    Mutant { change, kind: Kind::RuleDropped, scope }
}

#[test]
fn a_mutant_that_is_killed_otherwise_than_reviewed_is_red() {
    let told = complaint(mutant(Change::Without(Rule::Logout2), "page-default"));
    assert!(told.starts_with("without LOGOUT-2: property LOGOUT-2 says '"), "{told}");
    let told = complaint(mutant(Change::Plants(Planted::Logout2Refused), "limit-change"));
    assert!(told.starts_with("logout2-refused: replay on machines and stack says '"), "{told}");
}

#[test]
fn a_mutant_that_nothing_kills_is_red() {
    let told = complaint(mutant(Change::Without(Rule::Login6), "page-default"));
    assert_eq!(told, "without LOGIN-6: nothing killed it; property LOGIN-6 should have");
    let told = complaint(mutant(Change::Plants(Planted::Hook1WrongPlatform), "limit-change"));
    assert_eq!(told, "hook1-wrong-platform: nothing killed it; replay on machines and stack should have");
}

#[test]
fn a_mutant_that_another_check_kills_is_red() {
    let verdict = Verdict { mutant: RULES[0], fate: Fate::KilledBy("property LOGIN-2".to_owned()) };
    let told = "without LOGIN-1: killed by property LOGIN-2 and not by property LOGIN-1";
    assert_eq!(verdict.complaint().as_deref(), Some(told));
    assert!(Matrix { verdicts: vec![verdict] }.report().contains("property LOGIN-2, not property LOGIN-1"));
}

#[test]
fn no_mutants_are_red() {
    assert_eq!(Matrix { verdicts: Vec::new() }.complaints(), ["there are no mutants"]);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let few: Vec<_> = mutants::all().into_iter().filter(|mutant| mutant.scope == "page-default").collect();
    let [one, three] = [1, 3].map(|threads| Matrix { verdicts: run(&few, threads) }.report());
    assert_eq!(one, three);
}
