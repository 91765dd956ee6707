//! The example conforms. It walks `page-story` whole by the command that its README names; here two pages whole, and the first
//! tours of larger scopes.

use std::fs;

use conformance::check::Silent;
use conformance::foreign::{Course, replay};
use conformance::tour::tours_by_and_by;
use model::graph::Graph;
use model::scope::{Destroys, Scope};
use model::scopes;

use super::{Copied, documented, example, patient};

#[test]
fn the_example_has_less_than_160_lines() {
    let lines = fs::read_to_string(documented("example.py")).unwrap().lines().count();
    assert!((1..160).contains(&lines), "{lines}");
}

#[test]
fn the_example_conforms_on_every_transition_of_two_pages_that_are_not_destroyed() {
    let whole = scopes::named("page-default").unwrap();
    let scope = Scope { destroys: Destroys::Never, joined_calls: 1, ..whole };
    let conformed = Course::of(&scope).conform(&example(), &patient(), &Silent).unwrap();
    assert_eq!(conformed.difference, None);
    assert!(conformed.is_green() && conformed.transitions > 10_000, "{conformed}");
}

#[test]
fn the_example_agrees_on_long_tours_of_the_pages_story_and_of_two_kinds_of_client() {
    for scope in ["page-story", "kick-two"].map(|name| scopes::named(name).unwrap()) {
        let tour = tours_by_and_by(&Graph::of(&scope), 20_000).next().unwrap();
        assert!(tour.len() >= 20_000);
        assert_eq!(replay(&scope, &example(), &tour).unwrap().difference, None);
    }
}

#[test]
fn what_a_child_does_not_tell_is_not_compared_and_said_so() {
    let copied = Copied::with("\"tells\": [\"kicks\", \"in_flight\"], ", "\"tells\": [], ");
    let (text, other) = ("\"online\": online, \"kicks\": kicks, \"in_flight\": in_flight}", "\"online\": online}");
    let copied = copied.and(text, other);
    let scope = scopes::named("page-story").unwrap();
    let replayed = replay(&scope, &copied.launch(), &[0, 4, 2, 3, 3]).unwrap();
    assert_eq!(replayed.difference, None);
    let expected = "answers and events of each instance in order, login_user and ready, online in login order; not told by it: frames \
                    in flight by kind, kick records, callbacks";
    assert_eq!(replayed.compared, expected);
}
