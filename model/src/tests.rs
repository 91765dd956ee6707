//! What must hold of the scopes by name: their sizes, that each graph is one strongly connected component, that no rule is broken, and
//! that none is vacuous. It replays nothing.

use crate::graph::Graph;
use crate::rule::{Rule, Rules};
use crate::scopes;
use crate::verdict::{Verdict, find_violation, judge};

/// How many states of a scope are searched for a violation: first a few of every scope, then more.
const MOST: [usize; 2] = [3_000, 30_000];

/// Scope, states, transitions, longest queue.
const SIZES: [(&str, usize, usize, usize); 40] = [
    ("page-default", 23_911, 269_992, 3),
    ("page-story", 43_200, 591_456, 3),
    ("same-instant", 29_179, 317_136, 3),
    ("usersig", 1_268, 30_125, 3),
    ("destroy", 32_640, 302_764, 3),
    ("policy-single", 19_019, 143_696, 3),
    ("policy-dual", 18_996, 142_564, 3),
    ("policy-triple", 19_101, 141_584, 3),
    ("policy-multi", 16_161, 118_444, 2),
    ("kick-two", 32_635, 354_128, 3),
    ("two-accounts", 52_570, 623_526, 3),
    ("overtaking", 51_575, 455_018, 3),
    ("messages", 17_702, 196_535, 4),
    ("copies", 18_204, 194_529, 3),
    ("order", 9_619, 68_560, 4),
    ("rest-kick", 8_358, 113_094, 3),
    ("reconnect", 50_337, 471_606, 3),
    ("half-open", 15_640, 125_241, 4),
    ("late-frames", 12_487, 120_113, 3),
    ("deadlines", 10_785, 82_088, 3),
    ("expiry", 28_773, 244_151, 3),
    ("rest-offline", 31_569, 287_975, 3),
    ("logout-offline", 35_162, 349_242, 4),
    ("page-close", 20_497, 165_227, 3),
    ("resume-messages", 17_791, 147_945, 3),
    ("repeat", 14_908, 124_744, 3),
    ("restart", 15_665, 148_573, 2),
    ("reconnect-kicks", 59_113, 588_957, 3),
    ("two-accounts-offline", 43_632, 385_108, 3),
    ("limit-change", 3_556, 34_202, 3),
    ("callbacks", 67_896, 469_067, 3),
    ("callbacks-expiry", 1_660, 8_379, 3),
    ("rest-kick-restart", 32_589, 315_988, 3),
    ("rest-kick-restart-three", 249_477, 1_750_659, 2),
    ("rest-kick-limit-change", 6_724, 75_278, 3),
    ("limit-change-cut", 87_724, 1_048_874, 3),
    ("messages-struck", 25_800, 250_396, 3),
    ("messages-restart", 17_537, 159_737, 3),
    ("limit-change-restart", 25_476, 255_622, 3),
    ("overflow", 65_209, 535_483, 3),
];

#[test]
fn every_scope_is_verified_strongly_connected_and_as_large_as_reviewed() {
    for (scope, reviewed) in scopes::all().into_iter().zip(SIZES) {
        let graph = Graph::of(&scope);
        assert_eq!((scope.name, graph.state_count(), graph.transition_count(), graph.longest_queue()), reviewed);
        assert!(graph.is_strongly_connected(), "{}", scope.name);
        assert_eq!(judge(&graph).verdict, Verdict::Verified, "{}", scope.name);
    }
}

#[test]
fn every_scope_has_a_reviewed_size() {
    assert_eq!(scopes::all().len(), SIZES.len());
}

#[test]
fn every_rule_taken_out_breaks_the_property_of_its_name() {
    for rule in Rule::ALL {
        let search =
            |most: usize| scopes::all().into_iter().find_map(|scope| find_violation(&scope, Rules::without(rule), rule, most));
        assert!(MOST.into_iter().find_map(search).is_some(), "{rule}");
    }
}
