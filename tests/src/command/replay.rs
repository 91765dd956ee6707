//! `kickproof replay`: one trace again, step by step. It judges nothing itself.

use std::num::ParseIntError;
use std::str::FromStr;

use clap::Args;
use model::scope::Scope;
use model::scopes::UnknownScope;

use super::{DriverOption, Error, Sabotage};

/// Replays one trace on the real client and server, and shows each step
#[derive(Args)]
#[command(after_help = "Example:\n  kickproof replay page-story:0.2.5.1 --driver stack")]
pub(super) struct Options {
    /// The trace, as a divergence prints it: a scope, then the place of each step among the actions offered there
    #[arg(value_name = "TRACE")]
    trace: Trace,
    #[command(flatten)]
    driver: DriverOption,
    #[command(flatten)]
    sabotage: Sabotage,
}

/// The steps that are replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Trace {
    scope: Scope,
    /// At each step the place, from 0, of the action among those that the state offers.
    choices: Vec<usize>,
}

/// Why a text is no trace.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum BadTrace {
    #[error("a trace is a scope, a colon and steps joined by dots, as in page-story:0.2.5")]
    NoColon,
    #[error(transparent)]
    Scope(#[from] UnknownScope),
    #[error("step {step} of the trace, '{text}', is no number: {error}")]
    Step { step: usize, text: String, error: ParseIntError },
}

impl FromStr for Trace {
    type Err = BadTrace;

    /// Nothing behind the colon is the trace without a step.
    fn from_str(token: &str) -> Result<Trace, BadTrace> {
        let (name, steps) = token.split_once(':').ok_or(BadTrace::NoColon)?;
        let scope = model::scopes::named(name)?;
        let steps = steps.split('.').filter(|_| !steps.is_empty());
        let choices = steps.enumerate().map(|(before, text)| choice(before + 1, text)).collect::<Result<_, _>>()?;
        Ok(Trace { scope, choices })
    }
}

fn choice(step: usize, text: &str) -> Result<usize, BadTrace> {
    text.parse().map_err(|error| BadTrace::Step { step, text: text.to_owned(), error })
}

/// Replays the trace.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    let Trace { scope, choices } = &options.trace;
    let bug = options.sabotage.bug();
    let driver = options.driver.name;
    Err(Error::NotHereYet(format!("replay of {choices:?} in {} by {driver:?} with {bug:?}", scope.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(token: &str) -> Result<Vec<usize>, String> {
        token.parse::<Trace>().map(|trace| trace.choices).map_err(|error| error.to_string())
    }

    #[test]
    fn a_trace_is_a_scope_and_its_steps() {
        assert_eq!(choices("page-story:0.2.15"), Ok(vec![0, 2, 15]));
        assert_eq!(choices("page-story:"), Ok(vec![]));
    }

    #[test]
    fn a_broken_trace_says_what_is_wrong_with_it() {
        let rows = [
            ("page-story", "a trace is a scope, a colon and steps joined by dots, as in page-story:0.2.5"),
            ("page-story:0..1", "step 2 of the trace, '', is no number: cannot parse integer from empty string"),
            ("page-story:0.-1", "step 2 of the trace, '-1', is no number: invalid digit found in string"),
        ];
        for (token, expected) in rows {
            assert_eq!(choices(token), Err(expected.to_owned()));
        }
        assert!(choices("page:0").unwrap_err().starts_with("unknown scope 'page': it would be one of page-default, "));
    }
}
