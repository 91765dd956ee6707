//! The judges: one property a rule, by the rule's name, each a question about one step as it was seen. They look at states before and
//! after, at what was observed, and at what the [`crate::observers`] remember. They never call the rules that they judge.

mod account;
mod administrator;
mod debt;
mod destroy;
mod gap;
mod hook;
mod kick;
mod link;
mod login;
mod logout;
mod loss;
mod message;
mod node;
mod refusal;
mod resume;

use std::cell::Cell;

use crate::action::{AccountId, Action, Credential, InstanceId, LinkMove, NodeId, ServerMove, Slot};
use crate::frame::{DownFrame, Frame, UpFrame};
use crate::link::{Link, ServerEnd};
use crate::observation::{Asked, Call, Close, Code, End, Event, Item, Outcome, Reason};
use crate::observers::{Watch, Watches};
use crate::outbox::Outbox;
use crate::records::{Key, KickRecord, KickRecords, Roster, Session};
use crate::rule::{Rule, RuleSet};
use crate::scope::Scope;
use crate::seats::SeatSet;
use crate::state::{Instance, Server, State};

/// One step as it was seen.
pub struct Seen<'a> {
    /// Where it was made.
    pub scope: &'a Scope,
    /// Before it.
    pub before: Moment<'a>,
    /// What was done.
    pub action: Action,
    /// After it.
    pub after: Moment<'a>,
    /// What was observed.
    pub items: &'a [Item],
    /// The seats that the step changes.
    changed: SeatSet,
    /// The seats that a judge looked at. The verdict is the same wherever these, the server's records and what the step changes are.
    looked: Cell<SeatSet>,
}

/// A state, and what the onlookers know there.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// The state.
    pub state: &'a State,
    /// What they know.
    pub watches: &'a Watches,
}

/// The rules whose properties the step breaks; none in a model that keeps them.
pub fn broken(seen: &Seen<'_>) -> RuleSet {
    let mut broken = RuleSet::NONE;
    without_callbacks(seen, |plain| {
        let breaks = |rule: &Rule| !holds_of(*rule, seen, plain);
        Rule::ALL.into_iter().filter(breaks).for_each(|rule| broken.insert(rule));
    });
    broken
}

/// Whether the step keeps the rule. Those that do not speak of callbacks are judged as if none were seen.
pub fn holds(rule: Rule, seen: &Seen<'_>) -> bool {
    without_callbacks(seen, |plain| holds_of(rule, seen, plain))
}

/// Shows the step as if no callbacks were seen.
fn without_callbacks<T>(seen: &Seen<'_>, look: impl FnOnce(&Seen<'_>) -> T) -> T {
    let is_callback = |item: &Item| matches!(item, Item::Callback { .. });
    if !seen.items.iter().any(is_callback) {
        return look(seen);
    }
    let items: Vec<_> = seen.items.iter().filter(|item| !is_callback(item)).copied().collect();
    let plain = Seen { items: &items, looked: Cell::new(seen.looked.get()), ..*seen };
    let said = look(&plain);
    seen.looked.set(plain.looked.get());
    said
}

/// `plain` is what is seen without callbacks.
fn holds_of(rule: Rule, seen: &Seen<'_>, plain: &Seen<'_>) -> bool {
    match (rule, seen.action.instance()) {
        (Rule::Hook1 | Rule::Hook2, _) => property_holds(rule, seen),
        (Rule::Node2 | Rule::Node3, _) | (_, Some(_)) => property_holds(rule, plain),
        (_, None) => administrator::holds(rule, plain),
    }
}

macro_rules! properties {
    ($($rule:ident $name:literal $origin:literal $family:ident::$property:ident $text:literal;)+) => {
        /// Whether a step of an instance keeps the rule; the rules of callbacks judge those of the administrator as well.
        fn property_holds(rule: Rule, seen: &Seen<'_>) -> bool {
            match rule { $(Rule::$rule => $family::$property(seen),)+ }
        }
    };
}

crate::each_rule!(properties);

/// A state as the judges see it: each seat that they look at is noted.
#[derive(Clone, Copy)]
struct View<'a> {
    state: &'a State,
    looked: &'a Cell<SeatSet>,
}

impl<'a> View<'a> {
    fn server(self) -> &'a Server {
        &self.state.server
    }

    fn instance(self, instance: InstanceId) -> &'a Instance {
        note(self.looked, instance);
        self.state.instance(instance)
    }

    fn roster(self, account: AccountId) -> Roster {
        self.state.roster(account)
    }

    fn kick_records(self, account: AccountId) -> KickRecords {
        self.state.kick_records(account)
    }

    fn outbox(self, account: AccountId) -> Outbox {
        self.state.outbox(account)
    }

    fn slot_of(self, account: AccountId, session: Session) -> Option<Slot> {
        self.instance(session.seat).links.slot_of(account, session)
    }
}

fn note(looked: &Cell<SeatSet>, instance: InstanceId) {
    let mut seats = looked.get();
    seats.insert(instance);
    looked.set(seats);
}

