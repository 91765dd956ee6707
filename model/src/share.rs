//! Which checks take a scope, and how much of it they replay. It says nothing of what happens there.

use crate::scope::Scope;

/// Which checks take a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Every check. The scopes of this tier together show every rule.
    Plain,
    /// Only a check that names the scope or takes all.
    Full,
}

/// How much of a scope is replayed where a step is dear. Where it is cheap, all of every scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DearShare {
    /// All of it.
    Whole,
    /// All of the scope in which every UserSig is good.
    GoodLogins,
    /// As much as has many restarts: they are what it is about.
    Restarts,
    /// A sample.
    Sample,
}

impl Scope {
    /// The same, as a plain check takes it.
    pub(crate) fn plain(self) -> Scope {
        Scope { tier: Tier::Plain, ..self }
    }

    /// The same, with so much replayed where a step is dear.
    pub(crate) fn dear(self, dear_share: DearShare) -> Scope {
        Scope { dear_share, ..self }
    }
}
