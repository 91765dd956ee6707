//! What is compared after every step with a foreign system: what the rules speak of as visible to an application, to an administrator
//! and on the wire. No timer, no task and no secret is among it.

use std::fmt;

use model::action::{AccountId, InstanceId, Slot};
use model::frame::{Coded, Queue};
use model::observation::{Item, Reason};
use model::records::Key;
use model::scope::Scope;
use model::state::State;
use model::step::Step;

use super::answers::Extra;
use super::names::{self, Who};
use super::protocol::FrameKind;
use crate::cast::user_id;
use crate::naming;

/// What a child tells beyond what it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tells(Vec<Extra>);

impl Tells {
    /// These, named once each.
    pub(super) fn new(mut extras: Vec<Extra>) -> Tells {
        extras.sort();
        extras.dedup();
        Tells(extras)
    }

    pub(super) fn has(&self, extra: Extra) -> bool {
        self.0.contains(&extra)
    }
}

/// What is compared, and what is not because the child does not tell it.
impl fmt::Display for Tells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (told, untold): (Vec<_>, Vec<_>) = Extra::ALL.into_iter().partition(|extra| self.has(*extra));
        let names = |extras: &[Extra]| extras.iter().map(|extra| extra.words()).collect::<Vec<_>>().join(", ");
        f.write_str("answers and events of each instance in order, login_user and ready, online in login order")?;
        if !told.is_empty() {
            write!(f, ", {}", names(&told))?;
        }
        if !untold.is_empty() {
            write!(f, "; not told by it: {}", names(&untold))?;
        }
        Ok(())
    }
}

impl Extra {
    /// All of it.
    pub const ALL: [Extra; 3] = [Extra::InFlight, Extra::Kicks, Extra::Callbacks];

    const fn words(self) -> &'static str {
        match self {
            Extra::Kicks => "kick records",
            Extra::InFlight => "frames in flight by kind",
            Extra::Callbacks => "callbacks",
        }
    }
}

/// How a seat stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stands {
    pub(super) login_user: Option<AccountId>,
    pub(super) ready: bool,
}

/// The frames of a seat: to the server, to the client, to the server on the old link.
pub(super) type Frames = [Vec<FrameKind>; 3];

/// All that is compared of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Answers and events, each instance's in its own order, one instance after the other.
    pub(super) told: Vec<Item>,
    /// Callbacks, each account's in its own order, one account after the other.
    pub(super) callbacks: Vec<Item>,
    /// Each seat.
    pub(super) seats: Vec<Stands>,
    /// Who is online, a list an account, oldest login first.
    pub(super) online: Vec<Vec<Who>>,
    /// The kick records of present instances, a list an account, in the order of the seats.
    pub(super) kicks: Option<Vec<Vec<(InstanceId, Reason)>>>,
    /// The frames under way, a seat each.
    pub(super) in_flight: Option<Vec<Frames>>,
    /// What no word of the model describes: always a difference.
    pub(super) strange: Vec<String>,
}

/// What must be seen of a step, by the model.
pub(super) fn expected(scope: &Scope, step: &Step, tells: &Tells) -> Seen {
    let mut seen = standing(scope, &step.next, tells);
    for item in &step.items {
        match item {
            Item::Settled { .. } | Item::Published { .. } | Item::StreamEnded { .. } => seen.told.push(*item),
            Item::Callback { .. } if tells.has(Extra::Callbacks) => seen.callbacks.push(*item),
            Item::Callback { .. } | Item::Written { .. } | Item::Closed { .. } => {}
        }
    }
    seen.sort();
    seen
}

/// What must be seen where nothing is done, by the model.
pub(super) fn standing(scope: &Scope, state: &State, tells: &Tells) -> Seen {
    let seats = scope.instances().map(|instance| state.instance(instance));
    let stands = seats.map(|seat| Stands { login_user: seat.client.login_user(), ready: seat.client.is_ready() });
    let online = |account| state.roster(account).sessions().map(|session| (session.seat, session.key)).collect();
    Seen {
        seats: stands.collect(),
        online: scope.accounts().map(online).collect(),
        kicks: tells.has(Extra::Kicks).then(|| scope.accounts().map(|account| kicks(state, account)).collect()),
        in_flight: tells.has(Extra::InFlight).then(|| scope.instances().map(|seat| frames(state, seat)).collect()),
        ..Seen::default()
    }
}

