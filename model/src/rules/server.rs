//! What the administrator, a timer and a restart do at the server, and what is called back.

use super::RuleSwitch;
use crate::action::{Post, Setting};
use crate::broadcast::Broadcast;
use crate::observation::{Reason, StateChange};
use crate::records::{Roster, Session};
use crate::rule::Rule;
use crate::scope::{MAX_ACCOUNTS, Platform, Scope};
use crate::state::Server;

impl RuleSwitch {
    /// SIG-1: the session whose UserSig is expired is kicked. REST-1: every session of the account, oldest login first. Who is next;
    /// `last` was the one before.
    pub(crate) fn next_victim(&mut self, broadcast: Broadcast, server: &Server, last: Option<Session>) -> Option<Session> {
        match broadcast {
            Broadcast::Expiry { instance, account } if last.is_none() => {
                let first = server.roster(account).sessions().find(|online| online.seat == instance);
                first.filter(|_| self.is_on(Rule::Sig1))
            }
            Broadcast::RestKick { account } if self.is_on(Rule::Rest1) => server.roster(account).sessions().next(),
            Broadcast::Expiry { .. } | Broadcast::RestKick { .. } | Broadcast::Restart | Broadcast::Stop => None,
        }
    }

    /// CONF-1: the limits in force and those that wait, behind a change: a newer one replaces the pending one, and takes effect later; one
    /// back to what is in force leaves nothing to wait for.
    pub(crate) fn configured(&mut self, server: &Server, setting: Setting) -> (Setting, Option<Setting>) {
        let pending = (setting != server.in_force).then_some(setting);
        self.pick(Rule::Conf1, (server.in_force, pending), (setting, server.pending))
    }

    /// CONF-1: the same behind a restart: a server begins with the newest limits.
    pub(crate) fn restarted(&mut self, server: &Server) -> (Setting, Option<Setting>) {
        match server.pending {
            Some(newest) if self.is_on(Rule::Conf1) => (newest, None),
            pending => (server.in_force, pending),
        }
    }

    /// CONF-2: who is kicked as changed limits take effect: nobody, what is online stays until the next login.
    pub(crate) fn kicked_by_new_limits(&mut self, scope: &Scope, setting: Setting, roster: Roster) -> Vec<(Session, Reason)> {
        if self.is_on(Rule::Conf2) {
            return Vec::new();
        }
        let excess = roster.len().saturating_sub(scope.limit_under(setting, Platform::Web));
        roster.sessions().take(excess).map(|first| (first, Reason::MultipleAccount)).collect()
    }

    /// LINK-8: who is on record behind a restart: everybody.
    pub(crate) fn recorded_over_a_restart(&mut self, rosters: [Roster; MAX_ACCOUNTS]) -> [Roster; MAX_ACCOUNTS] {
        self.pick(Rule::Link8, rosters, Default::default())
    }

    /// HOOK-1: the victims of a login that have a callback of their own: none, the login's names them.
    pub(crate) fn called_back_apart<'a>(&mut self, victims: &'a [Session]) -> &'a [Session] {
        self.pick(Rule::Hook1, &[], victims)
    }

    /// HOOK-1: what a resume or a readmission is called back as: it goes on with a session, and is no second login.
    pub(crate) fn change_of_a_resume(&mut self) -> StateChange {
        self.pick(Rule::Hook1, StateChange::Resumed, StateChange::Register)
    }

    /// HOOK-2: whether a callback is kept that was posted: until it was taken.
    pub(crate) fn is_posted_again(&mut self, how: Post) -> bool {
        how == Post::Failed && self.is_on(Rule::Hook2)
    }
}
