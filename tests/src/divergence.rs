//! A difference between the model and a system, and how it is told: the steps, what was expected and what was seen as a diff, the
//! sequence, and the command that walks the trace again. It tells; it judges nothing.

mod origin;

use std::fmt::{self, Write};

use model::frame::Frame;
use model::rule::{Rule, Rules};
use model::scope::Scope;
use model::step::{acting, step};

use crate::changes::{Change, changes};
use crate::diagram;
use crate::driver::DriverKind;
use crate::lines::{seen, standing_with};
use crate::naming;
use crate::observation::Observation;
use crate::replay::Replay;
use crate::token::Trace;
use crate::tour::Labels;
use crate::wrapped;
use origin::{Taken, written_at};

/// Whose steps are compared with the model's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum System {
    /// The real one, on a driver, and the planted bug that it has, by name.
    Driver(DriverKind, Option<String>),
    /// Somebody else's, which that command starts.
    Child(String),
}

/// At which observation of a trace both sides differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// That of the last step.
    AtStep,
    /// That of how all stands before the first step, or once more behind the last.
    AtRest,
}

/// The first difference on a trace: at its last step, or at rest behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Where.
    pub scope: Scope,
    /// On which system.
    pub system: System,
    /// The trace.
    pub labels: Labels,
    /// At which observation.
    pub look: Look,
    /// What the model says must be seen.
    pub expected: Observation,
    /// What was seen.
    pub actual: Observation,
}

impl Divergence {
    /// The command that walks the trace again.
    pub fn again(&self) -> String {
        let trace = Trace { scope: self.scope.clone(), labels: self.labels.clone() };
        match &self.system {
            System::Driver(driver, planted) => {
                let planted = planted.as_ref().map(|bug| format!(" --planted {bug}")).unwrap_or_default();
                format!("cargo run -- replay {trace} --driver {driver}{planted}")
            }
            System::Child(command) if self.labels.is_empty() => {
                format!("cargo run -- conform --scope {} -- {command}", self.scope.name)
            }
            System::Child(command) => format!("cargo run -- conform --trace {trace} -- {command}"),
        }
    }

    /// The command that opens the place in the Explorer.
    pub fn explored(&self) -> String {
        let trace = Trace { scope: self.scope.clone(), labels: self.labels.clone() };
        match &self.system {
            System::Driver(_, None) => format!("cargo run -- explore {trace}"),
            System::Driver(_, Some(bug)) => format!("cargo run -- explore {trace} --planted {bug}"),
            System::Child(command) if self.labels.is_empty() => {
                format!("cargo run -- explore --scope {} --foreign {command}", self.scope.name)
            }
            System::Child(command) => format!("cargo run -- explore {trace} --foreign {command}"),
        }
    }

    /// What was expected and what was seen, line by line: `-` is missing, `+` is too much.
    pub fn diff(&self) -> String {
        let [expected, actual] = [&self.expected, &self.actual].map(|side| match self.system {
            System::Driver(..) => lines(&self.scope, side),
            System::Child(_) => told_lines(&self.scope, side, None, naming::kind),
        });
        diff(&expected, &actual)
    }

    /// The rules that act on the step that differs, by the model: without one of them it would expect something else.
    pub fn rules(&self) -> Vec<Rule> {
        self.steps().last().map(|last| self.acting_on(last)).unwrap_or_default()
    }

    /// Where that step delivers a frame: which step wrote it, counted from 1, and the rules that act on that one.
    pub fn wrote(&self) -> Option<(usize, Vec<Rule>)> {
        let steps = self.steps();
        written_at(&steps).map(|place| (place + 1, self.acting_on(&steps[place])))
    }

    /// The steps up to the one that differs; none if it is not a step.
    fn steps(&self) -> Vec<Taken> {
        let mut replay = Replay::new(&self.scope);
        let labels = if self.look == Look::AtStep { self.labels.as_slice() } else { &[] };
        let taken = |label: &u16| {
            let before = *replay.state();
            replay.go(*label).map(|ask| (before, ask.action))
        };
        labels.iter().map_while(taken).collect()
    }

    fn acting_on(&self, (state, action): &Taken) -> Vec<Rule> {
        let made = step(&self.scope, Rules::ALL, state, *action);
        acting(&self.scope, state, *action, &made).iter().collect()
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
        let (system, seen_by) = match &self.system {
            System::Driver(driver, _) => (format!("driver {driver}"), format!("seen on the {driver}")),
            System::Child(command) => (format!("`{command}`"), "told by the child".to_owned()),
        };
        let seen = match (self.look, steps) {
            (Look::AtStep, _) => "",
            (Look::AtRest, 0) => "observed before step 1, ",
            (Look::AtRest, _) => "observed once more after the last step, ",
        };
        writeln!(f, "scope {}, step {steps} of {steps}, {seen}{system}", self.scope.name)?;
        writeln!(f, "{}", diagram::text(&self.scope, &self.labels))?;
        writeln!(f, "step {steps}: - expected by the model, + {seen_by}")?;
        write!(f, "{}", self.diff())?;
        if self.look == Look::AtStep {
            writeln!(f, "{}", wrapped::under("rules   ", &named(&self.rules())))?;
        }
        if let (System::Child(_), Some((step, rules))) = (&self.system, self.wrote())
            && !rules.is_empty()
        {
            let wrote = format!("step {step} wrote the frame that it delivers; rules there: {}", named(&rules));
            writeln!(f, "{}", wrapped::under("wrote   ", &wrote))?;
        }
        writeln!(f, "{}", wrapped::command("again   ", &self.again()))?;
        f.write_str(&wrapped::command("explore ", &self.explored()))
    }
}

/// Rules by their names, in the rulebook's order.
fn named(rules: &[Rule]) -> String {
    let names: Vec<_> = rules.iter().map(|rule| rule.name()).collect();
    if names.is_empty() { "none acts on this step: nothing was to happen".to_owned() } else { names.join(", ") }
}

/// An observation in lines: two different observations never have the same lines.
pub fn lines(scope: &Scope, observation: &Observation) -> Vec<String> {
    told_lines(scope, observation, Some(naming::server(&observation.server)), naming::frame)
}

/// The same with that line for the server, and those words for a frame under way.
fn told_lines(scope: &Scope, observation: &Observation, server: Option<String>, words: fn(Frame) -> String) -> Vec<String> {
    let lines = seen(scope, observation).into_iter().chain(standing_with(scope, observation, server, words));
    lines.map(|line| line.text).collect()
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
