//! What strangers cost: a UserSig that was wrongly signed, and what an honest login takes beside each of the [attacks](super::attacks).

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Instant;

use tokio::sync::oneshot;

use super::attacks::{ATTACKS, Attack};
use super::lapses::{HONEST, first_login, logins};
use crate::account::Account;
use crate::load::{block_on, for_a_while, p99};
use crate::process::Process;
use crate::serving::{BOUNDED, MEMORY};
use crate::size::Size;
use crate::table::{Bound, Row, median};

/// How often a UserSig is judged to see what that takes.
const JUDGED: u32 = 2_000;

/// What a refusal takes of the server, and an honest login beside each attack.
pub(super) fn rows(size: &Size) {
    refusal(size);
    for (name, attack) in ATTACKS {
        let runs: Vec<_> = (0..size.runs).map(|_| run(size, attack)).collect();
        let [today, idle] = [1, 0].map(|at| median(runs.iter().map(|run| run[at])));
        let ratio = Some(median(runs.iter().map(|[idle, beside]| beside / idle)));
        let what = format!("an honest login's p99 beside {name}, ms, × its idle p99");
        Row { what: &what, today, limit: Some(idle), ratio }.print_ratio(Bound::AtMost(3.0));
    }
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

/// An honest login's p99 in milliseconds: idle, and beside an attack.
fn run(size: &Size, attack: Attack) -> [f64; 2] {
    let server = Process::start(&[BOUNDED]);
    let (address, mut honest, never) = (server.address, Account::new(HONEST), AtomicBool::new(false));
    block_on(first_login(&mut honest, address));
    let idle = block_on(logins(&mut honest, address, size.window, &never));
    let beside = thread::scope(|scope| {
        let (over, ends) = oneshot::channel::<()>();
        scope.spawn(move || block_on(until(ends, attack(address))));
        let beside = block_on(logins(&mut honest, address, size.window, &never));
        drop(over);
        beside
    });
    [idle, beside].map(|took| p99(took).as_secs_f64() * 1000.0)
}

/// Has an attacker do what he does until the other end is gone.
async fn until(ends: oneshot::Receiver<()>, attack: impl Future<Output = Infallible>) {
    tokio::select! {
        never = attack => match never {},
        _ = ends => {}
    }
}
