//! One step: what an action that a state offers leads to, and what is seen of it. What each side does stands in its own file; nothing is
//! decided here.

use crate::action::{AccountId, Action, AppCall, InstanceId, LinkMove, PageMove, ServerMove, Slot, Timer};
use crate::blow::Blow;
use crate::book::Book;
use crate::frame::{DownFrame, Frame, UpFrame};
use crate::link::{Owner, Wire};
use crate::observation::{Asked, Call, Close, End, Event, Item, Outcome};
use crate::records::{Key, Session};
use crate::rule::{RuleSet, Rules};
use crate::scope::Scope;
use crate::seats::{SeatSet, Seats};
use crate::state::{Instance, Residue, Server, State};

pub use crate::book::Site;
pub use crate::offers::{actions, actions_into};

/// What a step leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state after it.
    pub next: State,
    /// What was seen of it, in order.
    pub items: Vec<Item>,
    /// The rules that were asked for an answer on the way.
    pub asked: RuleSet,
}

impl Step {
    /// The step that leads to a state in which nothing has happened yet; it shows nothing.
    pub fn none(initial: State) -> Step {
        Step { next: initial, items: Vec::new(), asked: RuleSet::NONE }
    }

    /// Becomes the step of one action that [`actions`] offers where it led.
    pub fn go_on(&mut self, scope: &Scope, rules: Rules, action: Action) {
        let mut items = std::mem::take(&mut self.items);
        items.clear();
        let stage = Stage { items, ..Stage::before(scope, Book { rules, ..Book::default() }, &mut self.next) };
        let Stage { items, book, .. } = stage.done(action);
        (self.items, self.asked) = (items, book.asked);
    }
}

/// Does one action that [`actions`] offers.
pub fn step(scope: &Scope, rules: Rules, state: &State, action: Action) -> Step {
    let mut step = Step::none(*state);
    step.go_on(scope, rules, action);
    step
}

/// The rules that act on a transition: those without which it would lead elsewhere or show something else. `made` is the transition
/// with all rules in force.
pub fn acting(scope: &Scope, state: &State, action: Action, made: &Step) -> RuleSet {
    let mut acting = RuleSet::NONE;
    for rule in made.asked.iter() {
        let other = step(scope, Rules::without(rule), state, action);
        if (other.next, &other.items) != (made.next, &made.items) {
            acting.insert(rule);
        }
    }
    acting
}

/// Where the step asks for rules that act on it.
pub fn sites(scope: &Scope, state: &State, action: Action) -> Vec<Site> {
    let book = Book { sites: Some(Vec::new()), ..Book::default() };
    let mut next = *state;
    let Stage { items, book, .. } = Stage::with_book(scope, book, &mut next, action);
    let acting = acting(scope, state, action, &Step { next, items, asked: book.asked });
    book.sites.into_iter().flatten().filter(|site| acting.contains(site.rule)).collect()
}

/// The step being made: the state as it changes in its place, and what is seen meanwhile. Every seat that is looked at is noted, so that
/// the step is known to be the same wherever those seats and the server's records are.
pub(crate) struct Stage<'a> {
    pub(crate) scope: &'a Scope,
    seats: &'a mut Seats<Instance>,
    touched: SeatSet,
    pub(crate) server: &'a mut Server,
    pub(crate) items: Vec<Item>,
    pub(crate) book: Book,
}

/// A link: whose, and which of its links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) instance: InstanceId,
    pub(crate) slot: Slot,
}

