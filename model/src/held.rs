//! Why an action that a state makes possible is not offered: which bound of the scope holds it back. Whatever is possible is offered or
//! held back by one of these. It says nothing of what follows from an action.

use strum::{EnumCount, VariantArray};

use crate::action::{Action, InstanceId, Loss};
use crate::crowd::{Bounds, Crowd, is_lost};
use crate::link::{Link, Owner, Wire};
use crate::offers::{copies_under_way, few_wait, is_asking, is_pinging};
use crate::possible::is_possible;
use crate::scope::{Destroys, Fault, Overtaking, RestKicks, Scope, Sends};
use crate::state::{Instance, Phase, Reach, State};
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
    /// A fresh instance waits until what its predecessors left is gone.
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
    match action.instance() {
        Some(instance) => {
            let bounds = crowd.bounds(scope, instance);
            Place { scope, state, instance, seat: state.instance(instance), bounds }.holds(action)
        }
        None => of_everybody(scope, state, crowd.bounds_of_nobody(scope), action),
    }
}

/// The first of those that apply.
fn first<const N: usize>(holds: [(bool, Hold); N]) -> Option<Hold> {
    holds.into_iter().find_map(|(applies, hold)| applies.then_some(hold))
}

/// What is no instance's own.
fn of_everybody(scope: &Scope, state: &State, bounds: Bounds, action: Action) -> Option<Hold> {
    let end = |fault| {
        first([
            (!scope.has(fault), Hold::NoSuchFault),
            (!bounds.may_break, Hold::FaultsAtOnce),
            (!bounds.may_reconnect, Hold::OneByOne),
            (!few_wait(scope, &state.server), Hold::Callbacks),
        ])
    };
    match action {
        Action::Restart => end(Fault::Restarts),
        Action::Stop => end(Fault::Stops),
        Action::RestKick { .. } => {
            first([(scope.rest_kicks == RestKicks::Never, Hold::NoSuchCall), (!state.is_posted(), Hold::Callbacks)])
        }
        Action::Configure { .. } => first([(scope.limit_change.is_none(), Hold::NoSuchCall)]),
        Action::TakeEffect
        | Action::Webhook { .. }
        | Action::Login { .. }
        | Action::Logout { .. }
        | Action::Destroy { .. }
        | Action::Send { .. }
        | Action::Resend { .. }
        | Action::PageClose { .. }
        | Action::Wake { .. }
        | Action::Open { .. }
        | Action::OpenFails { .. }
        | Action::ToServer { .. }
        | Action::ToClient { .. }
        | Action::Cut { .. }
        | Action::ClientLoses { .. }
        | Action::ServerLoses { .. }
        | Action::Backoff { .. }
        | Action::Deadline { .. }
        | Action::Ping { .. }
        | Action::Ask { .. }
        | Action::Lapse { .. }
        | Action::Expire { .. }
        | Action::Renew { .. } => None,
    }
}

struct Place<'a> {
    scope: &'a Scope,
    state: &'a State,
    instance: InstanceId,
    seat: &'a Instance,
    bounds: Bounds,
}

