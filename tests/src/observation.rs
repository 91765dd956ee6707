//! What is compared after every step: all that can be seen of the model's step on one side, and of the real system on the other, in
//! one shape. Two different things seen are never made equal; what the model has no word for is kept as strange.

use model::action::{AccountId, Action, InstanceId, Slot, Token};
use model::frame::{DownFrame, Frame, Meant, Queue, UpFrame};
use model::link::{Epoch, Link, Owner, ServerEnd};
use model::nodes::Notices;
use model::observation::{End, Item};
use model::records::{KickRecords, Label, Roster, Session};
use model::scope::{MAX_ACCOUNTS, MAX_INSTANCES, Platform, Scope};
use model::state::{Instance, Phase, Reach, State};
use model::step::Step;
use smallvec::SmallVec;

use crate::labels::Labels;

/// All that is seen of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// Answers and events, each instance's in its own order, one instance after the other.
    pub told: Vec<Item>,
    /// Frames written and links closed, each link's in its own order, client before server, one link after the other. Which session an
    /// owed logout means is seen in the queue that it stands in.
    pub wire: Vec<Item>,
    /// Callbacks recorded and posted, each account's in its own order, one account after the other (HOOK-2).
    pub callbacks: Vec<Item>,
    /// What the sync answers written say of who is online, oldest login first.
    pub synced: Vec<(InstanceId, Vec<Platform>)>,
    /// How each seat stands after the step.
    pub seats: Vec<SeatView>,
    /// The server's record of each account: who is online, in login order, each session by the order in which this observation speaks of
    /// those of its seat.
    pub rosters: [Roster; MAX_ACCOUNTS],
    /// The kick records of each account.
    pub kicks: [KickRecords; MAX_ACCOUNTS],
    /// What the server waits for.
    pub server: ServerView,
    /// The notices under way between nodes, of each account.
    pub notices: [Notices; MAX_ACCOUNTS],
    /// What no word of the model describes: always a difference.
    pub strange: Vec<String>,
}

/// How a seat stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatView {
    /// As whom it says it is logged in.
    pub login_user: Option<AccountId>,
    /// Whether it says it is ready.
    pub ready: bool,
    /// What it holds.
    pub holds: Holds,
    /// Its current link and the abandoned one.
    pub links: [LinkView; 2],
}

/// How a link stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkView {
    /// Frames under way to the server.
    pub up: Queue<UpFrame>,
    /// Frames under way to the client.
    pub down: Queue<DownFrame>,
    /// Whether the server has its end.
    pub heard: bool,
    /// The session of its login or resume, as long as it is heard.
    pub session: Label,
    /// Whether its login or resume is under way and comes too late: the highest epoch on record is not below its own (LINK-3).
    pub late: bool,
}

/// What an instance holds (DESTROY-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// Whether a task runs for it.
    pub alive: bool,
    /// Links that it opens or uses.
    pub links: usize,
    /// The timers that are armed.
    pub timers: Timers,
    /// Messages kept for `SDK_READY`.
    pub kept: usize,
    /// Logouts that it owes (LOGOUT-4).
    pub debts: usize,
}

/// The timers that an instance has armed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timers {
    /// The deadline of a login.
    pub login: usize,
    /// That of logouts and destroys.
    pub logout: usize,
    /// Those of sends.
    pub send: usize,
    /// The wait for the next attempt to reconnect.
    pub backoff: usize,
    /// The silence after which a link is taken for lost.
    pub heartbeat: usize,
    /// The wait for the next ping.
    pub ping: usize,
}

/// What the server has and waits for, all links and accounts together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerView {
    /// Links of which it has its end.
    pub links: usize,
    /// Heartbeat timers.
    pub heartbeats: usize,
    /// Timers after which a session's silent link is asked for a sign of life.
    pub asks: usize,
    /// Lapse timers.
    pub lapses: usize,
    /// Of the sessions whose link is down, those whose page went, so that they lapse sooner (LINK-6).
    pub going: usize,
    /// Timers of UserSigs.
    pub expiries: usize,
    /// Timers of changed limits that are not in force yet.
    pub changes: usize,
}

/// What must be seen of a step, by the model.
pub fn expected(scope: &Scope, step: &Step) -> Observation {
    let mut demanded = Observation::default();
    expect(scope, step, &mut demanded);
    demanded
}

