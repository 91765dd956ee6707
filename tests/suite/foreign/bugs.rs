//! Copies of the example with one thing wrong: each is found, at the step where it shows.

use std::sync::OnceLock;

use conformance::check::Silent;
use conformance::foreign::{Course, Least, Story};
use model::rule::Rule;
use model::scopes;

use super::{Copied, patient};

/// The way through the page's story, made once.
pub(super) fn course() -> &'static Course {
    static COURSE: OnceLock<Course> = OnceLock::new();
    COURSE.get_or_init(|| Course::of(&scopes::named("page-story").unwrap()))
}

/// The difference of a copy.
fn difference(text: &str, other: &str) -> Story {
    let copied = Copied::with(text, other);
    let conformed = course().conform(&copied.launch(), &patient(), &Silent).unwrap();
    assert!(!conformed.is_green() && conformed.to_string().contains("\nRED: page-story, "), "{conformed}");
    conformed.difference.unwrap()
}

/// The first lines that differ, at the last of so many steps.
fn check(text: &str, other: &str, steps: usize, expected: &[&str]) {
    let found = difference(text, other);
    assert_eq!(
        (found.told.labels.len(), found.told.first_lines()),
        (steps, expected.iter().map(|line| (*line).to_owned()).collect()),
        "{found}"
    );
    assert_eq!(found.least, Least::Minimal);
}

#[test]
fn the_newest_kicked_in_place_of_the_oldest_is_found() {
    let (text, other) = ("over = counted[:max(", "over = counted[::-1][:max(");
    check(text, other, 9, &["- online a: a1 a3", "+ online a: a2 a3"]);
}

#[test]
fn a_limit_that_is_one_too_low_is_found() {
    check("or self.limits[own])", "or self.limits[own] - 1)", 6, &["- online a: a2 a1", "+ online a: a1"]);
}

#[test]
fn no_limit_at_all_is_found() {
    check("counted[:max(", "counted[:0 * max(", 9, &["- online a: a1 a3", "+ online a: a2 a1 a3"]);
}

#[test]
fn a_wrong_reason_is_found() {
    let expected = ["- kicks a: a2 multipleAccount", "+ kicks a: a2 multipleDevice"];
    check("\"multipleAccount\"", "\"multipleDevice\"", 9, &expected);
}

#[test]
fn a_wrong_code_is_found_where_it_arrives_and_the_rules_of_the_step_that_wrote_it_are_named() {
    let found = difference("\"wrong_signature\": 70009", "\"wrong_signature\": 70003");
    let (wrote, rules) = found.told.wrote().unwrap();
    assert!(wrote < found.told.labels.len() && rules.contains(&Rule::Login8), "{found}");
    assert!(!found.told.rules().contains(&Rule::Login8), "{found}");
    assert!(
        found.to_string().contains(&format!("\nwrote   step {wrote} wrote the frame that it delivers; rules there: ")),
        "{found}"
    );
}

#[test]
fn readiness_before_the_first_sync_is_found() {
    let expected =
        ["- a1 is: logged in as a, to server on the link: sync", "+ a1 is: logged in as a, ready, to server on the link: sync"];
    check("i.phase, i.account = \"online\"", "i.phase, i.account = \"ready\"", 4, &expected);
}

#[test]
fn a_logout_that_frees_no_place_is_found() {
    let text = "            self.online[link.account].remove(link)\n            self.write_down(link, \"logout-answer\")";
    check(text, "            self.write_down(link, \"logout-answer\")", 5, &["- online a: nobody", "+ online a: a1"]);
}

#[test]
fn a_refused_login_that_takes_a_place_is_found() {
    check("if refused:", "if False:", 3, &["- online a: nobody", "+ online a: a1"]);
}

#[test]
fn a_repeat_that_is_refused_is_found() {
    let expected = ["- a1 login → resolved (a repeat), at once", "+ a1 login → 2025 (another account is logged in), at once"];
    check("elif account == i.account and", "elif account != i.account and", 5, &expected);
}

#[test]
fn a_login_that_does_not_wait_for_the_logout_is_found() {
    let expected = ["- a1 login → 7502 (a logout runs), at once"];
    check("if i.phase == \"out\":", "if i.phase in (\"out\", \"leaving\"):", 4, &expected);
}

#[test]
fn an_answer_to_a_kicked_session_is_found_in_flight() {
    let (text, other) = ("elif link.server == \"serving\" and frame == \"sync\":", "elif frame == \"sync\":");
    let stands = "a2 is: logged in as a, to client on the link: notice";
    check(text, other, 11, &[&format!("- {stands}"), &format!("+ {stands} + sync-answer")]);
}

#[test]
fn a_kick_shown_after_the_logout_was_called_is_found() {
    let (text, other) = ("i.phase in (\"online\", \"ready\"):", "i.phase in (\"online\", \"ready\", \"leaving\"):");
    check(text, other, 12, &["+ a2: KICKED_OUT multipleAccount"]);
}

#[test]
fn a_victim_that_is_not_told_that_it_is_not_ready_is_found() {
    check("if frame == \"notice\" and i.phase == \"ready\":", "if False:", 13, &["- a2: SDK_NOT_READY"]);
}

#[test]
fn a_kick_record_that_stays_is_found() {
    let expected = ["+ kicks a: a2 multipleAccount"];
    check("            del self.kicks[link.account][i.name]", "            pass", 13, &expected);
}

#[test]
fn a_call_that_is_answered_twice_is_found() {
    let text = "if frame == \"login-answer\" and said == [None] and i.phase == \"waiting\":";
    let found = difference(text, "if frame == \"login-answer\" and said == [None]:");
    assert_eq!(
        found.told.first_lines(),
        ["- a1 is: to server on the link: logout", "+ a1 is: logged in as a, to server on the link: logout + sync"]
    );
    assert!(found.told.diff().contains("  + strange: a1 answers request 3, which is no call of its that runs\n"), "{found}");
}

#[test]
fn what_is_kept_over_a_reset_is_found_and_said_to_be_so() {
    let found = difference("world, answer = World(request), ", "world, answer = globals().get(\"world\") or World(request), ");
    assert_eq!((found.least, found.told.labels.len()), (Least::AsWalked, 0));
    let told = found.to_string();
    assert!(told.contains("scope page-story, step 0 of 0, observed before step 1, `python3 "), "{told}");
    assert!(
        told.contains("\nleast   a fresh child does not show it on this walk: it keeps something over a reset, or goes by chance"),
        "{told}"
    );
}

#[test]
fn a_child_that_does_nothing_is_red_at_the_first_call_that_is_answered_at_once() {
    let doing = "        getattr(world, what)(world.instances[request.pop(\"instance\")], number, **request)\n";
    check(doing, "", 1, &["- a1 logout → done, at once"]);
}

#[test]
fn what_a_child_cannot_do_is_a_difference() {
    let found = difference("what in DOES:", "what in DOES and what != \"send\":");
    assert_eq!(found.told.first_lines()[1], "+ strange: it cannot: there is no send here");
}
