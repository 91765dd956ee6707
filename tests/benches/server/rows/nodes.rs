//! Two nodes that share a Redis server, beside one node in memory.

use std::net::SocketAddr;
use std::time::Duration;

use sut::timers::{SystemTime, Time};

use crate::load::{LOADED, block_on, quantile, rest, seats, takeovers, takeovers_among};
use crate::process::Process;
use crate::redis::Redis;
use crate::serving::{MEMORY, NODE};
use crate::size::Size;
use crate::table::{Bound, Row, median, median_ratio};

/// Takeovers a second, each by a login at the other node.
pub(super) fn rates(size: &Size) {
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..size.runs {
        let Some(redis) = Redis::start() else { return println!("  redis-server is not installed") };
        let server = Process::start(&[MEMORY]);
        one.push(block_on(takeovers(size, server.address, server.usage)).per_second);
        drop(server);
        let nodes = two_nodes(&redis);
        let addresses = nodes.each_ref().map(|node| node.address);
        two.push(block_on(takeovers_among(size, &addresses, nodes[0].usage)).per_second);
    }
    print("takeovers/s of two nodes and Redis, 32 in flight, × one in memory", &two, &one, Bound::AtLeast(0.5));
}

/// From a login at one node until the victim at the other one is told, one after the other.
pub(super) fn kicks(size: &Size) {
    let (mut one, mut two) = (Kicks::default(), Kicks::default());
    for _ in 0..size.runs {
        let Some(redis) = Redis::start() else { return };
        let server = Process::start(&[MEMORY]);
        one.add(took(size, [server.address; 2]));
        drop(server);
        let nodes = two_nodes(&redis);
        two.add(took(size, nodes.each_ref().map(|node| node.address)));
    }
    print("a kick across two nodes, p50, µs, × on one in memory", &two.p50, &one.p50, Bound::AtMost(3.0));
    print("  p99", &two.p99, &one.p99, Bound::AtMost(5.0));
}

/// How many idle sessions a node is watched with.
const IDLE: usize = 5_000;

/// How many windows it is watched.
const WINDOWS: u32 = 20;

/// What a node writes that has nothing to do, without sessions and with many; and what a session takes of its memory.
pub(super) fn idle(size: &Size) {
    let (idle, Some(redis)) = (IDLE.min(size.sessions), Redis::start()) else { return };
    let node = Process::start(&[NODE, &redis.url]);
    let [empty, full, memory] = block_on(async {
        let (empty, before) = (writes_a_minute(size, &redis).await, node.usage.resident());
        let _seats = seats(0..idle, node.address).await;
        rest().await;
        let memory = (node.usage.resident() - before) as f64 / idle as f64;
        [empty, writes_a_minute(size, &redis).await, memory]
    });
    let what = format!("write commands a minute of an idle node, {idle} sessions (limit: none)");
    Row { what: &what, today: full, limit: Some(empty), ratio: None }.print_today(Bound::AtMost(60.0));
    let one = in_memory(idle);
    print("bytes a session of a node on Redis, × of one in memory", &[memory], &[one], Bound::AtMost(1.1));
}

async fn writes_a_minute(size: &Size, redis: &Redis) -> f64 {
    let (before, window) = (redis.writes(), size.window * WINDOWS);
    SystemTime.wait(&"idle", window).await;
    (redis.writes() - before) as f64 * 60.0 / window.as_secs_f64()
}

/// What a session takes of the memory of one node without Redis.
fn in_memory(idle: usize) -> f64 {
    let server = Process::start(&[MEMORY]);
    let before = server.usage.resident();
    block_on(async {
        let _seats = seats(0..idle, server.address).await;
        rest().await;
        (server.usage.resident() - before) as f64 / idle as f64
    })
}

/// What was measured of kicks, a figure a run.
#[derive(Default)]
struct Kicks {
    p50: Vec<f64>,
    p99: Vec<f64>,
}

impl Kicks {
    fn add(&mut self, took: Vec<Duration>) {
        let us = |hundredths| quantile(took.clone(), hundredths).as_secs_f64() * 1e6;
        self.p50.push(us(50));
        self.p99.push(us(99));
    }
}

fn two_nodes(redis: &Redis) -> [Process; 2] {
    [(); 2].map(|()| Process::start(&[NODE, &redis.url]))
}

/// How long each kick took; the first ones warm up.
fn took(size: &Size, nodes: [SocketAddr; 2]) -> Vec<Duration> {
    block_on(async {
        let mut seats = seats(0..LOADED, nodes[0]).await;
        let rounds = size.messages as usize / 10 + 1;
        let mut took = Vec::new();
        for round in 0..=rounds {
            for seat in &mut seats {
                took.push(seat.kick(nodes[(round + 1) % 2]).await);
            }
        }
        took.split_off(LOADED)
    })
}

fn print(what: &str, figures: &[f64], by: &[f64], bound: Bound) {
    let [today, limit] = [figures, by].map(|figures| median(figures.iter().copied()));
    Row { what, today, limit: Some(limit), ratio: Some(median_ratio(figures, by)) }.print_ratio(bound);
}
