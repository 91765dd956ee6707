//! How an action of the model becomes a step of the real system. A driver does what it is asked, waits until the system is idle, and says
//! what is seen; it knows no state of the model and compares nothing.

mod clock;
mod duplexes;
mod frames;
mod ground;
mod log;
mod machines;
mod record;
mod rest;
mod stack;
mod streams;

use std::fmt;
use std::str::FromStr;

use model::action::AccountId;
use model::scope::{RestKicks, Scope};

use crate::observation::{Ask, Observation};
use duplexes::Duplexes;
use stack::Stack;

pub use machines::Machines;

/// A real system that does the model's actions.
pub trait Driver {
    /// Does one action and says what is seen once the system is idle again.
    fn step(&mut self, ask: Ask) -> Observation;
}

/// The accounts that a scope has kicked by REST before anything else.
fn kicked_before(scope: &Scope) -> impl Iterator<Item = AccountId> + use<> {
    let called = scope.rest_kicks == RestKicks::Called;
    scope.accounts().filter(move |_| called)
}

/// Which driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DriverKind {
    /// The two machines and a registry, with queues between them.
    Machines,
    /// The whole client and server: tasks, HTTP, WebSocket, JSON, over in-memory streams.
    Stack,
}

impl DriverKind {
    /// Every driver.
    pub const ALL: [DriverKind; 2] = [DriverKind::Machines, DriverKind::Stack];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            DriverKind::Machines => "machines",
            DriverKind::Stack => "stack",
        }
    }

    /// A fresh system in which nothing has happened.
    pub fn start(self, scope: &Scope) -> Box<dyn Driver> {
        match self {
            DriverKind::Machines => Box::new(Machines::start(scope)),
            DriverKind::Stack => Box::new(Stack::<Duplexes>::start(scope)),
        }
    }
}

impl fmt::Display for DriverKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A driver's name that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown driver '{0}': it would be machines or stack")]
pub struct UnknownDriver(pub String);

impl FromStr for DriverKind {
    type Err = UnknownDriver;

    fn from_str(name: &str) -> Result<DriverKind, UnknownDriver> {
        DriverKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| UnknownDriver(name.to_owned()))
    }
}
