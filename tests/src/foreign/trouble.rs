//! What ends a talk with a child. Each is one line that names the command, the moment, what came and what would be right.

use std::io;
use std::time::Duration;

/// Why a foreign system could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// There is no such program.
    #[error("`{command}` cannot be started: {error}; behind -- a program and its arguments would follow")]
    CannotStart {
        /// What was to be started.
        command: String,
        /// Why it was not.
        error: io::Error,
    },
    /// It ended.
    #[error("`{command}` ended ({status}) before it answered {at}; it would go on until its standard input ends")]
    Ended {
        /// What was started.
        command: String,
        /// How it ended.
        status: String,
        /// What it should have answered.
        at: String,
    },
    /// It hears, and cannot be heard.
    #[error("`{command}` closed its standard output before it answered {at}, and runs on; it would write one line a request")]
    Closed {
        /// What was started.
        command: String,
        /// What it should have answered.
        at: String,
    },
    /// It hangs, or keeps its lines to itself.
    #[error(
        "`{command}` did not answer {at} within {limit:?}; it would write one line a request and flush it, or get more time by --answer-limit"
    )]
    Silent {
        /// What was started.
        command: String,
        /// What it should have answered.
        at: String,
        /// How long it had.
        limit: Duration,
    },
    /// It speaks, and not this protocol.
    #[error("`{command}` answered {at} with {came}: {wrong}; tests/foreign/protocol.schema.json says what would be right")]
    Nonsense {
        /// What was started.
        command: String,
        /// What it should have answered.
        at: String,
        /// What it said, cut short.
        came: String,
        /// What is wrong about it.
        wrong: String,
    },
    /// It cannot play the scope.
    #[error("`{command}` cannot play the scope {scope}: {why}; --scope names another one")]
    Cannot {
        /// What was started.
        command: String,
        /// Which scope.
        scope: &'static str,
        /// What it says.
        why: String,
    },
    /// Nothing is wrong: what was asked for took longer than it was to take.
    #[error("there was no more time; --time-limit gives it more")]
    OutOfTime,
}

impl Trouble {
    /// How a child broke off that had begun: what is seen of it in place of an answer. `None` if nothing was asked of it yet.
    pub(super) fn broke_off(&self) -> Option<String> {
        match self {
            Trouble::CannotStart { .. } | Trouble::Cannot { .. } | Trouble::OutOfTime => None,
            Trouble::Ended { status, .. } => Some(format!("it ended ({status}) in place of an answer")),
            Trouble::Closed { .. } => Some("it closed its standard output in place of an answer, and runs on".to_owned()),
            Trouble::Silent { limit, .. } => Some(format!("it did not answer within {limit:?}; --answer-limit gives it more time")),
            Trouble::Nonsense { came, wrong, .. } => {
                Some(format!("it answered with {came}: {wrong}; tests/foreign/protocol.schema.json says what would be right"))
            }
        }
    }
}
