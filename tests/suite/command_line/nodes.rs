//! Two processes at one Redis server: NODE-1 to NODE-3.

mod deaf;
mod failing_over;

use std::time::{Duration, Instant};

use futures_util::FutureExt;
use sut::client::{Client, Event, Events, NetState};
use sut::session::KickReason;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::timeout;

use super::failure;
use super::redis::server::Server;
use super::served::{administer, next, ready, ready_as};
use crate::receiver::receive;
use crate::serving::{APP, KEY, PATIENCE, Serving, signal};
use deaf::Deaf;

/// The longest that a node may go without asking: what comes sooner came by a notice.
const RARELY: &str = "9000";
const LONG: Duration = Duration::from_secs(8);

/// So often that a test need not wait.
const OFTEN: &str = "200";

/// A node of that name at that registry.
fn node(name: &str, url: &str, more: &[&str]) -> Serving {
    Serving::start(&[&["--registry", url, "--node", name, "--administrator", "admin"], more].concat())
}

/// Two of them that hear of each other by notices.
fn two(redis: &Server, more: &[&str]) -> [Serving; 2] {
    ["a", "b"].map(|name| node(name, &redis.url(), &[more, &["--poll-ms", RARELY]].concat()))
}

async fn learns_of_its_kick((client, events): &mut (Client, Events), reason: KickReason) {
    assert_eq!(next(events).await, Some(Event::SdkNotReady));
    assert_eq!(next(events).await, Some(Event::KickedOut { reason, refusal: None }));
    assert_eq!(client.login_user(), None);
}

