//! The attacks beside which an honest client is served: each is one process' that wants to hurt, and ends by being dropped. None of them
//! takes the machine from the server: between two bursts each waits, and what a burst opens it opens one after the other. A p99 shows a
//! burst only if all of them together take more than a hundredth of the time.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use sut::session::InstanceKey;
use sut::timers::{SystemTime, Time};

use super::lapses::HONEST;
use crate::account::{Account, Line, Pair, name};

/// What an attacker does to the server at that address.
pub(super) type Attack = fn(SocketAddr) -> LocalBoxFuture<'static, Infallible>;

/// How long an attacker waits between two bursts: ten come a second.
const BETWEEN: Duration = Duration::from_millis(100);

/// How many links a burst opens: 200 a second.
const LINKS: usize = 20;

/// How many frames a burst writes at once: 2,000 a second. Each burst has a link of its own, since one link is held to 100 a second.
const FRAMES: usize = 200;

/// How many texts a burst sends, and of how many bytes: 200 a second, ten times what a session may.
const TEXTS: usize = 20;
const TEXT_BYTES: usize = 14_000;

/// Whose session sends them, and is sent them: the accounts of no other attack.
const SENDERS: usize = HONEST / 4;

/// All of them, by what the honest client is beside.
pub(super) const ATTACKS: [(&str, Attack); 7] = [
    ("ten bad UserSigs/s", |server| bursts(async move |n| forge(server, n..n + 1).await).boxed_local()),
    ("invented logins", |server| bursts(async move |n| forge(server, n * LINKS..(n + 1) * LINKS).await).boxed_local()),
    ("many messages", |server| messages(server).boxed_local()),
    ("many pings", |server| pings(server).boxed_local()),
    ("many links", |server| bursts(async move |_| links(server).await).boxed_local()),
    ("owed logouts", |server| owed_logouts(server).boxed_local()),
    ("keys of its name", |server| bursts(async move |n| keys(server, n).await).boxed_local()),
];

/// Bursts one after the other, each of which is told how many were before it.
async fn bursts(mut burst: impl AsyncFnMut(usize)) -> Infallible {
    let mut before = 0;
    loop {
        burst(before).await;
        before += 1;
        SystemTime.wait(&"attacker", BETWEEN).await;
    }
}

/// Logins with UserSigs that were wrongly signed. Each is another account's, so that none is refused unread for want of patience with one.
async fn forge(server: SocketAddr, numbers: Range<usize>) {
    for number in numbers {
        Account::forged(number).is_refused(server).await;
    }
}

/// Links that are opened and closed, with nothing said.
async fn links(server: SocketAddr) {
    for _ in 0..LINKS {
        drop(Line::of_a_stranger(server).await);
    }
}

/// Logouts that are said to be owed by the honest client's account, each of another instance, which needs another link.
async fn keys(server: SocketAddr, burst: usize) {
    for number in burst * LINKS..(burst + 1) * LINKS {
        let mut line = Line::of_a_stranger(server).await;
        line.owes(name(HONEST), InstanceKey(number as u128)).await;
        line.hears_of_it().await;
    }
}

/// Logouts that are said to be owed by accounts that nobody has. No answer is read.
async fn owed_logouts(server: SocketAddr) -> Infallible {
    let mut lines = Vec::new();
    bursts(async |burst| {
        let mut line = Line::of_a_stranger(server).await;
        for number in burst * FRAMES..(burst + 1) * FRAMES {
            line.owes(name(number), InstanceKey(1)).await;
        }
        lines.push(line);
    })
    .await
}

/// Pings of a WebSocket, as long as they may be. No pong is read.
async fn pings(server: SocketAddr) -> Infallible {
    let mut lines = Vec::new();
    bursts(async |_| {
        let mut line = Line::of_a_stranger(server).await;
        for _ in 0..FRAMES {
            line.pings().await;
        }
        lines.push(line);
    })
    .await
}

/// Long texts of one session to another, neither of which reads anything. Once the server reads no more of them they stop.
async fn messages(server: SocketAddr) -> Infallible {
    let (mut pair, text) = (Pair::seated(SENDERS, server).await, "x".repeat(TEXT_BYTES));
    bursts(async |_| {
        for _ in 0..TEXTS {
            pair.write(text.clone()).await;
        }
    })
    .await
}
