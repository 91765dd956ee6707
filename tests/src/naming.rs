//! What an action, a frame, or a thing seen is called where a person reads it: in the Explorer, divergences and reports. Two different
//! ones never have the same name. It decides and compares nothing.

mod standing;

use model::action::{
    Action, AppCall, Credential, InstanceId, LinkMove, Loss, NodeId, PageMove, Post, ServerMove, Setting, Slot, Timer,
};
use model::frame::{DownFrame, Frame, Gap, Meant, Resumption, SigShown, UpFrame};
use model::observation::{Asked, Call, Callback, CallbackStage, Close, Code, End, Event, Item, Outcome, Reason, StateChange};
use model::records::{Key, Label};
use model::scope::Scope;
use model::state::State;

use crate::cast::user_id;

pub use standing::{kicks, notices, online, online_as, server, stands, stands_with, synced};

/// An action, with what it delivers: `a1 login as a (good)`, `deliver a1's login to the server`, `deliver the notice to a1`.
pub fn action(scope: &Scope, state: &State, action: Action) -> String {
    let seat = action.instance().map(|instance| scope.name_of(instance)).unwrap_or_default();
    let what = carried(state, action).map_or("nothing".to_owned(), parcel);
    match action {
        Action::Call(_, AppCall::Login { account, credential }) => format!("{seat} {}", login(user_id(account), credential)),
        Action::Call(_, AppCall::Logout) => format!("{seat} logout"),
        Action::Call(_, AppCall::Destroy) => format!("{seat} destroy"),
        Action::Call(_, AppCall::Send(to)) => format!("{seat} send to {}", user_id(to)),
        Action::Call(_, AppCall::Resend) => format!("{seat} sends again what it does not know of"),
        Action::Page(_, PageMove::Close) => format!("{seat} closes its page"),
        Action::Page(_, PageMove::Wake) => format!("{seat}'s frozen page wakes"),
        Action::Link(_, LinkMove::Open) => format!("open {seat}'s link"),
        Action::Link(_, LinkMove::OpenFails) => format!("{seat}'s link cannot be opened"),
        Action::Link(_, LinkMove::ToServer(Slot::Current)) => format!("deliver {seat}'s {what} to the server"),
        Action::Link(_, LinkMove::ToServer(Slot::Abandoned)) => format!("deliver {seat}'s {what} to the server (old link)"),
        Action::Link(_, LinkMove::ToClient) => format!("deliver the {what} to {seat}"),
        Action::Link(_, LinkMove::Cut) => format!("{seat}'s link is cut"),
        Action::Link(_, LinkMove::ClientLoses(how)) => format!("{seat} loses its link ({})", loss(how)),
        Action::Link(_, LinkMove::ServerLoses(slot, how)) => format!("the server loses {seat}'s {} ({})", link(slot), loss(how)),
        Action::Timer(_, Timer::Backoff) => format!("{seat}'s backoff is over"),
        Action::Timer(_, Timer::Deadline(call)) => format!("{seat}'s {} deadline passes", call.name()),
        Action::Timer(_, Timer::Ping) => format!("{seat}'s ping is due"),
        Action::Timer(_, Timer::Ask(slot)) => format!("the server's ping on {seat}'s {} is due", link(slot)),
        Action::Timer(_, Timer::Lapse(account)) => format!("{seat}'s session of {} lapses", user_id(account)),
        Action::Timer(_, Timer::Expire(account)) => format!("the UserSig of {seat}'s session of {} expires", user_id(account)),
        Action::Renew(_) => format!("a fresh instance takes {seat}'s place"),
        Action::Server(ServerMove::RestKick(account)) => format!("REST kick of {}", user_id(account)),
        Action::Server(ServerMove::Configure(setting)) => format!("the limits are changed {}", set(setting)),
        Action::Server(ServerMove::TakeEffect) => "the changed limits take effect".to_owned(),
        Action::Server(ServerMove::Webhook(account, how)) => {
            format!("the oldest callback of {} is posted and {}", user_id(account), posted(how))
        }
        Action::Server(ServerMove::Restart) => "the server is killed and started again".to_owned(),
        Action::Server(ServerMove::Stop) => "the server stops and is started again".to_owned(),
        Action::Server(ServerMove::Hear(at, account)) => format!("{} hears what was committed of {}", node(at), user_id(account)),
        Action::Server(ServerMove::Miss(at, account)) => {
            format!("{} misses what was committed of {}: the notice is lost", node(at), user_id(account))
        }
        Action::Server(ServerMove::Store(_)) => format!("the commit of {seat}'s login reaches the registry"),
        Action::Server(ServerMove::Die(at)) => format!("{} is killed", node(at)),
        Action::Server(ServerMove::Start(at)) => format!("{} is started again", node(at)),
        Action::Server(ServerMove::Freeze(at)) => format!("{} is frozen", node(at)),
        Action::Server(ServerMove::Wake(at)) => format!("{} wakes", node(at)),
        Action::Server(ServerMove::LeaseEnds(at)) => format!("the lease of {} ends, and the others take over", node(at)),
        Action::Server(ServerMove::Poll(at)) => format!("{} polls", node(at)),
    }
}

