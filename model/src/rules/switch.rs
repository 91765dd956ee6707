//! What a step asks the rules: each question is noted, and answered by whether the rule is in force. Only the decisions beside this file
//! may ask. It knows no rule's meaning.

use std::panic::Location;

use crate::rule::{Rule, RuleSet, Rules};

/// A place in the model's source at which a decision asks for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// The rule.
    pub rule: Rule,
    /// The file, from the workspace's root.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

/// The rules in force, and which of them a step consulted.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleSwitch {
    in_force: Rules,
    pub(crate) consulted: RuleSet,
    /// Where it consulted them, if anybody wants to know.
    pub(crate) sites: Option<Vec<Site>>,
}

impl RuleSwitch {
    pub(crate) fn new(in_force: Rules) -> RuleSwitch {
        RuleSwitch { in_force, ..RuleSwitch::default() }
    }

    /// All rules in force, and every place noted at which one is consulted.
    pub(crate) fn noting_sites() -> RuleSwitch {
        RuleSwitch { sites: Some(Vec::new()), ..RuleSwitch::default() }
    }

    /// Whether the rule is in force; the question is noted.
    #[track_caller]
    pub(super) fn is_on(&mut self, rule: Rule) -> bool {
        self.consulted.insert(rule);
        if let Some(sites) = &mut self.sites {
            let (file, line) = (Location::caller().file(), Location::caller().line());
            sites.push(Site { rule, file, line });
        }
        self.in_force.hold(rule)
    }

    /// The first where the rule holds, the second where it is turned round.
    #[track_caller]
    pub(super) fn pick<T>(&mut self, rule: Rule, right: T, wrong: T) -> T {
        if self.is_on(rule) { right } else { wrong }
    }
}
