//! The Explorer in the browser: a scope's model to be walked by clicking, with a picture of the way on both sides. It wraps the model so
//! that `model` need not know the system. Nothing is decided here: what holds is decided on the graph, and what conforms by the replay.

pub mod facts;
pub mod find;
pub mod index;
pub mod lines;
pub mod place;
pub mod query;
pub mod sides;
pub mod threats;
pub mod unavoidable;

mod conditions;
mod web;

use std::convert::Infallible;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use model::action::Action;
use model::rule::Rules;
use model::scope::Scope;
use model::second::{Judged, ScopeModel};
use model::step::step;
use stateright::{Model, Path, Property};
use sut::planted::Planted;
use tiny_http::Server;
use tokio::net::TcpSocket;
use web::Web;

use crate::foreign::Launch;
use crate::naming;
use crate::observation::expected;
use crate::svg;
use crate::token::Trace;

/// Why the Explorer is not served.
#[derive(Debug, thiserror::Error)]
pub enum CannotServe {
    /// The address cannot be listened on.
    #[error("cannot serve the Explorer on {address}: {why}; --address names another, port 0 any free one")]
    Address {
        /// Which.
        address: SocketAddr,
        /// Why.
        why: io::Error,
    },
}

/// What is replayed beside the model.
#[derive(Clone, Debug)]
pub enum Beside {
    /// The real client and server, with that bug planted, if any; a build without debug assertions has none to plant.
    Ours(Option<Planted>),
    /// Somebody else's system.
    Child(Launch),
}

impl Beside {
    const fn planted(&self) -> Option<Planted> {
        match self {
            Beside::Ours(planted) => *planted,
            Beside::Child(_) => None,
        }
    }

    const fn child(&self) -> Option<&Launch> {
        match self {
            Beside::Ours(_) => None,
            Beside::Child(launch) => Some(launch),
        }
    }
}

/// Looks whether an address can be listened on, and gives it back: port 0 as one that is free. Nobody can connect to it meanwhile.
///
/// # Errors
/// [`CannotServe`] if it is in use, not of this machine, or not allowed.
pub fn free(address: SocketAddr) -> Result<SocketAddr, CannotServe> {
    bound(address).map_err(|why| CannotServe::Address { address, why })
}

/// A socket that is bound and does not listen, as one that listens is: its port may have been in use a moment ago.
fn bound(address: SocketAddr) -> io::Result<SocketAddr> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.local_addr()
}

/// Serves the Explorer, which begins where a trace leads, and does not return while it does.
///
/// # Errors
/// [`CannotServe`] as [`free`] has it.
///
/// # Panics
/// If another process takes the address in the instant between the look and the start.
pub fn serve(Trace { scope, labels }: Trace, address: SocketAddr, beside: Beside) -> Result<Infallible, CannotServe> {
    let cannot = |why| CannotServe::Address { address, why };
    let listener = TcpListener::bind(address).map_err(cannot)?;
    let server = Server::from_listener(listener, None).map_err(|why| cannot(io::Error::other(why)))?;
    let behind = free((Ipv4Addr::LOCALHOST, 0).into())?;
    let first = Trace { scope: scope.clone(), labels }.to_string();
    let planted = beside.planted();
    let stateright = thread::spawn(move || ModelAndSystem::new(scope, planted).checker().serve(behind));
    while TcpStream::connect(behind).is_err() && !stateright.is_finished() {
        thread::yield_now();
    }
    Web::new(first, beside, behind).serve(&server)
}

/// A scope as the Explorer has it: the model's states and moves, and for each way a replay on the real client and server.
#[derive(Clone, Debug)]
pub struct ModelAndSystem {
    scope: Arc<Scope>,
    model: ScopeModel,
    planted: Option<Planted>,
}

impl ModelAndSystem {
    /// A scope under all rules, replayed with that bug, if any.
    pub fn new(scope: Scope, planted: Option<Planted>) -> ModelAndSystem {
        let model = ScopeModel { scope: scope.clone(), rules: Rules::ALL };
        ModelAndSystem { scope: Arc::new(scope), model, planted }
    }

    fn shown(&self, judged: Judged) -> Shown {
        Shown { judged, scope: Arc::clone(&self.scope) }
    }
}

/// An action under its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Move {
    /// What is done.
    pub action: Action,
    /// What it is called where it is offered.
    pub name: String,
}

impl fmt::Debug for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A state that can be read. Two states read alike only if they are equal: the page compares them by what they read like.
#[derive(Clone)]
pub struct Shown {
    /// The state, what onlookers know in it, and the rules broken on the way.
    pub judged: Judged,
    scope: Arc<Scope>,
}

impl PartialEq for Shown {
    fn eq(&self, other: &Shown) -> bool {
        self.judged == other.judged
    }
}

impl Hash for Shown {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.judged.hash(hasher);
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Judged { state, watches, broken } = &self.judged;
        let mut shown = f.debug_struct(&naming::online(&self.scope, &state.server.rosters));
        for instance in self.scope.instances() {
            let name = self.scope.name_of(instance);
            shown.field(name, state.instance(instance));
            shown.field(&format!("{name}, as seen"), &watches[usize::from(instance.0)]);
        }
        shown.field("broken", broken).finish()
    }
}

impl Model for ModelAndSystem {
    type State = Shown;
    type Action = Move;

    fn init_states(&self) -> Vec<Shown> {
        self.model.init_states().into_iter().map(|judged| self.shown(judged)).collect()
    }

    fn actions(&self, shown: &Shown, offered: &mut Vec<Move>) {
        let mut actions = Vec::new();
        self.model.actions(&shown.judged, &mut actions);
        let named = |action| Move { action, name: naming::action(&self.scope, &shown.judged.state, action) };
        offered.extend(actions.into_iter().map(named));
    }

    fn next_state(&self, shown: &Shown, made: Move) -> Option<Shown> {
        self.model.next_state(&shown.judged, made.action).map(|judged| self.shown(judged))
    }

    fn format_action(&self, made: &Move) -> String {
        made.name.clone()
    }

    /// What is seen of the step, a line each, and who is online after it.
    fn format_step(&self, shown: &Shown, made: Move) -> Option<String> {
        let step = step(&self.scope, Rules::ALL, &shown.judged.state, made.action);
        let seen = expected(&self.scope, &step);
        let items = seen.told.iter().chain(&seen.wire).map(|item| naming::item(&self.scope, *item));
        Some(items.chain([naming::online(&self.scope, &seen.rosters)]).collect::<Vec<_>>().join("\n"))
    }

    fn as_svg(&self, path: Path<Shown, Move>) -> Option<String> {
        let actions: Vec<_> = path.into_actions().into_iter().map(|made| made.action).collect();
        Some(svg::diagram(&self.scope, &sides::both(&self.scope, &actions, self.planted)))
    }

    fn properties(&self) -> Vec<Property<ModelAndSystem>> {
        let named = conditions::NAMES.iter().zip(conditions::ALL);
        named.map(|(name, condition)| Property::always(name, condition)).collect()
    }
}
