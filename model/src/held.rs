//! Which bound of the scope holds back an action that a state makes possible. Whatever is possible is offered or held back by one of
//! these. It says nothing of what follows from an action.

use strum::{EnumCount, VariantArray};

use crate::action::{AccountId, Action, AppCall, LinkMove, Loss, NodeId, PageMove, ServerMove, Timer};
use crate::crowd::{Bounds, Crowd, is_lost};
use crate::frame::{DownFrame, Frame, Gap, UpFrame};
use crate::link::{Link, Links, Owner, Wire};
use crate::lives::Health;
use crate::offers::Place;
use crate::possible::is_possible;
use crate::scope::{Destroys, Fault, Overtaking, RestKicks, Scope, Sends};
use crate::state::{Phase, Reach, Server, State};
use crate::variants::every;

/// A bound that holds the environment back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum Hold {
    /// Nobody makes that call in the scope.
    NoSuchCall,
    /// Nothing of that kind fails in the scope, nor does that timer fire.
    NoSuchFault,
    /// `busy ≤ K`: too many others have something in flight.
    Busy,
    /// `f ≤ K`: too many others are in a fault.
    FaultsAtOnce,
    /// Only the first instances fail.
    Failing,
    /// Nothing more breaks while a link that the instance lost before is there.
    LostBefore,
    /// Calls and timers wait for callbacks.
    Callbacks,
    /// The instance owes as many logouts as it may.
    Debts,
    /// As many calls run as may be joined.
    JoinedCalls,
    /// Reconnects, and the end of the server, one by one.
    OneByOne,
    /// Every message is somewhere.
    Tokens,
    /// As many pings, or messages that are sent again, are under way as may be.
    UnderWay,
    /// A new link waits for the end of the old one.
    Overtaking,
    /// A fresh instance waits while something of its predecessor may come late.
    Predecessors,
}

impl Hold {
    /// Every bound.
    pub const ALL: [Hold; Hold::COUNT] = every();

    /// What the report calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Hold::NoSuchCall => "no such call",
            Hold::NoSuchFault => "no such fault",
            Hold::Busy => "busy",
            Hold::FaultsAtOnce => "faults at once",
            Hold::Failing => "others fail",
            Hold::LostBefore => "a link lost before",
            Hold::Callbacks => "callbacks wait",
            Hold::Debts => "debts",
            Hold::JoinedCalls => "calls joined",
            Hold::OneByOne => "reconnects one by one",
            Hold::Tokens => "tokens",
            Hold::UnderWay => "under way already",
            Hold::Overtaking => "no overtaking",
            Hold::Predecessors => "predecessors",
        }
    }
}

/// What holds an action back that the state makes possible; `None` if it is offered, or not possible.
pub fn held_back(scope: &Scope, state: &State, action: Action) -> Option<Hold> {
    if !is_possible(scope, state, action) {
        return None;
    }
    let crowd = Crowd::of(scope, state);
    let of_seat = |instance| Place::new(scope, state, instance, crowd.bounds(scope, Some(instance))).held_back(action);
    match action {
        Action::Call(instance, _)
        | Action::Page(instance, _)
        | Action::Link(instance, _)
        | Action::Timer(instance, _)
        | Action::Renew(instance)
        | Action::Server(ServerMove::Store(instance)) => of_seat(instance),
        Action::Server(at) => at_server(scope, &state.server, crowd.bounds(scope, None), at),
    }
}

/// How many callbacks of an account may wait as the server is killed: every resume behind it adds one.
const MOST_AT_A_RESTART: usize = 2;

/// The first of those that apply.
fn first<const N: usize>(holds: [(bool, Hold); N]) -> Option<Hold> {
    holds.into_iter().find_map(|(applies, hold)| applies.then_some(hold))
}

