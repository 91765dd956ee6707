//! How this build stands to an earlier commit, on this machine: `check` as whole processes, and what the benches `graph` and `replay`
//! measure. The two builds take turns. It compares times and memory, never results; a scope counts only if both find as many states and
//! transitions in it.
//!
//! `cargo bench -p conformance --bench ratios`; the earlier commit is that of `KICKPROOF_BASE`, or else [`BASE`].

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// The commit that this build is compared with unless another is asked for.
const BASE: &str = "50ad979";

/// How often each process is run; the least that it took counts.
const ROUNDS: usize = 2;

/// How often the memory of a process is looked at.
const GLANCE: Duration = Duration::from_millis(10);

/// What the kernel counts processor time in, in seconds.
const TICK: f64 = 0.01;

/// What the benches measure: the start of a name, and the most that today's time may be of the earlier.
const BENCHES: [(&str, f64); 4] = [("judges over the graph", 0.167), ("machines", 0.5), ("stack", 0.5), ("sockets", 1.0)];

fn main() {
    let base = env::var("KICKPROOF_BASE").unwrap_or_else(|_| BASE.to_owned());
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is a folder of the workspace").to_owned();
    let builds = [Build::new(checked_out(&here, &base)), Build::new(here)];
    println!("{:48}{:>12}{:>12}{:>8}{:>9}", "", base, "today", "ratio", "at most");
    compare_checks(&builds);
    compare_benches(&builds);
}

/// The commit in a work tree of its own, within the folder of what is built.
fn checked_out(workspace: &Path, commit: &str) -> PathBuf {
    let tree = workspace.join("target/ratios").join(commit);
    if !tree.exists() {
        let add = ["worktree", "add", "--detach", "--force"];
        succeed(Command::new("git").args(add).arg(&tree).arg(commit).current_dir(workspace));
    }
    tree
}

/// `check` on each scope that both find alike: the processor time of all by their transitions, and the most memory that one took.
fn compare_checks(builds: &[Build; 2]) {
    let (mut cpu, mut peak, mut transitions) = ([0.0; 2], [0_u64; 2], 0);
    let known = builds[1].scopes();
    for scope in builds[0].scopes().iter().filter(|scope| known.contains(scope)) {
        let mut least: [Option<Check>; 2] = [None, None];
        for _ in 0..ROUNDS {
            for (least, build) in least.iter_mut().zip(builds) {
                let check = build.check(scope);
                *least = Some(least.map_or(check, |before| before.least(check)));
            }
        }
        let [base, today] = least.map(|least| least.expect("there is a round"));
        if (base.states, base.transitions) != (today.states, today.transitions) {
            eprintln!("{scope} is left out: {} transitions before, {} today", base.transitions, today.transitions);
            continue;
        }
        transitions += base.transitions;
        for (index, check) in [base, today].into_iter().enumerate() {
            cpu[index] += check.cpu;
            peak[index] = peak[index].max(check.peak);
        }
    }
    row("check, µs of processor time a transition", cpu.map(|seconds| seconds * 1e6 / transitions as f64), 0.4);
    row("check, most memory for a scope, MB", peak.map(|bytes| bytes as f64 / 1e6), 1.0);
}

/// The benches of both, in turns; a bench that one of them does not have is left out.
fn compare_benches(builds: &[Build; 2]) {
    let [base, today] = builds.each_ref().map(Build::bench);
    for (name, milliseconds) in &today {
        let Some(before) = base.get(name) else { continue };
        let most = BENCHES.iter().find(|(bench, _)| name.ends_with(bench)).map_or(f64::INFINITY, |(_, most)| *most);
        row(&format!("{name}, ms"), [*before, *milliseconds], most);
    }
}

fn row(what: &str, [base, today]: [f64; 2], most: f64) {
    let ratio = today / base;
    let bound = if most.is_finite() { format!("{most:9.2}") } else { format!("{:>9}", "–") };
    println!("{what:48}{base:12.2}{today:12.2}{ratio:8.2}{bound}{}", if ratio <= most { "" } else { "  not reached" });
}

