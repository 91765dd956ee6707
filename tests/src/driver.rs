//! How an action of the model becomes a step of the real system. A driver does what it is asked, waits until the system is idle, and says
//! what is seen; it knows no state of the model and compares nothing.

mod between;
mod browser;
mod callbacks;
mod clients;
mod clock;
mod cx;
mod duplexes;
mod frames;
mod harness;
mod log;
mod machines;
mod record;
mod rest;
mod rigs;
mod rival;
mod side;
mod sockets;
mod stack;
mod streams;
mod transport;

use duplexes::Duplexes;
use model::scope::Scope;
use model::variants::every;
use sockets::Sockets;
use stack::Stack;
use strum::{Display, EnumCount, EnumString, IntoStaticStr, VariantArray};

use crate::cast::Cast;
use crate::observation::{Ask, Observation};

pub use browser::{ShellBug, Visit, package_at};
pub use machines::Machines;
pub use sockets::{Node, NodeError, Role, binary, serve_with};
pub use stack::{AttackHarness, AttackLink, Flaw, Heard, Holdings, Stored};

/// A real system that does the model's actions.
pub trait Driver {
    /// Learns the trace that it will be asked step by step; nothing of it has happened.
    fn begin(&mut self, _labels: &[u16]) {}

    /// Writes down how all stands though nothing is done, if it can be asked; whether it can.
    fn stand_into(&mut self, _seen: &mut Observation) -> bool {
        false
    }

    /// Takes out of what must be seen what this system does not tell.
    fn project(&self, _expected: &mut Observation) {}

    /// Does one action and writes down what is seen once the system is idle again, in place of what was seen before.
    fn step_into(&mut self, ask: Ask, seen: &mut Observation);

    /// The same, written down anew.
    fn step(&mut self, ask: Ask) -> Observation {
        let mut seen = Observation::default();
        self.step_into(ask, &mut seen);
        seen
    }
}

/// The sockets driver with a flaw, which whoever compares must see.
pub fn flawed(scope: &Scope, flaw: Flaw) -> Box<dyn Driver> {
    Box::new(Stack::start(scope, Some(flaw), Sockets::start))
}

/// The browser driver with a bug in the shell of its pages, which whoever compares must see.
pub fn with_shell_bug(scope: &Scope, bug: ShellBug) -> Box<dyn Driver> {
    Box::new(Stack::start(scope, None, |cx| Sockets::browse(cx, Some(bug))))
}

/// The machines driver on a registry at which another node always comes first: every commit meets one conflict.
pub fn contested(scope: &Scope) -> Box<dyn Driver> {
    Box::new(Machines::contested(scope))
}

/// Which driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray, IntoStaticStr, Display, EnumString)]
#[strum(serialize_all = "lowercase", parse_err_ty = UnknownDriver, parse_err_fn = UnknownDriver::of)]
pub enum DriverKind {
    /// The two machines and a registry, with queues between them.
    Machines,
    /// The whole client and server: tasks, HTTP, WebSocket, JSON, over in-memory streams.
    Stack,
    /// The server as its own process, and the whole client, over TCP.
    Sockets,
    /// The same server, and the client of the npm package in pages of Chromium.
    Browser,
}

impl DriverKind {
    /// Every driver.
    pub const ALL: [DriverKind; DriverKind::COUNT] = every();

    /// Those that need nothing but this binary.
    pub const OWN: [DriverKind; 3] = [DriverKind::Machines, DriverKind::Stack, DriverKind::Sockets];

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What it does not see, of which some scopes are about.
    pub const fn blind_spot(self) -> &'static str {
        match self {
            DriverKind::Machines | DriverKind::Stack => "nothing is unseen",
            DriverKind::Sockets => "no callback is seen on the sockets",
            DriverKind::Browser => "only pages with keys of their own at one node, and no callbacks, are seen on the browser",
        }
    }

    /// Whether it can be started here; a server process or a browser may be out of reach.
    ///
    /// # Errors
    /// Why no server process or no browser starts.
    pub fn try_out(self, scope: &Scope) -> Result<(), CannotDrive> {
        let server = || Node::start(&Role::of(&Cast::of(scope).app)).map(drop).map_err(CannotDrive::from);
        match self {
            DriverKind::Machines | DriverKind::Stack => Ok(()),
            DriverKind::Sockets => server(),
            DriverKind::Browser => server().and_then(|()| browser::try_out().map_err(CannotDrive::NoBrowser)),
        }
    }

    /// A fresh system in which nothing has happened.
    pub fn start(self, scope: &Scope) -> Box<dyn Driver> {
        match self {
            DriverKind::Machines => Box::new(Machines::start(scope)),
            DriverKind::Stack => Box::new(Stack::start(scope, None, Duplexes::start)),
            DriverKind::Sockets => Box::new(Stack::start(scope, None, Sockets::start)),
            DriverKind::Browser => Box::new(Stack::start(scope, None, |cx| Sockets::browse(cx, None))),
        }
    }
}

/// Why a driver cannot be started here.
#[derive(Debug, thiserror::Error)]
pub enum CannotDrive {
    /// The server process does not start.
    #[error(transparent)]
    NoServer(#[from] NodeError),
    /// There is no browser, or no package for its pages.
    #[error("{0}")]
    NoBrowser(String),
}

/// A driver's name that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown driver '{0}': it would be machines, stack, sockets or browser")]
pub struct UnknownDriver(pub String);

impl UnknownDriver {
    fn of(name: &str) -> UnknownDriver {
        UnknownDriver(name.to_owned())
    }
}
