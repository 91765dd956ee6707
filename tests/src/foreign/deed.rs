//! What a child may be asked to do, by the words on the lines, and what of it a scope asks. It says nothing of what must follow.

use std::collections::BTreeSet;

use model::action::{Action, AppCall, LinkMove, Loss, PageMove, ServerMove, Timer};
use model::graph::{Bound, Graph, StateId};
use model::rule::Rules;
use model::scope::{Scope, Sends};
use serde::Deserialize;
use strum::IntoStaticStr;

/// So many states of a scope are searched for what it asks; what only later ones ask is met on the walk.
const SEARCHED: usize = 20_000;

/// What every scope asks of a child, by the words on the lines.
pub const OF_EVERY_SCOPE: [&str; 5] = ["login", "logout", "open", "to_server", "to_client"];

/// What a child is asked beyond a reset and an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, IntoStaticStr)]
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
    Backoff,
    Deadline,
    Ping,
    ServerPing,
    ClientHeartbeat,
    ServerHeartbeat,
    Lapse,
    Expire,
    TakeEffect,
}

/// Who must have something ready for a deed to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// The child: a frame, a link, a timer or a callback that is not there is a difference.
    OfTheChild,
    /// Nobody: it comes from outside.
    OfNobody,
}

impl Deed {
    /// What an action asks for.
    pub(super) fn of(scope: &Scope, action: Action) -> Deed {
        match action {
            Action::Call(_, AppCall::Login { .. }) => Deed::Login,
            Action::Call(_, AppCall::Logout) => Deed::Logout,
            Action::Call(_, AppCall::Destroy) => Deed::Destroy,
            Action::Call(_, AppCall::Send(_)) => match scope.sends {
                Sends::Never | Sends::RefusedOnly => Deed::Send,
                Sends::Tokens { .. } => Deed::Message,
            },
            Action::Call(_, AppCall::Resend) => Deed::Resend,
            Action::Page(_, PageMove::Close) => Deed::PageClose,
            Action::Page(_, PageMove::Wake) => Deed::Wake,
            Action::Link(_, LinkMove::Open) => Deed::Open,
            Action::Link(_, LinkMove::OpenFails) => Deed::OpenFails,
            Action::Link(_, LinkMove::ToServer(_)) => Deed::ToServer,
            Action::Link(_, LinkMove::ToClient) => Deed::ToClient,
            Action::Link(_, LinkMove::Cut) => Deed::Cut,
            Action::Link(_, LinkMove::ClientLoses(Loss::Ended)) => Deed::ClientLoses,
            Action::Link(_, LinkMove::ClientLoses(Loss::Heartbeat)) => Deed::ClientHeartbeat,
            Action::Link(_, LinkMove::ServerLoses(_, Loss::Ended)) => Deed::ServerLoses,
            Action::Link(_, LinkMove::ServerLoses(_, Loss::Heartbeat)) => Deed::ServerHeartbeat,
            Action::Timer(_, Timer::Backoff) => Deed::Backoff,
            Action::Timer(_, Timer::Deadline(_)) => Deed::Deadline,
            Action::Timer(_, Timer::Ping) => Deed::Ping,
            Action::Timer(_, Timer::Ask(_)) => Deed::ServerPing,
            Action::Timer(_, Timer::Lapse(_)) => Deed::Lapse,
            Action::Timer(_, Timer::Expire(_)) => Deed::Expire,
            Action::Renew(_) => Deed::Renew,
            Action::Server(ServerMove::RestKick(_)) => Deed::RestKick,
            Action::Server(ServerMove::Configure(_)) => Deed::Configure,
            Action::Server(ServerMove::TakeEffect) => Deed::TakeEffect,
            Action::Server(ServerMove::Webhook(..)) => Deed::Post,
            Action::Server(ServerMove::Restart) => Deed::Restart,
            Action::Server(ServerMove::Stop) => Deed::Stop,
        }
    }

    /// The word on the lines.
    pub(super) fn name(self) -> &'static str {
        self.into()
    }

    /// Who must have something ready for it.
    pub(super) const fn demand(self) -> Demand {
        match self {
            Deed::Open
            | Deed::OpenFails
            | Deed::ToServer
            | Deed::ToClient
            | Deed::ClientLoses
            | Deed::ServerLoses
            | Deed::Post
            | Deed::Backoff
            | Deed::Deadline
            | Deed::Ping
            | Deed::ServerPing
            | Deed::ClientHeartbeat
            | Deed::ServerHeartbeat
            | Deed::Lapse
            | Deed::Expire
            | Deed::TakeEffect => Demand::OfTheChild,
            Deed::Login
            | Deed::Logout
            | Deed::Destroy
            | Deed::Send
            | Deed::Message
            | Deed::Resend
            | Deed::PageClose
            | Deed::Wake
            | Deed::Stop
            | Deed::Cut
            | Deed::Renew
            | Deed::RestKick
            | Deed::Configure
            | Deed::Restart => Demand::OfNobody,
        }
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
