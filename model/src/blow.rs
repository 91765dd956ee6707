//! What strikes every seat at once, as a row of blows: an expiry, a REST kick, a restart. A blow looks at one seat and the server's
//! records and at nothing else, so that what it does is known wherever these are the same. What the server does at one stands in [`crate::timers`].

use crate::action::{AccountId, Action, InstanceId, ServerMove, Timer};
use crate::cx::StepCx;
use crate::records::Session;
use crate::state::{Instance, Phase, SigAge};

/// What strikes every seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Strike {
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

/// One blow: what strikes, the seat that it looks at, and the session of the seat if that is kicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Blow {
    strike: Strike,
    pub(crate) seat: InstanceId,
    victim: Option<Session>,
}

impl Blow {
    /// The first one of an action; `None` if that does not strike every seat.
    pub(crate) fn first(action: Action) -> Option<Blow> {
        let strike = match action {
            Action::Timer(instance, Timer::Expire(account)) => Strike::Expiry { instance, account },
            Action::Server(ServerMove::RestKick(account)) => Strike::RestKick { account },
            Action::Server(ServerMove::Restart) => Strike::Restart,
            Action::Server(ServerMove::Stop) => Strike::Stop,
            Action::Call(..) | Action::Page(..) | Action::Link(..) | Action::Timer(..) | Action::Renew(_) | Action::Server(_) => {
                return None;
            }
        };
        Some(Blow { strike, seat: InstanceId(0), victim: None })
    }
}

impl StepCx<'_> {
    /// Deals one blow. The next one, if there is any: first every seat is struck, then one session after the other is kicked.
    pub(crate) fn deal(&mut self, blow: Blow) -> Option<Blow> {
        let Blow { strike, seat, victim } = blow;
        match victim {
            Some(victim) => self.server().kick_by(strike, victim),
            None => self.strike_seat(strike, seat),
        }
        self.tidy(seat);
        let next = InstanceId(seat.0 + 1);
        if victim.is_none() && usize::from(next.0) < self.scope.seats.len() {
            return Some(Blow { seat: next, ..blow });
        }
        let next = self.rules.next_victim(strike, self.server, victim)?;
        Some(Blow { strike, seat: next.seat, victim: Some(next) })
    }
    fn strike_seat(&mut self, strike: Strike, instance: InstanceId) {
        match strike {
            Strike::Expiry { .. } => self.seats.at(instance).age(),
            Strike::RestKick { account } => self.seats.at(instance).revoke(account),
            Strike::Restart | Strike::Stop => self.server().restart(instance, strike),
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