/// The same, in place of what had to be seen before.
pub fn expect(scope: &Scope, step: &Step, demanded: &mut Observation) {
    demanded.begin(scope);
    for item in &step.items {
        match item {
            Item::Settled { .. } | Item::Published { .. } | Item::StreamEnded { .. } => demanded.told.push(*item),
            Item::Written { .. } | Item::Closed { .. } => demanded.wire.push(unlabelled(*item)),
            Item::Callback { .. } => demanded.callbacks.push(*item),
        }
        if let Item::Written { instance, slot, frame: Frame::Down(DownFrame::SyncAnswer), .. } = item {
            demanded.synced.push((*instance, online_with(scope, &step.next, *instance, *slot)));
        }
    }
    demanded.server = server_view(scope, &step.next);
    demanded.notices = step.next.server.notices;
    label(scope, &step.next, demanded);
    demanded.sort();
}

/// Seats, rosters and kick records, their sessions numbered in the order in which they are come by here.
fn label(scope: &Scope, state: &State, observation: &mut Observation) {
    let mut labels = Labels::new();
    for instance in scope.instances() {
        observation.seats[usize::from(instance.0)] = seat_view(instance, state.instance(instance), &mut labels);
    }
    let mut named = |session: Session| Session { label: labels.of(session.seat, session.label), ..session };
    for account in scope.accounts() {
        observation.rosters[usize::from(account.0)] = state.roster(account).map(&mut named);
        observation.kicks[usize::from(account.0)] = state.kick_records(account).map(&mut named);
    }
}

/// A written frame without the number of the session that it means.
fn unlabelled(item: Item) -> Item {
    match item {
        Item::Written { instance, slot, end, frame: Frame::Up(UpFrame::Logout { of: Meant::Owed { account, sig, .. } }) } => {
            let of = Meant::Owed { account, session: Label::NONE, sig };
            Item::Written { instance, slot, end, frame: Frame::Up(UpFrame::Logout { of }) }
        }
        item => item,
    }
}

/// The platforms that are online for the account that the link serves.
fn online_with(scope: &Scope, state: &State, instance: InstanceId, slot: Slot) -> Vec<Platform> {
    match state.instance(instance).links.at(slot).server {
        ServerEnd::Serving { account } => state.roster(account).iter().map(|online| scope.platform(online)).collect(),
        ServerEnd::Absent
        | ServerEnd::Listening
        | ServerEnd::Kicked { .. }
        | ServerEnd::Closed
        | ServerEnd::Superseded
        | ServerEnd::Storing { .. } => Vec::new(),
    }
}

fn seat_view(instance: InstanceId, seat: &Instance, labels: &mut Labels<Label>) -> SeatView {
    let links = seat.links.each().map(|link| link_view(instance, link, labels));
    SeatView { login_user: seat.client.login_user(), ready: seat.client.is_ready(), holds: holds(seat), links }
}

fn link_view(instance: InstanceId, link: &Link, labels: &mut Labels<Label>) -> LinkView {
    let mut name = |session: Label| if session == Label::NONE { Label::NONE } else { labels.of(instance, session) };
    let session = if link.is_heard() { name(link.session) } else { Label::NONE };
    let up = link.up.map(|frame| match frame {
        UpFrame::Logout { of: Meant::Owed { account, session, sig } } => {
            UpFrame::Logout { of: Meant::Owed { account, session: name(session), sig } }
        }
        frame => frame,
    });
    let late = link.epoch == Epoch::Superseded && link.greeting().is_some();
    LinkView { up, down: link.down, heard: link.is_heard(), session, late }
}

fn holds(seat: &Instance) -> Holds {
    let uses = |link: &Link| link.exists() && link.owner == Owner::User;
    let opening = matches!(seat.client.phase, Phase::Opening { .. })
        || (seat.client.login_user().is_some() && seat.client.reach == Reach::Asking);
    Holds {
        alive: !seat.client.is_over(),
        links: usize::from(opening || uses(&seat.links.current)),
        timers: timers(seat),
        kept: seat.client.kept.len(),
        debts: seat.client.debts.len(),
    }
}

fn timers(seat: &Instance) -> Timers {
    let none = Timers { send: seat.client.sends.len(), ..Timers::default() };
    match seat.client.phase {
        Phase::Opening { .. } | Phase::Waiting { .. } => Timers { login: 1, ..none },
        Phase::Leaving | Phase::Destroying => Timers { logout: 1, ..none },
        Phase::Out | Phase::Destroyed | Phase::Closed => none,
        Phase::Online { .. } | Phase::Ready { .. } => match seat.client.reach {
            Reach::Up => Timers { heartbeat: 1, ping: 1, ..none },
            Reach::Down => Timers { backoff: 1, ..none },
            Reach::Asking | Reach::Resuming => Timers { heartbeat: 1, ..none },
        },
    }
}

