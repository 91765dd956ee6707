//! What a step asks the rules: each question is noted, and answered by whether the rule is in force. It knows no rule's meaning.

use crate::rule::{Rule, RuleSet, Rules};

/// The rules in force, and which of them a step asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Book {
    pub(crate) rules: Rules,
    pub(crate) asked: RuleSet,
}

impl Book {
    /// Whether the rule is in force; the question is noted.
    pub(crate) fn holds(&mut self, rule: Rule) -> bool {
        self.asked.insert(rule);
        self.rules.hold(rule)
    }

    /// The first where the rule holds, the second where it is turned round.
    pub(crate) fn choose<T>(&mut self, rule: Rule, right: T, wrong: T) -> T {
        if self.holds(rule) { right } else { wrong }
    }
}
