//! A difference between the model and the real system, and how it is told: the steps, what was expected and what was seen as a diff, the
//! sequence, and the command that walks the trace again. It tells; it judges nothing.

use std::fmt::{self, Write};

use model::rule::Rule;
use model::scope::Scope;
use model::step::acting;

use crate::changes::{Change, changes};
use crate::diagram;
use crate::driver::DriverKind;
use crate::lines::{seen, standing};
use crate::observation::Observation;
use crate::replay::{Made, Replay};
use crate::token::Trace;
use crate::tour::Labels;
use crate::wrapped;

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

    /// The rules that act on the step that differs, by the model: without one of them it would expect something else.
    pub fn rules(&self) -> Vec<Rule> {
        let mut replay = Replay::new(&self.scope);
        let Some((last, before)) = self.labels.split_last() else { return Vec::new() };
        before.iter().for_each(|label| drop(replay.make(*label)));
        let state = *replay.state();
        let acts = |made: Made| acting(&self.scope, &state, made.ask.action, &made.step).iter().collect();
        replay.make(*last).map(acts).unwrap_or_default()
    }

    /// The first line that was expected and not seen, and the first that was seen and not expected, each with its sign.
    pub fn first_lines(&self) -> Vec<String> {
        first_lines(&self.diff())
    }
}

/// Two sides in lines as one text: `-` is only in the first, `+` only in the second. A line that stands on both sides, in another place
/// on each, says behind what, so that no `-` line reads as a `+` line.
pub fn diff(expected: &[String], actual: &[String]) -> String {
    let changes = changes(expected, actual);
    let moved = |line: &String| {
        let missing = changes.iter().any(|change| matches!(*change, Change::Missing(old) if expected[old] == *line));
        let added = changes.iter().any(|change| matches!(*change, Change::Added(new) if actual[new] == *line));
        missing && added
    };
    let mut text = String::new();
    for change in &changes {
        let (sign, side, index) = match *change {
            Change::Missing(old) => ('-', expected, old),
            Change::Added(new) => ('+', actual, new),
            Change::Kept { old } => (' ', expected, old),
        };
        let place = if sign != ' ' && moved(&side[index]) { place(side, index) } else { String::new() };
        let _ = writeln!(text, "  {sign} {}{place}", side[index]);
    }
    text
}

/// Where a line stands that only its place tells apart: `, as line 2 behind 'a1: SDK_NOT_READY'`.
fn place(side: &[String], index: usize) -> String {
    let before = index.checked_sub(1).map(|before| &side[before]);
    let behind = before.map_or(String::new(), |before| format!(" behind '{before}'"));
    format!(", as line {}{behind}", index + 1)
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
        writeln!(f, "{}", wrapped::under("rules   ", &named(&self.rules())))?;
        f.write_str(&wrapped::command("again   ", &self.again()))
    }
}

/// Rules by their names, in the rulebook's order.
fn named(rules: &[Rule]) -> String {
    let names: Vec<_> = rules.iter().map(|rule| rule.name()).collect();
    if names.is_empty() { "none acts on this step: nothing was to happen".to_owned() } else { names.join(", ") }
}

/// An observation in lines: two different observations never have the same lines.
pub fn lines(scope: &Scope, observation: &Observation) -> Vec<String> {
    seen(scope, observation).into_iter().chain(standing(scope, observation)).map(|line| line.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_line_in_another_place_says_where_it_stands() {
        let told = diff(&side(&["SDK_NOT_READY", "KICKED_OUT"]), &side(&["KICKED_OUT", "SDK_NOT_READY"]));
        let first = first_lines(&told);
        assert_eq!(first.len(), 2);
        assert_ne!(first[0].trim_start_matches('-'), first[1].trim_start_matches('+'), "{told}");
        assert!(told.contains("as line 1\n") && told.contains("as line 2 behind '"), "{told}");
    }

    #[test]
    fn no_two_lines_with_different_signs_read_the_same_whatever_is_moved() {
        let lines = ["a", "b", "c", "a"];
        for from in 0..lines.len() {
            for to in 0..lines.len() {
                let mut moved = side(&lines);
                let line = moved.remove(from);
                moved.insert(to, line);
                let told = diff(&side(&lines), &moved);
                let of = |sign: char| told.lines().filter_map(|line| line.trim_start().strip_prefix(sign)).collect::<Vec<_>>();
                assert!(of('-').iter().all(|line| !of('+').contains(line)), "{told}");
            }
        }
    }

    #[test]
    fn a_line_on_one_side_alone_says_nothing_of_its_place() {
        assert_eq!(diff(&side(&["a", "b"]), &side(&["a", "c"])), "    a\n  - b\n  + c\n");
    }
}
