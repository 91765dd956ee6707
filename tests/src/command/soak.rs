//! `kickproof soak`: makes journals of a real system under concurrency, and decides them. It judges nothing itself.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::validate::decide;
use super::{Error, output, values};
use crate::soak::{Plan, soak};

/// Soaks a real server with real clients over TCP, at random, and tells whether a run of the model explains what they did
///
/// The journals stay in the folder, whatever comes out; if they are not explained, the last line says where they are.
#[derive(Args)]
#[command(after_help = "Example:\n  kickproof soak --events 1000000 --accounts 20 --seed 7 journals")]
pub(super) struct Options {
    /// A folder for the journals server.jsonl and clients.jsonl, with none in it yet; it is made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What the clients' choices follow from
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = values::whole::<u64>(0..=u64::MAX))]
    seed: u64,
    /// After how many events it ends
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = values::whole::<u64>(1..=u64::MAX))]
    events: u64,
    /// How many accounts there are
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = values::whole::<u16>(1..=1000))]
    accounts: u16,
    /// How many pages an account has open at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = values::whole::<u16>(1..=8))]
    pages: u16,
    /// On how many threads the clients run
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = values::whole::<u16>(1..=64))]
    threads: u16,
}

/// Soaks, and decides.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    let Options { folder, seed, events, accounts, pages, threads } = options;
    let cannot_write = |error| Error::Soak { path: folder.clone(), error };
    fs::create_dir_all(folder).map_err(cannot_write)?;
    let [accounts, pages, threads] = [*accounts, *pages, *threads].map(usize::from);
    let plan = Plan { seed: *seed, accounts, pages, threads, events: *events, folder: folder.clone() };
    let since = Instant::now();
    let lines = soak(&plan).map_err(cannot_write)?;
    output::print(&format!("seed {seed}: {lines} events in {:.1} s\n", since.elapsed().as_secs_f64()))?;
    decide(&plan.journals(), threads).map_err(|why| Error::Soaked { path: folder.clone(), why: Box::new(why) })
}
