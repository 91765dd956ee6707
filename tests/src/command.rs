//! The command line: what may be asked of `kickproof`, and which function does it. A command prints no error; [`run`] does, and `Error`
//! says what one means for the exit status.

mod check;
mod conform;
mod error;
mod explore;
mod in_order;
mod mutants;
mod output;
mod policies;
mod progress;
mod replay;
mod rules;
mod scopes;
mod serve;
mod soak;
mod threads;
mod usersig;
mod validate;
mod values;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use model::scope::{Policy, Scope, Tier};
use sut::planted::Planted;

use crate::driver::DriverKind;
use crate::planting;

use error::Error;

/// Proves that a client and a server do what the rules of multi-instance login, logout and kick say.
///
/// The rules are model-checked, and every transition of the model is replayed on the real client and server. Without a command
/// it does `check`.
#[derive(Parser)]
#[command(name = "kickproof", version, args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
#[command(after_help = "Examples:\n  kickproof\n  kickproof --scope page-story --driver machines\n  kickproof serve --help")]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: check::Options,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Options),
    Conform(conform::Options),
    Explore(explore::Options),
    Mutants(mutants::Options),
    Policies(policies::Options),
    Replay(replay::Options),
    Scopes(scopes::Options),
    Rules(rules::Options),
    Serve(Box<serve::Options>),
    Soak(soak::Options),
    Usersig(usersig::Options),
    Validate(validate::Options),
}

/// Which driver replays.
#[derive(Args)]
struct DriverOption {
    /// What replays the model's steps: machines (without a runtime), stack (the whole client and server), sockets (over TCP, the server
    /// as a process of its own) or browser (the same, its clients pages of Chromium)
    #[arg(long = "driver", value_name = "DRIVER", default_value_t = DriverKind::Stack)]
    name: DriverKind,
}

impl DriverOption {
    const fn kind(&self) -> DriverKind {
        self.name
    }
}

/// The scopes that were named under a policy, or those that its settings touch if none was.
fn under(policy: Policy, named: &[Scope]) -> Vec<Scope> {
    let under = |scope: &Scope| model::scopes::under(scope.clone(), policy);
    if named.is_empty() { model::scopes::touched_by(policy) } else { named.iter().map(under).collect() }
}

/// Whether a scope is meant: one of those that were named, or if none was, of the part that shows every rule.
fn is_meant(named: &[Scope], scope: &Scope) -> bool {
    if named.is_empty() { scope.tier == Tier::Plain } else { named.contains(scope) }
}

/// What is planted in the real client and server: only builds with debug assertions can plant anything.
#[derive(Args)]
struct Sabotage {
    /// Plants a bug in the client and the server, to see it caught
    #[arg(long = "planted", value_name = "NAME", value_parser = values::planted, hide = !planting::IS_POSSIBLE)]
    bug: Option<Planted>,
}

impl Sabotage {
    /// The bug that was asked for.
    const fn bug(&self) -> Option<Planted> {
        self.bug
    }
}

/// Does what the arguments of the process ask for, and tells an error in one line on the standard error; the exit status of the process.
pub fn run() -> ExitCode {
    match obey() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(&format!("error: {}", in_one_line(&error.to_string())));
            error.exit_code()
        }
    }
}

/// A text that may hold what a stranger wrote, a file's name for one, with its line breaks and control characters written as such.
fn in_one_line(text: &str) -> String {
    let written = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(written).collect()
}

fn obey() -> Result<(), Error> {
    let CommandLine { command, check } = match CommandLine::try_parse() {
        Ok(command_line) => command_line,
        Err(answer) if !answer.use_stderr() => return output::print(&answer.render().to_string()),
        Err(mistake) => return Err(Error::arguments(&mistake)),
    };
    match command.unwrap_or(Command::Check(check)) {
        Command::Check(options) => check::run(&options),
        Command::Conform(options) => conform::run(options),
        Command::Explore(options) => explore::run(&options),
        Command::Mutants(options) => mutants::run(&options),
        Command::Policies(options) => policies::run(&options),
        Command::Replay(options) => replay::run(&options),
        Command::Scopes(options) => scopes::run(&options),
        Command::Rules(options) => rules::run(&options),
        Command::Serve(options) => serve::run(*options),
        Command::Soak(options) => soak::run(&options),
        Command::Usersig(options) => usersig::run(&options),
        Command::Validate(options) => validate::run(&options),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }
}
