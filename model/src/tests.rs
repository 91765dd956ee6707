//! What must hold of every small scope by name: that its graph is one strongly connected component and that no rule is broken. All scopes,
//! their sizes, and what breaks when a rule is taken out stand in the reviewed reports. It replays nothing.

use crate::graph::{Bound, Graph};
use crate::rule::Rules;
use crate::scopes;
use crate::verdict::{Verdict, Violation, judge};

/// A scope of up to so many states is small.
const SMALL: Bound = Bound { states: 17_000 };

/// Which property breaks, and the command that shows the way to it.
fn broken(graph: &Graph) -> Option<String> {
    let Verdict::Violated(Violation { rule, actions, .. }) = judge(graph).verdict else { return None };
    let words: Vec<_> = actions.iter().map(|action| action.word(&graph.scope)).collect();
    Some(format!("the property of {rule} breaks; cargo run -- replay {}: {}", graph.scope.name, words.join(" ")))
}

#[test]
fn every_small_scope_is_verified_and_strongly_connected() {
    let graphs = scopes::all().into_iter().map(|scope| Graph::build(&scope, Rules::ALL, SMALL));
    let small: Vec<_> = graphs.filter(|graph| graph.cut.is_none()).collect();
    assert!(small.len() >= 10, "only {} scopes are small", small.len());
    for graph in small {
        assert!(graph.is_strongly_connected(), "{}", graph.scope.name);
        assert_eq!(broken(&graph), None);
    }
}
