//! A trace as one word: the scope's name and, for each step, the place of its action among those offered: `page-story:0.2.5`. It names a
//! trace; it never walks one on a real system.

use std::fmt;
use std::str::FromStr;

use model::scope::Scope;
use model::scopes::{self, UnknownScope};

use crate::nearest;
use crate::replay::Replay;
use crate::tour::Labels;

/// A trace that can be walked: every label is an action that is offered there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Where it is walked.
    pub scope: Scope,
    /// Its steps.
    pub labels: Labels,
}

/// A word that names no trace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTrace {
    /// There is no colon.
    #[error("'{}' is no trace: it would be a scope, a colon and labels, like page-story:0.2.5", .0.escape_debug())]
    NoColon(String),
    /// There is no such scope.
    #[error("{}", nearest::scope(.0))]
    Scope(#[from] UnknownScope),
    /// There are no steps.
    #[error("'{}' has no steps: nothing would be replayed; labels would follow the colon, like page-story:0.2.5", .0.escape_debug())]
    NoSteps(String),
    /// A label is no number.
    #[error("step {step} of the trace is '{}': it would be a number, like the 2 in page-story:0.2.5", .label.escape_debug())]
    NoNumber {
        /// Which step, from 1.
        step: usize,
        /// What stands there.
        label: String,
    },
    /// A label names no action.
    #[error("step {step} of the trace is {label}, but only {offered} actions are offered there, 0 to {}", offered - 1)]
    NotOffered {
        /// Which step, from 1.
        step: usize,
        /// What stands there.
        label: u16,
        /// How many actions there are.
        offered: usize,
    },
}

impl FromStr for Trace {
    type Err = BadTrace;

    fn from_str(word: &str) -> Result<Trace, BadTrace> {
        let (name, labels) = word.split_once(':').ok_or_else(|| BadTrace::NoColon(word.to_owned()))?;
        let scope = scopes::named(name)?;
        if labels.is_empty() {
            return Err(BadTrace::NoSteps(word.to_owned()));
        }
        let steps = labels.split('.').enumerate();
        let labels = steps.map(|(index, label)| number(index + 1, label)).collect::<Result<Labels, BadTrace>>()?;
        walkable(&scope, &labels)?;
        Ok(Trace { scope, labels })
    }
}

fn number(step: usize, label: &str) -> Result<u16, BadTrace> {
    label.parse().map_err(|_| BadTrace::NoNumber { step, label: label.to_owned() })
}

fn walkable(scope: &Scope, labels: &[u16]) -> Result<(), BadTrace> {
    let mut replay = Replay::new(scope);
    for (index, label) in labels.iter().enumerate() {
        let offered = replay.offered().len();
        replay.make(*label).ok_or(BadTrace::NotOffered { step: index + 1, label: *label, offered })?;
    }
    Ok(())
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<_> = self.labels.iter().map(u16::to_string).collect();
        write!(f, "{}:{}", self.scope.name, labels.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_read_as_it_is_written() {
        let trace: Trace = "page-story:0.2.5".parse().unwrap();
        assert_eq!(trace.labels, [0, 2, 5]);
        assert_eq!(trace.to_string(), "page-story:0.2.5");
    }

    #[test]
    fn a_broken_trace_is_told_in_one_line() {
        let told = |word: &str| word.parse::<Trace>().unwrap_err().to_string();
        assert_eq!(told("page-story"), "'page-story' is no trace: it would be a scope, a colon and labels, like page-story:0.2.5");
        assert!(told("page-story:").starts_with("'page-story:' has no steps: "));
        assert_eq!(told("page-stor:0"), "unknown scope 'page-stor'; did you mean 'page-story'? `kickproof scopes` lists all");
        assert_eq!(told("page-story:0.x"), "step 2 of the trace is 'x': it would be a number, like the 2 in page-story:0.2.5");
        assert!(told("page-story:0.99").starts_with("step 2 of the trace is 99, but only "));
        assert!(told("page-story:0..1").starts_with("step 2 of the trace is ''"));
        for word in ["a\nb", "a\nb:0", "page-story:\n", "page-story:0.\n"] {
            assert_eq!(told(word).lines().count(), 1, "{word:?}");
        }
    }
}
