//! A lasso as a person reads it: each step with what is seen of it. It decides nothing.

use super::lasso::Lasso;
use super::moves::Moves;
use crate::action::{Action, AppCall, LinkMove, Loss, PageMove, Post, ServerMove, Slot, Timer};
use crate::frame::{DownFrame, UpFrame};
use crate::observation::{Call, Event, Item, NetState, Outcome};
use crate::scope::Scope;
use crate::state::State;

/// The run, a line a step; those that are gone round for ever stand behind a line that says so.
pub(super) fn told(moves: &Moves, lasso: &Lasso) -> Vec<String> {
    let mut state = State::initial(&moves.scope);
    let mut lines = steps(moves, &mut state, &lasso.way, 1);
    if lasso.round.is_empty() {
        lines.push("for ever: nothing more".to_owned());
    } else {
        lines.push("again and again:".to_owned());
        lines.extend(steps(moves, &mut state, &lasso.round, lasso.way.len() + 1));
    }
    lines
}

fn steps(moves: &Moves, state: &mut State, taken: &[Action], first: usize) -> Vec<String> {
    let tell = |(number, action): (usize, &Action)| {
        let made = moves.change.step(&moves.scope, state, *action);
        let seen: Vec<_> = made.items.iter().filter_map(|item| seen(&moves.scope, *item)).collect();
        let what = what_is_done(&moves.scope, state, *action);
        *state = made.next;
        let arrow = if seen.is_empty() { "" } else { " → " };
        format!("{number:>3}  {what}{arrow}{}", seen.join(", "))
    };
    (first..).zip(taken).map(tell).collect()
}

fn what_is_done(scope: &Scope, state: &State, action: Action) -> String {
    let who = action.instance().map(|instance| scope.name_of(instance)).unwrap_or_default();
    match action {
        Action::Call(_, AppCall::Login { .. }) => format!("{who} login"),
        Action::Call(_, AppCall::Logout) => format!("{who} logout"),
        Action::Call(_, AppCall::Destroy) => format!("{who} destroy"),
        Action::Call(_, AppCall::Send(_)) => format!("{who} send"),
        Action::Call(_, AppCall::Resend) => format!("{who} send again"),
        Action::Page(_, PageMove::Wake) => format!("{who}'s page wakes, its link closed"),
        Action::Page(_, PageMove::Close) => format!("{who}'s page is closed"),
        Action::Link(_, LinkMove::Open) => format!("{who}'s link opens"),
        Action::Link(_, LinkMove::OpenFails) => format!("{who}'s link cannot be opened"),
        Action::Link(instance, LinkMove::ToServer(slot)) => {
            let old = if slot == Slot::Abandoned { " (old link)" } else { "" };
            let frame = state.instance(instance).links.at(slot).up.first().map_or("nothing", to_server);
            format!("{who}'s {frame} arrives at the server{old}")
        }
        Action::Link(instance, LinkMove::ToClient) => {
            let frame = state.instance(instance).links.current.down.first().map_or("nothing", to_client);
            format!("{frame} arrives at {who}")
        }
        Action::Link(_, LinkMove::Cut) => format!("{who}'s link is cut"),
        Action::Link(_, LinkMove::ClientLoses(how)) => format!("{who} takes its link for lost ({})", sign(how)),
        Action::Link(_, LinkMove::ServerLoses(_, how)) => format!("the server takes {who}'s link for lost ({})", sign(how)),
        Action::Timer(_, Timer::Backoff) => format!("{who}'s backoff timer fires"),
        Action::Timer(_, Timer::Deadline(call)) => format!("{who}'s deadline of a {} fires", call.name()),
        Action::Timer(_, Timer::Ask(_)) => format!("the server asks {who} for a sign of life"),
        Action::Timer(_, Timer::Ping) => format!("{who} pings"),
        Action::Timer(_, Timer::Lapse(_)) => format!("the lapse timer of {who}'s session fires"),
        Action::Timer(_, Timer::Expire(_)) => format!("the UserSig of {who}'s session expires"),
        Action::Renew(_) => format!("a fresh instance takes {who}'s place"),
        Action::Server(ServerMove::RestKick(account)) => format!("REST kick of account {}", account.0),
        Action::Server(ServerMove::Configure(_)) => "the limits are changed".to_owned(),
        Action::Server(ServerMove::TakeEffect) => "changed limits take effect".to_owned(),
        Action::Server(ServerMove::Webhook(_, Post::Taken)) => "a callback is taken".to_owned(),
        Action::Server(ServerMove::Webhook(_, Post::Failed)) => "a callback is not taken".to_owned(),
        Action::Server(ServerMove::Restart) => "the server is killed and started".to_owned(),
        Action::Server(ServerMove::Stop) => "the server stops and is started".to_owned(),
        Action::Server(ServerMove::Hear(node, _)) => format!("node {} hears of a commit", node.0 + 1),
        Action::Server(ServerMove::Miss(node, _)) => format!("a notice to node {} is lost", node.0 + 1),
        Action::Server(ServerMove::Poll(node)) => format!("node {} polls", node.0 + 1),
        Action::Server(ServerMove::Store(_)) => format!("the commit of {who}'s login reaches the registry"),
    }
}

