//! The server's side of what no frame brings about: lost links, timers, the administrator, a restart. It cannot look into a client.

use crate::action::{AccountId, InstanceId, Loss, Setting};
use crate::broadcast::Broadcast;
use crate::cx::{At, ServerCx};
use crate::frame::{DownFrame, Queue};
use crate::link::{Link, ServerEnd};
use crate::observation::{Close, Reason, StateChange};
use crate::records::Session;
use crate::rules::Lost;

impl ServerCx<'_, '_> {
    /// LINK-4, LINK-6: the session stays, its link down, for a shorter time if the browser said that the page went.
    pub(crate) fn server_loses(&mut self, at: At, how: Loss) {
        let (link, session) = (*self.link(at), self.session_at(at));
        if how == Loss::Heartbeat {
            self.server_closes(at, Close::GivenUp);
        }
        self.link(at).server = ServerEnd::Closed;
        let ServerEnd::Serving { account } = link.server else { return };
        if self.scope.nodes_fail() {
            self.waits_for(&link, account, session);
        }
        match self.rules.after_a_loss(&link, how) {
            Lost::Stays => {}
            Lost::Going => self.record(at.instance).going |= session.label.bit(),
            Lost::Dropped => {
                self.roster_of(account).drop_key(session);
                self.call_back(account, session, StateChange::LinkClose, &[]);
            }
        }
    }

    /// LINK-4: the session goes without a kick.
    pub(crate) fn lapse(&mut self, instance: InstanceId, account: AccountId) {
        if let Some((session, _)) = self.lapses(instance, account) {
            self.roster_of(account).drop_key(session);
            self.publish(account);
            self.call_back_a_lapse(account, session);
        }
    }

    pub(crate) fn kick_by(&mut self, broadcast: Broadcast, victim: Session) {
        let (account, reason) = match broadcast {
            Broadcast::Expiry { account, .. } => (account, Reason::UserSigExpired),
            Broadcast::RestKick { account } => (account, Reason::RestApi),
            Broadcast::Restart | Broadcast::Stop => unreachable!("a restart kicks nobody"),
        };
        self.kick(victim, account, reason);
        assert!(
            !self.server.roster(account).has(victim),
            "a kick takes its victim off the roster, or the next step kicks it again"
        );
        self.call_back(account, victim, StateChange::Unregister, &[]);
    }

    pub(crate) fn configure(&mut self, setting: Setting) {
        (self.server.in_force, self.server.pending) = self.rules.configured(self.server, setting);
    }

    pub(crate) fn take_effect(&mut self) {
        let Some(setting) = self.server.pending.take() else { return };
        self.server.in_force = setting;
        for account in self.scope.accounts() {
            let kicked = self.rules.kicked_by_new_limits(self.scope, setting, self.server.roster(account));
            kicked.into_iter().for_each(|(victim, reason)| self.kick(victim, account, reason));
        }
    }

    /// LINK-7: a silent link is asked for a sign of life.
    pub(crate) fn ask(&mut self, at: At) {
        self.write_down(at, DownFrame::Ping);
    }

    /// LINK-8: sessions, order, kick records and epochs stand, every lapse starts anew; links and what was kept for a resume are gone.
    pub(crate) fn restart(&mut self, instance: InstanceId, broadcast: Broadcast) {
        if instance == InstanceId(0) {
            (self.server.in_force, self.server.pending) = self.rules.restarted(self.server);
            self.server.rosters = self.rules.recorded_over_a_restart(self.server.rosters);
        }
        for link in self.links(instance).each_mut().into_iter().filter(|link| link.exists()) {
            *link = Link { up: Queue::EMPTY, down: Queue::EMPTY, server: ServerEnd::Closed, ..*link };
        }
        self.record(instance).going = 0;
        self.lose_ledgers(instance, broadcast);
    }
}