/// Nodes are counted from 1.
pub fn node(NodeId(node): NodeId) -> String {
    format!("node {}", node + 1)
}

const fn set(setting: Setting) -> &'static str {
    match setting {
        Setting::Stated => "back to what the scope states",
        Setting::Changed => "to what the scope changes them to",
    }
}

const fn posted(how: Post) -> &'static str {
    match how {
        Post::Taken => "taken",
        Post::Failed => "fails",
    }
}

const fn loss(how: Loss) -> &'static str {
    match how {
        Loss::Ended => "it ended",
        Loss::Heartbeat => "heartbeat",
    }
}

const fn link(slot: Slot) -> &'static str {
    match slot {
        Slot::Current => "link",
        Slot::Abandoned => "old link",
    }
}

/// The frame that an action delivers; `None` if it is a call, opens a link or fills a seat.
pub fn carried(state: &State, action: Action) -> Option<Frame> {
    match action {
        Action::Link(instance, LinkMove::ToServer(slot)) => state.instance(instance).links.at(slot).up.first().map(Frame::Up),
        Action::Link(instance, LinkMove::ToClient) => state.instance(instance).links.current.down.first().map(Frame::Down),
        Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => None,
    }
}

/// A frame without what it says: `login`, `login-answer`.
pub fn kind(frame: Frame) -> String {
    match frame {
        Frame::Up(frame) => frame.name(),
        Frame::Down(frame) => frame.name(),
    }
    .to_owned()
}

/// A frame in full: `login as a (good)`, `login refused: 70003 (UserSig malformed)`, `notice multipleAccount`.
pub fn frame(frame: Frame) -> String {
    match frame {
        Frame::Up(frame) => to_server(frame),
        Frame::Down(frame) => to_client(frame),
    }
}

fn to_server(frame: UpFrame) -> String {
    match frame {
        UpFrame::Login { account, credential } => login(user_id(account), credential),
        UpFrame::Sync => "sync".to_owned(),
        UpFrame::Resume { account } => format!("resume of {}", user_id(account)),
        UpFrame::Logout { of } => logout(of),
        UpFrame::Send { token, to } => format!("send m{} to {}", token.0, user_id(to)),
        UpFrame::MessageAck { token } => format!("ack of m{}", token.0),
        UpFrame::KickAck => "ack of the kick".to_owned(),
        UpFrame::Ping => "ping".to_owned(),
        UpFrame::Pong => "the client's pong".to_owned(),
    }
}

fn to_client(frame: DownFrame) -> String {
    match frame {
        DownFrame::LoginAnswer { refused: None, gap } => format!("login admitted{}", lost(gap)),
        DownFrame::LoginAnswer { refused: Some(refusal), .. } => format!("login refused: {}", code(refusal)),
        DownFrame::ResumeAnswer { answer } => resumption(answer),
        DownFrame::SyncAnswer => "sync answer".to_owned(),
        DownFrame::LogoutAnswer => "logout answer".to_owned(),
        DownFrame::SendAnswer { token } => format!("m{} accepted", token.0),
        DownFrame::Message { token, from, to } => format!("m{} from {} to {}", token.0, user_id(from), user_id(to)),
        DownFrame::Notice { reason } => format!("notice {}", reason.name()),
        DownFrame::Pong => "pong".to_owned(),
        DownFrame::Ping => "the server's ping".to_owned(),
    }
}

