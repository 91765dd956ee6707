//! Whom a login kicks, and what a kick does.

use super::RuleSwitch;
use crate::action::{AccountId, Credential, Setting};
use crate::frame::Resumption;
use crate::observation::{Code, Event, Reason};
use crate::records::{Roster, Session};
use crate::rule::Rule;
use crate::scope::{AtLimit, Counted, Platform, Scope};
use crate::state::Phase;

impl RuleSwitch {
    /// KICK-1, -2, -3, -5, -11, -12, -13: who is kicked when `newcomer`, the last of `roster`, has been admitted, in login order.
    pub(crate) fn victims(&mut self, scope: &Scope, setting: Setting, roster: Roster, newcomer: Session) -> Vec<(Session, Reason)> {
        if self.newcomers_kick_nobody(scope) {
            return Vec::new();
        }
        let platform = scope.platform(newcomer.seat);
        let excess = self.over_the_limit(scope, setting, roster, newcomer);
        let mut reason_for = |online: Session| {
            if excess.contains(&online) {
                Some(self.told_to_the_excess(scope, platform, scope.platform(online.seat)))
            } else if of_another_kind(scope, platform, scope.platform(online.seat)) {
                self.pick(Rule::Kick1, Some(Reason::MultipleDevice), None)
            } else {
                None
            }
        };
        let kicked: Vec<_> = roster.sessions().filter_map(|online| reason_for(online).map(|reason| (online, reason))).collect();
        if kicked.is_empty() || self.is_on(Rule::Kick5) {
            return kicked;
        }
        roster.sessions().filter(|online| *online != newcomer).map(|online| (online, Reason::MultipleAccount)).collect()
    }

    /// KICK-2, -3, -11, -13: the sessions that are counted with the newcomer beyond its limit, the oldest of them.
    fn over_the_limit(&mut self, scope: &Scope, setting: Setting, roster: Roster, newcomer: Session) -> Vec<Session> {
        let platform = scope.platform(newcomer.seat);
        let account = self.limit_of_the_account(scope);
        let own_platform_only = account.is_none() && self.is_on(Rule::Kick11);
        let is_counted = |other: Platform| match account {
            Some(_) => !of_another_kind(scope, platform, other),
            None => !own_platform_only || other == platform,
        };
        let counted: Vec<_> = roster.sessions().filter(|online| is_counted(scope.platform(online.seat))).collect();
        let excess = counted.len().saturating_sub(account.unwrap_or_else(|| scope.limit_under(setting, platform)));
        if excess == 0 || !self.is_on(Rule::Kick2) {
            return Vec::new();
        }
        if !self.is_on(Rule::Kick3) {
            return vec![newcomer];
        }
        counted.into_iter().take(excess).collect()
    }

    /// KICK-13: the one limit of an account, of whatever kinds its instances are; `None` where each platform has its own.
    fn limit_of_the_account(&mut self, scope: &Scope) -> Option<usize> {
        match scope.policy.counted {
            Counted::Platform => None,
            Counted::Account(limit) => self.is_on(Rule::Kick13).then_some(limit.into()),
        }
    }

    /// KICK-13: the reason for whoever goes over an account's limit says whether the newcomer is of its platform.
    fn told_to_the_excess(&mut self, scope: &Scope, newcomer: Platform, victim: Platform) -> Reason {
        match self.limit_of_the_account(scope) {
            Some(_) if victim != newcomer => Reason::MultipleDevice,
            Some(_) | None => Reason::MultipleAccount,
        }
    }

    /// KICK-12: whether a login is refused because it has no place of its own, and there is none left.
    pub(crate) fn finds_no_place(&mut self, scope: &Scope, setting: Setting, roster: Roster, session: Session) -> bool {
        if scope.policy.at_limit == AtLimit::Kick {
            return false;
        }
        let platform = scope.platform(session.seat);
        let has_one = roster.of_key(session).is_some_and(|own| scope.platform(own.seat) == platform);
        let mut others = roster;
        others.drop_key(session);
        !has_one && self.bar(scope, setting, others, session).is_some() && self.newcomers_kick_nobody(scope)
    }

    /// KICK-12: whether the policy lets nobody in at another one's cost.
    fn newcomers_kick_nobody(&mut self, scope: &Scope) -> bool {
        scope.policy.at_limit == AtLimit::Refuse && self.is_on(Rule::Kick12)
    }

    /// KICK-12: what a session that finds no place is told at its resume: the code, or what a kick would have told it.
    pub(crate) fn not_readmitted(&mut self, scope: &Scope, reason: Reason) -> Resumption {
        if self.newcomers_kick_nobody(scope) { Resumption::Refused(Code::NoPlace) } else { Resumption::Ended(reason) }
    }

    /// What a kick would be told that a session needs to be online beside those of the roster: `None` if it needs none. Of several reasons
    /// that of another kind is told.
    pub(super) fn bar(&mut self, scope: &Scope, setting: Setting, roster: Roster, session: Session) -> Option<Reason> {
        let platform = scope.platform(session.seat);
        let others = || roster.iter().map(|online| scope.platform(online));
        if others().any(|other| of_another_kind(scope, platform, other)) {
            return Some(Reason::MultipleDevice);
        }
        let account = self.limit_of_the_account(scope);
        let counted = || others().filter(|other| account.is_some() || *other == platform);
        let limit = account.unwrap_or_else(|| scope.limit_under(setting, platform));
        let excess = (counted().count() + 1).saturating_sub(limit);
        match counted().take(excess).any(|other| other != platform) {
            true => Some(Reason::MultipleDevice),
            false => (excess > 0).then_some(Reason::MultipleAccount),
        }
    }

    /// KICK-4: what a victim publishes, in order.
    pub(crate) fn last_words(&mut self, phase: Phase, why: Event) -> impl Iterator<Item = Event> + use<> {
        let (not_ready, kicked) = (matches!(phase, Phase::Ready { .. }).then_some(Event::NotReady), Some(why));
        self.pick(Rule::Kick4, [not_ready, kicked], [kicked, not_ready]).into_iter().flatten()
    }

    /// KICK-6: whether nothing is answered on the link of a kicked session.
    pub(crate) fn kicked_is_not_heard(&mut self) -> bool {
        self.is_on(Rule::Kick6)
    }

    /// KICK-7: where a kick leaves its victim: out, and not on its way again by itself.
    pub(crate) fn after_a_kick(&mut self, account: AccountId) -> Phase {
        self.pick(Rule::Kick7, Phase::Out, Phase::Opening { account, credential: Credential::Good })
    }

    /// KICK-8: whether a kick is put on record.
    pub(crate) fn kick_is_recorded(&mut self) -> bool {
        self.is_on(Rule::Kick8)
    }

    /// KICK-9: whether an instance that has called logout or destroy is spared the news of a kick.
    pub(crate) fn whoever_left_is_not_told(&mut self) -> bool {
        self.is_on(Rule::Kick9)
    }

    /// KICK-10: whether a sync leaves everybody online.
    pub(crate) fn sync_kicks_nobody(&mut self) -> bool {
        self.is_on(Rule::Kick10)
    }
}

/// KICK-1: whether the two may not be online together, by the classes of the policy.
fn of_another_kind(scope: &Scope, one: Platform, other: Platform) -> bool {
    one != other && scope.policy.classes.are_one(one, other)
}