/// What the node answers to a GET.
async fn got(serving: &Serving, path: &str) -> String {
    let mut stream = TcpStream::connect(&serving.address).await.unwrap();
    let ask = format!("GET {path} HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// Waits until the node's numbers hold that line.
async fn counts(serving: &Serving, line: &str) {
    let since = Instant::now();
    loop {
        let numbers = got(serving, "/metrics").await;
        if numbers.lines().any(|counted| counted == line) {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{line} is not in {numbers}");
        yield_now().await;
    }
}

#[tokio::test]
async fn a_kick_of_one_node_reaches_an_instance_on_another_by_a_notice() {
    let redis = Server::start();
    let [a, b] = two(&redis, &[]);
    let mut first = ready(&a).await;
    let since = Instant::now();
    let _second = ready(&b).await;
    learns_of_its_kick(&mut first, KickReason::MultipleAccount).await;
    assert!(since.elapsed() < LONG, "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_kick_of_which_no_notice_comes_is_found_by_asking() {
    let redis = Server::start();
    let deaf = Deaf::start(redis.address());
    let a = node("a", &deaf.url(), &["--poll-ms", OFTEN]);
    let b = node("b", &redis.url(), &["--poll-ms", RARELY]);
    let mut first = ready(&a).await;
    let _second = ready(&b).await;
    learns_of_its_kick(&mut first, KickReason::MultipleAccount).await;
    assert!(deaf.dropped() > 0);
}

#[tokio::test]
async fn a_logout_frees_its_place_and_a_rest_kick_ends_all_on_whichever_nodes() {
    let redis = Server::start();
    let [a, b] = two(&redis, &["--limit", "Web=2"]);
    let (mut first, (leaves, _events)) = (ready(&a).await, ready(&b).await);
    leaves.logout().await.unwrap();
    let (mut second, mut third) = (ready(&b).await, ready_as(&b, "bob").await.unwrap());
    for asked in [&a, &b] {
        let detail = r#"{"To_Account":["alice"],"IsNeedDetail":1}"#;
        let online = administer(asked, "admin", "openim/query_online_status", detail).await;
        assert_eq!(online.matches(r#""Platform":"Web""#).count(), 2, "{online}");
    }
    administer(&b, "admin", "im_open_login_svc/kick", r#"{"UserID":"alice"}"#).await;
    for kicked in [&mut first, &mut second] {
        learns_of_its_kick(kicked, KickReason::RestApi).await;
    }
    assert!(third.0.is_ready() && third.1.next().now_or_never().is_none());
}

#[tokio::test]
async fn a_message_reaches_every_session_of_both_accounts_on_whichever_nodes() {
    let redis = Server::start();
    let [a, b] = two(&redis, &["--limit", "Web=2"]);
    let ((sender, _), mut own) = (ready(&a).await, ready(&b).await);
    let (mut here, mut there) = (ready_as(&a, "bob").await.unwrap(), ready_as(&b, "bob").await.unwrap());
    for text in ["one", "two"] {
        let id = sender.send_message("bob", text).await.unwrap();
        for (_, events) in [&mut own, &mut here, &mut there] {
            let (from, to, text) = ("alice".to_owned(), "bob".to_owned(), text.to_owned());
            assert_eq!(next(events).await, Some(Event::MessageReceived { from, to, id, text }));
        }
    }
}

#[tokio::test]
async fn the_callbacks_of_an_account_come_once_and_in_order_and_go_on_from_another_node() {
    let redis = Server::start();
    let (tell, mut told) = mpsc::unbounded_channel();
    let url = receive(move |taken| drop(tell.send((taken.account().to_owned(), taken.place)))).await;
    let [a, b] = ["a", "b"].map(|name| node(name, &redis.url(), &["--poll-ms", OFTEN, "--webhook", &url]));
    let (mut kicked, mut places) = (Vec::new(), Vec::new());
    for n in 1..=6 {
        kicked.push(ready(if n % 2 == 0 { &a } else { &b }).await);
        places.push(timeout(PATIENCE, told.recv()).await.unwrap().unwrap());
    }
    assert!(places.is_sorted_by(|one, next| version(one) < version(next)), "{places:?}");
    a.kill();
    let _bob = ready_as(&b, "bob").await.unwrap();
    assert_eq!(timeout(PATIENCE, told.recv()).await, Ok(Some(("bob".to_owned(), "1.0".to_owned()))));
    counts(&b, "kickproof_callbacks_owed 0").await;
    assert!(told.is_empty());
}

/// Of the commit whose only callback of alice has that place.
fn version((account, place): &(String, String)) -> Option<u64> {
    place.strip_suffix(".0").filter(|_| account == "alice")?.parse().ok()
}

#[tokio::test]
async fn the_sessions_of_a_node_that_is_killed_are_taken_over_by_another() {
    let redis = Server::start();
    let [a, b] = ["a", "b"].map(|name| node(name, &redis.url(), &["--poll-ms", OFTEN]));
    let _alice = ready(&a).await;
    counts(&b, r#"kickproof_sessions{platform="Web"} 0"#).await;
    a.kill();
    counts(&b, r#"kickproof_sessions{platform="Web"} 1"#).await;
}

#[tokio::test]
async fn the_sessions_of_a_node_that_ends_are_taken_over_before_its_lease_would_have_run_out() {
    let redis = Server::start();
    let [a, b] = ["a", "b"].map(|name| node(name, &redis.url(), &["--poll-ms", "3000"]));
    let _alice = ready(&a).await;
    a.end("TERM");
    let since = Instant::now();
    counts(&b, r#"kickproof_sessions{platform="Web"} 1"#).await;
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_node_that_wakes_after_its_lease_has_its_sessions_decided_anew() {
    let redis = Server::start();
    let [a, b] = ["a", "b"].map(|name| node(name, &redis.url(), &["--poll-ms", OFTEN]));
    let (client, mut events) = ready(&a).await;
    signal("STOP", a.process());
    counts(&b, r#"kickproof_sessions{platform="Web"} 1"#).await;
    signal("CONT", a.process());
    for state in [NetState::Connecting, NetState::Connected] {
        assert_eq!(next(&mut events).await, Some(Event::NetStateChange(state)));
    }
    counts(&b, r#"kickproof_sessions{platform="Web"} 0"#).await;
    assert!(client.is_ready());
}

#[tokio::test]
async fn a_node_tells_its_name_in_its_log_its_numbers_and_when_it_is_ready() {
    let redis = Server::start();
    let a = node("a", &redis.url(), &[]);
    counts(&a, r#"kickproof_node{name="a"} 1"#).await;
    let told = got(&a, "/ready").await;
    let primary = told.trim_end().strip_prefix("node a: ready; primary ").unwrap_or_else(|| panic!("{told}"));
    counts(&a, &format!(r#"kickproof_primary{{id="{primary}"}} 1"#)).await;
    let _alice = ready(&a).await;
    let log = a.end("TERM");
    assert!(log.lines().any(|line| line.contains("a") && line.contains("node{name=") && line.contains("login")), "{log}");
}

#[test]
fn a_node_without_a_registry_that_others_can_share_is_refused_in_one_line() {
    let (status, line) = failure(&["serve", "--sdk-app-id", APP, "--key", KEY, "--node", "a"]);
    let expected =
        "node names one of several nodes, and those share a registry on a Redis server; state registry = \"redis://…\" too";
    assert_eq!((status, line.starts_with(expected)), (2, true), "{line}");
}