const fn sign(how: Loss) -> &'static str {
    match how {
        Loss::Ended => "its end is seen",
        Loss::Heartbeat => "no heartbeat",
    }
}

const fn to_server(frame: UpFrame) -> &'static str {
    match frame {
        UpFrame::Login { .. } => "login",
        UpFrame::Sync => "sync",
        UpFrame::Resume { .. } => "resume",
        UpFrame::Logout { .. } => "logout",
        UpFrame::Send { .. } => "message",
        UpFrame::MessageAck { .. } => "acknowledgement of a message",
        UpFrame::KickAck => "acknowledgement of the kick",
        UpFrame::Ping => "ping",
        UpFrame::Pong => "client's pong",
    }
}

const fn to_client(frame: DownFrame) -> &'static str {
    match frame {
        DownFrame::LoginAnswer { refused: None, .. } => "admission",
        DownFrame::LoginAnswer { refused: Some(_), .. } => "refusal",
        DownFrame::ResumeAnswer { .. } => "answer to the resume",
        DownFrame::SyncAnswer => "answer to the sync",
        DownFrame::LogoutAnswer => "answer to the logout",
        DownFrame::SendAnswer { .. } => "answer to the message",
        DownFrame::Message { .. } => "message",
        DownFrame::Notice { .. } => "notice",
        DownFrame::Pong => "pong",
        DownFrame::Ping => "server's ping",
    }
}

/// What an application sees; `None` of what travels.
fn seen(scope: &Scope, item: Item) -> Option<String> {
    let who = scope.name_of(item.instance());
    match item {
        Item::Settled { call, outcome, .. } => Some(format!("{who} {} {}", called(call), ended(outcome))),
        Item::Published { event, .. } => Some(format!("{who} {}", published(event))),
        Item::StreamEnded { .. } => Some(format!("{who} end of events")),
        Item::Written { .. } | Item::Closed { .. } | Item::Callback { .. } => None,
    }
}

const fn called(call: Call) -> &'static str {
    match call {
        Call::Login => "login",
        Call::Logout => "logout",
        Call::Destroy => "destroy",
        Call::Send(_) => "send",
    }
}

fn ended(outcome: Outcome) -> String {
    match outcome {
        Outcome::LoggedIn => "resolved".to_owned(),
        Outcome::Repeat => "repeated".to_owned(),
        Outcome::Done => "done".to_owned(),
        Outcome::Sent => "accepted".to_owned(),
        Outcome::Refused(code) => format!("refused {}", code.number()),
    }
}

fn published(event: Event) -> String {
    match event {
        Event::Ready => "SDK_READY".to_owned(),
        Event::NotReady => "SDK_NOT_READY".to_owned(),
        Event::KickedOut(reason) => format!("KICKED_OUT {}", reason.name()),
        Event::Message { .. } => "MESSAGE_RECEIVED".to_owned(),
        Event::Net(NetState::Connected) => "connected".to_owned(),
        Event::Net(NetState::Connecting) => "connecting".to_owned(),
        Event::Net(NetState::Disconnected) => "disconnected".to_owned(),
        Event::MessagesLost => "MESSAGES_LOST".to_owned(),
    }
}
