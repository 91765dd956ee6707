//! `kickproof rules`: the rules that are checked, as a table. It checks nothing.

use clap::Args;
use model::rule::Rule;

use super::{Error, output};

/// Lists the rules: name, origin, and the property that each must have
///
/// Origin S is the vendor's page, V other documentation of the vendor, D a decision where the vendor is silent.
#[derive(Args)]
#[command(after_help = "Example:\n  kickproof rules | grep KICK")]
pub(super) struct Options {}

/// Prints a row a rule, in the rulebook's order.
pub(super) fn run(Options {}: &Options) -> Result<(), Error> {
    let row = |rule: Rule| [rule.name().to_owned(), rule.origin().to_owned(), rule.text().to_owned()];
    output::print_table(["rule", "origin", "property"], Rule::ALL.into_iter().map(row))
}
