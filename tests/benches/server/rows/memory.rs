//! What an idle session takes of the process's memory.

use crate::limit;
use crate::load::{block_on, rest, seats};
use crate::process::Process;
use crate::serving::MEMORY;
use crate::size::Size;
use crate::table::{Bound, Row, median, median_ratio};

/// The growth of a process by its sessions, a session.
pub(super) fn row(size: &Size) {
    let (mut limit, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..size.runs {
        limit.push(kb_a_session(size, limit::WORD));
        ours.push(kb_a_session(size, MEMORY));
    }
    let what = format!("memory of an idle session, {} of them, kB", size.sessions);
    let [today, by] = [&ours, &limit].map(|figures| median(figures.iter().copied()));
    Row { what: &what, today, limit: Some(by), ratio: Some(median_ratio(&ours, &limit)) }.print_today(Bound::AtMost(4.5));
}

fn kb_a_session(size: &Size, word: &str) -> f64 {
    let server = Process::start(&[word]);
    block_on(async {
        rest().await;
        let before = server.usage.resident();
        let seats = seats(0..size.sessions, server.address).await;
        rest().await;
        let grown = server.usage.resident().saturating_sub(before);
        grown as f64 / 1000.0 / seats.len() as f64
    })
}
