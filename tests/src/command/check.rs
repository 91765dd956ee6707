//! `kickproof check`: the scopes are model-checked and replayed, and the outcome is shown. It judges nothing itself.

use clap::Args;
use model::scope::{Policy, Scope};

use super::progress::check_with_progress;
use super::threads::Threads;
use super::{DriverOption, Error, Sabotage, is_meant, output, under, values};
use crate::check::{Checked, Drivers, Plan};
use crate::coverage::CountRules;
use crate::driver::DriverKind;
use crate::replay_share::ReplayShare;
use crate::report;

/// Checks the rules on the model, and replays every transition on the real client and server
///
/// The exit status is 0 only if every scope is VERIFIED and conforms.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  kickproof check\n  kickproof check --all\n  kickproof check --nodes\n  kickproof check --policy dual+refuse\n  kickproof check --scope page-story --scope destroy --driver machines"
)]
pub(super) struct Options {
    /// A scope to check, given once or more; a part of them that shows every rule if not given
    #[arg(long = "scope", value_name = "NAME", value_parser = values::scope)]
    scopes: Vec<Scope>,
    /// Check every scope on the machines, those of up to 500,000 transitions on the stack as well, and over sockets what
    /// that driver replays of each
    #[arg(long, conflicts_with_all = ["scopes", "name", "policy"])]
    all: bool,
    /// Check every scope in which the server has several nodes
    #[arg(long, conflicts_with_all = ["scopes", "all", "policy"])]
    nodes: bool,
    /// Check them under this policy in place of their own; of those that are not named, the ones that its settings touch
    #[arg(long, value_name = "NAME|FILE", value_parser = values::policy)]
    policy: Option<Policy>,
    #[command(flatten)]
    driver: DriverOption,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    sabotage: Sabotage,
}

/// Checks the scopes that were named, the part that shows every rule, or all.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    if options.all {
        return run_all(options);
    }
    let driver = options.driver.kind();
    let (taken, left_out) = options.choose();
    let checked = run_on(options, taken, Drivers::One(driver))?;
    show(&checked, &[driver])?;
    if !options.names_some() {
        let names: Vec<_> = left_out.iter().map(|scope| scope.name).collect();
        output::print(&format!("left out: {}; 'kickproof check --all' takes them too\n", names.join(", ")))?;
    }
    Ok(())
}

impl Options {
    /// The scopes that are meant, and the other ones.
    fn choose(&self) -> (Vec<Scope>, Vec<Scope>) {
        if let Some(policy) = self.policy {
            return (under(policy, &self.scopes), Vec::new());
        }
        let driver = self.driver.kind();
        let shows = |scope: &Scope| self.names_some() || ReplayShare::of(driver, scope) != ReplayShare::Nothing;
        let is_taken = |scope: &Scope| match self.nodes {
            true => scope.has_several_nodes(),
            false => is_meant(&self.scopes, scope) && shows(scope),
        };
        model::scopes::all().into_iter().partition(is_taken)
    }

    const fn names_some(&self) -> bool {
        self.nodes || self.policy.is_some() || !self.scopes.is_empty()
    }
}

/// Every scope on every driver that is meant to replay it.
fn run_all(options: &Options) -> Result<(), Error> {
    let checked = run_on(options, model::scopes::all(), Drivers::Each)?;
    show(&checked, &DriverKind::OWN)
}

fn run_on(options: &Options, scopes: Vec<Scope>, drivers: Drivers) -> Result<Vec<Checked>, Error> {
    let threads = options.threads.count();
    let planted = options.sabotage.bug();
    scopes.iter().take(1).try_for_each(|scope| drivers.try_out(scope))?;
    let plan = Plan { scopes, drivers, threads, planted, count_rules: CountRules::No };
    Ok(check_with_progress(&plan))
}

/// A table and a line of result for each driver, and what makes it red.
fn show(checked: &[Checked], drivers: &[DriverKind]) -> Result<(), Error> {
    let of = |driver: DriverKind| checked.iter().filter(|checked| checked.driver == driver).cloned().collect::<Vec<_>>();
    drivers.iter().try_for_each(|driver| show_driver(&of(*driver), *driver))?;
    let once = drivers.first().map(|driver| of(*driver)).unwrap_or_default();
    output::print(&format!("{}\n", report::balance_line(&once)))?;
    complain(checked)
}

fn show_driver(checked: &[Checked], driver: DriverKind) -> Result<(), Error> {
    output::print_table(report::HEADING, checked.iter().map(report::row))?;
    for story in checked.iter().flat_map(report::stories) {
        output::print(&format!("\n{story}\n"))?;
    }
    output::print(&format!("\n{}\n", report::result_line(checked, driver)))?;
    match checked.iter().all(Checked::is_green) {
        true => output::print(&format!("{}\n", report::meaning(checked, driver))),
        false => Ok(()),
    }
}

fn complain(checked: &[Checked]) -> Result<(), Error> {
    let complaints: Vec<_> = checked.iter().flat_map(report::complaints).collect();
    match checked.iter().filter(|checked| !checked.is_green()).count() {
        0 => Ok(()),
        _ if complaints.is_empty() => Err(Error::NotGreen("the model and the system differ".to_owned())),
        _ => Err(Error::NotGreen(complaints.join("; "))),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use model::scope::Classes;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn chosen(args: &[&str]) -> Vec<&'static str> {
        let line = Line::try_parse_from(["check"].iter().chain(args)).unwrap();
        line.options.choose().0.iter().map(|scope| scope.name).collect()
    }

    #[test]
    fn nodes_takes_every_scope_of_several_nodes_and_no_other() {
        let several = model::scopes::all().into_iter().filter(Scope::has_several_nodes).map(|scope| scope.name);
        assert_eq!(chosen(&["--nodes"]), several.collect::<Vec<_>>());
        assert!(chosen(&["--nodes"]).contains(&"nodes-story") && !chosen(&["--nodes"]).contains(&"page-story"));
        assert_eq!(chosen(&["--scope", "page-story"]), ["page-story"]);
    }

    #[test]
    fn a_policy_takes_the_scopes_that_it_touches_or_those_that_are_named() {
        let touched = model::scopes::touched_by(Policy::refusing(Classes::Dual));
        assert_eq!(chosen(&["--policy", "dual+refuse"]), touched.iter().map(|scope| scope.name).collect::<Vec<_>>());
        assert_eq!(chosen(&["--policy", "multi", "--scope", "kick-two"]), ["kick-two@multi"]);
        assert_eq!(chosen(&["--policy", "single", "--scope", "kick-two"]), ["kick-two"]);
    }
}
