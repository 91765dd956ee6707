//! What a server's memory comes to over a million cycles of login, kick and logout, its callbacks taken by a backend.
//!
//! It takes about a quarter of an hour, so that it runs only when it is asked for, and prints what it measures:
//!
//! ```text
//! cargo test --release -p conformance --test suite memory:: -- --ignored --nocapture
//! ```

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sut::client::{Client, Event, Events};
use sut::session::Platform;
use sut::timers::{SystemTime, Time};
use sut::usersig;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::receiver::receive;
use crate::serving::{APP, KEY, PATIENCE, Serving};

/// All cycles.
const CYCLES: u64 = 1_000_000;

/// After so many the memory is looked at first.
const WARM: u64 = 100_000;

/// How much more the server may hold in the end.
const MOST_GROWTH_KIB: u64 = 5 * 1024;

/// How many accounts go through cycles side by side.
const ACCOUNTS: u64 = 8;

/// How many cycles two instances go through before fresh ones take their places.
const CYCLES_AN_INSTANCE: u64 = 1000;

struct Page {
    client: Client,
    events: Events,
}

impl Page {
    fn new(address: &str) -> Page {
        let (client, events) = Client::builder(APP.parse().unwrap(), Platform::Web).connect(address).unwrap();
        Page { client, events }
    }

    async fn logs_in(&mut self, user_id: &str, user_sig: &str) {
        timeout(PATIENCE, self.client.login(user_id, user_sig)).await.unwrap().unwrap();
        self.until(|event| *event == Event::SdkReady).await;
    }

    async fn until(&mut self, wanted: impl Fn(&Event) -> bool) {
        while !wanted(&timeout(PATIENCE, self.events.next()).await.unwrap().unwrap()) {}
    }
}

/// One instance logs in, the other one kicks it and logs out.
async fn cycle(pages: &mut [Page; 2], user_id: &str, user_sig: &str) {
    let [first, second] = pages;
    first.logs_in(user_id, user_sig).await;
    second.logs_in(user_id, user_sig).await;
    first.until(|event| matches!(event, Event::KickedOut { .. })).await;
    timeout(PATIENCE, second.client.logout()).await.unwrap().unwrap();
    second.until(|event| *event == Event::SdkNotReady).await;
}

/// Goes through cycles as one account until this many are done by all together.
async fn go_round(address: String, user_id: String, done: watch::Sender<u64>, left: Arc<AtomicU64>) {
    let take_one = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
    let mut user_sig = String::new();
    let mut pages = [Page::new(&address), Page::new(&address)];
    let mut cycles: u64 = 0;
    while take_one() {
        if cycles.is_multiple_of(CYCLES_AN_INSTANCE) {
            pages = [Page::new(&address), Page::new(&address)];
            user_sig = usersig::make(APP.parse().unwrap(), KEY, &user_id, SystemTime.now().0 / 1000, 3600, None);
        }
        cycle(&mut pages, &user_id, &user_sig).await;
        cycles += 1;
        done.send_modify(|done| *done += 1);
    }
}

/// What the process holds in memory, in KiB.
fn resident_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

#[tokio::test]
#[ignore = "takes a quarter of an hour: cargo test --release -p conformance --test suite memory:: -- --ignored --nocapture"]
async fn a_million_logins_kicks_and_logouts_leave_nothing_in_memory() {
    let taken = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&taken);
    let url = receive(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let url = url.await;
    let serving = Serving::start_logging("error", &["--webhook", &url, "--log", "/dev/null"]);
    let (done, left) = (watch::Sender::new(0), Arc::new(AtomicU64::new(CYCLES)));
    let round = |n| go_round(serving.address.clone(), format!("user{n}"), done.clone(), Arc::clone(&left));
    let accounts: JoinSet<()> = (0..ACCOUNTS).map(round).collect();
    let (mut at, mut warm) = (done.subscribe(), 0);
    for mark in (WARM..=CYCLES).step_by(usize::try_from(WARM).unwrap()) {
        at.wait_for(|done| *done >= mark).await.unwrap();
        let resident = resident_kib(serving.process());
        println!("{mark} cycles, {} callbacks taken: {resident} KiB resident", taken.load(Ordering::Relaxed));
        warm = if mark == WARM { resident } else { warm };
    }
    accounts.join_all().await;
    let growth = resident_kib(serving.process()).saturating_sub(warm);
    assert!(growth <= MOST_GROWTH_KIB, "it grew by {growth} KiB from {WARM} to {CYCLES} cycles");
}
