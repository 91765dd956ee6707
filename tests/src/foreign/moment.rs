//! At which point of a walk something happened, in words. It compares nothing.

use model::scope::Scope;

use crate::naming;
use crate::replay::Replay;
use crate::token::Trace;

/// The longest trace that is told in full, in steps.
const MOST_LABELS: usize = 50;

/// A point of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment<'a> {
    /// Before anything.
    Reset,
    /// An observation behind these steps.
    Standing(&'a [u16]),
    /// The last of these steps.
    Step(&'a [u16]),
}

impl<'a> Moment<'a> {
    /// That of a request of a walk: an observation, the steps, an observation.
    pub(super) fn of(labels: &'a [u16], place: usize) -> Moment<'a> {
        let made = &labels[..place.min(labels.len())];
        if (1..=labels.len()).contains(&place) { Moment::Step(made) } else { Moment::Standing(made) }
    }

    /// What is asked then: `step 2 of page-story: a1.login a1.open (open a1's link)`.
    pub(super) fn words(&self, scope: &Scope) -> String {
        match self {
            Moment::Reset => "the reset".to_owned(),
            Moment::Standing([]) => "the observation before step 1".to_owned(),
            Moment::Standing(labels) => format!("the observation after step {}", labels.len()),
            Moment::Step(labels) => format!("step {}{} ({})", labels.len(), of_trace(scope, labels), last(scope, labels)),
        }
    }
}

fn of_trace(scope: &Scope, labels: &[u16]) -> String {
    let trace = Trace { scope: scope.clone(), labels: labels.to_vec() };
    if labels.len() > MOST_LABELS { format!(" of a tour of {}", scope.name) } else { format!(" of {trace}") }
}

/// What the last step does.
fn last(scope: &Scope, labels: &[u16]) -> String {
    let mut replay = Replay::new(scope);
    let mut words = String::new();
    for label in labels {
        let before = *replay.state();
        words = replay.make(*label).map(|made| naming::action(scope, &before, made.ask.action)).unwrap_or_default();
    }
    words
}
