//! What is asked of a comparison beside a scope: to go on behind what is known to differ, to walk a sample, to end in time. The rule that a
//! difference breaks is named.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use conformance::check::Silent;
use conformance::foreign::{Conformed, Course, Extent, Launch, Plan};
use model::rule::Rule;
use model::scopes;

use super::{Copied, example, patient};

/// The way through two pages and every code, made once.
fn course() -> &'static Course {
    static COURSE: OnceLock<Course> = OnceLock::new();
    COURSE.get_or_init(|| Course::of(&scopes::named("refusals-two").unwrap()))
}

/// A repeat login is refused, as that of another account is.
fn repeats_refused() -> Copied {
    Copied::with("elif account == i.account and", "elif account != i.account and")
}

fn conformed(copied: &Copied, except: &[Rule]) -> Conformed {
    let plan = Plan { except: except.iter().copied().collect(), ..patient() };
    course().conform(&copied.launch(), &plan, &Silent).unwrap()
}

#[test]
fn what_differs_by_a_rule_that_is_excepted_is_walked_around() {
    let conformed = conformed(&repeats_refused(), &[Rule::Login4]);
    assert!(conformed.is_green() && conformed.difference.is_none(), "{conformed}");
    assert_eq!(conformed.known.keys().collect::<Vec<_>>(), [&Rule::Login4], "{conformed}");
    let left = conformed.transitions - conformed.coverage.covered;
    assert!(left > 0 && left < conformed.transitions / 2, "{conformed}");
    assert!(conformed.to_string().contains("\nGREEN but for LOGIN-4: refusals-two, "), "{conformed}");
    assert!(conformed.to_string().ends_with(" transitions were left out that are alike or lie behind"), "{conformed}");
}

#[test]
fn what_differs_by_another_rule_is_found_behind_one_that_is_excepted() {
    let copied = repeats_refused().and("if i.phase == \"out\":", "if i.phase in (\"out\", \"leaving\"):");
    let found = conformed(&copied, &[Rule::Login4]).difference.unwrap();
    assert_eq!(found.broken, Some(Rule::Logout6), "{found}");
    assert!(found.to_string().contains("\nbroken  LOGOUT-6: "), "{found}");
    assert_eq!(conformed(&copied, &[]).known.len(), 0);
}

#[test]
fn a_rule_that_is_excepted_in_vain_leaves_a_difference_red() {
    let conformed = conformed(&repeats_refused(), &[Rule::Kick2]);
    assert!(!conformed.is_green() && conformed.known.is_empty(), "{conformed}");
    assert_eq!(conformed.difference.unwrap().broken, Some(Rule::Login4));
}

#[test]
fn a_sample_has_as_many_steps_as_were_asked_for_and_is_called_one() {
    let scope = scopes::named("refusals-two").unwrap();
    for steps in [1, 700, 1_501] {
        let plan = Plan { sample: Some(steps), ..patient() };
        let conformed = Course::sampled(&scope, steps).conform(&example(), &plan, &Silent).unwrap();
        assert_eq!((conformed.coverage.steps, conformed.extent), (steps, Extent::Sample));
        assert!(conformed.is_green() && conformed.to_string().contains("\nGREEN where sampled: refusals-two, "), "{conformed}");
    }
}

#[test]
fn a_sample_of_more_than_a_scope_has_takes_every_transition() {
    let scope = scopes::named("refusals-two").unwrap();
    let conformed = Course::sampled(&scope, 1_000_000).conform(&example(), &patient(), &Silent).unwrap();
    assert_eq!(conformed.coverage.covered, conformed.transitions);
}

#[test]
fn what_there_was_no_time_for_is_not_green() {
    let plan = Plan { until: Instant::now().checked_sub(Duration::from_secs(1)), ..patient() };
    let conformed = course().conform(&example(), &plan, &Silent).unwrap();
    assert_eq!((conformed.coverage.steps, conformed.extent), (0, Extent::OutOfTime));
    assert!(!conformed.is_green() && conformed.to_string().contains("\nSTOPPED: refusals-two, 0 of "), "{conformed}");
}

#[test]
fn several_children_walk_all_that_one_does_and_find_what_it_finds_first() {
    let by = |launch: Launch, children| course().conform(&launch, &Plan { children, ..patient() }, &Silent).unwrap();
    let [one, two] = [1, 2].map(|children| by(example(), children));
    assert!(two.is_green() && (one.coverage.steps, one.coverage.covered) == (two.coverage.steps, two.coverage.covered), "{two}");
    let sampled = Course::sampled(&scopes::named("page-story").unwrap(), 10_000);
    let copied = Copied::with("or self.limits[own])", "or self.limits[own] + 1)");
    let differs = |children| sampled.conform(&copied.launch(), &Plan { children, ..patient() }, &Silent).unwrap();
    let [one, two, three] = [1, 2, 3].map(differs);
    let first = one.difference.clone().unwrap();
    assert!(one.coverage.steps > 500, "the first tour agrees, and the first child of several goes on behind it: {first}");
    assert_eq!((one.coverage.steps, &first), (two.coverage.steps, two.difference.as_ref().unwrap()));
    assert_eq!((one.coverage.steps, &first), (three.coverage.steps, three.difference.as_ref().unwrap()));
}
