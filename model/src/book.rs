//! What a step asks the rules: each question is noted, and answered by whether the rule is in force. It knows no rule's meaning.

use std::panic::Location;

use crate::rule::{Rule, RuleSet, Rules};

/// A place in the model's source at which a step asks for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// The rule.
    pub rule: Rule,
    /// The file, from the workspace's root.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

/// The rules in force, and which of them a step asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    pub(crate) rules: Rules,
    pub(crate) asked: RuleSet,
    /// Where it asked, if anybody wants to know.
    pub(crate) sites: Option<Vec<Site>>,
}

impl Book {
    /// Whether the rule is in force; the question is noted.
    #[track_caller]
    pub(crate) fn holds(&mut self, rule: Rule) -> bool {
        self.asked.insert(rule);
        if let Some(sites) = &mut self.sites {
            let (file, line) = (Location::caller().file(), Location::caller().line());
            sites.push(Site { rule, file, line });
        }
        self.rules.hold(rule)
    }

    /// The first where the rule holds, the second where it is turned round.
    #[track_caller]
    pub(crate) fn choose<T>(&mut self, rule: Rule, right: T, wrong: T) -> T {
        if self.holds(rule) { right } else { wrong }
    }
}
