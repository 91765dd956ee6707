//! Sessions that lapse together after a restart, and an honest login beside them. The sessions are written into the data folder before the
//! server starts on it, so that they need no link; all of them then lapse at one moment.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::stream::{StreamExt, iter};
use sut::registry::durable::Durable;
use sut::registry::{Registry, Version};
use sut::session::{Epoch, EpochEntry, Epochs, KeyDigest, Platform, Record, Session, SessionDigest};
use sut::timers::{SystemTime, Time};
use tempfile::TempDir;
use tokio::time::timeout;

use super::{ON_DISK, folder, path};
use crate::account::{APP, Account, DAY_S, name};
use crate::load::{block_on, p99};
use crate::process::{Process, number};
use crate::serving::{LAPSE, LAPSED, LAPSING, SAMPLES};
use crate::size::Size;
use crate::table::{Bound, Row, median};

/// How many commits are asked for at once.
const SIDE_BY_SIDE: usize = 1024;

/// How often it is asked how many have lapsed.
const GLANCE: Duration = Duration::from_millis(200);

/// For how long nothing else is done while a login's idle time is taken.
pub(super) const IDLE: Duration = Duration::from_secs(2);

/// The honest account, which is no other of a bench.
pub(super) const HONEST: usize = 999_999;

/// What one run comes to.
struct Lapses {
    per_second: f64,
    idle_ms: f64,
    beside_ms: f64,
}

/// Lapses a second, and the login.
pub(super) fn rows(size: &Size) {
    let runs: Vec<_> = (0..size.runs).map(|_| run(size)).collect();
    let what = format!("{} sessions lapse together, with --data: lapses/s", size.lapsing);
    let today = median(runs.iter().map(|run| run.per_second));
    Row { what: &what, today, limit: None, ratio: None }.print_today(Bound::AtLeast(20_000.0));
    let [today, idle] = [|run: &Lapses| run.beside_ms, |run: &Lapses| run.idle_ms].map(|of| median(runs.iter().map(of)));
    let ratio = Some(median(runs.iter().map(|run| run.beside_ms / run.idle_ms)));
    let what = format!("  an honest login's p99 beside it, {:?} at most, ms, × its idle p99", size.lapse_window);
    Row { what: &what, today, limit: Some(idle), ratio }.print_ratio(Bound::AtMost(5.0));
}

fn run(size: &Size) -> Lapses {
    let folder = prepared(size.lapsing);
    let mut server = Process::start(&[LAPSING, path(&folder)]);
    let (address, mut honest) = (server.address, Account::new(HONEST));
    block_on(first_login(&mut honest, address));
    let idle = block_on(logins(&mut honest, address, IDLE, &AtomicBool::new(false)));
    let over = AtomicBool::new(false);
    server.ask(LAPSE);
    let (per_second, beside) = thread::scope(|scope| {
        let beside = scope.spawn(|| block_on(logins(&mut honest, address, size.lapse_window, &over)));
        let per_second = watch(size, &mut server);
        over.store(true, Ordering::Relaxed);
        (per_second, beside.join().expect("whoever logs in is answered"))
    });
    let [idle_ms, beside_ms] = [idle, beside].map(|took| p99(took).as_secs_f64() * 1000.0);
    Lapses { per_second, idle_ms, beside_ms }
}

/// A data folder with so many accounts that have a session each.
fn prepared(accounts: usize) -> TempDir {
    let folder = folder(ON_DISK);
    let registry = Durable::open(folder.path(), APP).expect("the folder can be used");
    let commits = iter(0..accounts).map(async |number| {
        let committed = registry.commit(&name(number), Version(0), record(number), vec![]).await;
        committed.expect("the disk takes it");
    });
    block_on(commits.buffer_unordered(SIDE_BY_SIDE).collect::<()>());
    drop(registry);
    folder
}

fn record(number: usize) -> Record {
    let (now, key, epoch) = (SystemTime.now(), KeyDigest(number as u128 + 1), Epoch(1));
    let (expires_at, issued_s) = (now.plus(Duration::from_secs(DAY_S)), now.0 / 1000);
    let session = Session {
        key,
        digest: SessionDigest(key.0),
        epoch,
        platform: Platform::Web,
        expires_at,
        issued_s,
        node: None,
        admitted_at: None,
    };
    let epochs = Epochs::from_iter([(key, EpochEntry { epoch, raised_at: now })]);
    Record { sessions: vec![session], epochs, ..Record::default() }
}

/// Is over once the server has taken in all that stood on record.
pub(super) async fn first_login(honest: &mut Account, server: SocketAddr) {
    let line = honest.log_in(server).await;
    honest.log_out(line).await;
}

/// Lapses a second, until all have lapsed or the time is over.
fn watch(size: &Size, server: &mut Process) -> f64 {
    let begun = Instant::now();
    loop {
        block_on(async { SystemTime.wait(&"glance", GLANCE).await });
        let lapsed: usize = number(&server.ask(LAPSED));
        let took = begun.elapsed();
        if lapsed == SAMPLES || took >= size.lapse_window {
            return lapsed as f64 / SAMPLES as f64 * size.lapsing as f64 / took.as_secs_f64();
        }
    }
}

/// How long each login takes, one after the other; the last one at least as long as is waited for it.
pub(super) async fn logins(honest: &mut Account, server: SocketAddr, window: Duration, over: &AtomicBool) -> Vec<Duration> {
    let (begun, mut took) = (Instant::now(), Vec::new());
    while begun.elapsed() < window && !over.load(Ordering::Relaxed) {
        let login = Instant::now();
        let line = timeout(window, honest.log_in(server)).await;
        took.push(login.elapsed());
        let Ok(line) = line else { break };
        if timeout(window, honest.log_out(line)).await.is_err() {
            break;
        }
    }
    took
}
