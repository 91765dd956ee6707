//! What a child may be asked to do, by the words on the lines, and what of it a scope asks. It says nothing of what must follow.

use std::collections::BTreeSet;

use model::action::{Action, AppCall, LinkMove, Loss, ServerMove, Timer};
use model::graph::{Bound, Graph, StateId};
use model::rule::Rules;
use model::scope::{Scope, Sends};
use serde::Deserialize;
use strum::{EnumString, IntoStaticStr};

/// So many states of a scope are searched for what it asks; what only later ones ask is met on the walk.
const SEARCHED: usize = 20_000;

/// What every scope asks of a child, by the words on the lines.
pub const OF_EVERY_SCOPE: [&str; 5] = ["login", "logout", "open", "to_server", "to_client"];

/// What a child is asked beyond a reset and an observation; timers stand last, the backoff first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(super) enum Deed {
    Login,
    Logout,
    Destroy,
    /// A send that is always refused.
    Send,
    /// A send that names a message, which may be accepted.
    Message,
    Resend,
    PageClose,
    Wake,
    Open,
    OpenFails,
    ToServer,
    ToClient,
    Cut,
    ClientLoses,
    ServerLoses,
    Renew,
    RestKick,
    Configure,
    Post,
    Restart,
    Stop,
    Hear,
    Miss,
    Store,
    Backoff,
    Deadline,
    Ping,
    ServerPing,
    ClientHeartbeat,
    ServerHeartbeat,
    Lapse,
    Expire,
    TakeEffect,
    Poll,
}

impl Deed {
    /// What an action asks for: its kind, but for what the lines call otherwise or tell apart.
    pub(super) fn of(scope: &Scope, action: Action) -> Deed {
        match action {
            Action::Call(_, AppCall::Send(_)) if matches!(scope.sends, Sends::Tokens { .. }) => Deed::Message,
            Action::Link(_, LinkMove::ClientLoses(Loss::Heartbeat)) => Deed::ClientHeartbeat,
            Action::Link(_, LinkMove::ServerLoses(_, Loss::Heartbeat)) => Deed::ServerHeartbeat,
            Action::Timer(_, Timer::Ask(_)) => Deed::ServerPing,
            Action::Server(ServerMove::Webhook(..)) => Deed::Post,
            _ => action.kind().name().replace(' ', "_").parse().expect("every other kind is a deed by its name"),
        }
    }

    /// The word in the answer to a reset.
    pub(super) fn name(self) -> &'static str {
        self.into()
    }

    /// The word of a request.
    pub(super) fn word(self) -> &'static str {
        if self == Deed::Message { Deed::Send.name() } else { self.name() }
    }

    /// Whether a timer fires.
    pub(super) const fn is_timer(self) -> bool {
        self as u8 >= Deed::Backoff as u8
    }

    /// Whether the child must have something ready for it: a frame, a link, a timer or a callback that is not there is a difference.
    /// Everything else comes from outside.
    pub(super) const fn is_of_the_child(self) -> bool {
        let is_ready_there = matches!(self, Deed::Open | Deed::OpenFails | Deed::ToServer | Deed::ToClient | Deed::Post);
        self.is_timer() || is_ready_there || matches!(self, Deed::ClientLoses | Deed::ServerLoses)
    }
}

/// What the first states of a scope ask.
pub(super) fn needs(scope: &Scope) -> BTreeSet<Deed> {
    let graph = Graph::build(scope, Rules::ALL, Bound { states: SEARCHED });
    let states = 0..graph.state_count() as StateId;
    states.flat_map(|state| graph.actions_of(state)).map(|action| Deed::of(scope, action)).collect()
}

/// What the first states of a scope ask of a child beyond [`OF_EVERY_SCOPE`], by the words on the lines.
pub fn asked(scope: &Scope) -> Vec<&'static str> {
    needs(scope).into_iter().map(Deed::name).filter(|name| !OF_EVERY_SCOPE.contains(name)).collect()
}
