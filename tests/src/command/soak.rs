//! `kickproof soak`: makes journals of a real system under concurrency, of one node or of several that fail, and decides them. It judges
//! nothing itself.

mod rounds;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use model::scope::Policy;

use super::validate::decide;
use super::{Error, output, values};
use crate::cast;
use crate::driver::binary;
use crate::planting::{self, Bug};
use crate::soak::nodes::{self, Fault};
use crate::soak::{Plan, soak};
use rounds::Rounds;

/// Soaks a real server with real clients over TCP, at random, and tells whether a run of the model explains what they did
///
/// The journals stay in the folder, whatever comes out; if they are not explained, the last line says where they are.
///
/// With --nodes it starts redis-server and as many nodes, each a process of its own, and lets something fail in each round. Once that is over
/// the limits have to hold, and everybody has to know the truth within 10 s; then the journals of all nodes and clients are explained
/// together. A run that was stopped goes on with the rounds that are left; report.md has the figures of all. The kinds of faults are
/// kill-node, freeze-node, cut-off-node, lost-notices, out-of-memory, read-only and loading, and with sentinels kill-primary and two-primaries.
#[derive(Args)]
#[command(after_help = "Examples:
  kickproof soak --events 1000000 --accounts 20 --seed 7 journals
  kickproof soak --nodes 4 --sentinels 3 --rounds 20,two-primaries=100 rounds
  kickproof soak --nodes 4 --faults kill-node,lost-notices rounds")]
pub(super) struct Options {
    /// A folder for the journals server.jsonl and clients.jsonl, with none in it yet, or for the rounds of several nodes; it is made if it is
    /// not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What the clients' choices follow from
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = values::whole::<u64>(0..=u64::MAX))]
    seed: u64,
    /// After how many events it ends, with one node: 100000 unless told
    #[arg(long, value_name = "N", value_parser = values::whole::<u64>(1..=u64::MAX), conflicts_with = "nodes")]
    events: Option<u64>,
    /// How many accounts there are: 10 unless told, of several nodes 8
    #[arg(long, value_name = "N", value_parser = values::whole::<u16>(1..=1000))]
    accounts: Option<u16>,
    /// How many pages an account has open at a time: 8 unless told, of several nodes 6
    #[arg(long, value_name = "N", value_parser = values::whole::<u16>(1..=8))]
    pages: Option<u16>,
    /// On how many threads the clients run, with one node: 2 unless told
    #[arg(long, value_name = "N", value_parser = values::whole::<u16>(1..=64), conflicts_with = "nodes")]
    threads: Option<u16>,
    /// Under which policy the server lets in, with one node: dual unless told
    #[arg(long, value_name = "NAME|FILE", value_parser = values::policy, conflicts_with = "nodes")]
    policy: Option<Policy>,
    /// How many nodes share a Redis server
    #[arg(long, value_name = "N", value_parser = values::whole::<u16>(2..=16))]
    nodes: Option<u16>,
    /// How many sentinels watch over the Redis primary where that fails: 3 unless told
    #[arg(long, value_name = "N", value_parser = values::whole::<u16>(1..=9), requires = "nodes")]
    sentinels: Option<u16>,
    /// What fails: all kinds unless told
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = values::fault, requires = "nodes")]
    faults: Vec<Fault>,
    /// How many rounds there are of each kind, 1 unless told, or of one: 20,two-primaries=100
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = values::rounds, requires = "nodes")]
    rounds: Vec<(Option<Fault>, u32)>,
    /// How often each node asks what others committed: 500 unless told
    #[arg(long, value_name = "MILLISECONDS", value_parser = values::whole::<u64>(100..=9000), requires = "nodes")]
    poll_ms: Option<u64>,
    /// Plants a bug in each of several nodes, to see it caught
    #[arg(long = "planted", value_name = "NAME", value_parser = values::bug, requires = "nodes", hide = !planting::IS_POSSIBLE)]
    bug: Option<Bug>,
}

/// Soaks, and decides.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    match options.nodes {
        None => run_one(options),
        Some(nodes) => run_several(options, usize::from(nodes)),
    }
}

fn run_one(Options { folder, seed, events, accounts, pages, threads, policy, .. }: &Options) -> Result<(), Error> {
    let cannot_write = |error| Error::Soak { path: folder.clone(), error };
    fs::create_dir_all(folder).map_err(cannot_write)?;
    let [accounts, pages, threads] = [accounts.unwrap_or(10), pages.unwrap_or(8), threads.unwrap_or(2)].map(usize::from);
    let (policy, events) = (cast::policy(policy.unwrap_or(Policy::DUAL)), events.unwrap_or(100_000));
    let plan = Plan { seed: *seed, accounts, pages, threads, events, policy, folder: folder.clone() };
    let since = Instant::now();
    let lines = soak(&plan).map_err(cannot_write)?;
    output::print(&format!("seed {seed}: {lines} events in {:.1} s\n", since.elapsed().as_secs_f64()))?;
    decide(&plan.journals(), threads).map_err(|why| Error::Soaked { path: folder.clone(), why: Box::new(why) })
}

fn run_several(options: &Options, nodes: usize) -> Result<(), Error> {
    let Options { folder, seed, sentinels, accounts, pages, faults, rounds, poll_ms, bug, .. } = options;
    let stated = |of: Option<Fault>| rounds.iter().rev().find(|(kind, _)| *kind == of).map(|(_, number)| *number);
    let rounds_of = |fault: Fault| stated(Some(fault)).or_else(|| stated(None)).unwrap_or(1);
    let plan = nodes::Plan {
        seed: *seed,
        nodes,
        sentinels: sentinels.unwrap_or(3).into(),
        accounts: accounts.unwrap_or(8).into(),
        pages: pages.unwrap_or(6).into(),
        faults: if faults.is_empty() { &Fault::ALL } else { &faults[..] }.iter().map(|fault| (*fault, rounds_of(*fault))).collect(),
        poll: Duration::from_millis(poll_ms.unwrap_or(500)),
        binary: binary().map_err(Error::Runtime)?,
        planted: *bug,
        folder: folder.clone(),
    };
    let shown = Rounds::of(plan.total());
    let rows = nodes::soak(&plan, |row| shown.done(row))?;
    let text = nodes::report(&rows);
    write(&folder.join("report.md"), &text)?;
    output::print(&text)
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|error| Error::Soak { path: path.to_owned(), error })
}
