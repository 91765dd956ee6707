//! What a child may be asked to do, by the words on the lines, and what of it a scope asks. It says nothing of what must follow.

use std::collections::BTreeSet;

use model::action::{Action, ActionKind, AppCall, CallKind, LinkKind, LinkMove, Loss, ServerKind, TimerKind};
use model::graph::{Bound, Graph, StateId};
use model::rule::Rules;
use model::scope::{Scope, Sends};
use serde::Deserialize;

/// So many states of a scope are searched for what it asks; what only later ones ask is met on the walk.
const SEARCHED: usize = 20_000;

/// What every scope asks of a child, by the words on the lines.
pub const OF_EVERY_SCOPE: [&str; 5] = ["login", "logout", "open", "to_server", "to_client"];

/// What a child is asked beyond a reset and an observation: an action of a kind, but for what the lines tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Deed {
    /// All else of that kind. A send is one that is always refused.
    Of(ActionKind),
    /// A send that names a message, which may be accepted.
    Message,
    /// A client's heartbeat timer fires.
    ClientHeartbeat,
    /// The server's heartbeat timer for a link fires.
    ServerHeartbeat,
}

impl Deed {
    /// What an action asks for.
    pub(super) fn of(scope: &Scope, action: Action) -> Deed {
        match action {
            Action::Call(_, AppCall::Send(_)) if matches!(scope.sends, Sends::Tokens { .. }) => Deed::Message,
            Action::Link(_, LinkMove::ClientLoses(Loss::Heartbeat)) => Deed::ClientHeartbeat,
            Action::Link(_, LinkMove::ServerLoses(_, Loss::Heartbeat)) => Deed::ServerHeartbeat,
            _ => Deed::Of(action.kind()),
        }
    }

    /// The word in the answer to a reset.
    pub(super) fn name(self) -> String {
        match self {
            Deed::Of(ActionKind::Timer(TimerKind::Ask)) => "server_ping".to_owned(),
            Deed::Of(ActionKind::Server(ServerKind::Webhook)) => "post".to_owned(),
            Deed::Of(kind) => kind.name().replace(' ', "_"),
            Deed::Message => "message".to_owned(),
            Deed::ClientHeartbeat => "client_heartbeat".to_owned(),
            Deed::ServerHeartbeat => "server_heartbeat".to_owned(),
        }
    }

    /// The word of a request.
    pub(super) fn word(self) -> String {
        if self == Deed::Message { Deed::Of(ActionKind::Call(CallKind::Send)).name() } else { self.name() }
    }

    /// Whether a timer fires.
    pub(super) const fn is_timer(self) -> bool {
        match self {
            Deed::Of(kind) => matches!(kind, ActionKind::Timer(_) | ActionKind::Server(ServerKind::TakeEffect | ServerKind::Poll)),
            Deed::ClientHeartbeat | Deed::ServerHeartbeat => true,
            Deed::Message => false,
        }
    }

    /// Whether the child must have something ready for it: a frame, a link, a timer or a callback that is not there is a difference.
    /// Everything else comes from outside.
    pub(super) const fn is_of_the_child(self) -> bool {
        match self {
            Deed::Of(ActionKind::Link(kind)) => !matches!(kind, LinkKind::Cut),
            Deed::Of(ActionKind::Server(ServerKind::Webhook)) => true,
            Deed::Of(_) | Deed::Message | Deed::ClientHeartbeat | Deed::ServerHeartbeat => self.is_timer(),
        }
    }
}

impl TryFrom<String> for Deed {
    type Error = String;

    fn try_from(word: String) -> Result<Deed, String> {
        let apart = [Deed::Message, Deed::ClientHeartbeat, Deed::ServerHeartbeat];
        let all: Vec<_> = ActionKind::all().into_iter().map(Deed::Of).chain(apart).collect();
        let names = || all.iter().map(|deed| format!("`{}`", deed.name())).collect::<Vec<_>>().join(", ");
        let known = all.iter().find(|deed| deed.name() == word).copied();
        known.ok_or_else(|| format!("unknown variant `{word}`, expected one of {}", names()))
    }
}

/// What the first states of a scope ask.
pub(super) fn needs(scope: &Scope) -> BTreeSet<Deed> {
    let graph = Graph::build(scope, Rules::ALL, Bound { states: SEARCHED });
    let states = 0..graph.state_count() as StateId;
    states.flat_map(|state| graph.actions_of(state)).map(|action| Deed::of(scope, action)).collect()
}

/// What the first states of a scope ask of a child beyond [`OF_EVERY_SCOPE`], by the words on the lines.
pub fn asked(scope: &Scope) -> Vec<String> {
    needs(scope).into_iter().map(Deed::name).filter(|name| !OF_EVERY_SCOPE.contains(&name.as_str())).collect()
}
