//! What strangers cost: a UserSig that was wrongly signed, and what an honest login takes beside some of them. Each is another account's, so
//! that none is refused unread for want of patience with one.

use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sut::timers::{SystemTime, Time};

use super::lapses::{HONEST, IDLE, first_login, logins};
use crate::account::Account;
use crate::load::{block_on, for_a_while, p99};
use crate::process::Process;
use crate::serving::MEMORY;
use crate::size::Size;
use crate::table::{Bound, Row, median};

/// How long it is between two strangers: ten come a second.
const BETWEEN: Duration = Duration::from_millis(100);

/// How often a UserSig is judged to see what that takes.
const JUDGED: u32 = 2_000;

/// What a refusal takes of the server, and an honest login beside ten a second.
pub(super) fn rows(size: &Size) {
    refusal(size);
    let runs: Vec<_> = (0..size.runs).map(|_| run()).collect();
    let [today, idle] = [1, 0].map(|at| median(runs.iter().map(|run| run[at])));
    let ratio = Some(median(runs.iter().map(|[idle, beside]| beside / idle)));
    let what = "an honest login's p99 beside ten bad UserSigs/s, ms, × its idle p99";
    Row { what, today, limit: Some(idle), ratio }.print_ratio(Bound::AtMost(3.0));
}

fn refusal(size: &Size) {
    let costs = (0..size.runs).map(|_| {
        let server = Process::start(&[MEMORY]);
        let mut next = [0];
        let refused = for_a_while(size.window, server.usage, &mut next, async |number: &mut usize| {
            *number += 1;
            Account::forged(*number).is_refused(server.address).await;
        });
        block_on(refused).cpu_us
    });
    let (all, judged) = (median(costs), judging_us());
    println!("  a bad UserSig takes {all:.0} µs of a processor with its connection, {judged:.1} of them to inflate and sign it");
}

fn judging_us() -> f64 {
    let (forged, begun) = (Account::forged(0), Instant::now());
    (0..JUDGED).for_each(|_| assert!(!black_box(&forged).is_right()));
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(JUDGED)
}

/// An honest login's p99 in milliseconds: idle, and beside strangers.
fn run() -> [f64; 2] {
    let server = Process::start(&[MEMORY]);
    let (address, mut honest, over) = (server.address, Account::new(HONEST), AtomicBool::new(false));
    block_on(first_login(&mut honest, address));
    let idle = block_on(logins(&mut honest, address, IDLE, &over));
    let beside = thread::scope(|scope| {
        scope.spawn(|| block_on(strangers(address, &over)));
        let beside = block_on(logins(&mut honest, address, IDLE, &over));
        over.store(true, Ordering::Relaxed);
        beside
    });
    [idle, beside].map(|took| p99(took).as_secs_f64() * 1000.0)
}

async fn strangers(address: SocketAddr, over: &AtomicBool) {
    for number in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        Account::forged(number).is_refused(address).await;
        SystemTime.wait(&"stranger", BETWEEN).await;
    }
}
