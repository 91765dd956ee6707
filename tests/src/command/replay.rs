//! `kickproof replay`: one trace again, step by step. It judges nothing itself.

use clap::Args;
use conformance::replay::replay;
use conformance::token::Trace;
use conformance::{diagram, planting};

use super::{DriverOption, Error, Sabotage, output};

/// Replays one trace on the real client and server, and shows each step
#[derive(Args)]
#[command(after_help = "Example:\n  kickproof replay page-story:0.4.4.5 --driver stack")]
pub(super) struct Options {
    /// The trace, as a divergence prints it: a scope, then the place of each step among the actions offered there
    #[arg(value_name = "TRACE")]
    trace: Trace,
    #[command(flatten)]
    driver: DriverOption,
    #[command(flatten)]
    sabotage: Sabotage,
}

/// Replays the trace: its story if both sides agree, their difference if not.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    let Trace { scope, labels } = &options.trace;
    let driver = options.driver.kind();
    driver.try_out(scope)?;
    match planting::with(options.sabotage.bug(), || replay(scope, driver, labels)).divergence {
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
