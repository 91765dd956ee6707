//! What a node does where others commit as well.

use super::RuleSwitch;
use crate::rule::Rule;

impl RuleSwitch {
    /// NODE-1: whether what is accepted is decided on the record, whatever the node knew of it.
    pub(crate) fn record_decides(&mut self) -> bool {
        self.is_on(Rule::Node1)
    }

    /// NODE-3: whether the end of a lease is acted on: by the others, which take over what the node had, and by the node itself, which has its
    /// sessions decided anew if it wakes.
    pub(crate) fn lease_counts(&mut self) -> bool {
        self.is_on(Rule::Node3)
    }

    /// NODE-2: whether a node that hears of a commit, or polls, tells whom it concerns.
    pub(crate) fn news_is_passed_on(&mut self) -> bool {
        self.is_on(Rule::Node2)
    }
}