impl Place<'_> {
    fn holds(&self, action: Action) -> Option<Hold> {
        let Place { scope, state, seat, .. } = *self;
        let fault = |fault| (!scope.has(fault), Hold::NoSuchFault);
        let timer = (!state.is_posted(), Hold::Callbacks);
        match action {
            Action::Login { account, credential, .. } => {
                let seats = &scope.seats[usize::from(self.instance.0)].accounts;
                let called = seats.contains(&account) && scope.credentials.contains(&credential);
                first([(!called, Hold::NoSuchCall)]).or_else(|| self.sending(seat.phase == Phase::Out))
            }
            Action::Logout { .. } => self.leaving(seat.logouts).or_else(|| self.owing()),
            Action::Destroy { .. } => {
                first([(scope.destroys == Destroys::Never, Hold::NoSuchCall)]).or_else(|| self.leaving(seat.destroys))
            }
            Action::Send { .. } => self.send(action),
            Action::Resend { .. } => {
                let copies = first([(seat.accepts_sends() && copies_under_way(seat) >= 2, Hold::UnderWay)]);
                self.sending(seat.accepts_sends()).or(copies)
            }
            Action::PageClose { .. } => first([fault(Fault::PageCloses)]).or_else(|| self.breaking()),
            Action::Wake { .. } => first([fault(Fault::Wakes)]).or_else(|| self.breaking()),
            Action::Cut { .. } => first([fault(Fault::Cuts)]).or_else(|| self.breaking()),
            Action::Deadline { .. } => first([fault(Fault::Deadlines)]).or_else(|| self.breaking()),
            Action::Open { .. } => {
                let waits = scope.overtaking == Overtaking::Waits && seat.abandoned.exists();
                first([(waits, Hold::Overtaking)])
            }
            Action::OpenFails { .. } => first([fault(Fault::OpenFails), (!self.fails(), Hold::Failing)]),
            Action::ClientLoses { how, .. } => {
                let follows = seat.reach == Reach::Asking;
                self.loss(seat.current.wire, how, follows)
            }
            Action::ServerLoses { slot, how, .. } => {
                let Link { wire, owner, .. } = *seat.link(slot);
                self.loss(wire, how, owner != Owner::User)
            }
            Action::Backoff { .. } => first([(!self.bounds.may_reconnect, Hold::OneByOne)]),
            Action::Ping { .. } => {
                first([fault(Fault::Pings), (!self.fails(), Hold::Failing), (is_pinging(&seat.current), Hold::UnderWay)])
            }
            Action::Ask { slot, .. } => {
                first([fault(Fault::Pings), (!self.fails(), Hold::Failing), (is_asking(seat.link(slot)), Hold::UnderWay)])
            }
            Action::Lapse { .. } => first([(!scope.links_fail(), Hold::NoSuchFault), timer]),
            Action::Expire { .. } => first([fault(Fault::Expiries), timer]),
            Action::Renew { .. } => first([timer, (self.leaves_two(), Hold::Predecessors)]),
            Action::ToServer { .. }
            | Action::ToClient { .. }
            | Action::RestKick { .. }
            | Action::Configure { .. }
            | Action::TakeEffect
            | Action::Webhook { .. }
            | Action::Restart
            | Action::Stop => None,
        }
    }

    /// What holds back a call that would send.
    fn sending(&self, sends: bool) -> Option<Hold> {
        first([(sends && !self.bounds.may_send, Hold::Busy), (sends && !self.state.is_posted(), Hold::Callbacks)])
    }

    fn leaves(&self) -> bool {
        matches!(self.seat.phase, Phase::Waiting { .. } | Phase::Online { .. } | Phase::Ready { .. })
    }

    fn leaving(&self, running: u8) -> Option<Hold> {
        let joined = first([(running >= self.scope.joined_calls, Hold::JoinedCalls)]);
        self.sending(self.leaves() && !self.seat.is_cut_off()).or(joined)
    }

    fn owing(&self) -> Option<Hold> {
        let full = self.seat.debts.len() >= usize::from(self.scope.debts);
        first([(self.leaves() && self.scope.links_fail() && full, Hold::Debts)])
    }

    fn send(&self, action: Action) -> Option<Hold> {
        let Action::Send { to, .. } = action else { return None };
        let (accepted, first_account) = (self.seat.accepts_sends(), self.scope.seats[usize::from(self.instance.0)].accounts[0]);
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
        let lost = !self.scope.has(Fault::LossesAtOnce) && is_lost(&self.seat.abandoned);
        first([
            (!self.state.is_posted(), Hold::Callbacks),
            (!self.fails(), Hold::Failing),
            (!self.bounds.may_break, Hold::FaultsAtOnce),
            (lost, Hold::LostBefore),
        ])
    }

    /// A loss that follows from another one is never held back.
    fn loss(&self, wire: Wire, how: Loss, follows: bool) -> Option<Hold> {
        let fault = |fault| first([(!self.scope.has(fault), Hold::NoSuchFault)]);
        match (how, wire) {
            (Loss::Ended, Wire::Whole) => first([(!self.scope.links_fail(), Hold::NoSuchFault)]),
            (Loss::Ended, Wire::Cut) => fault(Fault::EndsSeen),
            (Loss::Heartbeat, Wire::Cut) => fault(Fault::Silence),
            (Loss::Heartbeat, Wire::Whole) if follows => fault(Fault::Heartbeats),
            (Loss::Heartbeat, Wire::Whole) => fault(Fault::Heartbeats).or_else(|| self.breaking()),
        }
    }

    fn fails(&self) -> bool {
        self.scope.failing.is_none_or(|failing| self.instance.0 < failing)
    }

    /// Whether the present instance and the one before it both have a kick on record.
    fn leaves_two(&self) -> bool {
        let of_seat = |account| self.state.kick_records(account).iter().filter(|record| record.session.seat == self.instance);
        let keys: Vec<_> = self.scope.accounts().flat_map(of_seat).map(|record| record.session.key).collect();
        keys.iter().any(|key| keys.first() != Some(key))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::action::{AccountId, Credential, Post, Setting, Slot, Timed};
    use crate::graph::Graph;
    use crate::scopes::named;
    use crate::step::actions;

    fn of_instance(scope: &Scope, instance: InstanceId) -> Vec<Action> {
        let accounts: Vec<_> = scope.accounts().chain([AccountId(1)]).collect();
        let logins = accounts.iter().flat_map(|account| Credential::ALL.map(|credential| (*account, credential)));
        let mut every: Vec<_> = logins.map(|(account, credential)| Action::Login { instance, account, credential }).collect();
        every.extend([Action::Logout { instance }, Action::Destroy { instance }, Action::Resend { instance }]);
        every.extend([Action::PageClose { instance }, Action::Wake { instance }, Action::Cut { instance }]);
        every.extend([Action::Open { instance }, Action::OpenFails { instance }, Action::ToClient { instance }]);
        every.extend([Action::Backoff { instance }, Action::Ping { instance }, Action::Renew { instance }]);
        every.extend(accounts.iter().map(|to| Action::Send { instance, to: *to }));
        every.extend(scope.accounts().map(|account| Action::Lapse { instance, account }));
        every.extend(scope.accounts().map(|account| Action::Expire { instance, account }));
        every.extend([Timed::Login, Timed::Logout, Timed::Send].map(|call| Action::Deadline { instance, call }));
        for how in [Loss::Ended, Loss::Heartbeat] {
            every.push(Action::ClientLoses { instance, how });
            every.extend(Slot::ALL.map(|slot| Action::ServerLoses { instance, slot, how }));
        }
        every.extend(Slot::ALL.map(|slot| Action::Ask { instance, slot }));
        every.extend(Slot::ALL.map(|slot| Action::ToServer { instance, slot }));
        every
    }

    fn every_action(scope: &Scope) -> Vec<Action> {
        let mut every: Vec<_> = scope.instances().flat_map(|instance| of_instance(scope, instance)).collect();
        every.extend([Action::Restart, Action::Stop, Action::TakeEffect]);
        every.extend([Setting::Stated, Setting::Changed].map(|setting| Action::Configure { setting }));
        for account in scope.accounts() {
            every.push(Action::RestKick { account });
            every.extend([Post::Taken, Post::Failed].map(|how| Action::Webhook { account, how }));
        }
        every
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
