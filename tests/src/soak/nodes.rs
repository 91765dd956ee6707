//! A soak of several nodes: in each round as many `serve` processes share a Redis server of their own, instances and an administrator are at
//! work on all of them, and something fails. Once it is over everybody has to know the truth again in time, and the journals of all nodes
//! and instances are explained by [`crate::validate`].
//!
//! Each round has a folder with all that was written, and a line in `rounds.jsonl` once it is good: a soak that was stopped goes on with
//! the rounds that are left, and the round in which it was stopped is begun anew. All processes end with the soak.

mod crowd;
mod door;
mod engine;
mod fault;
mod process;
mod report;
mod rig;
mod truth;
mod way;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sut::journal::Journal;

use super::page::pause;
use super::runtime;
use crate::planting::Bug;
use crate::validate::{CannotRead, validate};
use crowd::{Crowd, Mood};
use rig::Rig;
use truth::Truth;

pub use fault::{Fault, UnknownFault};
pub use report::{Row, report};

/// How long everybody is at work before something fails, and again afterwards.
const WARM: Duration = Duration::from_millis(1500);

/// On how many threads the journals of a round are explained.
const THREADS: usize = 2;

/// What is soaked.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the instances' choices follow from; the order of processes does not.
    pub seed: u64,
    /// How many nodes there are.
    pub nodes: usize,
    /// How many sentinels watch over the primary where it fails.
    pub sentinels: usize,
    /// How many accounts there are.
    pub accounts: usize,
    /// How many instances an account has.
    pub pages: usize,
    /// What fails, one kind a round, and how many rounds there are of each.
    pub faults: Vec<(Fault, u32)>,
    /// How often a node asks what it was not told.
    pub poll: Duration,
    /// The binary of a node.
    pub binary: PathBuf,
    /// The bug that is planted in each node.
    pub planted: Option<Bug>,
    /// Where everything is written.
    pub folder: PathBuf,
}

/// Why a soak of several nodes is not good.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// Something cannot be written or started.
    #[error("no soak in {}: {error}", folder.display())]
    CannotRun {
        /// Where.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A round has shown something that must not be.
    #[error("round {number} of {fault}: {what}; all that was written stays in {}", folder.display())]
    Wrong {
        /// Of which kind.
        fault: Fault,
        /// Which.
        number: u32,
        /// What was seen.
        what: String,
        /// Where.
        folder: PathBuf,
    },
}

/// Why a round is not good: it could not be run, or it has shown something.
enum Bad {
    CannotRun(io::Error),
    Wrong(String),
}

impl From<io::Error> for Bad {
    fn from(error: io::Error) -> Bad {
        Bad::CannotRun(error)
    }
}

impl From<CannotRead> for Bad {
    fn from(error: CannotRead) -> Bad {
        Bad::Wrong(error.to_string())
    }
}

impl Plan {
    /// How many rounds there are in all.
    pub fn total(&self) -> usize {
        self.faults.iter().map(|(_, rounds)| *rounds as usize).sum()
    }

    /// The rounds that are left behind those.
    fn left(&self, done: &[Row]) -> Vec<(Fault, u32)> {
        let most = self.faults.iter().map(|(_, rounds)| *rounds).max().unwrap_or(0);
        let nth =
            |number: u32| self.faults.iter().filter(move |(_, rounds)| number <= *rounds).map(move |(fault, _)| (*fault, number));
        let is_done = |round: &(Fault, u32)| done.iter().any(|row| (row.fault, row.round) == *round);
        (1..=most).flat_map(nth).filter(|round| !is_done(round)).collect()
    }
}

/// Soaks until all rounds are done or one is not good, and tells of each as it is done; all rows, those of former runs too.
///
/// # Errors
/// [`Broken`] with the round.
pub fn soak(plan: &Plan, mut told: impl FnMut(&Row)) -> Result<Vec<Row>, Broken> {
    let cannot_run = |error| Broken::CannotRun { folder: plan.folder.clone(), error };
    fs::create_dir_all(&plan.folder).map_err(cannot_run)?;
    let mut rows = report::read(&plan.folder).map_err(cannot_run)?;
    for (fault, number) in plan.left(&rows) {
        let folder = plan.folder.join(format!("{fault}-{number}"));
        let row = in_a_runtime(plan, (fault, number), &folder).map_err(|bad| match bad {
            Bad::CannotRun(error) => Broken::CannotRun { folder: folder.clone(), error },
            Bad::Wrong(what) => Broken::Wrong { fault, number, what, folder: folder.clone() },
        })?;
        report::add(&plan.folder, &row).map_err(cannot_run)?;
        told(&row);
        rows.push(row);
    }
    Ok(rows)
}

/// Whoever ends the soak ends the round, and every process of it.
fn in_a_runtime(plan: &Plan, (fault, number): (Fault, u32), folder: &Path) -> Result<Row, Bad> {
    let runtime = runtime();
    let done = runtime.block_on(async {
        tokio::select! {
            done = round(plan, (fault, number), folder) => done,
            ended = told_to_end() => Err(Bad::CannotRun(ended.err().unwrap_or_else(|| io::ErrorKind::Interrupted.into()))),
        }
    });
    runtime.shutdown_background();
    done
}

async fn told_to_end() -> io::Result<()> {
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = term.recv() => Ok(()),
    }
}

async fn round(plan: &Plan, (fault, number): (Fault, u32), folder: &Path) -> Result<Row, Bad> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let since = Instant::now();
    let seed = plan.seed ^ u64::from(number) << 8 ^ fault as u64;
    let clients = folder.join("clients.jsonl");
    let sentinels = if fault.is_watched() { plan.sentinels } else { 0 };
    let mut rig = Rig::start(plan, sentinels, folder, seed).await?;
    let crowd = Crowd::start((plan.accounts, plan.pages), seed, &rig.doors, &Journal::create(&clients)?);
    crowd.be(Mood::Busy);
    pause(WARM).await;
    let settled = fault.strikes(&mut rig, &crowd).await?;
    crowd.be(Mood::Busy);
    pause(WARM).await;
    crowd.calms_down().await;
    Truth::of(&rig, &crowd).await?.is_known().await.map_err(Bad::Wrong)?;
    truth::everybody_is_reached(&crowd).await.map_err(Bad::Wrong)?;
    let tally = std::sync::Arc::clone(&crowd.tally);
    crowd.ends().await;
    let mut journals = rig.end().await?;
    journals.push(clients);
    let verdict = validate(&journals, THREADS)?;
    if let Some(finding) = verdict.finding {
        return Err(Bad::Wrong(finding.to_string()));
    }
    let [logins, messages, rest_kicks, outages] =
        [&tally.logins, &tally.messages, &tally.rest_kicks, &tally.outages].map(|count| count.load(Ordering::Relaxed));
    let (truth_ms, seconds) = (settled.as_millis() as u64, since.elapsed().as_secs());
    if fault == Fault::TwoPrimaries && verdict.lost == 0 {
        return Err(Bad::Wrong("no acknowledged commit was lost".to_owned()));
    }
    let lost = verdict.lost;
    Ok(Row { fault, round: number, events: verdict.events, lost, logins, messages, rest_kicks, outages, truth_ms, seconds })
}
