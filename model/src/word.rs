//! What an action is called where a trace is typed: who does it, a dot, and what: `a1.login`, `a1.up`, `server.restart`. What is as usual
//! goes without saying: the first account of the seat, a good UserSig, the current link. A word has only letters, digits, `.`, `-` and
//! `_`, which no shell touches, and two different actions of a scope never share one.

use crate::action::{AccountId, Action, AppCall, Credential, LinkMove, Loss, NodeId, ServerMove, Setting, Slot, Timer};
use crate::scope::Scope;

/// What the accounts are called.
const ACCOUNTS: [&str; crate::scope::MAX_ACCOUNTS] = ["a", "b", "c"];

impl Action {
    /// Its word in a trace of that scope.
    pub fn word(self, scope: &Scope) -> String {
        let usual = self.instance().map(|instance| scope.seats[usize::from(instance.0)].accounts[0]);
        let of = |account| if Some(account) == usual { String::new() } else { format!(".{}", name(account)) };
        let kind = self.kind().name().replace(' ', "-");
        let what = match self {
            Action::Call(_, AppCall::Login { account, credential }) => format!("{kind}{}{}", of(account), shown(credential)),
            Action::Call(_, AppCall::Send(account))
            | Action::Timer(_, Timer::Lapse(account) | Timer::Expire(account))
            | Action::Server(ServerMove::RestKick(account)) => format!("{kind}{}", of(account)),
            Action::Link(_, LinkMove::ToServer(slot)) => format!("up{}", on(slot)),
            Action::Link(_, LinkMove::ToClient) => "down".to_owned(),
            Action::Link(_, LinkMove::ClientLoses(how)) => format!("{kind}.{}", by(how)),
            Action::Link(_, LinkMove::ServerLoses(slot, how)) => format!("{kind}{}.{}", on(slot), by(how)),
            Action::Timer(_, Timer::Deadline(call)) => format!("{kind}.{}", call.name()),
            Action::Timer(_, Timer::Ask(slot)) => format!("{kind}{}", on(slot)),
            Action::Server(ServerMove::Configure(Setting::Stated)) => "limits-stated".to_owned(),
            Action::Server(ServerMove::Configure(Setting::Changed)) => "limits-changed".to_owned(),
            Action::Server(ServerMove::Hear(node, account)) => format!("node{}.hears{}", at(node), of(account)),
            Action::Server(ServerMove::Miss(node, account)) => format!("node{}.misses{}", at(node), of(account)),
            Action::Server(ServerMove::Poll(node)) => format!("node{}.polls", at(node)),
            Action::Server(ServerMove::Die(node)) => format!("node{}.dies", at(node)),
            Action::Server(ServerMove::Start(node)) => format!("node{}.starts", at(node)),
            Action::Server(ServerMove::Freeze(node)) => format!("node{}.freezes", at(node)),
            Action::Server(ServerMove::Wake(node)) => format!("node{}.wakes", at(node)),
            Action::Server(ServerMove::LeaseEnds(node)) => format!("node{}.lease-ends", at(node)),
            Action::Server(ServerMove::Store(_)) => "stored".to_owned(),
            Action::Server(ServerMove::Webhook(account, how)) => format!("{kind}{}.{}", of(account), how.name()),
            Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => {
                kind
            }
        };
        format!("{}.{what}", self.instance().map_or("server", |instance| scope.name_of(instance)))
    }
}

fn name(account: AccountId) -> &'static str {
    ACCOUNTS[usize::from(account.0)]
}

/// Nodes are counted from 1.
const fn at(NodeId(node): NodeId) -> u8 {
    node + 1
}

fn shown(credential: Credential) -> String {
    if credential == Credential::Good { String::new() } else { format!(".{}", credential.name()) }
}

const fn on(slot: Slot) -> &'static str {
    match slot {
        Slot::Current => "",
        Slot::Abandoned => ".old",
    }
}

const fn by(how: Loss) -> &'static str {
    match how {
        Loss::Ended => "ended",
        Loss::Heartbeat => "heartbeat",
    }
}
