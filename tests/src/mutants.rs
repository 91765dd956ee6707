//! The mutants of both sides: what is wrong with each, which check must kill it, and what became of it. The reviewed matrix says with what
//! message. It changes
//! neither side itself: a rule is taken out of the model at run time, and a bug is planted where a build has them.

mod kind;
mod matrix;
mod model_list;
mod model_side;
mod run;
mod system_list;
mod system_side;
mod unreplayed_list;

use std::time::Duration;

use model::liveness::Claim;
use model::rule::Rule;
use strum::IntoStaticStr;
use sut::planted::Planted;

use crate::divergence::Divergence;

pub use kind::Kind;
pub use matrix::{Matrix, names, table};
pub use model_list::{CLAIMS, RULES};
pub use run::run;
pub use system_list::SYSTEM;
pub use unreplayed_list::{Killer, UNREPLAYED};

/// On which side a mutant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Side {
    /// The model.
    Model,
    /// The real client and server.
    System,
}

impl Side {
    /// What the report calls it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The model is without that rule; the property of its name must break.
    Without(Rule),
    /// What that claim needs is left out of the model; the claim must break.
    Breaks(Claim),
    /// That bug is planted in the real client and server; both drivers must differ from the model.
    Plants(Planted),
}

impl Change {
    /// On which side it is.
    pub const fn side(self) -> Side {
        match self {
            Change::Without(_) | Change::Breaks(_) => Side::Model,
            Change::Plants(_) => Side::System,
        }
    }

    /// What the report calls it.
    pub fn name(self) -> String {
        match self {
            Change::Without(rule) => format!("without {rule}"),
            Change::Breaks(claim) => claim.broken_by().0.name(),
            Change::Plants(bug) => bug.name().to_owned(),
        }
    }

    /// The check that must kill it.
    pub fn check(self) -> String {
        match self {
            Change::Without(rule) => format!("property {rule}"),
            Change::Breaks(claim) => format!("liveness {}", claim.rule()),
            Change::Plants(_) => "replay on machines and stack".to_owned(),
        }
    }
}

/// A mutant, and how it must be caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// What is changed.
    pub change: Change,
    /// What kind of mistake that is.
    pub kind: Kind,
    /// The scope in which it shows.
    pub scope: &'static str,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The named check killed it.
    Killed {
        /// What it said: the last step that breaks a property, the end of a run that breaks a claim, the first lines that differ.
        message: String,
        /// The steps of the shortest story.
        steps: usize,
        /// The story of a bug in the real system.
        story: Option<Box<Story>>,
    },
    /// Another check killed it, and the named one did not.
    KilledBy(String),
    /// It changes nothing: in every scope the graph has the same digest.
    Equivalent,
    /// Nothing killed it.
    Survived,
}

/// How a difference was brought down to its shortest trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The difference on the shortest trace, on the stack.
    pub told: Divergence,
    /// How many steps the trace had on which it was found.
    pub found_after: usize,
    /// Whether no shorter trace differs.
    pub is_shortest: bool,
    /// Whether every trace with one step less shows no difference.
    pub is_minimal: bool,
    /// How long it took from the difference to the story, the proof that it is minimal included.
    pub time: Duration,
}

/// A mutant and its fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which.
    pub mutant: Mutant,
    /// What became of it.
    pub fate: Fate,
}

impl Verdict {
    /// The story of a bug in the real system that was killed.
    pub fn story(&self) -> Option<&Story> {
        match &self.fate {
            Fate::Killed { story, .. } => story.as_deref(),
            Fate::KilledBy(_) | Fate::Equivalent | Fate::Survived => None,
        }
    }

    /// What is wrong, in a line; `None` if the named check killed the mutant as reviewed, or it is equivalent.
    pub fn complaint(&self) -> Option<String> {
        let (name, check) = (self.mutant.change.name(), self.mutant.change.check());
        match &self.fate {
            Fate::Killed { story: Some(story), .. } if !story.is_shortest => {
                Some(format!("{name}: its story may not be the shortest"))
            }
            Fate::Killed { story: Some(story), .. } if !story.is_minimal => Some(format!("{name}: its story is not minimal")),
            Fate::Killed { .. } if matrix::entry(self) == matrix::reviewed(&self.mutant) => None,
            Fate::Killed { message, steps, .. } => {
                Some(format!("{name}: {check} says '{message}' at step {steps}, which is not as reviewed"))
            }
            Fate::KilledBy(other) => Some(format!("{name}: killed by {other} and not by {check}")),
            Fate::Equivalent => None,
            Fate::Survived => Some(format!("{name}: nothing killed it; {check} should have")),
        }
    }
}

/// Every mutant of the model, then those of the system.
pub fn all() -> Vec<Mutant> {
    RULES.into_iter().chain(CLAIMS).chain(SYSTEM).collect()
}
