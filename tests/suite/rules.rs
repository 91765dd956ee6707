//! No rule is vacuous: each taken out of the model breaks the property of its own name, and each acts somewhere. It replays nothing.

use model::graph::{Bound, Graph};
use model::rule::{Rule, Rules};
use model::scopes;
use model::verdict::{Verdict, Violation, find_violation, judge};

/// How many pairs of state and knowledge are searched for a violation: a few of every scope before many of any.
const MOST: [usize; 3] = [3_000, 20_000, 150_000];

fn violation(rule: Rule) -> Option<Violation> {
    let scopes = scopes::all();
    let within = |most| scopes.iter().find_map(|scope| find_violation(scope, Rules::without(rule), rule, most));
    MOST.into_iter().find_map(within)
}

#[test]
fn every_rule_taken_out_breaks_the_property_of_its_name() {
    for rule in Rule::ALL {
        let found = violation(rule).unwrap_or_else(|| panic!("the model without {rule} keeps its property"));
        assert_eq!(found.rule, rule);
        assert_eq!(found.actions.len(), found.labels.len());
    }
}

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
    assert!(matches!(judge(&graph).verdict, Verdict::Bounded { .. }));
}
