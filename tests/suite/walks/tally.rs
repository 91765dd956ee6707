//! What occurred in walks, so that they are seen not to be vacuous. It walks the model only and judges nothing.

use std::collections::BTreeMap;
use std::fmt;

use conformance::replay::Made;
use model::action::{Action, ActionKind, AppCall, LinkMove, Loss, PageMove, ServerMove, Slot, Timer};
use model::frame::{DownFrame, Frame, Gap, Meant, Queue, Resumption, UpFrame};
use model::link::{Epoch, Link, Wire};
use model::observation::{Code, Event, Item, Outcome, Reason};
use model::records::Key;
use model::rule::Rule;
use model::scope::{Fault, Scope};
use model::state::State;
use model::step::acting;

use super::plan::{FAULTS, Plan};
use super::walk::each_step;

const FRAMES: [&str; 24] = [
    "login",
    "sync",
    "resume",
    "logout",
    "logout, owed",
    "send",
    "message-ack",
    "kick-ack",
    "ping",
    "pong, from the client",
    "ping, from the server",
    "login-answer",
    "login-answer, with a gap",
    "login-answer, refused",
    "resumed",
    "resumed, with a gap",
    "readmitted",
    "ended",
    "sync-answer",
    "logout-answer",
    "send-answer",
    "message",
    "notice",
    "pong",
];

const CALLBACKS: [&str; 5] = ["Register", "Resumed", "Unregister", "LinkClose", "TimeOut"];

/// What is rare: a frame of an abandoned link, a call that joined another, two victims of one login, two messages at once, two logouts
/// owed, a login or resume that came too late, a session of an instance that another has replaced.
const RARE: [&str; 7] = ["overtaken", "joined", "two victims", "two messages", "two debts", "too late", "replaced"];

/// How often each thing occurred.
#[derive(Default)]
pub(crate) struct Tally {
    steps: usize,
    longest_queue: usize,
    times: BTreeMap<(&'static str, String), usize>,
}

impl Tally {
    /// Walks a plan and counts what occurs.
    pub(crate) fn add(&mut self, plan: &Plan) {
        let counted = each_step(plan, &mut Vec::new(), |before, made| {
            self.add_step(&plan.scope, before, made);
            Ok(())
        });
        counted.expect("counting refuses no step");
    }

    fn add_step(&mut self, scope: &Scope, before: &State, made: &Made) {
        self.steps += 1;
        self.longest_queue = self.longest_queue.max(longest_queue(&made.step.next));
        self.note("action", made.ask.action.kind().name());
        fault(before, made.ask.action).into_iter().for_each(|fault| self.note("fault", fault.name()));
        let acting = acting(scope, before, made.ask.action, &made.step);
        acting.iter().for_each(|rule| self.note("rule", rule.name()));
        made.step.items.iter().for_each(|item| self.add_item(item));
        self.add_rarities(before, made);
    }

    fn add_item(&mut self, item: &Item) {
        match item {
            Item::Settled { outcome: Outcome::Refused(code), .. } => self.note("code", &format!("{code:?}")),
            Item::Published { event, .. } => {
                self.note("event", event.name());
                if let Event::KickedOut(reason) = event {
                    self.note("reason", reason.name());
                }
            }
            Item::Written { frame, .. } => self.note("frame", frame_name(*frame)),
            Item::Callback { callback, .. } => self.note("callback", &format!("{:?}", callback.change)),
            Item::Settled { .. } | Item::StreamEnded { .. } | Item::Closed { .. } => {}
        }
    }

    fn add_rarities(&mut self, before: &State, made: &Made) {
        let notices = made
            .step
            .items
            .iter()
            .filter(|item| matches!(item, Item::Written { frame: Frame::Down(DownFrame::Notice { .. }), .. }));
        let seat = made.ask.action.instance().map(|instance| *made.step.next.instance(instance)).unwrap_or_default();
        let online = || made.step.next.server.rosters.iter().flat_map(|roster| roster.sessions());
        let rarities = [
            matches!(made.ask.action, Action::Link(_, LinkMove::ToServer(Slot::Abandoned))),
            seat.client.logouts == 2 || seat.client.destroys == 2,
            notices.count() == 2,
            made.ask.message.is_some() && before.free_token(1).is_none(),
            seat.client.debts.len() == 2,
            matches!(made.ask.action, Action::Link(instance, LinkMove::ToServer(slot)) if before.instance(instance).links.at(slot).epoch == Epoch::Superseded),
            online().any(|session| session.key == Key::Former),
        ];
        RARE.into_iter().zip(rarities).filter(|(_, seen)| *seen).for_each(|(name, _)| self.note("rarity", name));
    }

    fn note(&mut self, what: &'static str, name: &str) {
        *self.times.entry((what, name.to_owned())).or_default() += 1;
    }