/// Sessions that a node thinks are online and that another one has ended.
fn over_unnoticed(scope: &Scope, state: &State) -> usize {
    let links = scope.instances().flat_map(|instance| state.instance(instance).links.each().map(|link| (instance, link)));
    let is_over = |(instance, link): &(InstanceId, &Link)| {
        let ServerEnd::Serving { account } = link.server else { return false };
        if !state.server.is_awake(link.node) {
            return false;
        }
        let on_record = |session: Session| session.seat == *instance && session.label == link.session;
        !state.roster(account).sessions().any(on_record)
    };
    links.filter(is_over).count()
}

/// Whether an awake node waits for the instance of a session whose link is down for it.
fn waits(scope: &Scope, state: &State, account: AccountId, session: Session) -> bool {
    state.instance(session.seat).waits_at(scope, &state.server, account, session).is_some()
}

/// Whether an awake node has the session, its link up or down.
fn is_held(scope: &Scope, state: &State, account: AccountId, session: Session) -> bool {
    let node_of = |slot| state.instance(session.seat).links.at(slot).node;
    let is_linked = state.slot_of(account, session).is_some_and(|slot| state.server.is_awake(node_of(slot)));
    is_linked || waits(scope, state, account, session)
}

/// One heartbeat timer a link, one more for the silence of a link that serves a session, one lapse timer a session whose link is down, one timer a session for
/// its UserSig, which a node keeps until it knows that the session is over; of those that several nodes have one each, and none of a node that
/// is not awake.
fn server_view(scope: &Scope, state: &State) -> ServerView {
    let seats = scope.instances().map(|instance| state.instance(instance));
    let heard: SmallVec<[_; 2 * MAX_INSTANCES]> = seats.flat_map(|seat| seat.links.each()).filter(|link| link.is_heard()).collect();
    let asks = heard.iter().filter(|link| matches!(link.server, ServerEnd::Serving { .. })).count();
    let links = heard.len();
    let (mut lapses, mut expiries) = (0, over_unnoticed(scope, state));
    for account in scope.accounts() {
        let roster = state.roster(account);
        lapses += roster.sessions().filter(|session| waits(scope, state, account, *session)).count();
        expiries += roster.sessions().filter(|session| is_held(scope, state, account, *session)).count();
    }
    let changes = usize::from(state.server.pending.is_some());
    ServerView { links, heartbeats: links, asks, lapses, going: state.going(), expiries, changes }
}

impl Observation {
    /// Nothing seen yet of the seats of that scope, in place of what was seen before.
    pub fn begin(&mut self, scope: &Scope) {
        let Observation { told, wire, callbacks, synced, seats, rosters, kicks, server, notices, strange } = self;
        [told, wire, callbacks].into_iter().for_each(Vec::clear);
        synced.clear();
        strange.clear();
        seats.clear();
        seats.resize(scope.seats.len(), SeatView::default());
        (*rosters, *kicks, *server, *notices) = Default::default();
    }

    /// Brings what different instances and ends did, whose order among them means nothing, into one order.
    pub fn sort(&mut self) {
        self.told.sort_by_key(|item| item.instance());
        self.wire.sort_by_key(|item| (item.instance(), at(item)));
        self.callbacks.sort_by_key(account_of);
        self.synced.sort_by_key(|(instance, _)| *instance);
    }
}

fn account_of(item: &Item) -> Option<AccountId> {
    if let Item::Callback { account, .. } = item { Some(*account) } else { None }
}

fn at(item: &Item) -> Option<(Slot, End)> {
    if let Item::Written { slot, end, .. } | Item::Closed { slot, end, .. } = item { Some((*slot, *end)) } else { None }
}

/// What the harness asks a driver to do: an action of the model, with the message if one is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What to do.
    pub action: Action,
    /// How a message that is sent now, or again, is called, and to whom it goes.
    pub message: Option<(Token, AccountId)>,
}

#[cfg(test)]
mod tests {
    use model::observation::{Callback, CallbackStage, StateChange};
    use model::records::Key;

    use super::*;

    fn callback(account: u8, change: StateChange) -> Item {
        let (instance, account) = (InstanceId(0), AccountId(account));
        let callback = Callback { of: (instance, Key::Own), change, kicked: [None, None] };
        Item::Callback { instance, account, callback, stage: CallbackStage::Committed }
    }

    #[test]
    fn callbacks_stand_account_by_account_each_in_its_own_order() {
        let [first, last] = [StateChange::Unregister, StateChange::TimeOut];
        let callbacks = vec![callback(1, first), callback(0, last), callback(1, last), callback(0, first)];
        let mut seen = Observation { callbacks, ..Observation::default() };
        seen.sort();
        assert_eq!(seen.callbacks, [callback(0, last), callback(0, first), callback(1, first), callback(1, last)]);
    }
}
