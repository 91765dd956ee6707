//! Children that cannot be started, end, hang, fall silent or talk nonsense: each is one line that names the command, the moment, what
//! came, and what would be right. None leaves a process behind.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use conformance::foreign::{Launch, Replayed, Trouble, replay};
use model::scopes;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::lines::{right_answer, wrong_answers};
use super::{Copied, launch};
use crate::serving::{kickproof, signal};

/// How long a child that hangs is waited for.
const SHORT: Duration = Duration::from_secs(2);

/// How long a process that was killed may take to be over.
const LONG: Duration = Duration::from_secs(20);

/// What is told of a login of the page's story on a child that does not come to its end: the trouble before its first step, or what was
/// seen at a step in place of an answer.
fn ending(launch: &Launch) -> (Option<usize>, String) {
    let scope = scopes::named("page-story").unwrap();
    match replay(&scope, launch, &[0, 4, 4]) {
        Err(trouble) => (None, trouble.to_string()),
        Ok(Replayed { difference: Some(found), .. }) => (Some(found.labels.len()), found.actual.strange.join("\n")),
        Ok(replayed) => panic!("it was compared: {replayed:?}"),
    }
}

/// The line that is told before the first step, with the command left out.
fn told(launch: &Launch) -> String {
    let (step, line) = ending(launch);
    assert_eq!(step, None, "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    line.replace(&format!("`{launch}`"), "CHILD")
}

/// A child that says these lines, whatever it is asked, and then does what the script says.
fn saying(lines: &[String], then: &str) -> (TempDir, Launch) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines");
    fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let script = format!("cat \"$0\"; {then}");
    let launch = Launch { limit: SHORT, ..launch(&["sh", "-c", &script, path.to_str().unwrap()]) };
    (folder, launch)
}

fn told_of(lines: &[String], then: &str) -> String {
    let (_folder, launch) = saying(lines, then);
    told(&launch)
}

const GREETING: &str = r#"{"id":1,"protocol":"kickproof-lines/2","tells":["kicks","in_flight"]}"#;

/// Reads on, and answers nothing.
const HANG: &str = "while read line; do :; done";

/// The greeting, and how all stands before the first step.
fn opening() -> Vec<String> {
    let out = json!({"login_user": null, "ready": false});
    let stands = json!({"id": 2, "told": [], "instances": {"a1": out, "a2": out, "a3": out}, "online": {"a": []},
                        "kicks": {"a": []}, "in_flight": {}});
    vec![GREETING.to_owned(), stands.to_string()]
}

#[test]
fn a_program_that_is_not_there_is_told() {
    let expected =
        "CHILD cannot be started: No such file or directory (os error 2); behind -- a program and its arguments would follow";
    assert_eq!(told(&launch(&["./no-such-program", "x"])), expected);
}

#[test]
fn a_child_that_ends_is_told_with_its_status() {
    let expected = "CHILD ended (exit status: 3) before it answered the reset; it would go on until its standard input ends";
    assert_eq!(told(&launch(&["sh", "-c", "exit 3"])), expected);
}

#[test]
fn a_child_that_dies_at_a_step_is_told_with_the_step() {
    let copied = Copied::with(
        "    request = json.loads(line)\n",
        "    request = json.loads(line)\n    if 'to_server' in line: sys.exit(7)\n",
    );
    assert_eq!(ending(&copied.launch()), (Some(3), "it ended (exit status: 7) in place of an answer".to_owned()));
}

#[test]
fn a_child_that_hangs_is_told_with_the_step_and_the_limit() {
    let (_folder, launch) = saying(&opening(), HANG);
    assert_eq!(ending(&launch), (Some(1), "it did not answer within 2s; --answer-limit gives it more time".to_owned()));
}

#[test]
fn a_child_that_never_reads_is_told() {
    assert!(told_of(&[], "exec tail -f /dev/null").starts_with("CHILD did not answer the reset within 2s; "));
}

#[test]
fn a_child_that_closes_its_output_and_runs_on_is_told() {
    let expected = "CHILD closed its standard output before it answered the observation before step 1, and runs on; it would write one line a \
                    request";
    assert_eq!(told_of(&[GREETING.to_owned()], "exec >&-; while read line; do :; done"), expected);
}

#[test]
fn what_is_no_json_is_told() {
    let expected = "CHILD answered the reset with 'hello': expected value at line 1 column 1; tests/foreign/protocol.schema.json says what \
                    would be right";
    assert_eq!(told_of(&["hello".to_owned()], HANG), expected);
}

#[test]
fn another_version_of_the_protocol_is_told() {
    let greeting = GREETING.replace("lines/2", "lines/1");
    let expected = "CHILD answered the reset with a greeting: it speaks 'kickproof-lines/1' and not 'kickproof-lines/2'; \
                    tests/foreign/protocol.schema.json says what would be right";
    assert_eq!(told_of(&[greeting], HANG), expected);
}