/// A checkout, built for release.
struct Build {
    checkout: PathBuf,
}

impl Build {
    fn new(checkout: PathBuf) -> Build {
        succeed(Command::new("cargo").args(["build", "--release", "--package", "conformance"]).current_dir(&checkout));
        Build { checkout }
    }

    fn kickproof(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.checkout.join("target/release/kickproof"));
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    /// The names of the scopes that a `check` takes unless it is told which.
    fn scopes(&self) -> Vec<String> {
        let output = self.kickproof(&["check", "--driver", "machines"]).output().expect("it runs");
        let table = String::from_utf8_lossy(&output.stdout).into_owned();
        let rows = table.lines().skip(1).take_while(|line| !line.is_empty());
        rows.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
    }

    fn check(&self, scope: &str) -> Check {
        let before = children_cpu();
        let mut child = self.kickproof(&["check", "--scope", scope]).spawn().expect("it runs");
        let peak = peak_of(&mut child);
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{scope} does not conform in {}", self.checkout.display());
        let table = String::from_utf8_lossy(&output.stdout).into_owned();
        let row = table.lines().nth(1).expect("a scope has a row");
        let numbers: Vec<u64> = row.split_whitespace().skip(1).take(2).map(number).collect();
        Check { states: numbers[0], transitions: numbers[1], cpu: children_cpu() - before, peak }
    }

    /// The mean of each bench, in milliseconds, by its whole name.
    fn bench(&self) -> BTreeMap<String, f64> {
        let words = ["bench", "--package", "conformance", "--bench", "graph", "--bench", "replay", "--", "judges over|replay/"];
        succeed(Command::new("cargo").args(words).current_dir(&self.checkout));
        let mut means = BTreeMap::new();
        read_means(&self.checkout.join("target/criterion"), &mut means);
        means
    }
}

/// What a `check` of one scope found and took.
#[derive(Clone, Copy)]
struct Check {
    states: u64,
    transitions: u64,
    /// In seconds.
    cpu: f64,
    /// In bytes.
    peak: u64,
}

impl Check {
    fn least(self, other: Check) -> Check {
        Check { cpu: self.cpu.min(other.cpu), peak: self.peak.min(other.peak), ..self }
    }
}

/// The most memory that a process had while it ran, in bytes.
fn peak_of(child: &mut Child) -> u64 {
    let mut peak = 0;
    while child.try_wait().expect("it is our child").is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.map_or(peak, |line| number(line.trim().trim_end_matches(" kB")) * 1024);
        thread::park_timeout(GLANCE);
    }
    peak
}

/// The processor time of all children that have ended and were waited for, in seconds.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("the kernel says so");
    let behind_its_name = stat.rsplit_once(") ").expect("it has a name").1;
    TICK * behind_its_name.split(' ').skip(13).take(2).map(number).sum::<u64>() as f64
}

/// The means that criterion left in a folder, at any depth.
fn read_means(folder: &Path, means: &mut BTreeMap<String, f64>) {
    let [benchmark, estimates] = ["new/benchmark.json", "new/estimates.json"].map(|file| json(&folder.join(file)));
    if let (Some(benchmark), Some(estimates)) = (benchmark, estimates) {
        let name = benchmark["full_id"].as_str().expect("a bench has a name").to_owned();
        means.insert(name, estimates["mean"]["point_estimate"].as_f64().expect("a bench has a mean") / 1e6);
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).for_each(|path| read_means(&path, means));
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

/// The number that is written there, with or without commas.
fn number(text: &str) -> u64 {
    text.replace(',', "").parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

/// # Panics
/// If it does not end well.
fn succeed(command: &mut Command) {
    let status = command.status().expect("it can be run");
    assert!(status.success(), "{command:?}: {status}");
}