fn logout(of: Meant) -> String {
    match of {
        Meant::Own => "logout".to_owned(),
        Meant::Owed { account, session: Label::NONE, sig } => format!("owed logout of {}{}", user_id(account), signed(sig)),
        Meant::Owed { account, session, sig } => {
            format!("owed logout of {} ({}){}", user_id(account), standing::label(session), signed(sig))
        }
    }
}

const fn signed(sig: SigShown) -> &'static str {
    match sig {
        SigShown::Right => "",
        SigShown::Wrong => " with a UserSig wrongly signed",
    }
}

/// What an answer says of messages that may be missing.
const fn lost(gap: Gap) -> &'static str {
    match gap {
        Gap::None => "",
        Gap::Lost => ", messages lost",
        Gap::Told => ", messages lost and told",
    }
}

fn resumption(answer: Resumption) -> String {
    match answer {
        Resumption::Resumed { gap } => format!("resumed{}", lost(gap)),
        Resumption::Readmitted => "readmitted".to_owned(),
        Resumption::Ended(reason) => format!("not readmitted: {}", reason.name()),
        Resumption::Refused(refusal) => format!("not readmitted: {}", code(refusal)),
    }
}

/// A thing seen: `a1: KICKED_OUT multipleAccount`, `a2 login → 2025 (a login runs), at once`, `server ⇢ a1: notice multipleAccount`.
pub fn item(scope: &Scope, item: Item) -> String {
    let seat = scope.name_of(item.instance());
    match item {
        Item::Settled { asked, .. } => format!("{seat} {}{}", told(item), when(asked)),
        Item::Published { .. } | Item::StreamEnded { .. } => format!("{seat}: {}", told(item)),
        Item::Written { end: End::Client, slot, frame: written, .. } => {
            format!("{seat} ⇢ server{}: {}", of_old(slot), frame(written))
        }
        Item::Written { end: End::Server, slot, frame: written, .. } => {
            format!("server ⇢ {seat}{}: {}", of_old(slot), frame(written))
        }
        Item::Closed { end: End::Client, slot, close, .. } => format!("{seat} closes its {}{}", link(slot), closed(close)),
        Item::Closed { end: End::Server, slot, close, .. } => {
            format!("the server closes {seat}'s {}{}", link(slot), closed(close))
        }
        Item::Callback { account, callback: said, stage, .. } => {
            format!("callback of {} {}: {}", user_id(account), come(stage), callback(scope, said))
        }
    }
}

const fn come(stage: CallbackStage) -> &'static str {
    match stage {
        CallbackStage::Committed => "recorded",
        CallbackStage::Posted(how) => posted(how),
    }
}

fn callback(scope: &Scope, said: Callback) -> String {
    let of = |(seat, key): (InstanceId, Key)| format!("{}{}", scope.name_of(seat), standing::dash(key));
    let change = state_change(said.change);
    let kicked: Vec<_> = said.kicked.into_iter().flatten().map(of).collect();
    let kicked = if kicked.is_empty() { String::new() } else { format!(", kicked {}", kicked.join(" ")) };
    format!("{change} of {}{kicked}", of(said.of))
}

/// What a callback says of a session: `Login/Register`.
pub const fn state_change(change: StateChange) -> &'static str {
    match change {
        StateChange::Register => "Login/Register",
        StateChange::Resumed => "Login/Register (resumed)",
        StateChange::Unregister => "Logout/Unregister",
        StateChange::LinkClose => "Disconnect/LinkClose",
        StateChange::TimeOut => "Disconnect/TimeOut",
    }
}

const fn of_old(slot: Slot) -> &'static str {
    match slot {
        Slot::Current => "",
        Slot::Abandoned => " (old link)",
    }
}

const fn closed(close: Close) -> &'static str {
    match close {
        Close::Done => "",
        Close::PageClosed => " (1001, page closed)",
        Close::OutOfPlace => " (1008, out of place)",
        Close::GivenUp => " (4000, given up)",
        Close::Superseded => " (4001, superseded)",
    }
}

/// What an application is told, without whom: `login → resolved`, `SDK_READY`; empty for what it does not see.
pub fn told(item: Item) -> String {
    match item {
        Item::Settled { call: settled, outcome: how, .. } => format!("{} → {}", call(settled), outcome(how)),
        Item::Published { event: published, .. } => event(published),
        Item::StreamEnded { .. } => "end of events".to_owned(),
        Item::Written { .. } | Item::Closed { .. } | Item::Callback { .. } => String::new(),
    }
}

