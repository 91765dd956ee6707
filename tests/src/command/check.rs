//! `kickproof check`: the scopes are model-checked and replayed, and the outcome is shown. It judges nothing itself.

use std::num::NonZero;

use clap::Args;
use conformance::check::{Checked, Plan, check};
use conformance::coverage::CountRules;
use conformance::driver::DriverKind;
use conformance::report;
use model::scope::Scope;

use super::progress::{Bars, Lines};
use super::{DriverOption, Error, Sabotage, output};

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
    let named = |scope: &Scope| options.scopes.is_empty() || options.scopes.contains(scope);
    let scopes: Vec<_> = model::scopes::all().into_iter().filter(named).collect();
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let (driver, planted) = (options.driver.kind(), options.sabotage.bug());
    scopes.iter().take(1).try_for_each(|scope| driver.try_out(scope))?;
    let plan = Plan { scopes, driver, threads, planted, count_rules: CountRules::No };
    let checked = match Bars::on_terminal(&plan.scopes) {
        Some(bars) => check(&plan, &bars),
        None => check(&plan, &Lines),
    };
    show(&checked, driver)
}

fn show(checked: &[Checked], driver: DriverKind) -> Result<(), Error> {
    output::print_table(report::HEADING, checked.iter().map(report::row))?;
    for divergence in checked.iter().filter_map(|checked| checked.divergence.as_ref()) {
        output::print(&format!("\n{divergence}\n"))?;
    }
    output::print(&format!("\n{}\n", report::result_line(checked, driver)))?;
    let complaints: Vec<_> = checked.iter().flat_map(report::complaints).collect();
    match checked.iter().filter(|checked| !checked.is_green()).count() {
        0 => Ok(()),
        _ if complaints.is_empty() => Err(Error::NotGreen("the model and the system differ".to_owned())),
        _ => Err(Error::NotGreen(complaints.join("; "))),
    }
}
