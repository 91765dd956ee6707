//! `kickproof conform` as its users meet it: exit status, output, and the command that shows a difference again.

use std::process::{Command, Output, Stdio};

use super::{Copied, documented, example};

/// More than a child takes for an answer on a machine that has much else to do.
const PATIENT_MS: &str = "120000";

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kickproof"));
    let Output { status, stdout, stderr } = command.args(arguments).stdin(Stdio::null()).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_trace_that_agrees_is_told_and_ends_well() {
    let command = example().command;
    let (status, told, errors) =
        run(&["conform", "--trace", "page-story: a1.login a1.open a1.up a1.down", "--", &command[0], &command[1]]);
    assert_eq!((status, errors.as_str()), (Some(0), ""), "{told}");
    let end = format!("\nall 4 steps agree, answered by `{}`\n", example());
    assert!(told.starts_with("scope page-story\n") && told.ends_with(&end), "{told}");
}

#[test]
fn a_difference_is_told_ends_badly_and_is_seen_again_by_its_command() {
    let copied = Copied::with("or self.limits[own])", "or self.limits[own] - 1)");
    let command = copied.launch().command;
    let (status, told, errors) = run(&["conform", "--", &command[0], &command[1]]);
    assert_eq!(status, Some(1), "{told}");
    assert!(errors.ends_with("error: not green: the model and the child differ in page-story\n"), "{errors}");
    let (_, again) = told.split_once("again   cargo run -- ").unwrap();
    let again = again.replace("\\\n", "");
    let (status, shown, _) = run(&again.lines().next().unwrap().split_whitespace().collect::<Vec<_>>());
    assert_eq!(status, Some(1));
    assert!(shown.starts_with("scope page-story, step 6 of 6, `python3 ") && told.starts_with(shown.trim_end()), "{shown}");
}

#[test]
fn a_child_that_cannot_be_started_is_one_line_and_its_errors_pass_through() {
    let (status, told, errors) = run(&["conform", "--", "./no-such-program"]);
    assert_eq!((status, told.as_str()), (Some(1), ""));
    assert!(errors.lines().last().unwrap().starts_with("error: `./no-such-program` cannot be started: "), "{errors}");
    let (status, _, errors) = run(&["conform", "--trace", "page-story: a1.login", "--", "sh", "-c", "echo I cannot >&2; exit 3"]);
    assert_eq!(status, Some(1));
    assert!(errors.starts_with("I cannot\nerror: `sh -c 'echo I cannot >&2; exit 3'` ended (exit status: 3) "), "{errors}");
}

#[test]
fn a_command_is_asked_for_where_none_is_given() {
    let (status, _, errors) = run(&["conform", "--scope", "page-story"]);
    let expected = "error: the following required arguments were not provided: <COMMAND>...; see --help\n";
    assert_eq!((status, errors.as_str()), (Some(2), expected));
}

#[test]
fn what_a_replay_cannot_go_by_is_one_line_that_says_what_would_be_right() {
    let rows = [
        (
            ["--time-limit", "soon"],
            "invalid value 'soon' for '--time-limit <SECONDS>': it would be a whole number from 1 to 4294967295; see --help",
        ),
        (["--sample", "0"], "invalid value '0' for '--sample <STEPS>': it would be a whole number, at least 1; see --help"),
        (
            ["--except", "KICK-99"],
            "invalid value 'KICK-99' for '--except <RULE>': unknown rule 'KICK-99': it would be one of LOGIN-1 to NODE-3; \
             `kickproof rules` lists them; see --help",
        ),
    ];
    for ([flag, value], expected) in rows {
        let (status, told, errors) = run(&["conform", flag, value, "--", "true"]);
        assert_eq!((status, told.as_str(), errors), (Some(2), "", format!("error: {expected}\n")));
    }
}

