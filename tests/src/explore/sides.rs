//! A path on both sides: what the model says must be seen of each step, and what a real client and server then show, up to the first
//! difference. It draws nothing.

use std::sync::mpsc::{Receiver, Sender, channel};

use model::action::Action;
use model::frame::Frame;
use model::scope::Scope;
use sut::planted::Planted;

use crate::driver::{Driver as _, DriverKind};
use crate::foreign::{Foreign, Launch, Trouble};
use crate::naming;
use crate::observation::{Ask, Observation, expected};
use crate::planting;
use crate::replay::{Replay, actions_of};

/// One step on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was done.
    pub action: Action,
    /// What it is called.
    pub name: String,
    /// The frame that it delivered.
    pub carried: Option<Frame>,
    /// What must be seen, by the model.
    pub model: Observation,
    /// What was seen.
    pub system: System,
}

/// What the real client and server made of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum System {
    /// They did it, and this was seen.
    Showed(Box<Observation>),
    /// They ended in the middle of it.
    Ended,
    /// They were not asked: a step before it was the first difference.
    NotAsked,
}

/// What a step on both sides comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both show the same.
    Agrees,
    /// They do not: the first difference.
    Differs,
    /// The system was not asked.
    Open,
}

impl Row {
    /// Whether both sides agree.
    pub fn verdict(&self) -> Verdict {
        match &self.system {
            System::Showed(seen) if **seen == self.model => Verdict::Agrees,
            System::Showed(_) | System::Ended => Verdict::Differs,
            System::NotAsked => Verdict::Open,
        }
    }
}

/// Walks a path on the model and, there and then, on a fresh real client and server with that bug planted, if any. An action that is
/// not offered where it stands ends the path.
pub fn both(scope: &Scope, actions: &[Action], planted: Option<Planted>) -> Vec<Row> {
    let (asks, mut rows) = by_the_model(scope, actions);
    let script: Vec<_> = asks.into_iter().zip(rows.iter().map(|row| row.model.clone())).collect();
    std::thread::scope(|threads| {
        let (show, shown) = channel();
        let system = threads.spawn(move || by_the_system(scope, script, planted, &show));
        fill(&mut rows, &shown);
        let _ended = system.join();
    });
    rows
}

/// The same beside somebody else's system; what that does not tell is not compared.
///
/// # Errors
/// It cannot be started, or cannot do the scope.
pub fn beside_a_child(scope: &Scope, labels: &[u16], launch: &Launch) -> Result<Vec<Row>, Trouble> {
    let actions = actions_of(scope, labels);
    let (asks, mut rows) = by_the_model(scope, &actions);
    let mut child = Foreign::start(scope, launch)?;
    child.begin(labels);
    child.stand_into(&mut Observation::default());
    for (ask, row) in asks.into_iter().zip(&mut rows) {
        child.project(&mut row.model);
        row.system = System::Showed(Box::new(child.step(ask)));
        if row.verdict() == Verdict::Differs {
            return Ok(rows);
        }
    }
    child.finish();
    Ok(rows)
}

fn by_the_model(scope: &Scope, actions: &[Action]) -> (Vec<Ask>, Vec<Row>) {
    let mut replay = Replay::new(scope);
    let (mut asks, mut rows) = (Vec::new(), Vec::new());
    for action in actions {
        let before = *replay.state();
        let label = replay.offered().iter().position(|offered| offered == action);
        let Some(made) = label.and_then(|label| replay.make(label as u16)) else { break };
        let (name, carried) = (naming::action(scope, &before, *action), naming::carried(&before, *action));
        asks.push(made.ask);
        rows.push(Row { action: *action, name, carried, model: expected(scope, &made.step), system: System::NotAsked });
    }
    (asks, rows)
}

/// On a thread of its own: the caller's may be in a runtime already, and a bug is planted thread by thread.
fn by_the_system(scope: &Scope, script: Vec<(Ask, Observation)>, planted: Option<Planted>, show: &Sender<Observation>) {
    planting::with(planted, || {
        let mut driver = DriverKind::Stack.start(scope);
        for (ask, expected) in script {
            let seen = driver.step(ask);
            let differs = seen != expected;
            if show.send(seen).is_err() || differs {
                return;
            }
        }
    });
}

fn fill(rows: &mut [Row], shown: &Receiver<Observation>) {
    for row in rows {
        row.system = shown.recv().map_or(System::Ended, |seen| System::Showed(Box::new(seen)));
        if row.verdict() == Verdict::Differs {
            return;
        }
    }
}
