//! What an operator's machines are told: `/health`, `/ready` and `/metrics`.

mod complaints;
mod numbers;

use std::future::pending;

use sut::registry::{Commit, Registry, Unreachable, Version, Write};
use sut::server::Server;
use sut::session::{Record, SessionDigest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Duration, Instant};

use super::system::{PausedTime, System, app};

/// A registry that cannot be asked.
enum Broken {
    OutOfReach,
    Silent,
}

impl Broken {
    async fn answer<T>(&self) -> Result<T, Unreachable> {
        match self {
            Broken::OutOfReach => Err(Unreachable("down".to_owned())),
            Broken::Silent => pending().await,
        }
    }
}

impl Registry for Broken {
    async fn load(&self, _: &str) -> Result<(Record, Version), Unreachable> {
        self.answer().await
    }

    async fn store(&self, _: &str, _: Write) -> Result<Commit, Unreachable> {
        self.answer().await
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        self.answer().await
    }

    async fn note_stop(&self, _: Vec<(String, SessionDigest)>) -> Result<(), Unreachable> {
        self.answer().await
    }

    async fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Unreachable> {
        self.answer().await
    }
}

fn on(broken: Broken) -> System {
    System::of(Server::builder(app()).registry(broken).time(PausedTime::new()).start())
}

/// The head and the body of the answer.
async fn ask(system: &System, method: &str, path: &str) -> (String, String) {
    let mut stream = system.stream();
    stream.write_all(format!("{method} {path} HTTP/1.1\r\nhost: server\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// The status and the body of the answer to GET.
async fn get(system: &System, path: &str) -> (String, String) {
    let (head, body) = ask(system, "GET", path).await;
    (head.lines().next().unwrap().strip_prefix("HTTP/1.1 ").unwrap().to_owned(), body)
}

fn answer(status: &str, body: &str) -> (String, String) {
    (status.to_owned(), body.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_process_that_serves_is_healthy_whatever_its_registry_does() {
    for system in [System::new(), on(Broken::OutOfReach), on(Broken::Silent)] {
        assert_eq!(get(&system, "/health").await, answer("200 OK", "ok\n"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_is_ready_while_its_registry_answers() {
    assert_eq!(get(&System::new(), "/ready").await, answer("200 OK", "ready\n"));
    let not_ready = answer("503 Service Unavailable", "not ready: the registry is out of reach\n");
    assert_eq!(get(&on(Broken::OutOfReach), "/ready").await, not_ready);
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_says_nothing_is_waited_for_two_seconds() {
    let (system, since) = (on(Broken::Silent), Instant::now());
    let not_ready = answer("503 Service Unavailable", "not ready: the registry has not answered in time\n");
    assert_eq!(get(&system, "/ready").await, not_ready);
    assert_eq!(since.elapsed().as_secs(), Duration::from_secs(2).as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_node_that_has_stopped_is_healthy_and_not_ready() {
    let system = System::new();
    system.stop().await;
    assert_eq!(get(&system, "/health").await.0, "200 OK");
    assert_eq!(get(&system, "/ready").await, answer("503 Service Unavailable", "not ready: the server is gone\n"));
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_the_head_gets_it_alone_and_who_posts_is_told_to_get() {
    for path in ["/health", "/ready", "/metrics"] {
        let (head, body) = ask(&System::new(), "HEAD", path).await;
        assert!(head.starts_with("HTTP/1.1 200 OK") && body.is_empty(), "{head}{body}");
        let (head, body) = ask(&System::new(), "POST", path).await;
        assert!(head.starts_with("HTTP/1.1 405") && head.contains("allow: GET, HEAD"), "{head}");
        assert_eq!(body, "this only tells; ask with GET\n");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_probe_is_not_found_as_before() {
    for path in ["/health/", "/readyz", "/v1/metrics"] {
        assert_eq!(get(&System::new(), path).await.0, "404 Not Found");
    }
}
