//! `kickproof validate`: journals of the real system, held against the model. It judges nothing itself.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::threads::Threads;
use super::{Error, output};
use crate::validate::{Law, validate};

/// Tells whether a run of the model explains journals of the real system
///
/// A journal is in JSON Lines, one event a line, as a server and its clients write it. All files together are one system. The answer is
/// that every line is explained, or the first that is not, what a run would have had there, and which rule forbids what was seen; or that
/// the model has no room for a line or that a journal is missing or ends too early, and nothing is decided (exit code 2). Lines carry no
/// time: a timer may fire whenever it runs.
///
/// The journals of several nodes at one registry are judged together, all of them from the registry's beginning on: the commits of an account
/// are one chain, whichever node made them, and each node and instance says what that chain and the links between them allow.
#[derive(Args)]
#[command(
    after_help = "Example:\n  kickproof soak --events 100000 journals\n  kickproof validate journals/server.jsonl journals/clients.jsonl\n  kickproof validate a.jsonl b.jsonl clients.jsonl"
)]
pub(super) struct Options {
    /// The journals
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    threads: Threads,
}

/// Decides the journals.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    decide(&options.files, options.threads.count())
}

/// Decides the journals in these files on that many threads, and says so.
pub(super) fn decide(files: &[PathBuf], threads: usize) -> Result<(), Error> {
    let since = Instant::now();
    let verdict = validate(files, threads)?;
    let rate = verdict.events as f64 / since.elapsed().as_secs_f64();
    match verdict.finding {
        None => output::print(&format!(
            "EXPLAINED: {} events of {} instances in {} histories, at most {} instances of an account at once; {rate:.0} events/s\n",
            verdict.events, verdict.instances, verdict.histories, verdict.overlapping
        )),
        Some(finding) => {
            output::print(&format!("{finding}\n"))?;
            Err(match finding.law {
                Law::Room => Error::NotDecided,
                Law::Whole => Error::NotWhole,
                Law::Rule(_) | Law::Sequence | Law::Commits | Law::Link => Error::NotExplained,
            })
        }
    }
}
