//! Soaks on a machine that has other things to do: the process is stopped for a while, gets hardly any of its core, or waits for the disk.
//! Everything that waits for time then comes to pass at once, and each soak is explained all the same. One that is not keeps its journals.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::park_timeout;
use std::time::Duration;

use conformance::soak::{Plan, soak_into};
use conformance::validate::validate;
use rustix::process::{Pid, Signal, kill_process};
use sut::config::Policy;
use tempfile::TempDir;

/// Longer than anything in a soak waits: deadlines, heartbeats, lapses and epochs.
const LONG: Duration = Duration::from_millis(1500);

/// How long a starved process runs, and how long it does not.
const TURN: (Duration, Duration) = (Duration::from_millis(4), Duration::from_millis(24));

/// How long the disk takes to write what has gathered.
const STALL: Duration = Duration::from_millis(250);

const EVENTS: u64 = 8000;

/// Says where the journals are that are not explained, and keeps them.
fn red(folder: TempDir, why: &str) -> ! {
    panic!("{why}\nthe journals stay in {}", folder.keep().display())
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_child(child);
    kill_process(pid, signal).unwrap();
}

/// A soak in a process of its own, under a load.
fn soaked(seed: u64, load: impl FnOnce(&mut Child)) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kickproof"));
    command.args(["soak", "--accounts", "4", "--events", &EVENTS.to_string(), "--seed", &seed.to_string()]);
    let mut child = command.arg(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    load(&mut child);
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || !told.contains("EXPLAINED: ") {
        red(folder, &format!("{told}{}", String::from_utf8_lossy(&output.stderr)));
    }
}

/// A disk that keeps whoever writes waiting.
struct Stalled<W>(W);

impl<W: Write> Write for Stalled<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        park_timeout(STALL);
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The journal in that file, on a disk that is stalled or is not.
fn place(path: &Path, is_stalled: bool) -> Box<dyn Write + Send> {
    let file = std::fs::File::create_new(path).unwrap();
    if is_stalled { Box::new(Stalled(file)) } else { Box::new(file) }
}

fn on_a_stalled_disk(seed: u64, stalled: [bool; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let plan =
        Plan { seed, accounts: 4, pages: 8, threads: 2, events: EVENTS, policy: Policy::DUAL, folder: folder.path().to_owned() };
    let [server, clients] = plan.journals();
    soak_into(&plan, [place(&server, stalled[0]), place(&clients, stalled[1])]).unwrap();
    if let Some(finding) = validate(&plan.journals(), 2).unwrap().finding {
        red(folder, &finding.to_string());
    }
}

#[test]
fn a_soak_that_is_stopped_for_a_while_is_explained() {
    soaked(1, |child| {
        for _ in 0..2 {
            park_timeout(LONG / 4);
            signal(child, Signal::STOP);
            park_timeout(LONG);
            signal(child, Signal::CONT);
        }
    });
}

#[test]
fn a_soak_that_gets_hardly_any_of_its_core_is_explained() {
    soaked(2, |child| {
        let (runs, waits) = TURN;
        while child.try_wait().unwrap().is_none() {
            signal(child, Signal::STOP);
            park_timeout(waits);
            signal(child, Signal::CONT);
            park_timeout(runs);
        }
    });
}

#[test]
fn a_soak_whose_journals_wait_for_the_disk_is_explained() {
    on_a_stalled_disk(3, [true, false]);
    on_a_stalled_disk(4, [false, true]);
}
