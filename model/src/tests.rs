//! What must hold of the scopes by name: their sizes, that each graph is one strongly connected component, and that no rule is broken.
//! It replays nothing.

use crate::graph::Graph;
use crate::scopes;
use crate::verdict::{Verdict, judge};

/// Scope, states, transitions, longest queue.
const SIZES: [(&str, usize, usize, usize); 17] = [
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
