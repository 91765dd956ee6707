//! What is compared after every step: all that can be seen of the model's step on one side, and of the real system on the other, in
//! one shape. Two different things seen are never made equal; what the model has no word for is kept as strange.

use model::action::{Action, InstanceId};
use model::frame::{Frame, Queue};
use model::observation::{End, Item, Reason};
use model::scope::{MAX_ACCOUNTS, MAX_INSTANCES, Platform, Scope};
use model::state::{Instance, Link, Owner, Phase, Roster, State};
use model::step::Step;

/// All that is seen of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// Answers and events, each instance's in its own order, one instance after the other.
    pub told: Vec<Item>,
    /// Frames written and links closed, each link's in its own order, client before server, one instance after the other.
    pub wire: Vec<Item>,
    /// What the sync answers written say of who is online, oldest login first.
    pub synced: Vec<(InstanceId, Vec<Platform>)>,
    /// How each seat stands after the step.
    pub seats: [SeatView; MAX_INSTANCES],
    /// The server's record of each account: who is online, in login order.
    pub rosters: [Roster; MAX_ACCOUNTS],
    /// What no word of the model describes: always a difference.
    pub strange: Vec<String>,
}

/// How a seat stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatView {
    /// As whom it says it is logged in.
    pub login_user: Option<model::action::AccountId>,
    /// Whether it says it is ready.
    pub ready: bool,
    /// What it holds.
    pub holds: Holds,
    /// Frames under way to the server on the current link.
    pub up: Queue,
    /// Frames under way to the client on the current link.
    pub down: Queue,
    /// Frames under way to the server on the abandoned link.
    pub abandoned: Queue,
    /// The kick records that stand for its links, the abandoned one's first, with their accounts.
    pub kicks: [Option<(model::action::AccountId, Reason)>; 2],
}

/// What an instance holds (DESTROY-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// Whether a task runs for it.
    pub alive: bool,
    /// Links that it opens or uses.
    pub links: usize,
    /// Deadlines of logins, of logouts and destroys, of sends.
    pub timers: [usize; 3],
    /// Messages kept for `SDK_READY`.
    pub kept: usize,
}

/// What must be seen of a step, by the model.
pub fn expected(scope: &Scope, step: &Step) -> Observation {
    let (mut told, mut wire, mut synced) = (Vec::new(), Vec::new(), Vec::new());
    for item in &step.items {
        match item {
            Item::Settled { .. } | Item::Published { .. } | Item::StreamEnded { .. } => told.push(*item),
            Item::Written { .. } | Item::Closed { .. } => wire.push(*item),
        }
        if let Item::Written { instance, frame: Frame::SyncAnswer, .. } = item {
            synced.push((*instance, online_with(scope, &step.next, *instance)));
        }
    }
    let mut observation = Observation { told, wire, synced, rosters: step.next.rosters, ..Observation::default() };
    for instance in scope.instances() {
        observation.seats[usize::from(instance.0)] = seat_view(step.next.instance(instance));
    }
    observation.sort();
    observation
}

/// The platforms that are online for the account that the instance is online for.
fn online_with(scope: &Scope, state: &State, instance: InstanceId) -> Vec<Platform> {
    let roster = scope.accounts().map(|account| state.roster(account)).find(|roster| roster.contains(instance));
    roster.into_iter().flat_map(Roster::iter).map(|online| scope.platform(online)).collect()
}

fn seat_view(seat: &Instance) -> SeatView {
    SeatView {
        login_user: seat.login_user(),
        ready: seat.is_ready(),
        holds: holds(seat),
        up: seat.current.up,
        down: seat.current.down,
        abandoned: seat.abandoned.up,
        kicks: [seat.abandoned.kick_record(), seat.current.kick_record()],
    }
}

fn holds(seat: &Instance) -> Holds {
    let (login, logout) = match seat.phase {
        Phase::Opening { .. } | Phase::Waiting { .. } => (1, 0),
        Phase::Leaving | Phase::Destroying => (0, 1),
        Phase::Out | Phase::Online { .. } | Phase::Ready { .. } | Phase::Destroyed => (0, 0),
    };
    let opening = matches!(seat.phase, Phase::Opening { .. });
    let uses = |link: &Link| link.exists() && link.owner == Owner::User;
    Holds {
        alive: seat.phase != Phase::Destroyed,
        links: usize::from(opening || uses(&seat.current)),
        timers: [login, logout, seat.sends.len()],
        kept: seat.kept.len(),
    }
}

impl Observation {
    /// Brings what different instances and ends did, whose order among them means nothing, into one order.
    pub fn sort(&mut self) {
        self.told.sort_by_key(|item| item.instance());
        self.wire.sort_by_key(|item| (item.instance(), end(item)));
        self.synced.sort_by_key(|(instance, _)| *instance);
    }
}

fn end(item: &Item) -> Option<End> {
    match item {
        Item::Written { end, .. } | Item::Closed { end, .. } => Some(*end),
        Item::Settled { .. } | Item::Published { .. } | Item::StreamEnded { .. } => None,
    }
}

/// What the harness asks a driver to do: an action of the model, with the name of the message if one is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What to do.
    pub action: Action,
    /// How a message that is sent now will be called.
    pub token: Option<model::action::Token>,
}
