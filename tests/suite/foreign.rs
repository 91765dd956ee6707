//! Somebody else's system, held against the rules: an example in Python that conforms, copies of it that do not, and children that hang,
//! die or talk nonsense.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod bugs;
mod command;
mod conforming;
mod known;
mod lines;
mod memory;
mod shown;
mod tcp;
mod troubles;

use std::path::{Path, PathBuf};
use std::time::Duration;

use conformance::foreign::{Errors, Launch, Plan};
use tempfile::NamedTempFile;

/// All of a scope, and more time to make a story short than it takes on a machine that has much else to do.
pub(crate) fn patient() -> Plan {
    Plan { shorten_within: Duration::from_secs(600), ..Plan::default() }
}

/// A file of the folder that documents the protocol.
pub(crate) fn documented(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign").join(name)
}

/// The example, and how long each answer may take.
pub(crate) fn example() -> Launch {
    launch(&["python3", documented("example.py").to_str().unwrap()])
}

/// A command that has time enough for each answer.
pub(crate) fn launch(command: &[&str]) -> Launch {
    Launch {
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        limit: Duration::from_secs(20),
        errors: Errors::Through,
    }
}

/// A copy of the example in which one text is another; it is there exactly once.
pub(crate) struct Copied {
    file: NamedTempFile,
}

impl Copied {
    pub(crate) fn with(text: &str, other: &str) -> Copied {
        let file = NamedTempFile::new().unwrap();
        std::fs::copy(documented("example.py"), file.path()).unwrap();
        Copied { file }.and(text, other)
    }

    /// The same copy with one more text changed.
    pub(crate) fn and(self, text: &str, other: &str) -> Copied {
        let source = std::fs::read_to_string(self.file.path()).unwrap();
        assert_eq!(source.matches(text).count(), 1, "{text}");
        std::fs::write(self.file.path(), source.replace(text, other)).unwrap();
        self
    }

    pub(crate) fn launch(&self) -> Launch {
        launch(&["python3", self.file.path().to_str().unwrap()])
    }
}
