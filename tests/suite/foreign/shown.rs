//! What a GREEN does not show is said: rules, and codes of refused logins. A refused login that kicks is found where there is somebody to
//! be kicked.

use std::fs;
use std::sync::OnceLock;

use conformance::check::Silent;
use conformance::foreign::{Course, Extra, Shown};
use model::observation::Code;
use model::rule::Rule;
use model::scope::{Destroys, Scope};
use model::scopes;

use super::{Copied, documented, patient};

/// What the example tells.
const TOLD: [Extra; 2] = [Extra::Kicks, Extra::InFlight];

fn course(name: &str) -> Course {
    Course::of(&scopes::named(name).unwrap())
}

/// The way through two pages and every code, made once.
fn refusals_two() -> &'static Course {
    static COURSE: OnceLock<Course> = OnceLock::new();
    COURSE.get_or_init(|| course("refusals-two"))
}

/// What the page's story shows of a child that tells what the example does, found once.
fn story() -> &'static Shown {
    static SHOWN: OnceLock<Shown> = OnceLock::new();
    SHOWN.get_or_init(|| course("page-story").shows(&TOLD))
}

/// The example with one bug: a login that is refused as expired kicks the first session.
fn kicking_though_refused() -> Copied {
    let refused = "        if refused:\n";
    let kicks = "            for first in self.online[account][:1] if credential == \"expired\" else []:\n                \
                 self.kick(first, \"multipleAccount\")\n";
    Copied::with(refused, &format!("{refused}{kicks}"))
}

/// The way through two pages with good logins and those of a wrong signature.
fn two_pages() -> Course {
    Course::of(&Scope { destroys: Destroys::Never, joined_calls: 1, ..scopes::named("page-default").unwrap() })
}

#[test]
fn a_refused_login_that_kicks_is_found_and_its_rule_is_named() {
    let conformed = refusals_two().conform(&kicking_though_refused().launch(), &patient(), &Silent).unwrap();
    assert!(!conformed.is_green() && conformed.to_string().contains("\nRED: refusals-two, "), "{conformed}");
    let difference = conformed.difference.unwrap();
    assert_eq!(difference.told.first_lines(), ["- online a: a1", "+ online a: nobody"], "{difference}");
    assert!(difference.told.rules().contains(&Rule::Login7), "{difference}");
    assert!(difference.to_string().contains("\nrules   LOGIN-7, LOGIN-8, "), "{difference}");
}

#[test]
fn a_green_that_a_refused_login_that_kicks_gets_says_which_codes_it_does_not_show() {
    let conformed = two_pages().conform(&kicking_though_refused().launch(), &patient(), &Silent).unwrap();
    assert!(conformed.is_green(), "{conformed}");
    for rule in [Rule::Login7, Rule::Login8] {
        let codes = conformed.shown.missing_codes(rule);
        assert!(codes.contains(&Code::SigExpired) && !codes.contains(&Code::SigWrong), "{codes:?}");
    }
}

#[test]
fn the_pages_story_alone_says_what_it_cannot_show() {
    let (shown, told) = (story(), story().to_string());
    let count = shown.missing().len();
    assert!(told.starts_with(&format!("page-story alone cannot show {count} of 56 rules: LOGIN-6, ")), "{told}");
    assert!(shown.missing().contains(&Rule::Kick1) && !shown.missing().contains(&Rule::Kick2), "{told}");
    for rule in [Rule::Login7, Rule::Login8] {
        let line = format!("\nnor {rule} for logins that are refused with 70001, 70002, 70003, 70013, 70014, 70052, 70402, 70409");
        assert!(told.contains(&line), "{told}");
    }
    for text in [documented("README.md"), documented("../README.md")].map(|path| fs::read_to_string(path).unwrap()) {
        assert!(text.contains(&format!("\n{told}\n```\n")), "{told}");
    }
}

#[test]
fn what_one_of_several_scopes_shows_is_shown_by_all_of_them() {
    let (story, two) = (story(), refusals_two().shows(&TOLD));
    let together = story.clone().and(&two);
    let by_either = |rule: &Rule| !story.missing().contains(rule) || !two.missing().contains(rule);
    assert_eq!(together.missing().into_iter().filter(by_either).collect::<Vec<_>>(), []);
    assert!(together.missing().len() <= story.missing().len().min(two.missing().len()));
    assert_eq!([Rule::Login7, Rule::Login8].map(|rule| together.missing_codes(rule)), [vec![Code::NoPlace], vec![Code::NoPlace]]);
    assert!(together.to_string().starts_with("page-story and refusals-two together cannot show "), "{together}");
}

#[test]
fn a_rule_that_acts_only_on_what_a_child_does_not_tell_is_not_shown() {
    let two_pages = two_pages();
    let [told, untold] = [two_pages.shows(&TOLD), two_pages.shows(&[])];
    assert!(!told.missing().contains(&Rule::Kick6), "{told}");
    assert!(untold.unseen().contains(&Rule::Kick6), "{untold}");
    assert!(untold.to_string().contains("\nof these act there, but show in nothing that is compared: "), "{untold}");
    let callbacks = course("callbacks");
    let rules_of_callbacks = |tells: &[Extra]| callbacks.shows(tells).missing().contains(&Rule::Hook1);
    assert!(rules_of_callbacks(&TOLD) && !rules_of_callbacks(&[Extra::Callbacks]));
}
