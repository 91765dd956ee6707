//! `kickproof check`: the scopes are model-checked and replayed, and the outcome is shown. It judges nothing itself.

use clap::Args;
use model::scope::Scope;

use super::{DriverOption, Error, Sabotage};

/// Checks the rules on the model, and replays every transition on the real client and server
///
/// The exit status is 0 only if every scope is VERIFIED and conforms.
#[derive(Args)]
#[command(after_help = "Examples:\n  kickproof check\n  kickproof check --scope page-story --scope destroy --driver machines")]
pub(super) struct Options {
    /// A scope to check, given once or more; all of them if not given
    #[arg(long = "scope", value_name = "NAME", value_parser = model::scopes::named)]
    scopes: Vec<Scope>,
    #[command(flatten)]
    driver: DriverOption,
    #[command(flatten)]
    sabotage: Sabotage,
}

/// Checks the scopes that were named, or all.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    let names: Vec<_> = options.scopes.iter().map(|scope| scope.name).collect();
    let bug = options.sabotage.bug();
    Err(Error::NotHereYet(format!("check of {names:?} by {:?} with {bug:?}", options.driver.name)))
}
