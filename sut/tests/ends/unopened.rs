//! Links that cannot be opened, and what the application is told of each.

use std::time::Duration;

use sut::client::{Connect, ConnectError, Event, TcpConnector};
use sut::session::Platform;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::road::{Road, State};
use super::system::{System, instance, number, sig};

/// What the application is told of a link that cannot be opened, once the login that it was for is refused with 2800.
pub(crate) async fn why_not(connector: impl Connect) -> Option<ConnectError> {
    let (client, _events) = instance(Platform::Web, connector);
    assert_eq!(client.last_connect_error(), None);
    assert_eq!(number(client.login("alice", sig("alice")).await), Some(2800));
    client.last_connect_error()
}

/// A port at which nobody listens.
pub(crate) async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// The address of a server that reads the head of one request and answers it so.
async fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        while stream.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0) {}
    });
    address
}

#[tokio::test]
async fn a_port_at_which_nobody_listens_refuses() {
    let connector = TcpConnector::new(&format!("127.0.0.1:{}", free_port().await)).unwrap();
    assert_eq!(why_not(connector).await, Some(ConnectError::Refused));
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_told() {
    let connector = TcpConnector::new("nowhere.invalid:8080").unwrap();
    let Some(ConnectError::NoSuchName(why)) = why_not(connector).await else { panic!("the name is found") };
    assert_eq!(why.lines().count(), 1, "{why}");
}

#[tokio::test]
async fn an_answer_that_is_no_upgrade_is_told_by_its_status() {
    for (answer, status) in [
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", 404),
        ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", 502),
        ("HTTP/1.1 301 Moved Permanently\r\nlocation: https://elsewhere.example/\r\n\r\n", 301),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", 200),
    ] {
        let connector = TcpConnector::new(&answering(answer).await).unwrap();
        assert_eq!(why_not(connector).await, Some(ConnectError::NoUpgrade(status)));
    }
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_told_in_one_line() {
    let connector = TcpConnector::new(&answering("SSH-2.0-OpenSSH_9.2\r\n").await).unwrap();
    let Some(ConnectError::Other(why)) = why_not(connector).await else { panic!("it is taken for a WebSocket") };
    assert!(why.starts_with("no WebSocket is spoken there: ") && why.lines().count() == 1, "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_told_as_timed_out_by_a_login_and_by_a_reconnect() {
    let system = System::new();
    let road = Road::to(&system);
    let (client, mut events) = road.ready(Platform::Web, "alice").await;
    road.turn(State::Cut);
    while !matches!(client.last_connect_error(), Some(ConnectError::Refused)) {
        assert!(matches!(events.next().await, Some(Event::NetStateChange(_))));
    }
    road.turn(State::Silent);
    assert_eq!(why_not(road).await, Some(ConnectError::TimedOut));
    timeout(Duration::from_secs(120), events.next()).await.expect_err("an attempt that fails publishes nothing new");
    assert_eq!(client.last_connect_error(), Some(ConnectError::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn a_link_that_opens_leaves_no_error_behind() {
    let system = System::new();
    let road = Road::to(&system);
    road.turn(State::Cut);
    let (client, _events) = instance(Platform::Web, road.clone());
    assert_eq!(number(client.login("alice", sig("alice")).await), Some(2800));
    assert_eq!(client.last_connect_error(), Some(ConnectError::Refused));
    road.turn(State::Open);
    client.login("alice", sig("alice")).await.unwrap();
    assert_eq!(client.last_connect_error(), None);
}
