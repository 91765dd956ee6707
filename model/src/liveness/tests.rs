//! What must hold of the claims in the scopes by name, and that each can be broken. The claims in all scopes stand in the report.

use super::brute::{check_kick_loop, check_lasso, waits_for_ever};
use super::rows::{broken, report};
use super::*;
use crate::action::{Action, InstanceId};
use crate::graph::Graph;
use crate::rule::Rule;
use crate::scope::{Scope, Webhooks};
use crate::scopes::named;

/// Scopes by name with so many of their seats that every lasso can be looked for one by one.
const SMALL: [(&str, usize); 16] = [
    ("reconnect", 1),
    ("half-open", 1),
    ("late-frames", 1),
    ("deadlines", 1),
    ("expiry", 1),
    ("page-close", 1),
    ("restart", 1),
    ("repeat", 1),
    ("resume-messages", 1),
    ("order", 1),
    ("limit-change", 1),
    ("callbacks-expiry", 1),
    ("callbacks-expiry", 2),
    ("same-instant", 2),
    ("usersig", 1),
    ("nodes-lost-notice", 2),
];

/// How many cases break in those scopes, by what is changed.
const BROKEN: [(&str, usize); 14] = [
    ("nothing", 0),
    ("the backoff timer does nothing", 18),
    ("the lapse timer does nothing", 9),
    ("changed limits never take effect", 1),
    ("a callback that was taken stays", 2),
    ("a node never polls", 4),
    ("the answer to a login is not written", 26),
    ("the answer to a sync is not written", 19),
    ("the answer to a resume is not written", 16),
    ("the answer to a logout is not written", 7),
    ("the answer to a send is not written", 3),
    ("the notice of a kick is not written", 32),
    ("without KICK-7", 3),
    ("without LINK-7", 4),
];

/// Scopes that are decided here: one or more for every claim.
const DECIDED: [&str; 10] = [
    "order",
    "late-frames",
    "half-open",
    "deadlines",
    "limit-change",
    "callbacks-expiry",
    "reconnect",
    "nodes-lost-notice",
    "nodes-dead",
    "nodes-frozen",
];

fn small((name, seats): (&str, usize)) -> Scope {
    let mut scope = named(name).unwrap();
    scope.seats.truncate(seats);
    scope
}

fn changes() -> impl Iterator<Item = Change> {
    let rules = [Rule::Kick7, Rule::Link7].map(Change::Without);
    [Change::Nothing].into_iter().chain(Omission::ALL.map(Change::Omits)).chain(rules)
}

/// A victim that logs in by itself does not wait for callbacks: without KICK-7 they would pile up.
fn is_bounded(scope: &Scope, change: Change) -> bool {
    change != Change::Without(Rule::Kick7) || scope.webhooks == Webhooks::Never
}

fn lasso_of(finding: Finding) -> Option<Lasso> {
    match finding {
        Finding::Holds => None,
        Finding::Violated(lasso) => Some(lasso),
    }
}

/// How many cases of a scope under a change break; both ways of deciding must say the same, and every lasso must be a fair run.
fn broken_by_both(scope: &Scope, change: Change) -> usize {
    let moves = Moves::of(scope, change);
    let cases = Claim::ALL.into_iter().flat_map(|claim| claim.cases(scope).into_iter().map(move |case| (claim, case)));
    let lassos = cases.map(|(claim, case)| (case, lasso_of(decide_case(&moves, case, claim.fairness()))));
    let checked = lassos.map(|(case, lasso)| {
        assert_eq!(lasso.is_some(), waits_for_ever(&moves, case), "{} {change:?} {case:?}", scope.name);
        lasso.map(|lasso| assert_eq!(check_lasso(&moves, case, &lasso), Ok(()), "{} {change:?} {case:?}", scope.name))
    });
    checked.flatten().count()
}

#[test]
fn components_and_single_lassos_agree_on_every_claim_and_change() {
    let scopes = SMALL.map(small);
    let bounded = |change| scopes.iter().filter(move |scope| is_bounded(scope, change));
    let broken = |change| bounded(change).map(|scope| broken_by_both(scope, change)).sum::<usize>();
    let counts: Vec<_> = changes().map(|change| (change.name(), broken(change))).collect();
    assert_eq!(counts, BROKEN.map(|(change, cases)| (change.to_owned(), cases)));
}

