//! A difference between the model and a foreign system, and how it is told: as one of the real system is. It tells; it judges nothing.

use std::fmt;

use model::action::Action;
use model::rule::{Rule, Rules};
use model::scope::Scope;
use model::state::State;
use model::step::{acting, step};

use super::moment::Moment;
use super::origin::written_at;
use super::talk::Talk;
use crate::diagram;
use crate::divergence::{diff, first_lines};
use crate::replay::Replay;
use crate::token::Trace;
use crate::tour::Labels;
use crate::wrapped;

/// Along which trace a difference is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// The model's shortest path to the step that showed it, or a trace that was asked for.
    Straight,
    /// The tour that showed it, for the shortest path does not.
    AsToured,
}

/// The first difference on a trace: at its last step, or when asked once more behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where.
    pub scope: Scope,
    /// The command that was started.
    pub command: String,
    /// The trace.
    pub labels: Labels,
    /// Which trace it is.
    pub story: Story,
    /// Which observation differs, in words; empty if it is the last step.
    pub asked: &'static str,
    /// The rules that act on the last step; none if it is not the step that differs.
    pub rules: Vec<Rule>,
    /// Where the last step delivers a frame: which step wrote it, counted from 1, and the rules that act on that one.
    pub wrote: Option<(usize, Vec<Rule>)>,
    /// What the model says must be seen, in lines.
    pub expected: Vec<String>,
    /// What was seen, in lines.
    pub actual: Vec<String>,
}

impl Difference {
    pub(super) fn new(talk: &Talk<'_>, moment: &Moment<'_>, expected: Vec<String>, actual: Vec<String>) -> Difference {
        let asked = match moment {
            Moment::Reset | Moment::Step(_) => "",
            Moment::Standing([]) => "observed before step 1, ",
            Moment::Standing(_) => "observed once more after the last step, ",
        };
        let (rules, wrote) = match moment {
            Moment::Step(labels) => acting_last(talk.scope, labels),
            Moment::Reset | Moment::Standing(_) => (Vec::new(), None),
        };
        let (scope, command, labels) = (talk.scope.clone(), talk.launch.to_string(), moment.labels().to_vec());
        Difference { scope, command, labels, story: Story::Straight, asked, rules, wrote, expected, actual }
    }

    /// The command that walks the trace again.
    pub fn again(&self) -> String {
        let trace = Trace { scope: self.scope.clone(), labels: self.labels.clone() };
        let what = if self.labels.is_empty() { format!("--scope {}", self.scope.name) } else { format!("--trace {trace}") };
        format!("cargo run -- conform {what} -- {}", self.command)
    }

    /// What was expected and what was seen, line by line: `-` is missing, `+` is too much.
    pub fn diff(&self) -> String {
        diff(&self.expected, &self.actual)
    }

    /// The first line that was expected and not seen, and the first that was seen and not expected, each with its sign.
    pub fn first_lines(&self) -> Vec<String> {
        first_lines(&self.diff())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.labels.len();
        writeln!(f, "scope {}, step {steps} of {steps}, {}`{}`", self.scope.name, self.asked, self.command)?;
        writeln!(f, "{}", diagram::text(&self.scope, &self.labels))?;
        if self.story == Story::AsToured {
            writeln!(
                f,
                "the shortest path to this step does not show it: the child goes by more than the rules know, or keeps it over a reset\n"
            )?;
        }
        writeln!(f, "step {steps}: - expected by the model, + told by the child")?;
        write!(f, "{}", self.diff())?;
        if !self.rules.is_empty() {
            writeln!(f, "rules that act on this step: {}", named(&self.rules))?;
        }
        if let Some((step, rules)) = &self.wrote
            && !rules.is_empty()
        {
            writeln!(f, "and on step {step}, which wrote the frame that it delivers: {}", named(rules))?;
        }
        f.write_str(&wrapped::command("again   ", &self.again()))
    }
}

fn named(rules: &[Rule]) -> String {
    rules.iter().map(|rule| rule.name()).collect::<Vec<_>>().join(", ")
}

/// The rules that act on the last of these steps; and the step that wrote what it delivers, and the rules that act on that one.
fn acting_last(scope: &Scope, labels: &[u16]) -> (Vec<Rule>, Option<(usize, Vec<Rule>)>) {
    let mut replay = Replay::new(scope);
    let before = |label: &u16| {
        let before = *replay.state();
        replay.go(*label).map(|ask| (before, ask.action))
    };
    let steps: Vec<_> = labels.iter().map_while(before).collect();
    let acting_on = |(state, action): &(State, Action)| {
        let made = step(scope, Rules::ALL, state, *action);
        acting(scope, state, *action, &made).iter().collect()
    };
    let wrote = written_at(&steps).map(|place| (place + 1, acting_on(&steps[place])));
    (steps.last().map(acting_on).unwrap_or_default(), wrote)
}
