//! `kickproof explore`: the model in a browser, each path beside its replay. It judges nothing itself.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use model::scope::{Policy, Scope};

use super::{Error, Sabotage, output, values};
use crate::explore::{self, Beside};
use crate::foreign::{Errors, Launch};
use crate::token::Trace;

/// Opens the model in a browser, each way beside its replay on the real client and server
///
/// The page shows the state and what may happen in it, finds states, moves and the shortest way to each, opens traces, and has a key for
/// everything.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  kickproof explore --scope page-story --address 127.0.0.1:3000\n  kickproof explore page-story: a1.login a1.open a1.up\n  kickproof explore --scope page-story --policy dual+refuse\n  kickproof explore --scope refusals-two --foreign python3 tests/foreign/example.py"
)]
pub(super) struct Options {
    /// The trace to the place that the page begins with; it has the scope's name
    #[arg(value_name = "TRACE")]
    trace: Vec<String>,
    /// The scope to walk, where no trace is given
    #[arg(long, value_name = "NAME", default_value = "page-story", value_parser = values::scope, conflicts_with = "trace")]
    scope: Scope,
    /// Walks it under this policy in place of its own; a trace names its own, as in page-story@dual+refuse
    #[arg(long, value_name = "NAME|FILE", value_parser = values::policy, conflicts_with = "trace")]
    policy: Option<Policy>,
    /// Where the browser finds it
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3000", value_parser = values::address)]
    address: SocketAddr,
    /// A program, and its arguments, that is replayed in place of the real client and server, as `conform` does
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true)]
    foreign: Option<Vec<String>>,
    #[command(flatten)]
    sabotage: Sabotage,
}

/// How long a child may take for one answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

impl Options {
    fn scope(&self) -> Scope {
        let named = self.scope.clone();
        match self.policy {
            Some(policy) => model::scopes::under(named, policy),
            None => named,
        }
    }
}

/// Serves the Explorer of the scope until the process is ended.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    let trace = match options.trace.as_slice() {
        [] => Trace { scope: options.scope(), labels: Vec::new() },
        words => words.join(" ").parse()?,
    };
    let address = explore::free(options.address)?;
    output::print(&format!("exploring {} at http://{address}\n", trace.scope.name))?;
    let beside = match &options.foreign {
        Some(command) => Beside::Child(Launch { command: command.clone(), limit: ANSWER_LIMIT, errors: Errors::Through }),
        None => Beside::Ours(options.sabotage.bug()),
    };
    match explore::serve(trace, address, beside)? {}
}