#[test]
fn every_claim_holds_and_no_obligation_is_owed_in_vain() {
    let report = report(&DECIDED.map(|name| named(name).unwrap())).unwrap();
    assert!(report.sizes.iter().all(|size| size.owed_in_vain == 0), "{:?}", report.sizes);
    for row in &report.rows {
        assert_eq!(row.verdict(), "VERIFIED", "{:?}: {:#?}", row.claim, row.decisions);
    }
}

#[test]
fn the_graph_of_the_claims_is_that_of_the_judges() {
    for name in ["late-frames", "limit-change", "callbacks-expiry"] {
        let scope = named(name).unwrap();
        let (graph, moves) = (Graph::of(&scope), Moves::of(&scope, Change::Nothing));
        assert!(graph.states().eq(moves.states.iter().copied()));
        assert_eq!(graph.transition_count(), moves.count());
    }
}

/// A run in words, each step's own; those behind the bar are gone round for ever.
fn check_run(scope: &Scope, lasso: &Lasso, run: &str) {
    let words = |steps: &[Action]| steps.iter().map(|action| action.word(scope)).collect::<Vec<_>>().join(" ");
    assert_eq!(format!("{} | {}", words(&lasso.way), words(&lasso.round)), run);
}

/// The run that keeps a1's link from coming back.
fn check_never_back(scope: (&str, usize), fairness: Fairness, run: &str) {
    let moves = Moves::of(&small(scope), Change::Nothing);
    let finding = decide_case(&moves, Case::Of(Claim::LinkComesBack, InstanceId(0)), fairness);
    check_run(&moves.scope, &lasso_of(finding).unwrap(), run);
}

#[test]
fn openings_that_may_fail_each_time_keep_a_link_from_coming_back() {
    check_never_back(
        ("reconnect", 1),
        Fairness::OpeningsWeakly,
        "a1.login a1.open a1.up a1.down a1.cut a1.client-loses.ended a1.server-loses.old.ended a1.backoff \
             a1.open-fails a1.lapse | a1.backoff a1.open-fails",
    );
}

#[test]
fn cuts_before_each_close_keep_a_replaced_instance_from_learning_of_it() {
    check_never_back(
        ("same-key", 2),
        Fairness::ReplacementsWeakly,
        "a1.login a1.open a1.up a1.down a1.cut a1.client-loses.ended a1.backoff a2.login a2.open a2.up \
             a1.open a1.cut a1.client-loses.ended | a1.server-loses.old.ended a1.backoff a1.open a1.up a2.down a2.up \
             a2.down a1.cut a1.client-loses.ended a1.backoff a1.open a1.cut a1.client-loses.ended a2.logout a2.up \
             a2.down a2.login a2.open a2.up",
    );
}

#[test]
fn cuts_before_each_answer_keep_a_link_from_coming_back() {
    check_never_back(
        ("half-open", 1),
        Fairness::DeliveriesWeakly,
        "a1.login a1.open a1.up a1.down a1.cut a1.client-loses.heartbeat a1.server-loses.old.heartbeat a1.backoff \
             a1.open a1.cut a1.client-loses.heartbeat | a1.server-loses.old.heartbeat a1.backoff a1.open a1.up a1.cut \
             a1.client-loses.heartbeat a1.server-loses.old.heartbeat a1.backoff a1.open a1.cut \
             a1.client-loses.heartbeat",
    );
}

#[test]
fn a_victim_that_gets_no_notice_takes_itself_for_logged_in_for_ever() {
    let broken = broken(Claim::VictimLearns).unwrap();
    check_run(
        &named(broken.scope).unwrap(),
        &broken.run.unwrap(),
        "a1.login a1.open a1.up a1.down a2.login a2.open a2.up a1.up a2.down a2.up a2.down | ",
    );
}

#[test]
fn two_applications_that_only_log_in_kick_each_other_for_ever() {
    let moves = Moves::of(&small(("same-instant", 2)), Change::Nothing);
    let lasso = kick_loop(&moves).unwrap();
    assert_eq!(check_kick_loop(&moves, &lasso), Ok(()));
    check_run(
        &moves.scope,
        &lasso,
        "a1.login a1.open a1.up | a1.down a1.up a1.down a2.login a2.open a2.up a1.down a2.down a2.up a2.down \
             a1.login a1.up.old a1.open a1.up a2.down a2.up.old",
    );
}

#[test]
fn one_page_alone_kicks_nobody() {
    assert_eq!(kick_loop(&Moves::of(&small(("same-instant", 1)), Change::Nothing)), None);
}
