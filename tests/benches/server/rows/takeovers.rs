//! Takeovers in memory: the limit, the server and the peers in turn, and the server beside many idle sessions.

use std::path::PathBuf;

use crate::limit;
use crate::load::{Done, LOADED, block_on, seats, takeovers};
use crate::mosquitto::{self, Mosquitto, Road};
use crate::process::Process;
use crate::serving::MEMORY;
use crate::size::Size;
use crate::table::{Bound, Row, median, median_ratio};

/// What was measured of one server, a figure a run.
#[derive(Default)]
struct Runs {
    per_second: Vec<f64>,
    cpu_us: Vec<f64>,
}

impl Runs {
    fn add(&mut self, done: &Done) {
        self.per_second.push(done.per_second);
        self.cpu_us.push(done.cpu_us);
    }

    /// Its processor time and its rate, beside the limit's.
    fn rows<'a>(&self, limit: &Runs, [cpu, rate]: [&'a str; 2]) -> [Row<'a>; 2] {
        [row(cpu, &self.cpu_us, &limit.cpu_us), row(rate, &self.per_second, &limit.per_second)]
    }
}

fn row<'a>(what: &'a str, figures: &[f64], limit: &[f64]) -> Row<'a> {
    let [today, by] = [figures, limit].map(|figures| median(figures.iter().copied()));
    Row { what, today, limit: Some(by), ratio: Some(median_ratio(figures, limit)) }
}

/// The processor time of a takeover, and takeovers a second.
pub(super) fn rows(size: &Size) {
    let mut runs: [Runs; 4] = Default::default();
    let peer = mosquitto::installed();
    for _ in 0..size.runs {
        run(size, &mut runs, peer.as_ref());
    }
    let [limit, ours, tcp, websocket] = runs;
    let [cpu, rate] = ours.rows(&limit, ["processor time of a takeover, µs", "takeovers/s, 32 in flight"]);
    cpu.print_ratio(Bound::AtMost(1.3));
    rate.print_ratio(Bound::AtLeast(0.9));
    if peer.is_some() {
        let over_tcp = tcp.rows(&limit, ["  mosquitto over TCP, µs", "  mosquitto over TCP, takeovers/s"]);
        let over_websocket = websocket.rows(&limit, ["  mosquitto over WebSocket, µs", "  mosquitto over WebSocket, takeovers/s"]);
        over_tcp.iter().chain(&over_websocket).for_each(Row::print_peer);
    }
}

fn run(size: &Size, [limit, ours, tcp, websocket]: &mut [Runs; 4], peer: Option<&PathBuf>) {
    limit.add(&of(size, limit::WORD));
    ours.add(&of(size, MEMORY));
    if let Some(binary) = peer {
        let mosquitto = Mosquitto::start(binary);
        tcp.add(&mosquitto.takeovers(size, Road::Tcp));
        websocket.add(&mosquitto.takeovers(size, Road::WebSocket));
    }
}

fn of(size: &Size, word: &str) -> Done {
    let server = Process::start(&[word]);
    block_on(takeovers(size, server.address, server.usage))
}

/// What a takeover costs where many others are online.
pub(super) fn crowded(size: &Size) {
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..size.runs {
        alone.push(of(size, MEMORY).cpu_us);
        beside.push(among(size).cpu_us);
    }
    let what = format!("processor time of a takeover, µs, beside {} idle, × alone", size.sessions);
    row(&what, &beside, &alone).print_ratio(Bound::AtMost(1.3));
}

fn among(size: &Size) -> Done {
    let server = Process::start(&[MEMORY]);
    block_on(async {
        let _idle = seats(LOADED..LOADED + size.sessions, server.address).await;
        takeovers(size, server.address, server.usage).await
    })
}
