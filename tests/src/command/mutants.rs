//! `kickproof mutants`: everything that is wrong on purpose, on both sides, and which check says so. It judges nothing itself.

use std::time::Instant;

use clap::Args;

use super::in_order::InOrder;
use super::threads::Threads;
use super::{Error, output};
use crate::mutants::{self, Matrix, Mutant, Verdict};
use crate::planting;

/// Runs every mutant of the model and of the real client and server, and shows which check killed each
///
/// The exit status is 0 only if the named check killed every mutant with the message that was reviewed. Only a build with debug assertions
/// has the planted bugs.
#[derive(Args)]
#[command(
    after_help = "Examples, the first in a build with debug assertions:\n  kickproof mutants\n  kickproof mutants --names | grep kick2"
)]
pub(super) struct Options {
    /// Only what each is called, what kind of mistake it is, in which scope it shows and what must kill it; none is run
    #[arg(long, conflicts_with = "threads")]
    names: bool,
    #[command(flatten)]
    threads: Threads,
}

/// Runs them all, and prints the matrix and how long the stories took.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    if options.names {
        return output::print(&format!("{}\n", mutants::names(&mutants::all())));
    }
    if !planting::IS_POSSIBLE {
        return Err(Error::NoPlantedBugs);
    }
    let begun = Instant::now();
    let all = mutants::all();
    let lines = Lines { mutants: &all, lines: InOrder::default() };
    let matrix = Matrix { verdicts: mutants::run(&all, options.threads.count(), &|verdict| lines.judged(verdict))? };
    output::print(&format!("{}\n", matrix.report()))?;
    if let Some([median, largest]) = matrix.times() {
        let (median, largest) = (median.as_secs_f64(), largest.as_secs_f64());
        let total = begun.elapsed().as_secs_f64();
        output::print(&format!("from difference to story: median {median:.2} s, largest {largest:.2} s; all in {total:.0} s\n"))?;
    }
    match matrix.complaints() {
        complaints if complaints.is_empty() => Ok(()),
        complaints => Err(Error::NotGreen(complaints.join("; "))),
    }
}

/// How long the story took, if there is one.
fn time(verdict: &Verdict) -> String {
    verdict.story().map(|story| format!("; its story took {:.2} s", story.time.as_secs_f64())).unwrap_or_default()
}

/// A line a mutant, the last first as they are run.
struct Lines<'a> {
    mutants: &'a [Mutant],
    lines: InOrder,
}

impl Lines<'_> {
    fn judged(&self, verdict: &Verdict) {
        let (side, name) = (verdict.mutant.change.side().name(), verdict.mutant.change.name());
        let place = self.mutants.iter().rev().position(|mutant| mutant.change == verdict.mutant.change).unwrap_or_default();
        self.lines.say(
            place,
            match verdict.complaint() {
                None => format!("{side}: {name}: as expected{}", time(verdict)),
                Some(complaint) => format!("{side}: {complaint}"),
            },
        );
        self.lines.done(place);
    }
}
