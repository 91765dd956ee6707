//! What a line that no run explains is told as. It finds nothing.

use std::fmt;

use model::rule::Rule;

/// Where a line stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The place of its file among those that are judged.
    pub file: usize,
    /// Its number there, from 1.
    pub line: usize,
}

/// What forbids a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// A rule.
    Rule(Rule),
    /// That answers and events of an instance, and the lines of a node, form one sequence.
    Sequence,
    /// That the commits of an account are numbered one by one.
    Commits,
    /// That a link hands over what was written to it, in order.
    Link,
    /// How much the model has room for: what does not fit in is no fault of the system's.
    Room,
    /// That a system is judged by all of its journals, each to its end: what is missing is no fault of the system's.
    Whole,
}

impl From<Rule> for Law {
    fn from(rule: Rule) -> Law {
        Law::Rule(rule)
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Law::Rule(rule) => write!(f, "{rule}: {}", rule.text()),
            Law::Sequence => f.write_str("SEQUENCE: the lines of an instance, and those of a node, are numbered one by one from its one start on"),
            Law::Commits => {
                f.write_str("COMMITS: the commits of an account are numbered one by one, and every line names its account and the last")
            }
            Law::Room => f.write_str(
                "ROOM: of accounts that share instances the model has room for three, for ten instances at once, and for two links and \
                 four owed logouts of each; it breaks no link that its instance has closed",
            ),
            Law::Whole => f.write_str(
                "WHOLE: a system is judged by all of its journals, each to its end: the node's, and that of every instance that it \
                 speaks of",
            ),
            Law::Link => f.write_str("LINK: a frame is taken once, in order, after it was written"),
        }
    }
}

/// The first line that no run explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the file.
    pub file: String,
    /// Which line.
    pub place: Place,
    /// What was seen.
    pub seen: String,
    /// What a run would have had instead.
    pub allowed: String,
    /// What forbids it.
    pub law: Law,
}

impl Finding {
    /// Whether nothing is decided: the model has no room for the line, or some that belong to it are missing. No rule forbids it then.
    pub const fn is_undecided(&self) -> bool {
        match self.law {
            Law::Room | Law::Whole => true,
            Law::Rule(_) | Law::Sequence | Law::Commits | Law::Link => false,
        }
    }

    /// A finding; the file is named later.
    pub(super) fn new(place: Place, seen: impl Into<String>, allowed: impl Into<String>, law: impl Into<Law>) -> Box<Finding> {
        Box::new(Finding { file: String::new(), place, seen: seen.into(), allowed: allowed.into(), law: law.into() })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { file, place, seen, allowed, law } = self;
        let what = match law {
            Law::Room => "the model has no room for it, and nothing is decided",
            Law::Whole => "a part of the journals is missing, and nothing is decided",
            Law::Rule(_) | Law::Sequence | Law::Commits | Law::Link => "no run of the model explains it",
        };
        writeln!(f, "{file}, line {}: {what}", place.line)?;
        writeln!(f, "  seen     {seen}")?;
        writeln!(f, "  allowed  {allowed}")?;
        write!(f, "  rule     {law}")
    }
}

/// What a line says, as it says it.
pub(super) fn show(line: &impl serde::Serialize) -> String {
    serde_json::to_string(line).expect("what was read can be written")
}
