//! A soak of several nodes: a round of each kind of fault is good, and is not with the poll, the fence, or the end of a lease taken out.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use conformance::planting::Bug;
use conformance::soak::nodes::{Broken, Fault, Plan, Row, report, soak};
use sut::planted::{Planted, Unreplayed};
use tokio::task::yield_now;

use crate::serving::{PATIENCE, kickproof, signal};

/// Which faults, in a folder of its own; a node asks so often that a round is short.
fn plan(faults: &[Fault], folder: &Path, planted: Option<Bug>) -> Plan {
    Plan {
        seed: 1,
        nodes: 4,
        sentinels: 3,
        accounts: 8,
        pages: 6,
        faults: faults.iter().map(|fault| (*fault, 1)).collect(),
        poll: Duration::from_millis(500),
        binary: env!("CARGO_BIN_EXE_kickproof").into(),
        planted,
        folder: folder.to_owned(),
    }
}

fn soaked(plan: &Plan) -> Result<(usize, Vec<Row>), Broken> {
    let mut told = 0;
    soak(plan, |_| told += 1).map(|rows| (told, rows))
}

#[test]
fn a_round_of_each_kind_is_explained_and_none_is_begun_twice() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(&Fault::ALL, folder.path(), None);
    let (told, rows) = match soaked(&plan) {
        Ok(done) => done,
        Err(broken) => panic!("{broken}: {}", folder.keep().display()),
    };
    assert_eq!((told, rows.len()), (Fault::ALL.len(), Fault::ALL.len()));
    let text = report(&rows);
    for (fault, row) in Fault::ALL.into_iter().zip(&rows) {
        assert!(row.fault == fault && row.events > 1000 && row.logins > 0 && row.messages > 0 && row.rest_kicks > 0, "{row:?}");
        assert!(text.contains(&format!("\n| {fault} | 1 | {} |", row.events)), "{text}");
    }
    assert_eq!(soaked(&plan).unwrap(), (0, rows));
}

/// What is seen with a bug in each node.
fn seen(fault: Fault, bug: Bug) -> String {
    let folder = tempfile::tempdir().unwrap();
    match soaked(&plan(&[fault], folder.path(), Some(bug))) {
        Err(Broken::Wrong { what, .. }) => what,
        other => panic!("{} is not seen: {other:?}", bug.name()),
    }
}

#[test]
fn without_the_poll_a_kick_of_which_no_notice_came_is_never_learnt() {
    let what = seen(Fault::LostNotices, Bug::Replayed(Planted::Node2NeverAsks));
    assert!(what.starts_with("NODE-2: "), "{what}");
}

#[test]
fn a_lease_that_never_runs_out_is_seen() {
    let what = seen(Fault::KillNode, Bug::Unreplayed(Unreplayed::Node3EndlessLease));
    assert!(what.starts_with("NODE-3: "), "{what}");
}

#[test]
fn a_primary_that_is_taken_for_the_one_before_it_is_seen() {
    let what = seen(Fault::TwoPrimaries, Bug::Unreplayed(Unreplayed::Node5NoFence));
    assert!(what.starts_with("NODE-5: ") || what.contains("COMMITS: "), "{what}");
}

/// Whether a process has that folder among its arguments.
fn runs_in(folder: &Path) -> bool {
    let folder = folder.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().map_while(Result::ok);
    processes.filter_map(|process| fs::read_to_string(process.path().join("cmdline")).ok()).any(|line| line.contains(folder))
}

#[tokio::test]
async fn a_soak_that_is_told_to_end_takes_every_process_along() {
    let folder = tempfile::tempdir().unwrap();
    let mut soak = kickproof().args(["soak", "--nodes", "2"]).arg(folder.path()).spawn().unwrap();
    let since = Instant::now();
    while !folder.path().join("kill-node-1/clients.jsonl").exists() {
        assert!(since.elapsed() < PATIENCE, "nothing begins");
        yield_now().await;
    }
    assert!(runs_in(folder.path()));
    signal("TERM", soak.id());
    assert_eq!(soak.wait().unwrap().code(), Some(1));
    assert!(!runs_in(folder.path()));
}