/// What is no instance's own.
pub(crate) fn at_server(scope: &Scope, server: &Server, bounds: Bounds, at: ServerMove) -> Option<Hold> {
    let few_wait = || scope.accounts().all(|account| server.outbox(account).len() <= MOST_AT_A_RESTART);
    let end = |fault| {
        first([
            (!scope.has(fault), Hold::NoSuchFault),
            (!bounds.may_break, Hold::FaultsAtOnce),
            (!bounds.may_reconnect, Hold::OneByOne),
            (!few_wait(), Hold::Callbacks),
        ])
    };
    let failure = |fault, node| {
        first([
            (!scope.has(fault), Hold::NoSuchFault),
            (node != NodeId::default(), Hold::Failing),
            (!bounds.may_break, Hold::FaultsAtOnce),
        ])
    };
    match at {
        ServerMove::Restart => end(Fault::Restarts),
        ServerMove::Stop => end(Fault::Stops),
        ServerMove::RestKick(_) => {
            first([(scope.rest_kicks == RestKicks::Never, Hold::NoSuchCall), (!server.is_posted(), Hold::Callbacks)])
        }
        ServerMove::Configure(_) => first([(scope.limit_change.is_none(), Hold::NoSuchCall)]),
        ServerMove::Poll(node) if server.health(node) == Some(Health::Late) => None,
        ServerMove::Miss(..) | ServerMove::Poll(_) => first([(!scope.has(Fault::NoticesLost), Hold::NoSuchFault)]),
        ServerMove::Die(node) => failure(Fault::Deaths, node),
        ServerMove::Freeze(node) => failure(Fault::Freezes, node),
        ServerMove::TakeEffect
        | ServerMove::Webhook(..)
        | ServerMove::Hear(..)
        | ServerMove::Store(_)
        | ServerMove::Start(_)
        | ServerMove::Wake(_)
        | ServerMove::LeaseEnds(_) => None,
    }
}

