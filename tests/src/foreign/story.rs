//! How a difference of somebody else's system is told: a trace, what differs at its end, which rule that breaks, and how short the trace
//! is known to be.

use std::fmt;

use model::rule::Rule;

use crate::divergence::Divergence;
use crate::wrapped;

/// The story of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The difference at the end of a trace.
    pub told: Divergence,
    /// The rule that it breaks; `None` if the child broke off, or told what no rule speaks of.
    pub broken: Option<Rule>,
    /// How short that trace is known to be.
    pub least: Least,
    /// After how many steps of a walk a difference was found.
    pub found_after: usize,
}

/// How short a story is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Least {
    /// No step of it can be left out: a fresh child was walked without each, and agreed.
    Minimal,
    /// There was no time to try all of that.
    Unfinished,
    /// It is the walk on which it was found: a fresh child agrees on all of it.
    AsWalked,
}

impl fmt::Display for Least {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Least::Minimal => "no step can be left out: a fresh child was tried without each",
            Least::Unfinished => "a shorter trace may differ: there was no time to try more of them on a fresh child",
            Least::AsWalked => "a fresh child does not show it on this walk: it keeps something over a reset, or goes by chance",
        })
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.told)?;
        if let Some(rule) = self.broken {
            writeln!(f, "{}", wrapped::under("broken  ", &format!("{rule}: {}", rule.text())))?;
        }
        write!(f, "least   {}", self.least)?;
        if self.found_after > self.told.labels.len() {
            write!(f, "\nfound   after {} steps of a walk", self.found_after)?;
        }
        Ok(())
    }
}
