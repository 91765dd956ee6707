//! Copies of the example that keep what no rule speaks of. Each differs only after a long walk, on no path that the model could name; its
//! story is as short as any that is left when one step is taken out. A copy that raises or hangs has a story, too.

use std::time::Duration;

use conformance::check::Silent;
use conformance::foreign::{Course, Launch, Least, Plan, Story, replay};
use conformance::replay::{Replay, actions_of};
use model::scopes;

use super::bugs::course;
use super::{Copied, patient};

/// What the client of the example does with a login while it is logged out.
const LOGS_IN: &str = "            i.phase, i.login = \"opening\", (of, account, credential)\n";

/// What its server does with a login that is let in.
const LETS_IN: &str = "        link.server, link.account = \"serving\", account\n";

/// Each login adds a listener, and no logout takes one away; the eighth is one too many.
fn listeners_that_pile_up() -> Copied {
    let full = "            if i.listeners > 7: raise RuntimeError(\"too many listeners\")\n";
    Copied::with(LOGS_IN, &format!("            i.listeners += 1\n{full}{LOGS_IN}")).and("logouts=[])", "logouts=[], listeners=0)")
}

/// A session that was logged out is counted as before.
fn a_session_that_counts_on() -> Copied {
    let counts = "or self.limits[own])";
    let leaves = "            self.online[link.account].remove(link)\n            self.write_down(link, \"logout-answer\")\n";
    Copied::with(counts, "or self.limits[own] - len(self.gone))")
        .and(leaves, &format!("            self.gone.append(link)\n{leaves}"))
        .and("self.told, self.kicks =", "self.gone, self.told, self.kicks = [],")
}

/// An instance is known by the account of its first login for good: no login to another one ever kicks it.
fn an_account_that_sticks() -> Copied {
    let sticks = "        link.instance.first = link.instance.first or account\n";
    let kicks = "        self.online[link.account].remove(link)\n        self.kicks[";
    Copied::with(LETS_IN, &format!("{LETS_IN}{sticks}"))
        .and(kicks, &format!("        if link.instance.first != link.account: return\n{kicks}"))
        .and("logouts=[])", "logouts=[], first=None)")
}

/// The third login that the server lets in is waited for for ever.
fn a_third_login_that_never_ends() -> Copied {
    let counts = "        self.admitted += 1\n        if self.admitted == 3: __import__(\"signal\").pause()\n";
    Copied::with(LETS_IN, &format!("{counts}{LETS_IN}")).and("self.told, self.kicks =", "self.admitted, self.told, self.kicks = 0,")
}

/// The fifth login that the server lets in ends it.
fn a_fifth_login_that_ends_it() -> Copied {
    let counts = "        self.admitted += 1\n        if self.admitted == 5: sys.exit(9)\n";
    Copied::with(LETS_IN, &format!("{counts}{LETS_IN}")).and("self.told, self.kicks =", "self.admitted, self.told, self.kicks = 0,")
}

fn difference(scope: &str, launch: &Launch) -> Story {
    let of_the_page = || course().conform(launch, &patient(), &Silent);
    let of = |scope| Course::of(&scopes::named(scope).unwrap()).conform(launch, &patient(), &Silent);
    let conformed = if scope == "page-story" { of_the_page() } else { of(scope) };
    conformed.unwrap().difference.unwrap()
}

/// The story of a copy, of which no step can be left out.
#[track_caller]
fn minimal(scope: &str, launch: &Launch) -> Story {
    let story = difference(scope, launch);
    assert_eq!(story.least, Least::Minimal, "{story}");
    let scope = &story.told.scope;
    let actions = actions_of(scope, &story.told.labels);
    for out in 0..actions.len() {
        let mut replay_left = Replay::new(scope);
        let left = actions.iter().enumerate().filter(|(step, _)| *step != out);
        let labels: Vec<_> = left.filter_map(|(_, action)| replay_left.follow(*action)).collect();
        assert_eq!(replay(scope, launch, &labels).unwrap().difference, None, "without step {}: {story}", out + 1);
    }
    story
}

#[test]
fn listeners_that_pile_up_are_shown_by_as_many_logins_as_it_takes() {
    let story = minimal("page-story", &listeners_that_pile_up().launch());
    assert!(story.found_after > 100 && story.told.labels.len() <= 15, "{story}");
    assert_eq!(story.told.first_lines(), ["+ strange: it ended (exit status: 1) in place of an answer"]);
}

#[test]
fn a_session_that_was_logged_out_and_counts_on_is_shown_in_a_few_steps() {
    let story = minimal("page-story", &a_session_that_counts_on().launch());
    assert!(story.told.labels.len() <= 13, "{story}");
    assert!(story.to_string().ends_with(&format!("\nfound   after {} steps of a walk", story.found_after)), "{story}");
}

#[test]
fn the_account_of_the_first_login_that_sticks_is_shown_in_a_few_steps() {
    let story = minimal("two-accounts", &an_account_that_sticks().launch());
    assert!(story.told.labels.len() <= 29, "{story}");
}

#[test]
fn a_child_that_ends_has_a_story() {
    let story = minimal("page-story", &a_fifth_login_that_ends_it().launch());
    assert!(story.told.diff().contains("  + strange: it ended (exit status: 9) in place of an answer\n"), "{story}");
}

#[test]
fn a_child_that_hangs_has_a_story() {
    let copied = a_third_login_that_never_ends();
    let story = difference("page-story", &Launch { limit: Duration::from_secs(2), ..copied.launch() });
    assert!(story.told.diff().contains("  + strange: it did not answer within 2s; --answer-limit gives it more time\n"), "{story}");
    assert!(story.told.labels.len() <= 10, "{story}");
}

#[test]
fn where_there_is_no_time_to_shorten_that_is_said() {
    let story = course()
        .conform(&a_session_that_counts_on().launch(), &Plan { shorten_within: Duration::ZERO, ..Plan::default() }, &Silent)
        .unwrap()
        .difference
        .unwrap();
    assert_eq!((story.least, story.told.labels.len()), (Least::Unfinished, story.found_after), "{story}");
    assert!(story.to_string().contains("\nleast   a shorter trace may differ: there was no time "), "{story}");
}