impl Place<'_> {
    /// What holds a possible action back.
    pub(crate) fn held_back(&self, action: Action) -> Option<Hold> {
        match action {
            Action::Call(_, call) => self.call(call),
            Action::Page(_, page) => self.page(page),
            Action::Link(_, link) => self.link(link),
            Action::Timer(_, timer) => self.timer(timer),
            Action::Renew(_) => self.renewal(),
            Action::Server(_) => None,
        }
    }

    fn call(&self, call: AppCall) -> Option<Hold> {
        let Place { scope, seat, .. } = *self;
        match call {
            AppCall::Login { account, credential } => {
                let seats = &scope.seats[usize::from(self.instance.0)].accounts;
                let called = seats.contains(&account) && scope.credentials.contains(&credential);
                first([(!called, Hold::NoSuchCall)]).or_else(|| self.sending(seat.client.phase == Phase::Out))
            }
            AppCall::Logout => self.leaving(seat.client.logouts).or_else(|| self.owing()),
            AppCall::Destroy => {
                first([(scope.destroys == Destroys::Never, Hold::NoSuchCall)]).or_else(|| self.leaving(seat.client.destroys))
            }
            AppCall::Send(to) => self.send(to),
            AppCall::Resend => {
                let copies = first([(seat.client.accepts_sends() && copies_under_way(&seat.links) >= 2, Hold::UnderWay)]);
                self.sending(seat.client.accepts_sends()).or(copies)
            }
        }
    }

    fn page(&self, page: PageMove) -> Option<Hold> {
        match page {
            PageMove::Close => self.fault(Fault::PageCloses).or_else(|| self.breaking()),
            PageMove::Wake => self.fault(Fault::Wakes).or_else(|| self.breaking()),
        }
    }

    fn link(&self, link: LinkMove) -> Option<Hold> {
        let Place { scope, seat, .. } = *self;
        match link {
            LinkMove::Open => {
                let waits = scope.overtaking == Overtaking::Waits && seat.links.abandoned.exists();
                first([(waits, Hold::Overtaking)])
            }
            LinkMove::OpenFails => self.fault(Fault::OpenFails).or(self.failing()),
            LinkMove::ToServer(_) | LinkMove::ToClient => None,
            LinkMove::Cut => self.fault(Fault::Cuts).or_else(|| self.breaking()),
            LinkMove::ClientLoses(Loss::Heartbeat) if self.server.is_frozen(seat.links.current.node) => None,
            LinkMove::ClientLoses(how) => {
                let follows = seat.client.reach == Reach::Asking;
                self.loss(seat.links.current.wire, how, follows)
            }
            LinkMove::ServerLoses(slot, how) => {
                let Link { wire, owner, .. } = *seat.links.at(slot);
                self.loss(wire, how, owner != Owner::User)
            }
        }
    }

    fn timer(&self, timer: Timer) -> Option<Hold> {
        let pinging = |under_way| self.fault(Fault::Pings).or(self.failing()).or(first([(under_way, Hold::UnderWay)]));
        match timer {
            Timer::Backoff => first([(!self.bounds.may_reconnect, Hold::OneByOne)]),
            Timer::Deadline(_) => self.fault(Fault::Deadlines).or_else(|| self.breaking()),
            Timer::Ping => pinging(is_pinging(&self.seat.links.current)),
            Timer::Ask(slot) => pinging(is_asking(self.seat.links.at(slot))),
            Timer::Lapse(_) => first([(!self.scope.links_fail(), Hold::NoSuchFault)]).or(self.callbacks()),
            Timer::Expire(_) => self.fault(Fault::Expiries).or(self.callbacks()),
        }
    }

    /// A fresh instance comes while nothing is kept for a late resume, nor will be.
    fn renewal(&self) -> Option<Hold> {
        let may_be_kept = matches!(self.scope.sends, Sends::Tokens { .. }) && self.seat.resumable().next().is_some();
        let resumes_late = may_be_kept || self.seat.record.ledgers.iter().any(|ledger| ledger.loss() == Gap::Lost);
        self.callbacks().or(first([(resumes_late, Hold::Predecessors)]))
    }

    fn fault(&self, fault: Fault) -> Option<Hold> {
        first([(!self.scope.has(fault), Hold::NoSuchFault)])
    }

    fn failing(&self) -> Option<Hold> {
        first([(!self.fails(), Hold::Failing)])
    }

    fn callbacks(&self) -> Option<Hold> {
        first([(!self.server.is_posted(), Hold::Callbacks)])
    }

    /// What holds back a call that would send.
    fn sending(&self, sends: bool) -> Option<Hold> {
        first([(sends && !self.bounds.may_send, Hold::Busy), (sends && !self.server.is_posted(), Hold::Callbacks)])
    }

    fn leaves(&self) -> bool {
        matches!(self.seat.client.phase, Phase::Waiting { .. } | Phase::Online { .. } | Phase::Ready { .. })
    }

    fn leaving(&self, running: u8) -> Option<Hold> {
        let joined = first([(running >= self.scope.joined_calls, Hold::JoinedCalls)]);
        self.sending(self.leaves() && !self.seat.client.is_cut_off()).or(joined)
    }

    fn owing(&self) -> Option<Hold> {
        let full = self.seat.client.debts.len() >= usize::from(self.scope.debts);
        first([(self.leaves() && self.scope.links_fail() && full, Hold::Debts)])
    }

    fn send(&self, to: AccountId) -> Option<Hold> {
        let (accepted, first_account) =
            (self.seat.client.accepts_sends(), self.scope.seats[usize::from(self.instance.0)].accounts[0]);
        match &self.scope.sends {
            Sends::Never => Some(Hold::NoSuchCall),
            Sends::RefusedOnly => first([(accepted || to != first_account, Hold::NoSuchCall)]),
            Sends::Tokens { to: receivers, .. } => first([(!receivers.contains(&to), Hold::NoSuchCall)])
                .or_else(|| self.sending(accepted))
                .or(first([(accepted && !self.bounds.token_is_free, Hold::Tokens)])),
        }
    }

    /// What holds back what breaks.
    fn breaking(&self) -> Option<Hold> {
        let lost = !self.scope.has(Fault::LossesAtOnce) && is_lost(&self.seat.links.abandoned);
        first([
            (!self.server.is_posted(), Hold::Callbacks),
            (!self.fails(), Hold::Failing),
            (!self.bounds.may_break, Hold::FaultsAtOnce),
            (lost, Hold::LostBefore),
        ])
    }

    /// A loss that follows from another one is never held back.
    fn loss(&self, wire: Wire, how: Loss, follows: bool) -> Option<Hold> {
        match (how, wire) {
            (Loss::Ended, Wire::Whole) => first([(!self.scope.links_fail(), Hold::NoSuchFault)]),
            (Loss::Ended, Wire::Cut) => self.fault(Fault::EndsSeen),
            (Loss::Heartbeat, Wire::Cut) => self.fault(Fault::Silence),
            (Loss::Heartbeat, Wire::Whole) if follows => self.fault(Fault::Heartbeats),
            (Loss::Heartbeat, Wire::Whole) => self.fault(Fault::Heartbeats).or_else(|| self.breaking()),
        }
    }

    fn fails(&self) -> bool {
        self.scope.failing.is_none_or(|failing| self.instance.0 < failing)
    }
}

/// The bound on messages that are sent again: two of a kind, or their answers, are under way at most.
fn copies_under_way(links: &Links) -> usize {
    let under_way = links.current.frames().chain(links.abandoned.up.iter().map(Frame::Up));
    let is_copy = |frame: &Frame| matches!(frame, Frame::Up(UpFrame::Send { .. }) | Frame::Down(DownFrame::SendAnswer { .. }));
    under_way.filter(is_copy).count()
}

