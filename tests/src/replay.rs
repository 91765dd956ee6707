//! The comparison: a trace is walked on the model and on a real system side by side, and everything seen is compared after every step.

use std::fmt;

use model::action::{AccountId, Action, AppCall, Token};
use model::frame::UpFrame;
use model::rule::Rules;
use model::scope::{Scope, Sends};
use model::state::State;
use model::step::{Step, action_at, actions};

use crate::divergence::{Divergence, Look, System};
use crate::driver::{Driver, DriverKind};
use crate::observation::{Ask, Observation, expect};
use crate::planting;

/// A trace being walked on both sides.
#[derive(Clone)]
pub struct Replay<'a> {
    scope: &'a Scope,
    /// The last step; before the first, one that shows nothing.
    last: Step,
    /// Room for what is offered.
    offered: Vec<Action>,
}

/// One step on the model's side.
pub struct Made {
    /// What was done.
    pub ask: Ask,
    /// What it leads to.
    pub step: Step,
}

impl<'a> Replay<'a> {
    /// Nothing has happened yet.
    pub fn new(scope: &'a Scope) -> Replay<'a> {
        Replay { scope, last: Step::none(State::initial(scope)), offered: Vec::new() }
    }

    /// Where it is walked.
    pub fn scope(&self) -> &'a Scope {
        self.scope
    }

    /// The model's state.
    pub fn state(&self) -> &State {
        &self.last.next
    }

    /// The last step.
    pub fn last(&self) -> &Step {
        &self.last
    }

    /// The actions that are offered now.
    pub fn offered(&self) -> Vec<Action> {
        actions(self.scope, self.state())
    }

    /// Makes the model's step; `None` if no action has that label here.
    pub fn make(&mut self, label: u16) -> Option<Made> {
        let ask = self.go(label)?;
        Some(Made { ask, step: self.last.clone() })
    }

    /// The same; the step itself is the [`last`](Replay::last).
    pub fn go(&mut self, label: u16) -> Option<Ask> {
        let action = action_at(self.scope, &self.last.next, usize::from(label), &mut self.offered)?;
        let ask = Ask { action, message: self.message(action) };
        self.last.go_on(self.scope, Rules::ALL, action);
        Some(ask)
    }

    /// Makes the step of that action, and says its label; `None` if it is not offered here.
    pub fn follow(&mut self, action: Action) -> Option<u16> {
        let label = self.offered().iter().position(|offered| *offered == action)? as u16;
        self.go(label).map(|_| label)
    }

    /// The name of the message that an accepted send would have, or that of the one that is sent again, and its receiver.
    fn message(&self, action: Action) -> Option<(Token, AccountId)> {
        match (action, &self.scope.sends) {
            (Action::Call(_, AppCall::Send(to)), Sends::Tokens { tokens, .. }) => Some((self.state().free_token(*tokens)?, to)),
            (Action::Call(instance, AppCall::Resend), _) => match self.state().instance(instance).client.unknown.first() {
                Some(UpFrame::Send { token, to }) => Some((token, to)),
                Some(_) | None => None,
            },
            _ => None,
        }
    }
}

/// The actions of a trace, up to a label that names none.
pub fn actions_of(scope: &Scope, labels: &[u16]) -> Vec<Action> {
    let mut replay = Replay::new(scope);
    labels.iter().map_while(|label| replay.make(*label)).map(|made| made.ask.action).collect()
}

/// How far a trace was walked with both sides agreeing, and the difference at which it stopped.
pub struct Walked {
    /// Steps that were executed and compared equal.
    pub steps: usize,
    /// The first difference.
    pub divergence: Option<Divergence>,
}

impl Walked {
    /// Passes if both sides agree in so many steps.
    ///
    /// # Panics
    /// Otherwise, saying of `what`: the difference as it is drawn, with the command that walks it again, or where the trace left what is
    /// offered.
    #[track_caller]
    pub fn must_agree(&self, what: impl fmt::Display, steps: usize) {
        if let Some(found) = &self.divergence {
            panic!("{what}: the model and the system differ\n{found}");
        }
        assert!(self.steps == steps, "{what}: step {} of {steps} is not offered", self.steps + 1);
    }
}

/// Walks a trace on a fresh system.
pub fn replay(scope: &Scope, kind: DriverKind, labels: &[u16]) -> Walked {
    walk(scope, kind, kind.start(scope).as_mut(), labels, || {})
}

/// Walks a trace on a system in which nothing has happened yet; `each` is called after every step that agrees.
pub fn walk(scope: &Scope, kind: DriverKind, driver: &mut dyn Driver, labels: &[u16], each: impl FnMut()) -> Walked {
    walk_on(scope, &System::Driver(kind, planting::name()), driver, labels, each)
}

/// The same on any system, which is compared at rest, too, if it says how all stands then.
pub(crate) fn walk_on(scope: &Scope, system: &System, driver: &mut dyn Driver, labels: &[u16], mut each: impl FnMut()) -> Walked {
    let mut replay = Replay::new(scope);
    let [mut actual, mut expected] = [Observation::default(), Observation::default()];
    let mut compare = |driver: &dyn Driver, actual: &Observation, step: &Step, (labels, look): (&[u16], Look)| {
        expect(scope, step, &mut expected);
        driver.project(&mut expected);
        (*actual != expected).then(|| Divergence {
            scope: scope.clone(),
            system: system.clone(),
            labels: labels.to_vec(),
            look,
            expected: expected.clone(),
            actual: actual.clone(),
        })
    };
    driver.begin(labels);
    if driver.stand_into(&mut actual)
        && let found @ Some(_) = compare(driver, &actual, replay.last(), (&[], Look::AtRest))
    {
        return Walked { steps: 0, divergence: found };
    }
    for (index, label) in labels.iter().enumerate() {
        let Some(ask) = replay.go(*label) else { return Walked { steps: index, divergence: None } };
        driver.step_into(ask, &mut actual);
        if let found @ Some(_) = compare(driver, &actual, replay.last(), (&labels[..=index], Look::AtStep)) {
            return Walked { steps: index, divergence: found };
        }
        each();
    }
    let at_rest = Step::none(*replay.state());
    let stands = driver.stand_into(&mut actual);
    let divergence = if stands { compare(driver, &actual, &at_rest, (labels, Look::AtRest)) } else { None };
    Walked { steps: labels.len(), divergence }
}
