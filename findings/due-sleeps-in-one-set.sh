#!/usr/bin/env bash
# One task keeps many timers in a set and takes them one by one as they fire: 1,000, 4,000 and 16,000 sleeps that are due at the same
# moment, each of which counts how often it is polled.
# Rust: tokio 1.54.1 with futures-util 0.3.34's FuturesUnordered, futures-buffered 0.2.14's FuturesUnorderedBounded, tokio-util 0.7.20's
# DelayQueue for comparison.
#
# Guess: each sleep is polled twice, when it is put in and when it fires; four times the sleeps cost four times the polls.
# Seen: a task may do 128 things until tokio has it yield, and a sleep that is due counts as one. FuturesUnordered goes on polling all others
#       then, which say 'not now' and ask to be polled again, so that every 128 sleeps cost a look at all that are left: 5 polls a sleep of
#       1,000, 17 of 4,000, 64 of 16,000. In a task without that budget (task::unconstrained) it is two whatever there are.
#       FuturesUnorderedBounded stops at the first that says so: one and a half. DelayQueue has one timer and tells each key once.
#       A server that keeps a sleep a session in one FuturesUnordered, and whose 100,000 sessions lapse together, spends its time on looking.
#
# It needs a Rust toolchain. It fails if that is no longer so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cargo init --quiet --name due --vcs none .
cat >> Cargo.toml <<'TOML'
tokio = { version = "=1.54.1", features = ["macros", "rt", "time", "test-util"] }
futures-util = "=0.3.34"
futures-buffered = "=0.2.14"
tokio-util = { version = "=0.7.20", features = ["time"] }
TOML
cat > src/main.rs <<'RUST'
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::task::unconstrained;
use tokio::time::{Sleep, advance, sleep};

struct Counted(Pin<Box<Sleep>>, Rc<Cell<u64>>);

impl Future for Counted {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.1.set(self.1.get() + 1);
        self.0.as_mut().poll(cx)
    }
}

fn sleeps(n: usize, polls: &Rc<Cell<u64>>) -> impl Iterator<Item = Counted> + '_ {
    (0..n).map(move |_| Counted(Box::pin(sleep(Duration::from_secs(1))), Rc::clone(polls)))
}

async fn unordered(n: usize) -> u64 {
    let polls = Rc::default();
    let mut set: FuturesUnordered<_> = sleeps(n, &polls).collect();
    assert!(futures_util::poll!(set.next()).is_pending());
    advance(Duration::from_secs(2)).await;
    while set.next().await.is_some() {}
    polls.get()
}

async fn buffered(n: usize) -> u64 {
    let polls = Rc::default();
    let mut set = futures_buffered::FuturesUnorderedBounded::new(n);
    sleeps(n, &polls).for_each(|sleep| set.push(sleep));
    assert!(futures_util::poll!(set.next()).is_pending());
    advance(Duration::from_secs(2)).await;
    while set.next().await.is_some() {}
    polls.get()
}

async fn queue(n: usize) -> u64 {
    let mut queue = tokio_util::time::DelayQueue::new();
    (0..n).for_each(|key| { queue.insert(key, Duration::from_secs(1)); });
    advance(Duration::from_secs(2)).await;
    let mut polls = 0;
    while futures_util::future::poll_fn(|cx| { polls += 1; queue.poll_expired(cx) }).await.is_some() {}
    polls
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    tokio::time::pause();
    for n in [1_000, 4_000, 16_000] {
        println!("FuturesUnordered {n} {}", unordered(n).await);
        println!("FuturesUnorderedBounded {n} {}", buffered(n).await);
        println!("FuturesUnordered-unconstrained {n} {}", unconstrained(unordered(n)).await);
        println!("DelayQueue {n} {}", queue(n).await);
    }
}
RUST
cargo run --quiet > seen
cat seen
# Polls a sleep, in whole numbers.
each() { awk -v set="$1" -v n="$2" '$1 == set && $2 == n { printf "%d", $3 / n }' seen; }
fail() { echo "not as it was: $1" >&2; exit 1; }
for n in 1000 4000 16000; do
  [[ $(each FuturesUnordered-unconstrained $n) == 2 ]] || fail "without a budget"
  [[ $(each FuturesUnorderedBounded $n) == 1 && $(each DelayQueue $n) == 1 ]] || fail "the others"
done
[[ $(each FuturesUnordered 1000) == 5 && $(each FuturesUnordered 4000) == 17 && $(each FuturesUnordered 16000) == 64 ]] || fail "with one"
echo "as it was"