/// The bound on the server's pings: one, or its answer, is under way at most.
fn is_asking(link: &Link) -> bool {
    link.frames().any(|frame| matches!(frame, Frame::Down(DownFrame::Ping) | Frame::Up(UpFrame::Pong)))
}

/// The bound on the client's pings: one, or its answer, is under way at most.
fn is_pinging(link: &Link) -> bool {
    link.frames().any(|frame| matches!(frame, Frame::Up(UpFrame::Ping) | Frame::Down(DownFrame::Pong)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use strum::VariantArray;

    use super::*;
    use crate::action::{Credential, InstanceId, Post, Setting, Slot, Timed};
    use crate::graph::Graph;
    use crate::scopes::named;
    use crate::step::actions;

    fn of_instance(scope: &Scope, instance: InstanceId) -> Vec<Action> {
        let accounts: Vec<_> = scope.accounts().chain([AccountId(1)]).collect();
        let logins = accounts.iter().flat_map(|account| Credential::ALL.map(|credential| (*account, credential)));
        let logins = logins.map(|(account, credential)| AppCall::Login { account, credential });
        let calls = logins.chain([AppCall::Logout, AppCall::Destroy, AppCall::Resend]);
        let calls = calls.chain(accounts.iter().map(|to| AppCall::Send(*to))).map(|call| Action::Call(instance, call));
        let pages = PageMove::VARIANTS.iter().map(|page| Action::Page(instance, *page));
        let mut links = vec![LinkMove::Open, LinkMove::OpenFails, LinkMove::ToClient, LinkMove::Cut];
        links.extend(Slot::ALL.map(LinkMove::ToServer));
        for how in [Loss::Ended, Loss::Heartbeat] {
            links.push(LinkMove::ClientLoses(how));
            links.extend(Slot::ALL.map(|slot| LinkMove::ServerLoses(slot, how)));
        }
        let links = links.into_iter().map(|link| Action::Link(instance, link));
        let mut timers = vec![Timer::Backoff, Timer::Ping];
        timers.extend([Timed::Login, Timed::Logout, Timed::Send].map(Timer::Deadline));
        timers.extend(Slot::ALL.map(Timer::Ask));
        timers.extend(scope.accounts().flat_map(|account| [Timer::Lapse(account), Timer::Expire(account)]));
        let timers = timers.into_iter().map(|timer| Action::Timer(instance, timer));
        calls.chain(pages).chain(links).chain(timers).chain([Action::Renew(instance)]).collect()
    }

    fn every_action(scope: &Scope) -> Vec<Action> {
        let of_seats = scope.instances().flat_map(|instance| of_instance(scope, instance));
        let mut at_server = vec![ServerMove::Restart, ServerMove::Stop, ServerMove::TakeEffect];
        at_server.extend([Setting::Stated, Setting::Changed].map(ServerMove::Configure));
        for account in scope.accounts() {
            at_server.push(ServerMove::RestKick(account));
            at_server.extend([Post::Taken, Post::Failed].map(|how| ServerMove::Webhook(account, how)));
        }
        of_seats.chain(at_server.into_iter().map(Action::Server)).collect()
    }

    /// The bounds that hold something back in a scope.
    fn check(name: &str) -> BTreeSet<Hold> {
        let scope = named(name).unwrap();
        let (graph, every) = (Graph::of(&scope), every_action(&scope));
        let mut named = BTreeSet::new();
        for state in graph.states() {
            let offered = actions(&scope, &state);
            for action in &every {
                let hold = held_back(&scope, &state, *action);
                let due = is_possible(&scope, &state, *action) && !offered.contains(action);
                assert_eq!(hold.is_some(), due, "{name}: {action:?} is held back by {hold:?} in {state:?}");
                named.extend(hold);
            }
        }
        named
    }

    #[test]
    fn what_is_possible_is_offered_or_held_back_by_a_named_bound() {
        let scopes =
            ["limit-change", "half-open", "callbacks-restart", "expiry-restart", "messages-restart", "wake", "callbacks-expiry"];
        let more = ["usersig", "deadlines", "two-accounts-late", "overtaking", "late-frames"];
        let named: BTreeSet<_> = scopes.into_iter().chain(more).flat_map(check).collect();
        assert!(named.len() >= 10, "{named:?}");
    }
}
