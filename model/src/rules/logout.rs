//! What a logout and a destroy do, and what stays of a session that is over.

use super::RuleSwitch;
use crate::action::AccountId;
use crate::frame::{DownFrame, Queue};
use crate::rule::Rule;
use crate::state::{Client, Phase, Residue};

impl RuleSwitch {
    /// LOGOUT-1: whether an instance that leaves says that it is ready no more.
    pub(crate) fn says_not_ready(&mut self, phase: Phase) -> bool {
        matches!(phase, Phase::Ready { .. }) && self.is_on(Rule::Logout1)
    }

    /// LOGOUT-4: whether a logout that is not answered is owed.
    pub(crate) fn logout_is_owed(&mut self) -> bool {
        self.is_on(Rule::Logout4)
    }

    /// LOGOUT-5: what is kept of the messages that came before ready: nothing.
    pub(crate) fn kept_of(&mut self, client: &Client) -> Queue<DownFrame> {
        self.pick(Rule::Logout5, Queue::EMPTY, client.kept)
    }

    /// LOGOUT-7, LOGIN-10: what else is left of the session: nothing, the listeners stay and the instance is nobody's.
    pub(crate) fn residue_of(&mut self, client: &Client, account: AccountId) -> Residue {
        let residue = self.pick(Rule::Logout7, client.residue, Residue::Deaf);
        self.pick(Rule::Login10, residue, Residue::Account(account))
    }

    /// DESTROY-1: whether a destroy logs out first.
    pub(crate) fn destroy_logs_out(&mut self) -> bool {
        self.is_on(Rule::Destroy1)
    }
}
