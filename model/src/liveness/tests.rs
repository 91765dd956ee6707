//! What must hold of the claims in the scopes by name, and that each can be broken. The claims in all scopes stand in the report.

use super::brute::{check_kick_loop, check_lasso, waits_for_ever};
use super::rows::{broken, report};
use super::telling::told;
use super::*;
use crate::action::InstanceId;
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
const DECIDED: [&str; 8] =
    ["order", "late-frames", "half-open", "deadlines", "limit-change", "callbacks-expiry", "reconnect", "nodes-lost-notice"];

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

fn check_lines(told: &[String], lines: &[&str]) {
    assert_eq!(told.iter().map(|line| line.trim_start()).collect::<Vec<_>>(), lines);
}

/// The run that keeps a1's link from coming back.
fn check_never_back(scope: (&str, usize), fairness: Fairness, lines: &[&str]) {
    let moves = Moves::of(&small(scope), Change::Nothing);
    let finding = decide_case(&moves, Case::Of(Claim::LinkComesBack, InstanceId(0)), fairness);
    check_lines(&told(&moves, &lasso_of(finding).unwrap()), lines);
}

#[test]
fn openings_that_may_fail_each_time_keep_a_link_from_coming_back() {
    check_never_back(
        ("reconnect", 1),
        Fairness::OpeningsWeakly,
        &[
            "1  a1 login",
            "2  a1's link opens",
            "3  a1's login arrives at the server",
            "4  admission arrives at a1 → a1 login resolved",
            "5  a1's link is cut",
            "6  a1 takes its link for lost (its end is seen) → a1 connecting",
            "7  the server takes a1's link for lost (its end is seen)",
            "8  a1's backoff timer fires",
            "9  a1's link cannot be opened → a1 disconnected",
            "10  the lapse timer of a1's session fires",
            "again and again:",
            "11  a1's backoff timer fires",
            "12  a1's link cannot be opened",
        ],
    );
}

#[test]
fn cuts_before_each_close_keep_a_replaced_instance_from_learning_of_it() {
    check_never_back(
        ("same-key", 2),
        Fairness::ReplacementsWeakly,
        &[
            "1  a1 login",
            "2  a1's link opens",
            "3  a1's login arrives at the server",
            "4  admission arrives at a1 → a1 login resolved",
            "5  a1's link is cut",
            "6  a1 takes its link for lost (its end is seen) → a1 connecting",
            "7  a1's backoff timer fires",
            "8  a2 login",
            "9  a2's link opens",
            "10  a2's login arrives at the server",
            "11  a1's link opens",
            "12  a1's link is cut",
            "13  a1 takes its link for lost (its end is seen) → a1 disconnected",
            "again and again:",
            "14  the server takes a1's link for lost (its end is seen)",
            "15  a1's backoff timer fires",
            "16  a1's link opens",
            "17  a1's resume arrives at the server",
            "18  admission arrives at a2 → a2 login resolved",
            "19  a2's sync arrives at the server",
            "20  answer to the sync arrives at a2 → a2 SDK_READY",
            "21  a1's link is cut",
            "22  a1 takes its link for lost (its end is seen)",
            "23  a1's backoff timer fires",
            "24  a1's link opens",
            "25  a1's link is cut",
            "26  a1 takes its link for lost (its end is seen)",
            "27  a2 logout → a2 SDK_NOT_READY",
            "28  a2's logout arrives at the server",
            "29  answer to the logout arrives at a2 → a2 logout done",
            "30  a2 login",
            "31  a2's link opens",
            "32  a2's login arrives at the server",
        ],
    );
}

#[test]
fn cuts_before_each_answer_keep_a_link_from_coming_back() {
    check_never_back(
        ("half-open", 1),
        Fairness::DeliveriesWeakly,
        &[
            "1  a1 login",
            "2  a1's link opens",
            "3  a1's login arrives at the server",
            "4  admission arrives at a1 → a1 login resolved",
            "5  a1's link is cut",
            "6  a1 takes its link for lost (no heartbeat) → a1 connecting",
            "7  the server takes a1's link for lost (no heartbeat)",
            "8  a1's backoff timer fires",
            "9  a1's link opens",
            "10  a1's link is cut",
            "11  a1 takes its link for lost (no heartbeat) → a1 disconnected",
            "again and again:",
            "12  the server takes a1's link for lost (no heartbeat)",
            "13  a1's backoff timer fires",
            "14  a1's link opens",
            "15  a1's resume arrives at the server",
            "16  a1's link is cut",
            "17  a1 takes its link for lost (no heartbeat)",
            "18  the server takes a1's link for lost (no heartbeat)",
            "19  a1's backoff timer fires",
            "20  a1's link opens",
            "21  a1's link is cut",
            "22  a1 takes its link for lost (no heartbeat)",
        ],
    );
}

#[test]
fn a_victim_that_gets_no_notice_takes_itself_for_logged_in_for_ever() {
    check_lines(
        &broken(Claim::VictimLearns).unwrap().run,
        &[
            "1  a1 login",
            "2  a1's link opens",
            "3  a1's login arrives at the server",
            "4  admission arrives at a1 → a1 login resolved",
            "5  a2 login",
            "6  a2's link opens",
            "7  a2's login arrives at the server",
            "8  a1's sync arrives at the server",
            "9  admission arrives at a2 → a2 login resolved",
            "10  a2's sync arrives at the server",
            "11  answer to the sync arrives at a2 → a2 SDK_READY",
            "for ever: nothing more",
        ],
    );
}

#[test]
fn two_applications_that_only_log_in_kick_each_other_for_ever() {
    let moves = Moves::of(&small(("same-instant", 2)), Change::Nothing);
    let lasso = kick_loop(&moves).unwrap();
    assert_eq!(check_kick_loop(&moves, &lasso), Ok(()));
    check_lines(
        &told(&moves, &lasso),
        &[
            "1  a1 login",
            "2  a1's link opens",
            "3  a1's login arrives at the server",
            "again and again:",
            "4  admission arrives at a1 → a1 login resolved",
            "5  a1's sync arrives at the server",
            "6  answer to the sync arrives at a1 → a1 SDK_READY",
            "7  a2 login",
            "8  a2's link opens",
            "9  a2's login arrives at the server",
            "10  notice arrives at a1 → a1 SDK_NOT_READY, a1 KICKED_OUT multipleAccount",
            "11  admission arrives at a2 → a2 login resolved",
            "12  a2's sync arrives at the server",
            "13  answer to the sync arrives at a2 → a2 SDK_READY",
            "14  a1 login",
            "15  a1's acknowledgement of the kick arrives at the server (old link)",
            "16  a1's link opens",
            "17  a1's login arrives at the server",
            "18  notice arrives at a2 → a2 SDK_NOT_READY, a2 KICKED_OUT multipleAccount",
            "19  a2's acknowledgement of the kick arrives at the server (old link)",
        ],
    );
}

#[test]
fn one_page_alone_kicks_nobody() {
    assert_eq!(kick_loop(&Moves::of(&small(("same-instant", 1)), Change::Nothing)), None);
}
