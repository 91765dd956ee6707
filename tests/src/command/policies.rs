//! `kickproof policies`: what a policy can say, and where two of them part. It checks nothing.

use clap::Args;
use model::scope::{Classes, Policy};

use super::{Error, output, values};
use crate::diagram;
use crate::policies::{Parting, SETTINGS, parting};

/// Lists the settings of a policy, or shows the shortest trace on which two policies part
///
/// A policy is its classes, +account=2 behind them where an account has one limit, and +refuse where a newcomer is refused. Origin S is the vendor's page, V other documentation of the
/// vendor, D a decision of ours.
#[derive(Args)]
#[command(after_help = "Examples:\n  kickproof policies\n  kickproof policies dual dual+refuse\n  kickproof policies triple multi")]
pub(super) struct Options {
    /// A policy
    #[arg(value_name = "POLICY", value_parser = values::policy, requires = "other")]
    one: Option<Policy>,
    /// Another one
    #[arg(value_name = "OTHER", value_parser = values::policy)]
    other: Option<Policy>,
}

/// Prints a row a value, or the trace.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    let (Some(one), Some(other)) = (options.one, options.other) else {
        return output::print_table(
            ["setting", "value", "means", "origin"],
            SETTINGS.map(|row| row.map(str::to_owned)).into_iter(),
        );
    };
    if [one, other].iter().any(|policy| matches!(policy.classes, Classes::Own(_))) {
        return Err(Error::Arguments(
            "policies part over the same kinds of client, the vendor's; leave out those of your own".to_owned(),
        ));
    }
    let told =
        parting(one, other).map_or_else(|| format!("{one} and {other} are one policy\n"), |parting| story([one, other], &parting));
    output::print(&told)
}

/// The way there, and what each policy has at its last step that the other has not.
fn story(policies: [Policy; 2], Parting { trace, told }: &Parting) -> String {
    let only = policies.iter().zip(told).map(|(policy, told)| format!("only under {policy}:\n{}", indented(told)));
    let story = diagram::text(&trace.scope, &trace.labels);
    format!("scope {}\n{story}{}again: kickproof replay {trace}\n", trace.scope.name, only.collect::<String>())
}

fn indented(lines: &[String]) -> String {
    lines.iter().map(|line| format!("  {line}\n")).collect()
}
