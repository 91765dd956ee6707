//! `kickproof replay`: one trace again, step by step: told, drawn, or made a test of. It judges nothing itself.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use sut::planted::Planted;

use super::{DriverOption, Error, Sabotage, output};
use crate::explore::sides::both;
use crate::replay::{actions_of, replay};
use crate::replay_share::ReplayShare;
use crate::token::Trace;
use crate::{diagram, pasted, planting, svg};

/// Replays one trace on the real client and server, and shows each step
#[derive(Args)]
#[command(
    after_help = "Examples:\n  kickproof replay page-story: a1.login a1.open a1.up a1.down --driver stack\n  kickproof replay page-story: a1.login a1.open --svg story.svg --as-test"
)]
pub(super) struct Options {
    /// The trace, as a divergence prints it: a scope, a colon, and the word of each step
    #[arg(value_name = "TRACE", required = true)]
    trace: Vec<String>,
    #[command(flatten)]
    driver: DriverOption,
    /// Draws the model's line and the stack's side by side into this file, beside all that is printed
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Prints a test in Rust in place of the steps, to be pasted; the exit status says nothing of the two sides then. With --svg it does
    /// both
    #[arg(long)]
    as_test: bool,
    #[command(flatten)]
    sabotage: Sabotage,
}

/// Replays the trace: its story if both sides agree, their difference if not.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    let trace: Trace = options.trace.join(" ").parse()?;
    let Trace { scope, labels } = &trace;
    let driver = options.driver.kind();
    if ReplayShare::of(driver, scope) == ReplayShare::Nothing {
        return Err(Error::NothingToSee { driver, scope: scope.name });
    }
    driver.try_out(scope)?;
    if let Some(file) = &options.svg {
        draw(&trace, options.sabotage.bug(), file)?;
    }
    let divergence = planting::with(options.sabotage.bug(), || replay(scope, driver, labels)).divergence;
    if options.as_test {
        let planted = options.sabotage.bug().zip(divergence.as_ref());
        let walked = divergence.as_ref().map_or(labels, |found| &found.labels).clone();
        return output::print(&pasted::test(&Trace { labels: walked, ..trace }, driver, planted));
    }
    match divergence {
        None => {
            let steps = labels.len();
            let story = diagram::text(scope, labels);
            output::print(&format!("scope {}\n{story}all {steps} steps agree on the {driver}\n", scope.name))
        }
        Some(divergence) => {
            output::print(&format!("{divergence}\n"))?;
            Err(Error::NotGreen("the model and the system differ".to_owned()))
        }
    }
}

fn draw(Trace { scope, labels }: &Trace, planted: Option<Planted>, file: &Path) -> Result<(), Error> {
    let rows = both(scope, &actions_of(scope, labels), planted);
    let cannot_write = |error| Error::CannotDraw { path: file.to_owned(), error };
    fs::write(file, svg::diagram(scope, &rows)).map_err(cannot_write)
}
