//! `kickproof rules`: the rules that are checked, as a table, each with the transitions on which it acts. What that means is said in
//! [`crate::check`].

use clap::Args;
use model::scope::Scope;

use super::progress::check_with_progress;
use super::threads::Threads;
use super::{Error, is_meant, output, values};
use crate::check::{Checked, Drivers, Plan};
use crate::coverage::CountRules;
use crate::driver::DriverKind;
use crate::report;

/// Lists the rules: name, origin, the transitions on which each acts, how many of them were replayed, and the property
///
/// Origin S is the vendor's page, V other documentation of the vendor, D a decision of ours; where the
/// vendor's packages decide it otherwise, the last list says by which versions. The counts are of
/// the scopes that a plain check takes, or of those that are named, searched and replayed on the machines there and then; of a rule of which the model has no state,
/// and of what a property leaves out, the contract tests are counted instead.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  kickproof rules\n  kickproof rules --scope rest-kick --scope destroy\n  kickproof rules --names | grep KICK"
)]
pub(super) struct Options {
    /// A scope to count in, given once or more; a part of them that shows every rule if not given
    #[arg(long = "scope", value_name = "NAME", value_parser = values::scope)]
    scopes: Vec<Scope>,
    /// Only names, origins and properties; nothing is counted
    #[arg(long, conflicts_with_all = ["scopes", "threads"])]
    names: bool,
    #[command(flatten)]
    threads: Threads,
}

/// Prints a row a rule, in the rulebook's order.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    if options.names {
        return output::print(&format!("{}\n", report::rule_names()));
    }
    let checked = count(options);
    output::print(&report::rulebook(&checked))?;
    let unused = if options.scopes.is_empty() { report::unused(&checked) } else { Vec::new() };
    let complaints: Vec<_> = checked.iter().flat_map(report::complaints).chain(unused).collect();
    if complaints.is_empty() { Ok(()) } else { Err(Error::NotGreen(complaints.join("; "))) }
}

/// The scopes that were named, or the part that shows every rule, with the rules that act.
fn count(options: &Options) -> Vec<Checked> {
    let scopes = model::scopes::all().into_iter().filter(|scope| is_meant(&options.scopes, scope)).collect();
    let threads = options.threads.count();
    let (drivers, count_rules) = (Drivers::One(DriverKind::Machines), CountRules::Yes);
    check_with_progress(&Plan { scopes, drivers, threads, planted: None, count_rules })
}
