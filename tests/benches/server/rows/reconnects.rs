//! Sessions whose links are gone all log in at once.

use std::time::Instant;

use futures_util::future::join_all;

use crate::limit;
use crate::load::{block_on, p99, rest, seats};
use crate::process::Process;
use crate::serving::MEMORY;
use crate::size::Size;
use crate::table::{Bound, Row, median, median_ratio};

/// How long a login takes then, from its connection to its answer.
pub(super) fn row(size: &Size) {
    let (mut limit, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..size.runs {
        limit.push(p99_ms(size, limit::WORD));
        ours.push(p99_ms(size, MEMORY));
    }
    let what = format!("{} reconnects at once, a login's p99, ms", size.reconnects);
    let [today, by] = [&ours, &limit].map(|figures| median(figures.iter().copied()));
    Row { what: &what, today, limit: Some(by), ratio: Some(median_ratio(&ours, &limit)) }.print_ratio(Bound::AtMost(1.3));
}

fn p99_ms(size: &Size, word: &str) -> f64 {
    let server = Process::start(&[word]);
    block_on(async {
        let seats = seats(0..size.reconnects, server.address).await;
        let accounts: Vec<_> = seats.into_iter().map(|seat| seat.account).collect();
        rest().await;
        let logins = accounts.into_iter().map(async |mut account| {
            let begun = Instant::now();
            let line = account.log_in(server.address).await;
            (begun.elapsed(), line)
        });
        let (took, _lines): (Vec<_>, Vec<_>) = join_all(logins).await.into_iter().unzip();
        p99(took).as_secs_f64() * 1000.0
    })
}
