//! The server's side of what no frame brings about: lost links, timers, the administrator, a restart. It cannot look into a client.

use crate::action::{AccountId, InstanceId, Loss, Setting};
use crate::blow::Strike;
use crate::cx::{At, ServerCx};
use crate::frame::{DownFrame, Queue};
use crate::link::{Link, Parting, ServerEnd, Wire};
use crate::observation::{Close, Reason, StateChange};
use crate::records::Session;
use crate::rule::Rule;
use crate::scope::Platform;

impl ServerCx<'_, '_> {
    /// LINK-4, LINK-6: the session stays, its link down, for a shorter time if the browser said that the page went.
    pub(crate) fn server_loses(&mut self, at: At, how: Loss) {
        let (link, session) = (*self.link(at), self.session_at(at));
        if how == Loss::Heartbeat {
            self.server_closes(at, Close::GivenUp);
        }
        self.link(at).server = ServerEnd::Closed;
        let ServerEnd::Serving { account } = link.server else { return };
        let page_went = link.parting == Parting::Page && link.wire == Wire::Whole && how == Loss::Ended;
        if (page_went && !self.book.holds(Rule::Link6)) || !self.book.holds(Rule::Link4) {
            self.roster_of(account).drop_key(session);
            self.call_back(account, session, StateChange::LinkClose, &[]);
        } else if page_went {
            self.record(at.instance).going |= session.label.bit();
        }
    }

    /// LINK-4: the session goes without a kick.
    pub(crate) fn lapse(&mut self, instance: InstanceId, account: AccountId) {
        let links = *self.links(instance);
        let down = |session: &Session| session.seat == instance && links.slot_of(account, *session).is_none();
        if let Some(session) = self.server.roster(account).sessions().find(down) {
            self.roster_of(account).drop_key(session);
            self.call_back_a_lapse(account, session);
        }
    }

    /// Who is kicked next. SIG-1: the session whose UserSig is expired. REST-1: every session of the account, oldest login first.
    pub(crate) fn victim_of(&mut self, strike: Strike, last: Option<Session>) -> Option<Session> {
        match strike {
            Strike::Expiry { instance, account } if last.is_none() => {
                self.first_session(instance, account).filter(|_| self.book.holds(Rule::Sig1))
            }
            Strike::RestKick { account } if self.book.holds(Rule::Rest1) => self.server.roster(account).sessions().next(),
            Strike::Expiry { .. } | Strike::RestKick { .. } | Strike::Restart | Strike::Stop => None,
        }
    }

    pub(crate) fn kick_by(&mut self, strike: Strike, victim: Session) {
        let (account, reason) = match strike {
            Strike::Expiry { account, .. } => (account, Reason::UserSigExpired),
            Strike::RestKick { account } => (account, Reason::RestApi),
            Strike::Restart | Strike::Stop => unreachable!("a restart kicks nobody"),
        };
        self.kick(victim, account, reason);
        assert!(
            !self.server.roster(account).has(victim),
            "a kick takes its victim off the roster, or the next one strikes it again"
        );
        self.call_back(account, victim, StateChange::Unregister, &[]);
    }

    /// CONF-1: a newer change replaces the pending one, and takes effect later; one back to what is in force leaves nothing to wait for.
    pub(crate) fn configure(&mut self, setting: Setting) {
        if self.book.holds(Rule::Conf1) {
            self.server.pending = (setting != self.server.in_force).then_some(setting);
        } else {
            self.server.in_force = setting;
        }
    }

    /// CONF-2: what is online stays until the next login.
    pub(crate) fn take_effect(&mut self) {
        let Some(setting) = self.server.pending.take() else { return };
        self.server.in_force = setting;
        if !self.book.holds(Rule::Conf2) {
            for account in self.scope.accounts() {
                let online: Vec<_> = self.server.roster(account).sessions().collect();
                let excess = online.len().saturating_sub(self.scope.limit_under(setting, Platform::Web));
                online.into_iter().take(excess).for_each(|first| self.kick(first, account, Reason::MultipleAccount));
            }
        }
    }

    /// LINK-7: a silent link is asked for a sign of life.
    pub(crate) fn ask(&mut self, at: At) {
        self.write_down(at, DownFrame::Ping);
    }

    /// LINK-8: sessions, order, kick records and epochs stand, every lapse starts anew; links and what was kept for a resume are gone.
    pub(crate) fn restart(&mut self, instance: InstanceId, strike: Strike) {
        if instance == InstanceId(0) {
            self.start();
        }
        for link in self.links(instance).each_mut().into_iter().filter(|link| link.exists()) {
            *link = Link { up: Queue::EMPTY, down: Queue::EMPTY, server: ServerEnd::Closed, ..*link };
        }
        self.record(instance).going = 0;
        self.lose_ledgers(instance, strike);
    }

    /// CONF-1: a server begins with the newest limits.
    fn start(&mut self) {
        if let Some(newest) = self.server.pending
            && self.book.holds(Rule::Conf1)
        {
            (self.server.in_force, self.server.pending) = (newest, None);
        }
        if !self.book.holds(Rule::Link8) {
            self.server.rosters = Default::default();
        }
    }
}