fn kicks(state: &State, account: AccountId) -> Vec<(InstanceId, Reason)> {
    let records = state.kick_records(account);
    let present = records.iter().filter(|record| record.session.key != Key::Former);
    let mut kicks: Vec<_> = present.map(|record| (record.session.seat, record.reason)).collect();
    kicks.sort();
    kicks
}

fn frames(state: &State, seat: InstanceId) -> Frames {
    let [current, old] = [Slot::Current, Slot::Abandoned].map(|slot| state.instance(seat).links.at(slot));
    [kinds(current.up), kinds(current.down), kinds(old.up)]
}

fn kinds(queue: Queue<impl Coded>) -> Vec<FrameKind> {
    queue.iter().map(|frame| names::kind(frame.into())).collect()
}

impl Seen {
    /// Brings what different instances and accounts did, whose order among them means nothing, into one order.
    pub(super) fn sort(&mut self) {
        self.told.sort_by_key(|item| item.instance());
        self.callbacks.sort_by_key(|item| account_of(*item));
        self.kicks.iter_mut().flatten().for_each(|kicks| kicks.sort());
    }

    /// It in lines: two different ones never have the same lines.
    pub(super) fn lines(&self, scope: &Scope) -> Vec<String> {
        let items = self.told.iter().chain(&self.callbacks);
        let mut lines: Vec<_> = items.map(|item| naming::item(scope, *item)).collect();
        let accounts = || scope.accounts().map(user_id);
        lines.extend(accounts().zip(&self.online).map(|(account, online)| online_line(scope, account, online)));
        let kicks = self.kicks.iter().flat_map(|kicks| accounts().zip(kicks));
        lines.extend(kicks.map(|(account, kicks)| kicks_line(scope, account, kicks)));
        lines.extend(scope.instances().zip(&self.seats).map(|(seat, stands)| stands_line(scope, seat, *stands)));
        let in_flight = self.in_flight.iter().flat_map(|seats| scope.instances().zip(seats));
        lines.extend(in_flight.flat_map(|(seat, frames)| frame_lines(scope, seat, frames)));
        lines.extend(self.strange.iter().map(|what| format!("strange: {what}")));
        lines
    }
}

fn account_of(item: Item) -> Option<AccountId> {
    match item {
        Item::Callback { account, .. } => Some(account),
        Item::Settled { .. } | Item::Published { .. } | Item::StreamEnded { .. } | Item::Written { .. } | Item::Closed { .. } => {
            None
        }
    }
}

fn online_line(scope: &Scope, account: &str, online: &[Who]) -> String {
    format!("online {account}: {}", or_nobody(online.iter().map(|who| names::name_of(scope, *who)).collect(), " "))
}

fn kicks_line(scope: &Scope, account: &str, kicks: &[(InstanceId, Reason)]) -> String {
    let told = kicks.iter().map(|(seat, reason)| format!("{} {}", scope.name_of(*seat), reason.name()));
    format!("kicks {account}: {}", or_nobody(told.collect(), ", "))
}

fn or_nobody(names: Vec<String>, between: &str) -> String {
    if names.is_empty() { "nobody".to_owned() } else { names.join(between) }
}

fn stands_line(scope: &Scope, seat: InstanceId, stands: Stands) -> String {
    let user = stands.login_user.map_or("logged out".to_owned(), |account| format!("logged in as {}", user_id(account)));
    format!("{} is {user}{}", scope.name_of(seat), if stands.ready { ", ready" } else { "" })
}

fn frame_lines(scope: &Scope, seat: InstanceId, frames: &Frames) -> Vec<String> {
    let ways = ["to the server", "to the client", "to the server on the old link"];
    let under_way = frames.iter().zip(ways).filter(|(frames, _)| !frames.is_empty());
    let names = |frames: &[FrameKind]| frames.iter().map(|frame| frame.name()).collect::<Vec<_>>().join(" + ");
    under_way.map(|(frames, way)| format!("{}'s link, {way}: {}", scope.name_of(seat), names(frames))).collect()
}
