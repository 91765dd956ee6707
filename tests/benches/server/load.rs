//! The load: many workers in one thread, and how long what they do takes. It knows no frame.

use std::cell::Cell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::stream::{StreamExt, iter};
use sut::timers::{SystemTime, Time};
use tokio::runtime::Builder;

use super::account::{Account, Seat};
use super::process::Usage;
use super::size::Size;

/// How many takeovers or messages are in flight at once.
pub(crate) const IN_FLIGHT: usize = 32;

/// How many accounts each worker takes over in turn.
const ACCOUNTS_A_WORKER: usize = 8;

/// How many accounts are taken over, from the first on.
pub(crate) const LOADED: usize = IN_FLIGHT * ACCOUNTS_A_WORKER;

/// How many logins are under way while sessions are prepared.
const SIDE_BY_SIDE: usize = 64;

/// How long a server has to come to rest.
const REST: Duration = Duration::from_millis(300);

/// Runs it to its end in this thread.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().expect("a thread gets its runtime").block_on(work)
}

/// What was done, and what it cost the server.
pub(crate) struct Done {
    pub(crate) count: f64,
    pub(crate) per_second: f64,
    /// How long a processor was taken for each.
    pub(crate) cpu_us: f64,
}

/// Has every worker do its work again and again for a while.
pub(crate) async fn for_a_while<T>(window: Duration, server: Usage, workers: &mut [T], work: impl AsyncFn(&mut T)) -> Done {
    let (begun, before) = (Instant::now(), server.cpu());
    let each = workers.iter_mut().map(async |worker| {
        let mut count = 0.0;
        while begun.elapsed() < window {
            work(worker).await;
            count += 1.0;
        }
        count
    });
    let count: f64 = join_all(each).await.into_iter().sum();
    let (took, cpu) = (begun.elapsed(), server.cpu() - before);
    Done { count, per_second: count / took.as_secs_f64(), cpu_us: cpu.as_secs_f64() * 1e6 / count }
}

/// The accounts of one worker; the first is the next.
pub(crate) type Worker = VecDeque<Seat>;

/// Workers whose accounts have a session each.
pub(crate) async fn workers(server: SocketAddr) -> Vec<Worker> {
    let mut seats: VecDeque<_> = seats(0..LOADED, server).await.into();
    (0..IN_FLIGHT).map(|_| seats.drain(..ACCOUNTS_A_WORKER).collect()).collect()
}

/// Sessions of these accounts that stand idle.
pub(crate) async fn seats(accounts: Range<usize>, server: SocketAddr) -> Vec<Seat> {
    let seats = iter(accounts).map(|number| Seat::taken(Account::new(number), server));
    seats.buffer_unordered(SIDE_BY_SIDE).collect().await
}

/// Takeovers for a while, [`IN_FLIGHT`] at once.
pub(crate) async fn takeovers(size: &Size, address: SocketAddr, server: Usage) -> Done {
    takeovers_among(size, &[address], server).await
}

/// The same, each by a login at the next one of the nodes; what it costs is one's of them.
pub(crate) async fn takeovers_among(size: &Size, nodes: &[SocketAddr], server: Usage) -> Done {
    let (mut workers, turn) = (workers(nodes[0]).await, Cell::new(0));
    let take_over = async |worker: &mut Worker| {
        let node = nodes[turn.replace(turn.get() + 1) % nodes.len()];
        worker[0].take_over(node).await;
        worker.rotate_left(1);
    };
    for_a_while(size.window / 5, server, &mut workers, take_over).await;
    for_a_while(size.window, server, &mut workers, take_over).await
}

/// Lets a server come to rest.
pub(crate) async fn rest() {
    SystemTime.wait(&"rest", REST).await;
}

/// What all but the slowest hundredth took at most.
pub(crate) fn p99(took: Vec<Duration>) -> Duration {
    quantile(took, 99)
}

/// What that many hundredths of them took at most.
pub(crate) fn quantile(mut took: Vec<Duration>, hundredths: usize) -> Duration {
    took.sort_unstable();
    took[(took.len() * hundredths).div_ceil(100).saturating_sub(1)]
}
