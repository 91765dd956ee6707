//! Who gets a message, how often, and when.

use super::RuleSwitch;
use crate::action::AccountId;
use crate::observation::{Code, Outcome};
use crate::rule::Rule;
use crate::scope::Scope;
use crate::state::Phase;

impl RuleSwitch {
    /// MSG-1: of which accounts every session gets a message, the sending session aside.
    pub(crate) fn receivers(&mut self, from: AccountId, to: AccountId) -> impl Iterator<Item = AccountId> + Clone + use<> {
        let own_too = self.is_on(Rule::Msg1);
        [to, from].into_iter().take(if from == to { 1 } else { 2 }).filter(move |account| *account != from || own_too)
    }

    /// MSG-2: whether a message finds no room any more with a session for which so many are kept.
    pub(crate) fn overflows(&mut self, scope: &Scope, kept: usize) -> bool {
        scope.buffer.is_some_and(|most| kept >= usize::from(most)) && self.is_on(Rule::Msg2)
    }

    /// MSG-2: how often a message is published.
    pub(crate) fn times_published(&mut self) -> usize {
        self.pick(Rule::Msg2, 1, 2)
    }

    /// MSG-3: whether a repeat of an accepted message is only answered.
    pub(crate) fn repeat_is_only_answered(&mut self) -> bool {
        self.is_on(Rule::Msg3)
    }

    /// MSG-3: how a send ends that the server answered.
    pub(crate) fn outcome_of_a_send(&mut self) -> Outcome {
        self.pick(Rule::Msg3, Outcome::Sent, Outcome::Refused(Code::OutcomeUnknown))
    }

    /// MSG-4: whether a message that comes in that phase, of one who is logged in, is kept until ready.
    pub(crate) fn waits_for_ready(&mut self, phase: Phase) -> bool {
        matches!(phase, Phase::Online { .. }) && self.is_on(Rule::Msg4)
    }
}
