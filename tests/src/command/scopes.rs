//! `kickproof scopes`: what can be checked, as a table. It checks nothing.

use clap::Args;
use model::scope::Scope;

use super::{Error, output};
use crate::reviewed::{self, Reviewed};

/// Lists the scopes: how large each is, who is there, under which policy and limits, what is bounded, and what it asks of a foreign system
///
/// Limits that are not named are 1. The sizes are those of the reviewed reports; a scope that was not reviewed has a dash. `also asked` are
/// the words of `conform`'s lines beyond login, logout, open, to_server and to_client, which every scope asks of a child.
#[derive(Args)]
#[command(after_help = "Example:\n  kickproof scopes | grep policy")]
pub(super) struct Options {}

/// Prints a row a scope.
pub(super) fn run(Options {}: &Options) -> Result<(), Error> {
    let header = ["scope", "states", "transitions", "seats", "policy", "limits", "bounds", "also asked", "about"];
    output::print_table(header, model::scopes::all().iter().map(row))
}

fn row(scope: &Scope) -> [String; 9] {
    let unknown = Reviewed { states: "-", transitions: "-", asked: "-" };
    let Reviewed { states, transitions, asked } = reviewed::of(scope).unwrap_or(unknown);
    let seats = scope.seats.iter().map(|seat| format!("{} {}", seat.name, seat.platform.name()));
    let limits = scope.limits.iter().map(|(platform, limit)| format!("{} {limit}", platform.name()));
    [
        scope.name.to_owned(),
        states.to_owned(),
        transitions.to_owned(),
        seats.collect::<Vec<_>>().join(", "),
        scope.policy.to_string(),
        or_dash(limits.collect::<Vec<_>>().join(", ")),
        or_dash(scope.bounds()),
        asked.to_owned(),
        scope.about.to_owned(),
    ]
}

/// A dash for nothing, so that a column is never empty.
fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}
