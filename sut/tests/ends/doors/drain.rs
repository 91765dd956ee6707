//! The end of a port: links are closed one after the other, and nothing new is taken.

use std::io::ErrorKind;
use std::time::Duration;

use futures_util::StreamExt;
use sut::server::Door;
use sut::timers::manual::ArmedTimer;
use sut::timers::{SystemTime, Time};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::Behind;

const DRAIN: Duration = Duration::from_secs(10);

/// A server with two links, what tells it to drain, and what tells it to end.
struct Draining {
    behind: Behind,
    links: Vec<WebSocketStream<TcpStream>>,
    drains: Option<oneshot::Sender<()>>,
    ends: Option<oneshot::Sender<()>>,
}

async fn two_links(drain: Duration) -> Draining {
    let ((drains, drained), (ends, ended)) = (oneshot::channel::<()>(), oneshot::channel::<()>());
    let door = Door { drain, ..Door::default() };
    let behind = Behind::until(door, async { drop(drained.await) }, async { drop(ended.await) }).await;
    let mut links = Vec::new();
    for _ in 0..2 {
        links.push(client_async("ws://server/v1/ws", behind.stream().await).await.unwrap().0);
    }
    Draining { behind, links, drains: Some(drains), ends: Some(ends) }
}

impl Draining {
    /// Waits until so many timers of the drain are armed: its own, and one a link.
    async fn waits(&self, timers: usize) -> Vec<ArmedTimer> {
        loop {
            let armed = self.behind.time.armed();
            let drain: Vec<_> = armed.into_iter().filter(|timer| timer.name.starts_with("drain")).collect();
            if drain.len() == timers {
                return drain;
            }
            yield_now().await;
        }
    }

    async fn begins(&mut self) -> Vec<ArmedTimer> {
        drop(self.drains.take());
        self.waits(3).await
    }

    /// A connection that the port has accepted.
    async fn accepted(&self, number: usize) -> TcpStream {
        let stream = self.behind.stream().await;
        while !self.behind.time.armed().iter().any(|timer| timer.name == format!("upgrade {number}")) {
            yield_now().await;
        }
        stream
    }
}

async fn close_code(link: &mut WebSocketStream<TcpStream>) -> u16 {
    match link.next().await.unwrap().unwrap() {
        Message::Close(Some(close)) => close.code.into(),
        other => panic!("no close but {other:?}"),
    }
}

/// The status and the body of the answer.
async fn answer(mut stream: TcpStream, path: &str, head: &str) -> (String, String) {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: server\r\n{head}\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

#[tokio::test]
async fn the_links_of_a_port_that_drains_close_one_by_one_with_1001_and_with_the_last_it_ends() {
    let mut draining = two_links(DRAIN).await;
    draining.begins().await;
    for link in [1, 0] {
        draining.behind.fires(&format!("drain {}", link + 1)).await;
        assert_eq!(close_code(&mut draining.links[link]).await, 1001);
        assert_eq!(draining.waits(2 * link).await.len(), 2 * link);
    }
}

#[tokio::test]
async fn each_link_has_a_moment_of_its_own_within_the_time() {
    let before = SystemTime.now();
    let mut draining = two_links(DRAIN).await;
    let timers = draining.begins().await;
    let [whole, first, second] = &timers[..] else { panic!("{timers:?}") };
    assert_eq!((whole.name.as_str(), first.name.as_str(), second.name.as_str()), ("drain", "drain 1", "drain 2"));
    assert!(before.0 + 10_000 <= whole.due_ms && first.due_ms < whole.due_ms && second.due_ms < whole.due_ms, "{timers:?}");
    assert_ne!(first.due_ms, second.due_ms);
}

#[tokio::test]
async fn a_port_that_drains_takes_no_connection_and_no_link_and_is_not_ready() {
    let mut draining = two_links(DRAIN).await;
    let (probe, late) = (draining.accepted(3).await, draining.accepted(4).await);
    draining.begins().await;
    assert_eq!(TcpStream::connect(draining.behind.address).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    let unavailable = |body: &str| ("HTTP/1.1 503 Service Unavailable".to_owned(), body.to_owned());
    assert_eq!(answer(probe, "/ready", "").await, unavailable("not ready: the server ends\n"));
    let upgrade =
        "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    assert_eq!(answer(late, "/v1/ws", upgrade).await, unavailable("the server ends; ask another\n"));
}

#[tokio::test]
async fn a_link_that_is_left_when_the_time_is_over_is_closed_then() {
    let mut draining = two_links(DRAIN).await;
    draining.begins().await;
    draining.behind.fires("drain").await;
    for link in &mut draining.links {
        assert_eq!(close_code(link).await, 1001);
    }
}

#[tokio::test]
async fn told_to_end_at_once_it_closes_every_link_at_once() {
    let mut draining = two_links(DRAIN).await;
    draining.begins().await;
    drop(draining.ends.take());
    for link in &mut draining.links {
        assert_eq!(close_code(link).await, 1001);
    }
}

#[tokio::test]
async fn without_a_time_every_link_is_closed_at_once() {
    let mut draining = two_links(Duration::ZERO).await;
    drop(draining.drains.take());
    for link in &mut draining.links {
        assert_eq!(close_code(link).await, 1001);
    }
}
