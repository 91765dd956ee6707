//! The binary `kickproof`: it runs a command and turns its outcome into an exit status. It does nothing else itself.

mod command;

use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody reads errors, the exit status is all that is left to say.
            let _ = writeln!(io::stderr(), "error: {error}");
            error.exit_code()
        }
    }
}