    /// What never occurred.
    pub(crate) fn missing(&self) -> Vec<(&'static str, String)> {
        wanted().into_iter().filter(|wanted| !self.times.contains_key(wanted)).collect()
    }
}

/// What only several nodes do, or a policy that counts accounts. A walk is made where there is one node and platforms are counted; their
/// scopes show these.
const ELSEWHERE: [&str; 13] = [
    "hear",
    "miss",
    "poll",
    "store",
    "node dies",
    "node starts",
    "node freezes",
    "node wakes",
    "lease ends",
    "NODE-1",
    "NODE-2",
    "NODE-3",
    "KICK-13",
];

/// Everything that must occur.
fn wanted() -> Vec<(&'static str, String)> {
    let mut wanted = shown_somewhere();
    wanted.retain(|(_, name)| !ELSEWHERE.contains(&name.as_str()));
    wanted
}

fn shown_somewhere() -> Vec<(&'static str, String)> {
    let owned = |what, names: &[&str]| names.iter().map(|name| (what, (*name).to_owned())).collect::<Vec<_>>();
    [
        ActionKind::all().into_iter().map(|kind| ("action", kind.name().to_owned())).collect(),
        owned("rule", &Rule::ALL.map(Rule::name)),
        Code::ALL.map(|code| ("code", format!("{code:?}"))).to_vec(),
        owned("event", &Event::NAMES),
        owned("reason", &Reason::ALL.map(Reason::name)),
        owned("frame", &FRAMES),
        owned("callback", &CALLBACKS),
        owned("fault", &FAULTS.map(Fault::name)),
        owned("rarity", &RARE),
    ]
    .concat()
}

fn longest_queue(state: &State) -> usize {
    let lengths = state.instances.iter().flat_map(|seat| {
        let to_server = [seat.client.sends, seat.links.current.up, seat.links.abandoned.up].map(Queue::len);
        let to_client = [seat.client.kept, seat.links.current.down].map(Queue::len);
        to_server.into_iter().chain(to_client)
    });
    lengths.max().unwrap_or(0)
}

/// What fails here; nothing does where an end closes a link and the other sees it.
fn fault(before: &State, action: Action) -> Option<Fault> {
    let lost = |link: &Link, how| match (how, link.wire) {
        (Loss::Ended, Wire::Cut) => Some(Fault::EndsSeen),
        (Loss::Ended, Wire::Whole) => None,
        (Loss::Heartbeat, Wire::Cut) => Some(Fault::Silence),
        (Loss::Heartbeat, Wire::Whole) => Some(Fault::Heartbeats),
    };
    match action {
        Action::Link(_, LinkMove::Cut) => Some(Fault::Cuts),
        Action::Link(instance, LinkMove::ClientLoses(how)) => lost(&before.instance(instance).links.current, how),
        Action::Link(instance, LinkMove::ServerLoses(slot, how)) => lost(before.instance(instance).links.at(slot), how),
        Action::Link(_, LinkMove::OpenFails) => Some(Fault::OpenFails),
        Action::Timer(_, Timer::Deadline(_)) => Some(Fault::Deadlines),
        Action::Timer(_, Timer::Ping | Timer::Ask(_)) => Some(Fault::Pings),
        Action::Timer(_, Timer::Expire(_)) => Some(Fault::Expiries),
        Action::Page(_, PageMove::Close) => Some(Fault::PageCloses),
        Action::Page(_, PageMove::Wake) => Some(Fault::Wakes),
        Action::Server(ServerMove::Restart) => Some(Fault::Restarts),
        Action::Server(ServerMove::Stop) => Some(Fault::Stops),
        Action::Server(ServerMove::Miss(..)) => Some(Fault::NoticesLost),
        Action::Server(ServerMove::Die(_)) => Some(Fault::Deaths),
        Action::Server(ServerMove::Freeze(_)) => Some(Fault::Freezes),
        Action::Call(_, AppCall::Resend) => Some(Fault::Resends),
        Action::Call(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => None,
    }
}

const fn frame_name(frame: Frame) -> &'static str {
    match frame {
        Frame::Up(UpFrame::Login { .. }) => "login",
        Frame::Up(UpFrame::Sync) => "sync",
        Frame::Up(UpFrame::Resume { .. }) => "resume",
        Frame::Up(UpFrame::Logout { of: Meant::Own }) => "logout",
        Frame::Up(UpFrame::Logout { of: Meant::Owed { .. } }) => "logout, owed",
        Frame::Up(UpFrame::Send { .. }) => "send",
        Frame::Up(UpFrame::MessageAck { .. }) => "message-ack",
        Frame::Up(UpFrame::KickAck) => "kick-ack",
        Frame::Up(UpFrame::Ping) => "ping",
        Frame::Up(UpFrame::Pong) => "pong, from the client",
        Frame::Down(DownFrame::Ping) => "ping, from the server",
        Frame::Down(DownFrame::LoginAnswer { refused: None, gap: Gap::None }) => "login-answer",
        Frame::Down(DownFrame::LoginAnswer { refused: None, .. }) => "login-answer, with a gap",
        Frame::Down(DownFrame::LoginAnswer { refused: Some(_), .. }) => "login-answer, refused",
        Frame::Down(DownFrame::ResumeAnswer { answer: Resumption::Resumed { gap: Gap::None } }) => "resumed",
        Frame::Down(DownFrame::ResumeAnswer { answer: Resumption::Resumed { .. } }) => "resumed, with a gap",
        Frame::Down(DownFrame::ResumeAnswer { answer: Resumption::Readmitted }) => "readmitted",
        Frame::Down(DownFrame::ResumeAnswer { answer: Resumption::Ended(_) | Resumption::Refused(_) }) => "ended",
        Frame::Down(DownFrame::SyncAnswer) => "sync-answer",
        Frame::Down(DownFrame::LogoutAnswer) => "logout-answer",
        Frame::Down(DownFrame::SendAnswer { .. }) => "send-answer",
        Frame::Down(DownFrame::Message { .. }) => "message",
        Frame::Down(DownFrame::Notice { .. }) => "notice",
        Frame::Down(DownFrame::Pong) => "pong",
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} steps; the longest queue held {} frames", self.steps, self.longest_queue)?;
        self.times.iter().try_for_each(|((what, name), times)| writeln!(f, "{times:8}  {what} {name}"))
    }
}