#[test]
fn a_child_does_what_the_schema_names_and_nothing_else() {
    let text = fs::read_to_string(super::documented("protocol.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let deeds = &schema["$defs"]["deed"]["enum"];
    let greeting = |does: &Value| GREETING.replace("\"tells\"", &format!("\"does\":{does},\"tells\""));
    let mut lines = opening();
    lines[0] = greeting(deeds);
    let (_folder, launch) = saying(&lines, HANG);
    assert_eq!(ending(&launch).0, Some(1));
    let told = told_of(&[greeting(&json!(["fly"]))], HANG);
    assert!(told.contains(": unknown variant `fly`, expected one of `login`, "), "{told}");
    lines[0] = greeting(&json!(["login", "open"]));
    assert_eq!(
        told_of(&lines, HANG),
        "CHILD cannot play the scope page-story: it does not do to_server; --scope names another one"
    );
}

#[test]
fn the_answer_to_another_request_is_told() {
    let told = told_of(&[GREETING.to_owned(), opening()[1].replace("\"id\":2", "\"id\":3")], HANG);
    assert!(told.starts_with("CHILD answered the observation before step 1 with '{"), "{told}");
    assert!(told.contains("…': its id is 3 and not 2; "), "{told}");
}

#[test]
fn every_answer_that_the_schema_refuses_is_refused() {
    let (_folder, child) = saying(&[GREETING.to_owned(), right_answer().to_string()], HANG);
    assert!(replay(&scopes::named("page-story").unwrap(), &child, &[0]).unwrap().difference.is_some());
    let let_through = |wrong: &Value| {
        let (_folder, child) = saying(&[GREETING.to_owned(), wrong.to_string()], HANG);
        !matches!(replay(&scopes::named("page-story").unwrap(), &child, &[0]), Err(Trouble::Nonsense { .. }))
    };
    let wrong: Vec<_> = wrong_answers().into_iter().filter(let_through).collect();
    assert_eq!(wrong, Vec::<Value>::new());
}

#[test]
fn a_child_that_does_not_tell_what_it_said_is_told() {
    let mut lines = opening();
    lines[1] = lines[1].replace(",\"kicks\":{\"a\":[]}", "").replace("\"kicks\":{\"a\":[]},", "");
    let told = told_of(&lines, HANG);
    assert!(told.contains("with an answer: `kicks` is missing, which its answer to the reset says that it tells; "), "{told}");
}

#[test]
fn a_line_without_an_end_is_told() {
    let told = told_of(&[], "yes | tr -d '\\n'");
    assert!(told.starts_with("CHILD answered the reset with a line without an end: it is longer than 1 MiB; "), "{told}");
}

#[test]
fn a_child_that_cannot_play_the_scope_is_told() {
    let expected = "CHILD cannot play the scope page-story: too many; --scope names another one";
    assert_eq!(told_of(&[r#"{"id":1,"cannot":"too many"}"#.to_owned()], HANG), expected);
    assert_eq!(told_of(&[r#"{"id":1,"cannot":"too\nmany"}"#.to_owned()], HANG), expected);
    let endless = told_of(&[format!(r#"{{"id":1,"cannot":"{}"}}"#, "x".repeat(9000))], HANG);
    assert!(endless.len() < 500, "{endless}");
}

/// Whether a process runs; one that has ended and was not waited for does not.
fn runs(process: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(process.trim()).join("stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

/// Whether a process is over soon: it was killed, and needs no more than a moment.
fn ends(process: &str) -> bool {
    let begun = Instant::now();
    while runs(process) && begun.elapsed() < LONG {
        thread::yield_now();
    }
    !runs(process)
}

/// Two processes that wait for what never comes; neither notices that nobody listens any more.
const WAIT_FOR_EVER: &str = "mkfifo \"$0.never\"; echo $$ > \"$0.child\"; (read line < \"$0.never\") & echo $! > \"$0.grandchild\"; \
                             read line < \"$0.never\"";

#[test]
fn no_process_is_left_of_a_child_that_hangs() {
    let (folder, child) = saying(&opening(), WAIT_FOR_EVER);
    assert_eq!(ending(&child).0, Some(1));
    let process = |of: &str| fs::read_to_string(folder.path().join(format!("lines.{of}"))).unwrap();
    assert!(runs("self"));
    assert!(ends(&process("child")) && ends(&process("grandchild")));
}

#[test]
fn no_process_is_left_of_a_child_whose_harness_a_signal_ends() {
    for (name, number) in [("HUP", 1), ("INT", 2), ("TERM", 15)] {
        let (folder, child) = saying(&opening(), WAIT_FOR_EVER);
        let mut harness = kickproof().args(["conform", "--"]).args(&child.command).stdout(Stdio::null()).spawn().unwrap();
        let process = |of: &str| fs::read_to_string(folder.path().join(format!("lines.{of}"))).unwrap_or_default();
        while !process("grandchild").ends_with('\n') {
            thread::yield_now();
        }
        signal(name, harness.id());
        assert_eq!(harness.wait().unwrap().code(), Some(128 + number));
        assert!(ends(&process("child")) && ends(&process("grandchild")));
    }
}

#[test]
fn a_child_that_is_done_with_ends_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ended");
    let copied = Copied::with(
        "print(json.dumps({\"id\": number, **answer}), flush=True)\n",
        &format!("print(json.dumps({{\"id\": number, **answer}}), flush=True)\nopen({path:?}, 'w').close()\n"),
    );
    let scope = scopes::named("page-story").unwrap();
    assert_eq!(replay(&scope, &copied.launch(), &[0, 4, 4]).unwrap().difference, None);
    assert!(path.exists());
}
