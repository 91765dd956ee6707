//! Each bug of the shell is found by its name: the pages that have it differ from the model, or from what is reviewed of their turns.

use conformance::driver::{ShellBug, with_shell_bug};

use super::Moves;

/// The scope whose moves show it; those that have none stand in [`super::turns`].
const fn shown_in(bug: ShellBug) -> Option<&'static str> {
    match bug {
        ShellBug::NoLock
        | ShellBug::LockOutlivesDestroy
        | ShellBug::DoneAtOnclose
        | ShellBug::OpeningGoesOn
        | ShellBug::SecretUsedAgain
        | ShellBug::RepeatIsNotTold => Some("page-default"),
        ShellBug::EventsOvertakeAnswers => Some("messages"),
        ShellBug::PageClosesWith1000 => Some("page-close"),
        ShellBug::GivesUpWith1000 | ShellBug::HeartbeatOnWindowTimer => Some("half-open"),
        ShellBug::EpochInMemory | ShellBug::FreezeIsNotSeen | ShellBug::ReconnectsAsleep => None,
    }
}

/// The first difference that pages with a bug show; none that tells that it cannot be planted.
fn found(moves: &Moves, bug: ShellBug) -> String {
    let differs = moves.walk_on(|scope| with_shell_bug(scope, bug)).find_map(|(walked, _)| walked.divergence);
    let found = differs.map(|found| found.to_string()).unwrap_or_else(|| panic!("{bug} is not seen in {}", moves.scope.name));
    assert!(!found.contains(&format!("{bug}: `")), "{found}");
    found
}

fn every_bug_is_red_in(name: &str) {
    let moves = Moves::of(name);
    for bug in ShellBug::ALL.iter().filter(|bug| shown_in(**bug) == Some(name)) {
        println!("{bug}\n{}", found(&moves, *bug));
    }
}

#[test]
fn every_bug_that_shows_in_the_pages_default_is_red() {
    every_bug_is_red_in("page-default");
}

#[test]
fn every_bug_that_shows_with_messages_is_red() {
    every_bug_is_red_in("messages");
}

#[test]
fn every_bug_that_shows_as_pages_close_is_red() {
    every_bug_is_red_in("page-close");
}

#[test]
fn every_bug_that_shows_with_silent_links_is_red() {
    every_bug_is_red_in("half-open");
}
