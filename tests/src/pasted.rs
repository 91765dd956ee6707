//! A trace as a test in Rust that can be pasted into a test file of this crate, or of any that depends on it. It replays nothing.

use sut::planted::Planted;

use crate::divergence::Divergence;
use crate::driver::DriverKind;
use crate::token::Trace;

/// The test of a trace on a driver. If both sides agree there, or no bug is planted, it says that they agree; it fails as long as they
/// do not. Where a planted bug makes them differ, it says that they differ with that bug, and in which lines first.
pub fn test(trace: &Trace, driver: DriverKind, planted: Option<(Planted, &Divergence)>) -> String {
    let walks = format!("conformance::replay::replay(&trace.scope, conformance::driver::DriverKind::{driver:?}, &trace.labels)");
    match planted {
        None => format!(
            "#[test]\nfn {}_agrees() {{\n{}    let walked = {walks};\n    \
             walked.must_agree(&trace, trace.labels.len());\n}}\n",
            name(trace),
            named(trace)
        ),
        Some((bug, found)) => format!(
            "#[cfg(debug_assertions)]\n#[test]\nfn {}_differs_with_{}() {{\n{}    \
             let bug = Some(sut::planted::Planted::{bug:?});\n    let walked = conformance::planting::with(bug, || {{\n        {walks}\n    \
             }});\n    let found = walked.divergence.expect(\"both sides differ\");\n    \
             assert_eq!(found.labels, trace.labels);\n    assert_eq!(found.first_lines(), {:?});\n}}\n",
            name(trace),
            identifier(bug.name()),
            named(trace),
            found.first_lines()
        ),
    }
}

/// The scope, how many steps, and the last of them.
fn name(trace: &Trace) -> String {
    let (steps, words) = (trace.labels.len(), trace.to_string());
    let last = words.split(' ').next_back().unwrap_or_default();
    identifier(&format!("{} {steps} steps to {last}", trace.scope.name))
}

fn named(trace: &Trace) -> String {
    format!("    let trace: conformance::token::Trace = \"{trace}\".parse().expect(\"a trace\");\n")
}

/// The same letters where a name in Rust may have them.
fn identifier(name: &str) -> String {
    name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_")
}