/// A refusal: `2025 (a login runs)`.
pub fn code(code: Code) -> String {
    format!("{} ({})", code.number(), code.text())
}

fn login(user: &str, credential: Credential) -> String {
    format!("login as {user} ({})", shown(credential))
}

const fn shown(credential: Credential) -> &'static str {
    match credential {
        Credential::Good => "good",
        Credential::BadUserId => "bad userID",
        Credential::Empty => "empty UserSig",
        Credential::Malformed => "malformed UserSig",
        Credential::OtherApp => "another app's UserSig",
        Credential::OtherIdentifier => "another user's UserSig",
        Credential::WrongSignature => "wrong signature",
        Credential::Expired => "expired UserSig",
        Credential::Revoked => "UserSig from before the last kick",
    }
}

/// A frame as a thing that is delivered.
fn parcel(delivered: Frame) -> String {
    match delivered {
        Frame::Up(UpFrame::Login { .. }) => "login".to_owned(),
        Frame::Up(UpFrame::Send { token, .. }) => format!("message m{}", token.0),
        Frame::Down(DownFrame::LoginAnswer { refused: None, gap }) => format!("admission{}", lost(gap)),
        Frame::Down(DownFrame::LoginAnswer { refused: Some(refusal), .. }) => format!("refusal {}", refusal.number()),
        Frame::Down(DownFrame::SendAnswer { token }) => format!("answer to m{}", token.0),
        Frame::Down(DownFrame::Message { token, .. }) => format!("message m{}", token.0),
        Frame::Down(DownFrame::Notice { .. }) => "notice".to_owned(),
        Frame::Down(DownFrame::ResumeAnswer { answer }) => format!("answer '{}'", resumption(answer)),
        Frame::Up(_) | Frame::Down(_) => frame(delivered),
    }
}

fn call(call: Call) -> String {
    match call {
        Call::Login => "login".to_owned(),
        Call::Logout => "logout".to_owned(),
        Call::Destroy => "destroy".to_owned(),
        Call::Send(None) => "send".to_owned(),
        Call::Send(Some(token)) => format!("send of m{}", token.0),
    }
}

pub(crate) fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::LoggedIn => "resolved".to_owned(),
        Outcome::Repeat => "resolved (a repeat)".to_owned(),
        Outcome::Done => "done".to_owned(),
        Outcome::Sent => "accepted".to_owned(),
        Outcome::Refused(refusal) => code(refusal),
    }
}

const fn when(asked: Asked) -> &'static str {
    match asked {
        Asked::Now => ", at once",
        Asked::Earlier => "",
    }
}

pub(crate) fn event(event: Event) -> String {
    let name = event.name();
    match event {
        Event::KickedOut(reason) => format!("{name} {}", reason.name()),
        Event::TurnedAway(refusal) => format!("{name} {}, {}", Reason::UserSigExpired.name(), code(refusal)),
        Event::Message { token, from, to } => format!("{name} m{} from {} to {}", token.0, user_id(from), user_id(to)),
        Event::Ready | Event::NotReady | Event::Net(_) | Event::MessagesLost => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::graph::{Bound, Graph};
    use model::rule::Rules;
    use model::scopes;
    use model::step::{actions, step};

    use super::*;

    /// About so many of a scope's states, the nearest first.
    fn states(scope: &Scope, about: usize) -> Vec<State> {
        Graph::build(scope, Rules::ALL, Bound { states: about }).states().collect()
    }

    #[test]
    fn two_actions_of_one_state_never_share_a_name() {
        for scope in scopes::all() {
            for state in states(&scope, 300) {
                let mut names: Vec<_> = actions(&scope, &state).into_iter().map(|made| action(&scope, &state, made)).collect();
                let count = names.len();
                names.sort();
                names.dedup();
                assert_eq!(names.len(), count, "{}: {names:#?}", scope.name);
            }
        }
    }

    #[test]
    fn two_things_seen_never_share_a_name() {
        for scope in scopes::all() {
            let mut names = BTreeMap::new();
            for state in states(&scope, 1_500) {
                for seen in actions(&scope, &state).into_iter().flat_map(|made| step(&scope, Rules::ALL, &state, made).items) {
                    assert_eq!(*names.entry(item(&scope, seen)).or_insert(seen), seen);
                }
            }
        }
    }
}
