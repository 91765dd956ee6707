//! What becomes of a session as its link is lost, resumed or replaced, and when a link is closed.

use super::RuleSwitch;
use crate::action::{Loss, Setting};
use crate::frame::Resumption;
use crate::link::{Epoch, Link, Parting, ServerEnd, Wire};
use crate::observation::Reason;
use crate::records::{Roster, Session};
use crate::rule::Rule;
use crate::scope::Scope;
use crate::state::SigAge;

impl RuleSwitch {
    /// LINK-1: whether an instance that lost its link stays logged in.
    pub(crate) fn loss_is_no_logout(&mut self) -> bool {
        self.is_on(Rule::Link1)
    }

    /// LINK-2: whether a resume goes on with the session.
    pub(crate) fn resumes(&mut self, roster: Roster, session: Session) -> bool {
        roster.has(session) && self.is_on(Rule::Link2)
    }

    /// LINK-3: whether a login or resume comes too late, because a newer link of its key was accepted.
    pub(crate) fn is_void(&mut self, epoch: Epoch) -> bool {
        epoch == Epoch::Superseded && self.is_on(Rule::Link3)
    }

    /// LINK-4, LINK-6: what becomes of a session whose link is lost.
    pub(crate) fn after_a_loss(&mut self, link: &Link, how: Loss) -> Lost {
        let page_went = link.parting == Parting::Page && link.wire == Wire::Whole && how == Loss::Ended;
        match page_went {
            true if self.is_on(Rule::Link6) && self.is_on(Rule::Link4) => Lost::Going,
            false if self.is_on(Rule::Link4) => Lost::Stays,
            true | false => Lost::Dropped,
        }
    }

    /// LINK-5: what a session that was dropped without a kick is told where it is not admitted anew; `None`: its place is free.
    pub(crate) fn bar_to_readmission(
        &mut self,
        scope: &Scope,
        setting: Setting,
        roster: Roster,
        session: Session,
        sig: SigAge,
    ) -> Option<Resumption> {
        let bar = match sig {
            SigAge::Expired => Some(Resumption::Ended(Reason::UserSigExpired)),
            SigAge::Revoked => Some(Resumption::Ended(Reason::RestApi)),
            SigAge::Fresh => self.bar(scope, setting, roster, session).map(|reason| self.not_readmitted(scope, reason)),
        };
        self.pick(Rule::Link5, bar, None)
    }

    /// LINK-7: whether a silent link is given up.
    pub(crate) fn silence_is_a_loss(&mut self) -> bool {
        self.is_on(Rule::Link7)
    }

    /// LINK-9: whether the server closes a link behind its last answer.
    pub(crate) fn last_answer_closes(&mut self) -> bool {
        self.is_on(Rule::Link9)
    }

    /// LINK-10: how many answers a sync has.
    pub(crate) fn answers_to_a_sync(&mut self) -> usize {
        self.pick(Rule::Link10, 1, 2)
    }

    /// LINK-11: whether a client that sees its link end was replaced, and is to stay out.
    pub(crate) fn is_replaced(&mut self, link: &Link, how: Loss) -> bool {
        how == Loss::Ended && link.server == ServerEnd::Superseded && self.is_on(Rule::Link11)
    }
}

/// What becomes of a session whose link is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// It keeps its place until it lapses.
    Stays,
    /// It keeps its place for a short while: its page went.
    Going,
    /// It goes at once.
    Dropped,
}
