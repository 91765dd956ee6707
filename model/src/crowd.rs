//! What the bounds of a scope look at in all seats at once: who is busy, who is in a fault, which messages are somewhere. It says
//! nothing of what is offered.

use crate::action::{AccountId, InstanceId};
use crate::frame::UpFrame;
use crate::link::{Link, Wire};
use crate::scope::{MAX_INSTANCES, Reconnects, Scope, Sends};
use crate::seats::SeatSet;
use crate::state::{Instance, Phase, Reach, Server, State};

/// What one seat adds to a crowd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    busy: bool,
    in_fault: bool,
    connecting: bool,
    tokens: u8,
}

impl Mark {
    /// Nothing is added.
    pub(crate) const NONE: Mark = Mark { busy: false, in_fault: false, connecting: false, tokens: 0 };

    /// Only what some bound of the scope asks for is looked at.
    pub(crate) fn of(scope: &Scope, instance: InstanceId, seat: &Instance, server: &Server) -> Mark {
        Mark {
            busy: scope.busy.is_some() && seat.is_busy(),
            in_fault: scope.faults_at_once.is_some() && is_in_fault(scope, instance, seat, server),
            connecting: scope.reconnects == Reconnects::OneByOne && (seat.is_busy() || seat.client.reach == Reach::Asking),
            tokens: match scope.sends {
                Sends::Tokens { .. } => seat.tokens(),
                Sends::Never | Sends::RefusedOnly => 0,
            },
        }
    }
}

/// All seats of a state, as the bounds see them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Crowd {
    busy: SeatSet,
    in_fault: SeatSet,
    connecting: SeatSet,
    tokens: u8,
}

/// What the rest of the crowd leaves to one seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Bounds {
    /// The bound `busy ≤ K`.
    pub(crate) may_send: bool,
    /// The bound `f ≤ K`.
    pub(crate) may_break: bool,
    /// The bound on reconnects.
    pub(crate) may_reconnect: bool,
    /// Whether a message is free.
    pub(crate) token_is_free: bool,
}

impl Crowd {
    pub(crate) fn of(scope: &Scope, state: &State) -> Crowd {
        let mut crowd = Crowd::default();
        for instance in scope.instances() {
            crowd.add(instance, Mark::of(scope, instance, state.instance(instance), &state.server));
        }
        crowd
    }

    pub(crate) fn add(&mut self, instance: InstanceId, mark: Mark) {
        if mark.busy {
            self.busy.insert(instance);
        }
        if mark.in_fault {
            self.in_fault.insert(instance);
        }
        if mark.connecting {
            self.connecting.insert(instance);
        }
        self.tokens |= mark.tokens;
    }

    /// What the crowd leaves to a seat, or to what belongs to none.
    pub(crate) fn bounds(&self, scope: &Scope, seat: Option<InstanceId>) -> Bounds {
        let instance = seat.unwrap_or(InstanceId(MAX_INSTANCES as u8));
        let few = |most: Option<u8>, those: SeatSet| most.is_none_or(|most| those.without(instance).len() < usize::from(most));
        let token_is_free = match scope.sends {
            Sends::Tokens { tokens, .. } => (0..tokens).any(|token| self.tokens & 1 << token == 0),
            Sends::Never | Sends::RefusedOnly => false,
        };
        Bounds {
            may_send: few(scope.busy, self.busy),
            may_break: few(scope.faults_at_once, self.in_fault),
            may_reconnect: self.connecting.is_within(instance),
            token_is_free,
        }
    }
}

impl Bounds {
    /// Nothing is held back.
    pub(crate) const NONE: Bounds = Bounds { may_send: true, may_break: true, may_reconnect: true, token_is_free: true };

    /// How many there are.
    pub(crate) const COUNT: usize = 16;

    /// A number for each, from 0.
    pub(crate) fn number(self) -> usize {
        usize::from(self.may_send)
            | usize::from(self.may_break) << 1
            | usize::from(self.token_is_free) << 2
            | usize::from(self.may_reconnect) << 3
    }
}

fn is_in_fault(scope: &Scope, instance: InstanceId, seat: &Instance, server: &Server) -> bool {
    let offline = |account: AccountId| {
        let mut theirs = server.roster(account).sessions().filter(|session| session.seat == instance);
        theirs.any(|session| seat.links.slot_of(account, session).is_none())
    };
    let cut_off = seat.client.is_cut_off() || seat.links.current.wire == Wire::Cut || !seat.client.debts.is_empty();
    cut_off
        || is_lost(&seat.links.current)
        || is_lost(&seat.links.abandoned)
        || seat.client.phase == Phase::Closed
        || scope.accounts().any(offline)
}

/// Whether the client gave the link up, other than behind its acknowledgement of a notice.
pub(crate) fn is_lost(link: &Link) -> bool {
    link.is_given_up() && link.up.iter().all(|frame| frame != UpFrame::KickAck)
}
