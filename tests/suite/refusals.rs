//! What the hostile acts are worth: bugs planted in the real system on purpose are seen by them, and the catalogue is whole. All of them,
//! in every state, are tried where the reports are made.

use std::collections::BTreeSet;

#[cfg(debug_assertions)]
use conformance::refusals::When;
use conformance::refusals::catalogue::CATALOGUE;
#[cfg(debug_assertions)]
use conformance::refusals::tally::Act;
use conformance::refusals::try_all;
use conformance::refusals::{Field, Outcome, fields};
#[cfg(debug_assertions)]
use sut::planted::Planted;

/// The states near the initial one, of the pages that kick each other.
fn near() -> Vec<Field> {
    fields().into_iter().take(1).map(|field| Field { steps: 7, ..field }).collect()
}

#[test]
fn without_a_bug_every_act_near_the_beginning_is_answered_as_demanded() {
    let Outcome { tally, failures } = try_all(&near(), 2, None);
    assert_eq!(failures.first().map(ToString::to_string), None);
    assert!(tally.pairs() > 1_000 && tally.met() == tally.pairs(), "{} of {}", tally.met(), tally.pairs());
}

/// The acts that meet something else than what is demanded, in states that are reached.
#[cfg(debug_assertions)]
fn red(bug: Planted) -> BTreeSet<String> {
    let failures = try_all(&near(), 2, Some(bug)).failures;
    let acts = failures.into_iter().filter(|failure| failure.when == When::Act).map(|failure| match failure.act {
        Act::Hostile(name, place) => format!("{name} on {}", place.name()),
        Act::Call(kind, _) => kind.name().to_owned(),
    });
    acts.collect()
}

#[cfg(debug_assertions)]
#[test]
fn a_link_that_is_turned_away_and_takes_a_session_along_is_seen() {
    let seen = red(Planted::Link3RejectionCleansUp);
    assert!(seen.contains("login for another instance, equal epoch on a fresh link"), "{seen:?}");
    assert!(seen.contains("resume, lower epoch on a fresh link"), "{seen:?}");
}

#[cfg(debug_assertions)]
#[test]
fn an_epoch_that_is_not_looked_at_is_seen() {
    let seen = red(Planted::Link3EpochIgnored);
    assert!(seen.contains("an old login, replayed on a fresh link"), "{seen:?}");
    assert!(seen.contains("resume, equal epoch on a fresh link"), "{seen:?}");
}

#[cfg(debug_assertions)]
#[test]
fn a_kicked_session_that_is_answered_is_seen() {
    assert_eq!(
        red(Planted::Kick6AnswersTheKicked),
        BTreeSet::from(["sync after the notice on a kicked session's link".to_owned()])
    );
}

#[test]
fn no_two_acts_read_alike() {
    let read: BTreeSet<_> = CATALOGUE.iter().map(|hostile| (hostile.name, hostile.place)).collect();
    assert_eq!(read.len(), CATALOGUE.len());
    assert!(CATALOGUE.len() >= 25, "only {}", CATALOGUE.len());
}