impl<'a> Seen<'a> {
    /// A step that nobody has judged yet.
    pub fn new(scope: &'a Scope, before: Moment<'a>, action: Action, items: &'a [Item], after: Moment<'a>) -> Seen<'a> {
        let changes = |instance: &InstanceId| before.state.instance(*instance) != after.state.instance(*instance);
        let changed = scope.instances().filter(changes).collect();
        Seen { scope, before, action, after, items, changed, looked: Cell::default() }
    }

    /// The seats that were looked at by those who judged it.
    pub(crate) fn looked(&self) -> SeatSet {
        self.looked.get()
    }

    fn before(&self) -> View<'_> {
        View { state: self.before.state, looked: &self.looked }
    }

    fn after(&self) -> View<'_> {
        View { state: self.after.state, looked: &self.looked }
    }

    /// What the onlooker of a seat knew before.
    fn watch_of(&self, instance: InstanceId) -> &'a Watch {
        note(&self.looked, instance);
        &self.before.watches[usize::from(instance.0)]
    }

    /// What the onlooker of a seat knows then.
    fn then_of(&self, instance: InstanceId) -> &'a Watch {
        note(&self.looked, instance);
        &self.after.watches[usize::from(instance.0)]
    }

    /// The seats that the step changes or of which something is seen.
    fn concerned(&self) -> impl Iterator<Item = InstanceId> {
        self.changed.and(self.items.iter().map(|item| item.instance()).collect())
    }

    fn me(&self) -> InstanceId {
        self.action.instance().expect("an instance's steps and the administrator's are judged apart")
    }

    /// The node at which it happens.
    fn node(&self) -> NodeId {
        let seat = self.action.instance().map(|instance| self.before().instance(instance));
        self.action.node(self.scope, self.before().server(), seat)
    }

    /// What the onlooker of the acting instance knew before.
    fn watch(&self) -> &Watch {
        self.watch_of(self.me())
    }

    fn unchanged(&self) -> bool {
        self.changed.len() == 0 && self.before().server() == self.after().server()
    }

    /// What the application of an instance was told, in order.
    fn told(&self, instance: InstanceId) -> Vec<Item> {
        let told = |item: &&Item| match item {
            Item::Settled { .. } | Item::Published { .. } | Item::StreamEnded { .. } => item.instance() == instance,
            Item::Written { .. } | Item::Closed { .. } | Item::Callback { .. } => false,
        };
        self.items.iter().filter(told).copied().collect()
    }

    /// What was written in the step: whose link, which of its links, and the frame.
    fn written(&self) -> impl Iterator<Item = (InstanceId, Slot, Frame)> {
        self.items.iter().filter_map(|item| {
            let Item::Written { instance, slot, frame, .. } = *item else { return None };
            Some((instance, slot, frame))
        })
    }

    /// The frames that an instance wrote, in order.
    fn said(&self, instance: InstanceId) -> Vec<UpFrame> {
        let theirs = self.written().filter(|(whose, ..)| *whose == instance);
        theirs.filter_map(|(_, _, frame)| if let Frame::Up(frame) = frame { Some(frame) } else { None }).collect()
    }

    /// The frames that the server wrote to an instance, in order.
    fn answered(&self, instance: InstanceId) -> Vec<DownFrame> {
        let theirs = self.written().filter(|(whose, ..)| *whose == instance);
        theirs.filter_map(|(_, _, frame)| if let Frame::Down(frame) = frame { Some(frame) } else { None }).collect()
    }

    /// The frames that the server wrote to one link of an instance, in order.
    fn answered_on(&self, instance: InstanceId, slot: Slot) -> Vec<DownFrame> {
        let theirs = self.written().filter(|(whose, on, _)| (*whose, *on) == (instance, slot));
        theirs.filter_map(|(_, _, frame)| if let Frame::Down(frame) = frame { Some(frame) } else { None }).collect()
    }

    /// What one end said as it closed a link of an instance.
    fn closes(&self, instance: InstanceId, by: End) -> Vec<(Slot, Close)> {
        let close = |item: &Item| {
            let Item::Closed { instance: whose, slot, end, close } = *item else { return None };
            (whose == instance && end == by).then_some((slot, close))
        };
        self.items.iter().filter_map(close).collect()
    }

    /// The link on which this step delivers a frame to the server, or stores what came on it, as it was.
    fn link_of_arrival(&self) -> Option<(Slot, &Link)> {
        let (instance, slot) = match self.action {
            Action::Link(instance, LinkMove::ToServer(slot)) => (instance, slot),
            Action::Server(ServerMove::Store(instance)) => (instance, Slot::Current),
            _ => return None,
        };
        Some((slot, self.before().instance(instance).links.at(slot)))
    }

    /// The frame of which this step brings the server's decision; `None` as long as its commit is under way.
    fn arrives_at_server(&self) -> Option<UpFrame> {
        let (slot, link) = self.link_of_arrival()?;
        if self.after().instance(self.me()).links.at(slot).is_storing() {
            return None;
        }
        match link.server {
            ServerEnd::Storing { account, .. } => Some(UpFrame::Login { account, credential: Credential::Good }),
            _ => link.up.first(),
        }
    }

    /// The frame that this step delivers to a client.
    fn arrives_at_client(&self) -> Option<DownFrame> {
        let Action::Link(instance, LinkMove::ToClient) = self.action else { return None };
        self.before().instance(instance).links.current.down.first()
    }

    /// The session that the login or resume arriving in this step speaks of.
    fn session_of_arrival(&self) -> Option<Session> {
        self.link_of_arrival().map(|(_, link)| self.session_on(self.me(), link))
    }

    /// The session that a link of a seat is for.
    fn session_on(&self, seat: InstanceId, link: &Link) -> Session {
        Session { seat, key: link.key(self.scope.key(seat)), label: link.session }
    }

    /// Whom this step's login admits, and to which account.
    fn admitted(&self) -> Option<(Session, AccountId)> {
        let Some(UpFrame::Login { account, .. }) = self.arrives_at_server() else { return None };
        let (slot, _) = self.link_of_arrival()?;
        let admitted =
            self.answered_on(self.me(), slot).iter().any(|frame| matches!(frame, DownFrame::LoginAnswer { refused: None, .. }));
        self.session_of_arrival().filter(|_| admitted).map(|session| (session, account))
    }

    /// Whether the acting instance is told of this call's answer, that answer, and nothing else, and nothing changes.
    fn is_only_answered(&self, call: Call, outcome: Outcome) -> bool {
        let answer = Item::Settled { instance: self.me(), call, asked: Asked::Now, outcome };
        self.items == [answer] && self.unchanged()
    }

    fn settled(&self, call: Call, asked: Asked, outcome: Outcome) -> Item {
        Item::Settled { instance: self.me(), call, asked, outcome }
    }

    fn published(&self, event: Event) -> Item {
        Item::Published { instance: self.me(), event }
    }

    /// What a logged-in instance tells first when its session ends: its sends are unknown, and it is ready no more.
    fn farewell(&self) -> Vec<Item> {
        let unknown = Outcome::Refused(Code::OutcomeUnknown);
        let sends = self.watch().sends.iter().map(|token| self.settled(Call::Send(Some(token)), Asked::Earlier, unknown));
        let not_ready = self.watch().ready.then(|| self.published(Event::NotReady));
        sends.chain(not_ready).collect()
    }

    /// The online sessions of all accounts but those of `but` in that account, in their order, are as they were.
    fn others_keep_their_places(&self, of: AccountId, but: &[Session]) -> bool {
        self.scope.accounts().all(|account| {
            let [before, after] = [self.before(), self.after()].map(|state| state.roster(account));
            let others = |online: &Session| account != of || !but.iter().any(|one| one.has_key_of(*online));
            let stay = |roster: Roster| roster.sessions().filter(others).map(place);
            before == after || stay(before).eq(stay(after))
        })
    }

    /// The online sessions of all accounts, in their order, are as they were.
    fn everybody_keeps_a_place(&self) -> bool {
        self.scope.accounts().all(|account| self.others_keep_their_places(account, &[]))
    }

    /// Nobody gained or lost a place, and no kick record came or went; that of a replaced instance, and no other, may be forgotten with
    /// the last that could meet it.
    fn record_stands(&self) -> bool {
        let named = |record: KickRecord| (record.session.key, place(record.session), record.reason);
        let same = |account| {
            let [before, after] = [self.before(), self.after()].map(|state| state.kick_records(account));
            let stays =
                |record: &KickRecord| record.session.key != Key::Former || after.iter().any(|kept| named(kept) == named(*record));
            before == after || before.iter().filter(stays).map(named).eq(after.iter().map(named))
        };
        self.everybody_keeps_a_place() && self.scope.accounts().all(same)
    }

    /// Whether a session was kicked: off the record, its kick on it, and the notice written where its link was up at the same node.
    fn is_kicked(&self, victim: Session, account: AccountId, reason: Reason) -> bool {
        let links = &self.before().instance(victim.seat).links;
        let on = links.slot_of(account, victim).filter(|slot| links.at(*slot).node == self.node());
        let due = on.map(|_| DownFrame::Notice { reason });
        let written = on.map_or(Vec::new(), |slot| self.answered_on(victim.seat, slot));
        let gone = self.after().roster(account).of_key(victim).is_none();
        gone && written == due.into_iter().collect::<Vec<_>>()
    }
}

/// Whether a client that gets this learns that its session was ended.
fn ends_a_session(frame: DownFrame) -> bool {
    match frame {
        DownFrame::Notice { .. } => true,
        DownFrame::ResumeAnswer { answer } => answer.is_an_end(),
        _ => false,
    }
}

/// Whose place it is, whatever the number of the session.
fn place(session: Session) -> (InstanceId, Key) {
    (session.seat, session.key)
}
