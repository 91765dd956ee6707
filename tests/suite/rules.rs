//! A model that breaks a property, or was not searched whole, is never called verified. That each rule taken out breaks the property of its
//! name stands in the matrix of the mutants. It replays nothing.

use model::graph::{Bound, Graph};
use model::rule::{Rule, Rules};
use model::scopes;
use model::verdict::{Verdict, Violation, judge};

#[test]
fn a_rule_taken_out_makes_the_verdict_violated() {
    let scope = scopes::named("usersig").expect("it is there");
    let graph = Graph::build(&scope, Rules::without(Rule::Login8), Bound::NONE);
    assert!(matches!(judge(&graph).verdict, Verdict::Violated(Violation { rule: Rule::Login8, .. })));
}

#[test]
fn a_search_that_was_cut_is_never_verified() {
    let scope = scopes::named("page-default").expect("it is there");
    let graph = Graph::build(&scope, Rules::ALL, Bound { states: 500 });
    assert_eq!(judge(&graph).verdict, Verdict::Bounded { bound: "500 states".to_owned() });
}
