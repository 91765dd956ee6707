//! Takeovers with a data folder: beside the same in memory, and by the syncs that they take.

use super::{IN_MEMORY, ON_DISK, folder, has_tmpfs, path};
use crate::load::{block_on, for_a_while, takeovers, workers};
use crate::process::{Process, number};
use crate::serving::{DATA, DISK, MEMORY};
use crate::size::Size;
use crate::table::{Bound, Row, median, median_ratio};

/// What a takeover commits: the login with its kick, and that the kick is known.
const COMMITS_A_TAKEOVER: f64 = 2.0;

/// Takeovers a second on a disk and on none, beside those in memory.
pub(super) fn rates(size: &Size) {
    let (mut memory, mut disk, mut tmpfs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..size.runs {
        memory.push(rate(size, &Process::start(&[MEMORY])));
        disk.push(in_folder(size, ON_DISK));
        if has_tmpfs() {
            tmpfs.push(in_folder(size, IN_MEMORY));
        }
    }
    print("takeovers/s with --data, 32 in flight, × in memory", &disk, &memory, 0.5);
    if has_tmpfs() {
        print("  the same on tmpfs", &tmpfs, &memory, 0.8);
    } else {
        println!("  there is no {IN_MEMORY} to do the same on");
    }
}

fn in_folder(size: &Size, at: &str) -> f64 {
    let folder = folder(at);
    rate(size, &Process::start(&[DATA, path(&folder), "0"]))
}

fn rate(size: &Size, server: &Process) -> f64 {
    block_on(takeovers(size, server.address, server.usage)).per_second
}

fn print(what: &str, figures: &[f64], memory: &[f64], at_least: f64) {
    let [today, limit] = [figures, memory].map(|figures| median(figures.iter().copied()));
    let ratio = Some(median_ratio(figures, memory));
    Row { what, today, limit: Some(limit), ratio }.print_ratio(Bound::AtLeast(at_least));
}

/// How many syncs a commit takes when each is 5 ms longer.
pub(super) fn syncs(size: &Size) {
    let today = median((0..size.runs).map(|_| syncs_a_commit(size)));
    let what = "fdatasyncs a commit, 32 in flight, a sync made 5 ms longer";
    Row { what, today, limit: Some(1.0 / 32.0), ratio: None }.print_today(Bound::AtMost(0.15));
}

fn syncs_a_commit(size: &Size) -> f64 {
    let folder = folder(ON_DISK);
    let mut server = Process::start(&[DATA, path(&folder), "5"]);
    let (address, usage) = (server.address, server.usage);
    block_on(async {
        let mut workers = workers(address).await;
        let before = syncs_of(&mut server);
        let take_over = async |worker: &mut crate::load::Worker| worker[0].take_over(address).await;
        let done = for_a_while(size.window, usage, &mut workers, take_over).await;
        (syncs_of(&mut server) - before) / (done.count * COMMITS_A_TAKEOVER)
    })
}

fn syncs_of(server: &mut Process) -> f64 {
    let answer = server.ask(DISK);
    number(answer.split(' ').next().unwrap_or_default())
}