impl<'a> Stage<'a> {
    /// Makes of a state what an action makes of it.
    pub(crate) fn behind(scope: &'a Scope, rules: Rules, state: &'a mut State, action: Action) -> Stage<'a> {
        Stage::with_book(scope, Book { rules, ..Book::default() }, state, action)
    }

    fn with_book(scope: &'a Scope, book: Book, state: &'a mut State, action: Action) -> Stage<'a> {
        Stage::before(scope, book, state).done(action)
    }

    /// The action is done.
    fn done(mut self, action: Action) -> Stage<'a> {
        match Blow::first(action) {
            Some(first) => {
                let mut next = Some(first);
                while let Some(blow) = next {
                    next = self.deal(blow);
                }
            }
            None => {
                let shares = action.instance().is_some_and(|instance| self.scope.key(instance) == Key::Shared);
                if shares {
                    self.draw_ranks_apart();
                }
                self.act(action);
                self.touched.for_each(|instance| self.tidy(instance));
                if shares {
                    self.deal_ranks();
                }
            }
        }
        self
    }

    fn before(scope: &'a Scope, book: Book, state: &'a mut State) -> Stage<'a> {
        let State { instances: seats, server } = state;
        Stage { scope, seats, touched: SeatSet::default(), server, items: Vec::new(), book }
    }

    /// Makes of a state what one blow makes of it; and the next one.
    pub(crate) fn struck(scope: &'a Scope, rules: Rules, state: &'a mut State, blow: Blow) -> (Stage<'a>, Option<Blow>) {
        let mut stage = Stage::before(scope, Book { rules, ..Book::default() }, state);
        let next = stage.deal(blow);
        (stage, next)
    }

    /// The seats that were looked at, changed or not.
    pub(crate) fn touched(&self) -> SeatSet {
        self.touched
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Call(instance, AppCall::Login { account, credential }) => self.call_login(instance, account, credential),
            Action::Call(instance, AppCall::Logout) => self.call_logout(instance),
            Action::Call(instance, AppCall::Destroy) => self.call_destroy(instance),
            Action::Call(instance, AppCall::Send(to)) => self.call_send(instance, to),
            Action::Call(instance, AppCall::Resend) => self.call_resend(instance),
            Action::Page(instance, PageMove::Close) => self.page_closes(instance),
            Action::Page(instance, PageMove::Wake) => self.wakes(instance),
            Action::Link(instance, LinkMove::Open) => self.link_is_up(instance),
            Action::Link(instance, LinkMove::OpenFails) => self.open_fails(instance),
            Action::Link(instance, LinkMove::ToServer(slot)) => self.server_takes(At { instance, slot }),
            Action::Link(instance, LinkMove::ToClient) => self.client_takes(instance),
            Action::Link(instance, LinkMove::Cut) => self.seat(instance).current.wire = Wire::Cut,
            Action::Link(instance, LinkMove::ClientLoses(how)) => self.client_loses(instance, how),
            Action::Link(instance, LinkMove::ServerLoses(slot, how)) => self.server_loses(At { instance, slot }, how),
            Action::Timer(instance, Timer::Backoff) => self.backoff(instance),
            Action::Timer(instance, Timer::Deadline(call)) => self.deadline(instance, call),
            Action::Timer(instance, Timer::Ping) => self.ping(instance),
            Action::Timer(instance, Timer::Ask(slot)) => self.ask(At { instance, slot }),
            Action::Timer(instance, Timer::Lapse(account)) => self.lapse(instance, account),
            Action::Renew(instance) => self.renew(instance),
            Action::Server(ServerMove::Configure(setting)) => self.configure(setting),
            Action::Server(ServerMove::TakeEffect) => self.take_effect(),
            Action::Server(ServerMove::Webhook(account, how)) => self.post(account, how),
            Action::Timer(_, Timer::Expire(_))
            | Action::Server(ServerMove::RestKick(_) | ServerMove::Restart | ServerMove::Stop) => {
                unreachable!("what strikes every seat is dealt blow by blow")
            }
        }
    }

    pub(crate) fn seat(&mut self, instance: InstanceId) -> &mut Instance {
        self.touched.insert(instance);
        &mut self.seats[usize::from(instance.0)]
    }

    pub(crate) fn every_seat(&mut self) -> &mut [Instance] {
        self.scope.instances().for_each(|instance| self.touched.insert(instance));
        self.seats
    }

    /// Which link of its seat a session is online on; `None` if its link is down.
    pub(crate) fn slot_of(&mut self, account: AccountId, session: Session) -> Option<Slot> {
        self.seat(session.seat).slot_of(account, session)
    }

    pub(crate) fn settle(&mut self, instance: InstanceId, call: Call, asked: Asked, outcome: Outcome) {
        self.items.push(Item::Settled { instance, call, asked, outcome });
    }

    /// Publishes, unless the listeners are gone (LOGOUT-7 taken out).
    pub(crate) fn publish(&mut self, instance: InstanceId, event: Event) {
        if self.seat(instance).residue != Residue::Deaf {
            self.items.push(Item::Published { instance, event });
        }
    }

    /// Writes to the server; what is written to a link that the server has closed, or that is cut, is lost.
    pub(crate) fn write_up(&mut self, instance: InstanceId, frame: UpFrame) {
        self.items.push(Item::Written { instance, slot: Slot::Current, end: End::Client, frame: Frame::Up(frame) });
        let link = &mut self.seat(instance).current;
        if link.is_heard() && link.wire == Wire::Whole {
            link.up.push(frame);
        }
    }

    /// Writes to the client; what is written to a link that the client has given up, or that is cut, is lost.
    pub(crate) fn write_down(&mut self, at: At, frame: DownFrame) {
        self.items.push(Item::Written { instance: at.instance, slot: at.slot, end: End::Server, frame: Frame::Down(frame) });
        let link = self.link(at);
        if link.owner == Owner::User && link.wire == Wire::Whole {
            link.down.push(frame);
        }
    }

    pub(crate) fn note_close(&mut self, at: At, end: End, close: Close) {
        self.items.push(Item::Closed { instance: at.instance, slot: at.slot, end, close });
    }

    /// A fresh instance takes the place of one that is over; what that one leaves on record or under way stays its own.
    fn renew(&mut self, instance: InstanceId) {
        let before = *self.seat(instance);
        let Instance { current, abandoned, accepted, going, .. } = before;
        let mut fresh = Instance { current, abandoned, accepted, going, ..Instance::default() };
        for link in [&mut fresh.current, &mut fresh.abandoned] {
            if link.exists() {
                link.owner = Owner::Replaced;
            }
        }
        *self.seat(instance) = fresh;
        let hand_down = |session: Session| if session.seat == instance { Session { key: Key::Former, ..session } } else { session };
        self.server.rosters = self.server.rosters.map(|roster| roster.map(hand_down));
        self.server.records = self.server.records.map(|records| records.map(hand_down));
    }
}