#[test]
fn every_scope_that_a_child_can_do_is_replayed_and_each_other_one_is_skipped_with_the_reason() {
    let (text, other) = ("    if do == \"reset\":\n", "    if do == \"reset\" and request[\"scope\"] not in PLAYED:\n");
    let refusing = format!("{other}        answer = {{\"cannot\": \"not today\"}}\n    elif do == \"reset\":\n");
    let copied = Copied::with(text, &refusing).and("DOES = [", "PLAYED = [\"refusals-two\", \"usersig\"]\nDOES = [");
    let command = copied.launch().command;
    let (status, told, errors) = run(&["conform", "--all", "--answer-limit", PATIENT_MS, "--", &command[0], &command[1]]);
    assert_eq!(status, Some(0), "{told}{errors}");
    assert!(told.contains("skipped: page-story, not today\n"), "{told}");
    assert!(told.contains("skipped: usersig, it does not do destroy, renew, rest_kick\n"), "{told}");
    let skipped = told.lines().filter(|line| line.starts_with("skipped: ")).count();
    assert_eq!(skipped, model::scopes::all().len() - 1);
    assert!(told.contains("\nGREEN: refusals-two, "), "{told}");
    let end = told.lines().skip_while(|line| !line.ends_with(" skipped")).collect::<Vec<_>>();
    assert!(end[0] == format!("1 of {} scopes replayed, {skipped} skipped", skipped + 1), "{end:?}");
    assert!(end[1].starts_with("refusals-two alone cannot show "), "{end:?}");
}

#[test]
fn a_child_that_can_do_no_scope_is_not_green() {
    let copied = Copied::with("\"does\": DOES}", "\"does\": []}");
    let command = copied.launch().command;
    let (status, told, errors) = run(&["conform", "--all", "--answer-limit", PATIENT_MS, "--", &command[0], &command[1]]);
    assert_eq!((status, errors.as_str()), (Some(1), "error: not green: the child can do no scope\n"), "{told}");
    let (status, told, errors) = run(&["conform", "--answer-limit", PATIENT_MS, "--", &command[0], &command[1]]);
    assert_eq!((status, told.as_str()), (Some(1), ""));
    let why = "cannot play the scope page-story: it does not do login, logout, send, open, to_server, to_client; --scope names another one\n";
    assert!(errors.ends_with(why), "{errors}");
}

#[test]
fn scopes_are_replayed_one_after_the_other_and_a_red_one_is_named() {
    let copied = Copied::with("or self.limits[own])", "or self.limits[own] + 1)");
    let command = copied.launch().command;
    let scopes = ["conform", "--scope", "refusals-two", "--scope", "page-story", "--answer-limit", PATIENT_MS];
    let (status, told, errors) = run(&[&scopes[..], &["--", &command[0], &command[1]]].concat());
    assert_eq!(status, Some(1), "{told}");
    assert!(told.contains("\nRED: refusals-two, ") && told.contains("\nRED: page-story, "), "{told}");
    assert!(errors.ends_with("error: not green: the model and the child differ in refusals-two, page-story\n"), "{errors}");
}

#[test]
fn a_known_difference_is_a_success_and_an_exception_by_which_nothing_differs_is_named() {
    let copied = Copied::with("elif account == i.account and", "elif account != i.account and");
    let command = copied.launch().command;
    let asked = ["conform", "--scope", "refusals-two", "--except", "LOGIN-4", "--except", "KICK-1", "--answer-limit", PATIENT_MS];
    let (status, told, errors) = run(&[&asked[..], &["--", &command[0], &command[1]]].concat());
    assert_eq!(status, Some(0), "{told}{errors}");
    assert!(told.contains("\nGREEN but for LOGIN-4: refusals-two, "), "{told}");
    assert!(told.contains("\nKICK-1 is excepted, and nothing differs by it\nrefusals-two alone cannot show "), "{told}");
}

#[test]
fn a_sample_is_a_success_and_reads_as_its_documentation_says() {
    let asked = ["conform", "--scope", "refusals-two", "--sample", "500", "--answer-limit", PATIENT_MS, "--"];
    let (status, told, errors) = run(&[&asked[..], &["python3", documented("example.py").to_str().unwrap()]].concat());
    assert_eq!(status, Some(0), "{told}{errors}");
    let shown = told.replace(documented("").to_str().unwrap(), "tests/foreign/");
    let readme = std::fs::read_to_string(documented("README.md")).unwrap();
    assert!(readme.contains(&shown.lines().take(2).collect::<Vec<_>>().join("\n")), "{shown}");
}
