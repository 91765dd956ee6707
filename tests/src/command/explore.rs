//! `kickproof explore`: the model in a browser, each path beside its replay. It judges nothing itself.

use std::net::SocketAddr;

use clap::Args;
use model::scope::Scope;

use super::{Error, Sabotage, output, values};
use crate::explore;

/// Opens the model in a browser: each path with its replay on the real client and server beside it
///
/// The line at the foot of the page has the trace of what is shown, to be copied, takes a pasted one, and says why an address leads nowhere.
#[derive(Args)]
#[command(after_help = "Example:\n  kickproof explore --scope page-story --address 127.0.0.1:3000")]
pub(super) struct Options {
    /// The scope to walk
    #[arg(long, value_name = "NAME", default_value = "page-story", value_parser = values::scope)]
    scope: Scope,
    /// Where the browser finds it
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3000", value_parser = values::address)]
    address: SocketAddr,
    #[command(flatten)]
    sabotage: Sabotage,
}

/// Serves the explorer of the scope until the process is ended.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    let address = explore::free(options.address)?;
    output::print(&format!("exploring {} at http://{address}\n", options.scope.name))?;
    match explore::serve(options.scope.clone(), address, options.sabotage.bug())? {}
}
