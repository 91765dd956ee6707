//! One walk: the model's step judged by the model's own properties, then the system's step compared with it, until they differ. It
//! chooses nothing and never goes on after a difference or a panic.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use conformance::cast::user_id;
use conformance::divergence::{diff, lines};
use conformance::driver::DriverKind;
use conformance::naming;
use conformance::observation::{Observation, expected};
use conformance::replay::{Made, Replay};
use model::action::Action;
use model::observers::{Watches, observe};
use model::properties::{Moment, Seen, broken};
use model::rule::Rules;
use model::scope::{Scope, Seat};
use model::state::State;
use model::step::step;

use super::plan::{Plan, label};

/// A walk that was made.
pub(crate) struct Walk {
    scope: Scope,
    pub(crate) taken: Vec<Action>,
    /// What was wrong with the last step, if anything was.
    pub(crate) end: Result<(), String>,
}

/// Walks a plan on both sides.
pub(crate) fn walk(plan: &Plan, kind: DriverKind) -> Walk {
    let mut taken = Vec::new();
    let end = catch_unwind(AssertUnwindSafe(|| on_both_sides(plan, kind, &mut taken)));
    let end = end.unwrap_or_else(|panic| Err(format!("a panic: {}", message(panic.as_ref()))));
    Walk { scope: plan.scope.clone(), taken, end }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}

fn on_both_sides(plan: &Plan, kind: DriverKind, taken: &mut Vec<Action>) -> Result<(), String> {
    let mut driver = kind.start(&plan.scope);
    let mut watches = Watches::of(&plan.scope);
    each_step(plan, taken, |before, made| {
        watches = judge(&plan.scope, before, made, &watches)?;
        compare(&plan.scope, &expected(&plan.scope, &made.step), &driver.step(made.ask))
    })
}

/// Makes the model's steps; each action is noted before it is taken.
pub(crate) fn each_step(
    plan: &Plan,
    taken: &mut Vec<Action>,
    mut each: impl FnMut(&State, &Made) -> Result<(), String>,
) -> Result<(), String> {
    let mut replay = Replay::new(&plan.scope);
    for choice in &plan.choices {
        let (before, offered) = (*replay.state(), replay.offered());
        let label = label(&offered, *choice);
        taken.push(offered[usize::from(label)]);
        let made = replay.make(label).expect("the label is one of those offered");
        each(&before, &made)?;
    }
    Ok(())
}

/// What the onlookers know after a step that keeps every rule.
fn judge(scope: &Scope, before: &State, made: &Made, watches: &Watches) -> Result<Watches, String> {
    let (action, items, after) = (made.ask.action, made.step.items.as_slice(), &made.step.next);
    let then = observe(watches, action, items);
    let (before, after) = (Moment { state: before, watches }, Moment { state: after, watches: &then });
    let broken = broken(&Seen::new(scope, before, action, items, after));
    match broken.is_empty() {
        true => Ok(then),
        false => {
            let items: Vec<_> = items.iter().map(|item| naming::item(scope, *item)).collect();
            Err(format!("the model breaks its own properties of {broken:?}, showing {items:#?}"))
        }
    }
}

fn compare(scope: &Scope, expected: &Observation, actual: &Observation) -> Result<(), String> {
    if expected == actual {
        return Ok(());
    }
    let [expected, actual] = [expected, actual].map(|seen| lines(scope, seen));
    Err(format!("the system differs, - expected, + seen:\n{}", diff(&expected, &actual)))
}

impl Walk {
    /// The steps, one a line.
    fn steps(&self) -> Vec<String> {
        let mut state = State::initial(&self.scope);
        let mut steps = Vec::new();
        for (place, action) in self.taken.iter().enumerate() {
            steps.push(naming::action(&self.scope, &state, *action));
            if place + 1 < self.taken.len() {
                state = step(&self.scope, Rules::ALL, &state, *action).next;
            }
        }
        steps
    }
}

impl fmt::Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (steps, policy, limits) = (self.taken.len(), self.scope.policy, &self.scope.limits);
        writeln!(f, "a walk of {steps} steps under {policy}, limits {limits:?}, {}", self.scope.bounds())?;
        for Seat { name, platform, accounts, shares, node: _ } in &self.scope.seats {
            let users: Vec<_> = accounts.iter().map(|account| user_id(*account)).collect();
            let key = shares.map(|other| format!(", under the key of {}", self.scope.name_of(other))).unwrap_or_default();
            writeln!(f, "      {name} is {}, as {}{key}", platform.name(), users.join(" or "))?;
        }
        for (place, step) in self.steps().into_iter().enumerate() {
            writeln!(f, "{:4}  {step}", place + 1)?;
        }
        match &self.end {
            Ok(()) => writeln!(f, "ends well"),
            Err(what) => writeln!(f, "{what}"),
        }
    }
}
