//! The binary `kickproof`. It does nothing itself: what it is made of is compiled once, with the harness.

use std::process::ExitCode;

fn main() -> ExitCode {
    conformance::command::run()
}
