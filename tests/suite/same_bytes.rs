//! The same command gives the same bytes: each is run twice, in two processes and on different numbers of threads, and only times may
//! differ. What a soak does is chance, and what `serve` and `explore` say is a port; the journals of one soak are judged alike.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod tours;
mod untimed;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use untimed::untimed;

/// All that a command leaves behind but times: its exit status, both streams, and the file that it wrote.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    status: Option<i32>,
    said: String,
    told: String,
    written: Option<Vec<u8>>,
}

fn run(args: &[&str], file: Option<&Path>) -> Left {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kickproof"));
    command.env_remove("KICKPROOF_KEY").env_remove("KICKPROOF_LOG").current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.args(args).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| untimed(&String::from_utf8(bytes).unwrap());
    let written = file.map(|file| fs::read(file).unwrap());
    Left { status: output.status.code(), said: text(output.stdout), told: text(output.stderr), written }
}

/// Runs it twice; what both leave behind.
fn twice(args: &[&str]) -> Left {
    let [first, second] = [(); 2].map(|()| run(args, None));
    assert_eq!(first, second, "{args:?}");
    assert_ne!(first.said, "", "{args:?}");
    first
}

/// Runs it on one thread and on three; what both leave behind.
fn on_any_number_of_threads(args: &[&str]) -> Left {
    let [first, second] = ["1", "3"].map(|threads| run(&[args, &["--threads", threads]].concat(), None));
    assert_eq!(first, second, "{args:?}");
    assert_ne!(first.said, "", "{args:?}");
    first
}

const SCOPES: [&str; 6] = ["--scope", "callbacks-expiry", "--scope", "expiry-restart", "--scope", "limits-elsewhere"];

#[test]
fn a_check_does_not_depend_on_threads_on_any_driver() {
    for driver in ["machines", "stack"] {
        let left = on_any_number_of_threads(&[&["check", "--driver", driver], &SCOPES[..]].concat());
        assert_eq!(left.status, Some(0));
    }
    let left = on_any_number_of_threads(&["check", "--driver", "sockets", "--scope", "limits-elsewhere"]);
    assert_eq!(left.status, Some(0));
}

/// Many tours differ, and the shortest story is told, whichever thread found it.
#[cfg(debug_assertions)]
#[test]
fn a_red_check_tells_the_same_story() {
    let args =
        ["check", "--driver", "machines", "--scope", "usersig", "--scope", "limits-elsewhere", "--planted", "logout1-stays-silent"];
    let left = on_any_number_of_threads(&args);
    assert_eq!(left.status, Some(1));
    assert!(left.said.contains("expected"), "{}", left.said);
}

#[test]
fn rules_are_counted_alike_and_one_that_acts_nowhere_is_not_called_verified() {
    let left = on_any_number_of_threads(&[&["rules"], &SCOPES[..]].concat());
    assert_eq!(left.status, Some(0));
    assert!(left.said.lines().any(|line| line.starts_with("DESTROY-2 D 0 0 not shown")), "{}", left.said);
}

#[test]
fn lists_helps_and_complaints_are_the_same_twice() {
    for args in [&["scopes"][..], &["rules", "--names"], &["--help"], &["check", "--help"]] {
        assert_eq!(twice(args).status, Some(0));
    }
    let complaint = ["replay", "page-story:9999"];
    assert_eq!(run(&complaint, None), run(&complaint, None));
}

#[test]
fn a_replay_is_told_drawn_and_pasted_alike() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = ["one.svg", "two.svg"].map(|name| {
        let file = folder.path().join(name);
        run(&["replay", "page-story: a1.login a1.open a1.up a2.login", "--svg", file.to_str().unwrap()], Some(&file)).written
    });
    assert_eq!(drawn[0], drawn[1]);
    assert!(drawn[0].as_ref().is_some_and(|drawing| !drawing.is_empty()));
    for how in [&[][..], &["--as-test"], &["--driver", "machines"], &["--driver", "sockets"]] {
        twice(&[&["replay", "page-story: a1.login a1.open a1.up a2.login"], how].concat());
    }
}

#[test]
fn a_user_sig_is_made_and_judged_alike() {
    let of = ["usersig", "--sdk-app-id", "1400000000", "--key", "secret", "--time", "1800000000"];
    let made = twice(&[&of[..], &["alice"]].concat()).said;
    let judged = twice(&[&of[..], &["--verify", made.trim(), "alice"]].concat());
    assert_eq!(judged.status, Some(0));
}

#[test]
fn a_foreign_system_is_held_against_the_rules_alike() {
    let example = ["--", "python3", "foreign/example.py"];
    twice(&[&["conform", "--trace", "page-story: a1.login a1.open a1.up a2.login"], &example[..]].concat());
    let beyond_it = [&["conform", "--scope", "callbacks-expiry"], &example[..]].concat();
    let [refused, again] = [(); 2].map(|()| run(&beyond_it, None));
    assert!(refused == again && refused.told.contains(" cannot play the scope callbacks-expiry: "), "{}", refused.told);
    let folder = tempfile::tempdir().unwrap();
    let boasting = folder.path().join("example.py");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign/example.py")).unwrap();
    fs::write(&boasting, text.replacen(", \"does\": DOES", "", 1)).unwrap();
    let differs = twice(&["conform", "--scope", "callbacks-expiry", "--", "python3", boasting.to_str().unwrap()]);
    assert_eq!(differs.status, Some(1));
}

#[test]
fn the_journals_of_a_soak_are_judged_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let soaked = run(&["soak", "--events", "5000", "--accounts", "6", folder.path().to_str().unwrap()], None);
    assert_eq!(soaked.status, Some(0));
    let [server, clients] = ["server.jsonl", "clients.jsonl"].map(path);
    let explained = on_any_number_of_threads(&["validate", &server, &clients]);
    assert_eq!(explained.status, Some(0));
    let text = fs::read_to_string(&server).unwrap();
    let thinned: String = text.lines().enumerate().filter(|(at, _)| at % 97 != 96).map(|(_, line)| format!("{line}\n")).collect();
    fs::write(&server, thinned).unwrap();
    let rejected = on_any_number_of_threads(&["validate", &server, &clients]);
    assert_eq!(rejected.status, Some(1));
}
