//! `kickproof conform` as its users meet it: exit status, output, and the command that shows a difference again.

use std::process::{Command, Output, Stdio};

use super::{Copied, example};

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kickproof"));
    let Output { status, stdout, stderr } = command.args(arguments).stdin(Stdio::null()).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_trace_that_agrees_is_told_and_ends_well() {
    let command = example().command;
    let (status, told, errors) = run(&["conform", "--trace", "page-story:0.4.4.4", "--", &command[0], &command[1]]);
    assert_eq!((status, errors.as_str()), (Some(0), ""), "{told}");
    let end = format!("\nall 4 steps agree, answered by `{}`\n", example());
    assert!(told.starts_with("scope page-story\n") && told.ends_with(&end), "{told}");
}

#[test]
fn a_difference_is_told_ends_badly_and_is_seen_again_by_its_command() {
    let copied = Copied::with("> self.limits[own]", ">= self.limits[own]");
    let command = copied.launch().command;
    let (status, told, errors) = run(&["conform", "--", &command[0], &command[1]]);
    assert_eq!(status, Some(1), "{told}");
    assert!(errors.ends_with("error: not green: the model and the child differ\n"), "{errors}");
    let again = told.lines().find_map(|line| line.strip_prefix("again   cargo run -- ")).unwrap();
    let (status, shown, _) = run(&again.split(' ').collect::<Vec<_>>());
    assert_eq!(status, Some(1));
    assert!(shown.starts_with("scope page-story, step 8 of 8, `python3 ") && told.starts_with(shown.trim_end()), "{shown}");
}

#[test]
fn a_child_that_cannot_be_started_is_one_line_and_its_errors_pass_through() {
    let (status, told, errors) = run(&["conform", "--", "./no-such-program"]);
    assert_eq!((status, told.as_str()), (Some(1), ""));
    assert!(errors.lines().last().unwrap().starts_with("error: `./no-such-program` cannot be started: "), "{errors}");
    let (status, _, errors) = run(&["conform", "--trace", "page-story:0", "--", "sh", "-c", "echo I cannot >&2; exit 3"]);
    assert_eq!(status, Some(1));
    assert!(errors.starts_with("I cannot\nerror: `sh -c 'echo I cannot >&2; exit 3'` ended (exit status: 3) "), "{errors}");
}

#[test]
fn a_command_is_asked_for_where_none_is_given() {
    let (status, _, errors) = run(&["conform", "--scope", "page-story"]);
    let expected = "error: the following required arguments were not provided: <COMMAND>...; see --help\n";
    assert_eq!((status, errors.as_str()), (Some(2), expected));
}
