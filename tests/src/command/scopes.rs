//! `kickproof scopes`: what can be checked, as a table. It checks nothing.

use clap::Args;
use model::scope::Scope;

use super::{Error, output};

/// Lists the scopes: who is there, under which policy and limits, and what is bounded
///
/// Limits that are not named are 1.
#[derive(Args)]
#[command(after_help = "Example:\n  kickproof scopes | grep policy")]
pub(super) struct Options {}

/// Prints a row a scope.
pub(super) fn run(Options {}: &Options) -> Result<(), Error> {
    let header = ["scope", "seats", "policy", "limits", "bounds", "about"];
    output::print_table(header, model::scopes::all().iter().map(row))
}

fn row(scope: &Scope) -> [String; 6] {
    let seats = scope.seats.iter().map(|seat| format!("{} {}", seat.name, seat.platform.name()));
    let limits = scope.limits.iter().map(|(platform, limit)| format!("{} {limit}", platform.name()));
    [
        scope.name.to_owned(),
        seats.collect::<Vec<_>>().join(", "),
        scope.policy.name().to_owned(),
        or_dash(limits.collect::<Vec<_>>().join(", ")),
        or_dash(scope.bounds()),
        scope.about.to_owned(),
    ]
}

/// A dash for nothing, so that a column is never empty.
fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}
