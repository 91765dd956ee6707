//! The bugs that systems of this kind are known to have had, each as a scenario: a trace, how it ends with the rules in force, and the
//! bug planted on purpose. It lists and tells; whether a trace agrees and a bug is caught is for a replay to say.

use std::fmt::{self, Write};

use model::rule::Rule;
use sut::planted::Planted;

use crate::diagram;
use crate::divergence::Divergence;
use crate::driver::DriverKind;
use crate::naming;
use crate::observation::expected;
use crate::planting;
use crate::replay::{Replay, replay};
use crate::token::{BadTrace, Trace};
use crate::wrapped;

mod list;

pub use list::KNOWN_BUGS;

/// A bug, and the scenario in which it would show.
#[derive(Clone, Copy, Debug)]
pub struct KnownBug {
    /// The bug as the rulebook calls it.
    pub words: &'static str,
    /// The rules that forbid it.
    pub rules: &'static [Rule],
    /// The scenario, as a [`Trace`] is written.
    pub trace: &'static str,
    /// How the scenario ends with the rules in force.
    pub outcome: &'static str,
    /// How the bug is seen to be caught.
    pub planting: Planting,
}

/// How a known bug is put into the real system.
#[derive(Clone, Copy, Debug)]
pub enum Planting {
    /// By a switch.
    Switch(Planted),
    /// Not at all, since it takes more than one node: what the trace shows instead.
    TakesTwoNodes(&'static str),
}

/// The drivers on which each scenario is replayed.
const DRIVERS: [DriverKind; 2] = [DriverKind::Machines, DriverKind::Stack];

impl KnownBug {
    /// Its scenario.
    ///
    /// # Errors
    /// What is wrong with the words, if they name no trace.
    pub fn trace(&self) -> Result<Trace, BadTrace> {
        self.trace.parse()
    }
}

/// What became of a scenario.
#[derive(Clone, Debug)]
pub struct Told {
    bug: KnownBug,
    trace: Trace,
    found: Vec<(DriverKind, Option<Divergence>)>,
}

impl Told {
    /// Replays a scenario with its bug planted, if there is a switch for it.
    ///
    /// # Errors
    /// What is wrong with its trace.
    pub fn of(bug: KnownBug) -> Result<Told, BadTrace> {
        let trace = bug.trace()?;
        let found = match bug.planting {
            Planting::Switch(planted) => DRIVERS.map(|driver| (driver, caught(&trace, driver, planted))).into(),
            Planting::TakesTwoNodes(_) => Vec::new(),
        };
        Ok(Told { bug, trace, found })
    }

    /// The rows that end a scenario: how it ends, and what gave the bug away.
    fn rows(&self) -> String {
        let rules: Vec<_> = self.bug.rules.iter().map(|rule| rule.name()).collect();
        let mut rows =
            format!("outcome   {}\nrules     {}\nat last   {}\n", self.bug.outcome, rules.join(", "), at_last(&self.trace));
        match self.bug.planting {
            Planting::Switch(planted) => {
                let _ = writeln!(rows, "planted   {planted}");
            }
            Planting::TakesTwoNodes(instead) => {
                let _ = writeln!(rows, "planted   not: one node cannot show it; {instead}");
            }
        }
        for (driver, found) in &self.found {
            let _ = writeln!(rows, "{driver:<10}{}", found.as_ref().map_or("no difference".to_owned(), difference));
        }
        rows
    }
}

/// The difference that a planted bug makes on a trace.
pub fn caught(trace: &Trace, driver: DriverKind, planted: Planted) -> Option<Divergence> {
    planting::with(Some(planted), || replay(&trace.scope, driver, &trace.labels).divergence)
}

/// The first lines that part, and at which step.
fn difference(found: &Divergence) -> String {
    format!("step {}: {}", found.labels.len(), found.first_lines().join("\n                  "))
}

/// Who is online in the end, and which kicks are on record.
fn at_last(trace: &Trace) -> String {
    let mut replay = Replay::new(&trace.scope);
    let last = trace.labels.iter().filter_map(|label| replay.make(*label)).last();
    let Some(seen) = last.map(|made| expected(&trace.scope, &made.step)) else { return String::new() };
    let records = [naming::online(&trace.scope, &seen.rosters), naming::kicks(&trace.scope, &seen.kicks)];
    records.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scope = &self.trace.scope;
        writeln!(f, "{}\n{}", self.bug.words, wrapped::narrow(&format!("scope {}: {}", scope.name, scope.about)))?;
        writeln!(f, "{}", diagram::text(scope, &self.trace.labels))?;
        write!(
            f,
            "{}{}",
            wrapped::narrow(&self.rows()),
            wrapped::command("again     ", &format!("kickproof replay {}", self.trace))
        )
    }
}

/// Every known bug, as the report tells them.
///
/// # Errors
/// What is wrong with the trace of one.
pub fn report() -> Result<String, BadTrace> {
    let told = KNOWN_BUGS.into_iter().map(Told::of).collect::<Result<Vec<_>, _>>()?;
    let numbered = (1..).zip(told).map(|(number, told)| format!("{number}. {told}\n"));
    Ok(numbered.collect::<Vec<_>>().join("\n"))
}
