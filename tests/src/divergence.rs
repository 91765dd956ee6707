//! A difference between the model and the real system, and how it is told: the steps, what was expected and what was seen as a diff, the
//! sequence, and the command that walks the trace again. It tells; it judges nothing.

use std::fmt::{self, Write};

use model::scope::Scope;
use similar::{ChangeTag, TextDiff};

use crate::diagram;
use crate::driver::DriverKind;
use crate::naming;
use crate::observation::Observation;
use crate::token::Trace;
use crate::tour::Labels;

/// The first difference on a trace: its last step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Where.
    pub scope: Scope,
    /// On which driver.
    pub driver: DriverKind,
    /// The trace.
    pub labels: Labels,
    /// What the model says must be seen of the last step.
    pub expected: Observation,
    /// What was seen of it.
    pub actual: Observation,
    /// The planted bug that it was walked with, by name.
    pub planted: Option<String>,
}

impl Divergence {
    /// The command that walks the trace again.
    pub fn again(&self) -> String {
        let trace = Trace { scope: self.scope.clone(), labels: self.labels.clone() };
        let planted = self.planted.as_ref().map(|bug| format!(" --planted {bug}")).unwrap_or_default();
        format!("cargo run -- replay {trace} --driver {}{planted}", self.driver)
    }

    /// What was expected and what was seen, line by line: `-` is missing, `+` is too much.
    pub fn diff(&self) -> String {
        let [expected, actual] = [&self.expected, &self.actual].map(|side| lines(&self.scope, side));
        diff(&expected, &actual)
    }

    /// The first line that was expected and not seen, and the first that was seen and not expected, each with its sign.
    pub fn first_lines(&self) -> Vec<String> {
        first_lines(&self.diff())
    }
}

/// Two sides in lines as one text: `-` is only in the first, `+` only in the second.
pub fn diff(expected: &[String], actual: &[String]) -> String {
    let sides = [expected, actual].map(|side| side.join("\n") + "\n");
    let diff = TextDiff::from_lines(&sides[0], &sides[1]);
    let mut text = String::new();
    for change in diff.iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        let _ = writeln!(text, "  {sign} {}", change.value().trim_end());
    }
    text
}

/// The first line of a diff that is missing, and the first that is too much, each with its sign.
pub fn first_lines(diff: &str) -> Vec<String> {
    let first = |sign: &str| diff.lines().map(str::trim_start).find(|line| line.starts_with(sign)).map(str::to_owned);
    ["- ", "+ "].into_iter().filter_map(first).collect()
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.labels.len();
        writeln!(f, "scope {}, step {steps} of {steps}, driver {}", self.scope.name, self.driver)?;
        writeln!(f, "{}", diagram::text(&self.scope, &self.labels))?;
        writeln!(f, "step {steps}: - expected by the model, + seen on the {}", self.driver)?;
        write!(f, "{}", self.diff())?;
        write!(f, "again   {}", self.again())
    }
}

/// An observation in lines: two different observations never have the same lines.
pub fn lines(scope: &Scope, observation: &Observation) -> Vec<String> {
    let seen = observation.told.iter().chain(&observation.wire).chain(&observation.callbacks);
    let mut lines: Vec<_> = seen.map(|item| naming::item(scope, *item)).collect();
    lines.extend(observation.synced.iter().map(|(instance, online)| naming::synced(scope, *instance, online)));
    lines.push(naming::online(scope, &observation.rosters));
    lines.extend(Some(naming::kicks(scope, &observation.kicks)).filter(|kicks| !kicks.is_empty()));
    lines.push(naming::server(&observation.server));
    let seats = scope.instances().zip(observation.seats.iter());
    lines.extend(seats.map(|(instance, view)| naming::stands(scope, instance, view)));
    lines.extend(observation.strange.iter().map(|what| format!("strange: {what}")));
    lines
}
