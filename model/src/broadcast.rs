//! What reaches every seat at once: an expiry, a REST kick, a restart. It is a row of steps, and each looks at one seat and the server's
//! records alone, so that what it does is known wherever these are the same. What the server does there stands in [`crate::timers`].

use crate::action::{AccountId, Action, InstanceId, NodeId, ServerMove, Timer};
use crate::cx::StepCx;
use crate::records::Session;
use crate::scope::Scope;
use crate::state::{Instance, Phase, SigAge};

/// What reaches every seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Broadcast {
    /// The timer for the UserSig of a session of the seat fires.
    Expiry {
        /// In which seat.
        instance: InstanceId,
        /// Of which account.
        account: AccountId,
    },
    /// The administrator kicks every session of an account.
    RestKick {
        /// Whose.
        account: AccountId,
    },
    /// The server is killed and started again.
    Restart,
    /// The server stops and is started again.
    Stop,
}

impl Broadcast {
    /// The node at which it happens.
    fn node(self, scope: &Scope) -> NodeId {
        match self {
            Broadcast::Expiry { instance, .. } => scope.node(instance),
            Broadcast::RestKick { .. } | Broadcast::Restart | Broadcast::Stop => NodeId::default(),
        }
    }
}

/// One step of it: the seat that it looks at, and the session of the seat if that is kicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BroadcastStep {
    broadcast: Broadcast,
    pub(crate) seat: InstanceId,
    victim: Option<Session>,
}

impl BroadcastStep {
    /// The first one of an action; `None` if that reaches no more than one seat.
    pub(crate) fn first(action: Action) -> Option<BroadcastStep> {
        let broadcast = match action {
            Action::Timer(instance, Timer::Expire(account)) => Broadcast::Expiry { instance, account },
            Action::Server(ServerMove::RestKick(account)) => Broadcast::RestKick { account },
            Action::Server(ServerMove::Restart) => Broadcast::Restart,
            Action::Server(ServerMove::Stop) => Broadcast::Stop,
            Action::Call(..)
            | Action::Page(..)
            | Action::Link(..)
            | Action::Timer(_, Timer::Backoff | Timer::Deadline(_) | Timer::Ping | Timer::Ask(_) | Timer::Lapse(_))
            | Action::Renew(_)
            | Action::Server(
                ServerMove::Configure(_)
                | ServerMove::TakeEffect
                | ServerMove::Webhook(..)
                | ServerMove::Hear(..)
                | ServerMove::Miss(..)
                | ServerMove::Poll(_)
                | ServerMove::Die(_)
                | ServerMove::Start(_)
                | ServerMove::Freeze(_)
                | ServerMove::Wake(_)
                | ServerMove::LeaseEnds(_)
                | ServerMove::Store(_),
            ) => return None,
        };
        Some(BroadcastStep { broadcast, seat: InstanceId(0), victim: None })
    }
}

impl StepCx<'_> {
    /// Takes one step of a broadcast. The next one, if there is any: first every seat is reached, then one session after the other is kicked.
    pub(crate) fn apply_to_seat(&mut self, step: BroadcastStep) -> Option<BroadcastStep> {
        let BroadcastStep { broadcast, seat, victim } = step;
        self.node = broadcast.node(self.scope);
        match victim {
            Some(victim) => self.server().kick_by(broadcast, victim),
            None => self.reach(broadcast, seat),
        }
        self.tidy(seat);
        let next = InstanceId(seat.0 + 1);
        if victim.is_none() && usize::from(next.0) < self.scope.seats.len() {
            return Some(BroadcastStep { seat: next, ..step });
        }
        let next = self.rules.next_victim(broadcast, self.server, victim)?;
        Some(BroadcastStep { broadcast, seat: next.seat, victim: Some(next) })
    }

    fn reach(&mut self, broadcast: Broadcast, instance: InstanceId) {
        match broadcast {
            Broadcast::Expiry { .. } => self.seats.at(instance).age(),
            Broadcast::RestKick { account } => self.seats.at(instance).revoke(account),
            Broadcast::Restart | Broadcast::Stop => self.server().restart(instance, broadcast),
        }
    }
}

impl Instance {
    /// SIG-1: time has moved, and every UserSig made until now is expired.
    fn age(&mut self) {
        self.client.sig = SigAge::Expired;
        self.links.each_mut().into_iter().for_each(|link| link.sig = SigAge::Expired);
    }

    /// REST-1: the UserSigs issued so far are good no more.
    fn revoke(&mut self, account: AccountId) {
        let client = &mut self.client;
        if let Phase::Opening { account: user, .. }
        | Phase::Waiting { account: user }
        | Phase::Online { account: user }
        | Phase::Ready { account: user } = client.phase
            && user == account
        {
            client.sig = client.sig.max(SigAge::Revoked);
        }
        for link in self.links.each_mut().into_iter().filter(|link| link.greeting() == Some(account)) {
            link.sig = link.sig.max(SigAge::Revoked);
        }
    }
}
