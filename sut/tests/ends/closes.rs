//! How links are closed over TCP, byte by byte: LINK-6's page that goes, the answers to a close of the server, and what is no WebSocket.
//! Time is fired by hand.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use sut::client::TcpConnector;
use sut::server::Server;
use sut::session::Platform;
use sut::timers::manual::ManualTime;
use sut::timers::{SystemTime, Time, UnixMillis};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::client_async;

use super::links::{login_frame, says};
use super::system::{app, instance, sig};

/// A server over TCP.
struct Node {
    address: String,
    time: ManualTime,
    now: UnixMillis,
}

impl Node {
    async fn new() -> Node {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let now = SystemTime.now();
        let time = ManualTime::at(now);
        let server = Server::builder(app()).time(Arc::new(time.clone())).start();
        tokio::spawn(async move { server.listen(listener, std::future::pending()).await });
        Node { address, time, now }
    }

    /// The stream of a page that has logged in as alice on the first link, and has read the answer.
    async fn page(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).await.unwrap();
        let (mut socket, _) = client_async("ws://server/v1/ws", stream).await.unwrap();
        socket.send(says(&login_frame("alice"))).await.unwrap();
        socket.next().await.unwrap().unwrap();
        socket.into_inner()
    }

    /// How many milliseconds are left to alice's session, once everything that was written before is done.
    async fn lapses_after_ms(&self) -> Option<u64> {
        let (client, _events) = instance(Platform::Web, TcpConnector::new(&self.address).unwrap());
        client.login("bob", sig("bob")).await.unwrap();
        client.destroy().await.unwrap();
        let armed = self.time.armed();
        armed.iter().find(|timer| timer.name.starts_with("lapse alice ")).map(|timer| timer.due_ms - self.now.0)
    }
}

/// A close as a client writes it, with that code or none.
fn close_frame(code: Option<u16>) -> Vec<u8> {
    let code = code.map(u16::to_be_bytes).map(Vec::from).unwrap_or_default();
    [vec![0x88, 0x80 | u8::try_from(code.len()).unwrap(), 0, 0, 0, 0], code].concat()
}

/// The code of the one close frame that stands there, and nothing behind it.
fn only_close(bytes: &[u8]) -> u16 {
    let [0x88, length, high, low, reason @ ..] = bytes else { panic!("no close: {bytes:?}") };
    assert_eq!(usize::from(*length), 2 + reason.len(), "something stands behind the close: {bytes:?}");
    u16::from_be_bytes([*high, *low])
}

async fn rest_of(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    bytes
}

#[tokio::test]
async fn a_page_that_goes_has_5_s_and_its_close_is_answered_once() {
    for (code, after_ms) in [(Some(1001), 5_000), (Some(1000), 5_000), (None, 60_000), (Some(4000), 60_000)] {
        let node = Node::new().await;
        let mut page = node.page().await;
        page.write_all(&close_frame(code)).await.unwrap();
        let answer = rest_of(page).await;
        match code {
            Some(code) => assert_eq!(only_close(&answer), code),
            None => assert_eq!(answer, [0x88, 0]),
        }
        assert_eq!(node.lapses_after_ms().await, Some(after_ms), "{code:?}");
    }
}

#[tokio::test]
async fn a_link_that_ends_without_a_close_is_a_lost_one() {
    let node = Node::new().await;
    drop(node.page().await);
    assert_eq!(node.lapses_after_ms().await, Some(60_000));
}

#[tokio::test]
async fn whatever_answers_a_close_of_the_server_is_no_page_that_goes_and_gets_no_second_close() {
    for answer in [Some(close_frame(Some(4000))), Some(close_frame(Some(1000))), Some(close_frame(None)), None] {
        let node = Node::new().await;
        let mut page = node.page().await;
        assert!(node.time.fire("heartbeat 1"));
        let mut closed = [0; 4];
        page.read_exact(&mut closed).await.unwrap();
        let mut reason = vec![0; usize::from(closed[1]) - 2];
        page.read_exact(&mut reason).await.unwrap();
        assert_eq!(only_close(&[&closed[..], &reason].concat()), 4000);
        match &answer {
            Some(answer) => drop(page.write_all(answer).await),
            None => drop(page.shutdown().await),
        }
        assert_eq!(rest_of(page).await, Vec::<u8>::new(), "behind {answer:?}");
        assert_eq!(node.lapses_after_ms().await, Some(60_000), "behind {answer:?}");
    }
}

/// A masked frame that begins with these two bytes and is empty.
const fn empty(first: u8, second: u8) -> [u8; 6] {
    [first, second, 0, 0, 0, 0]
}

#[tokio::test]
async fn an_error_of_the_websocket_protocol_is_told_by_its_code_before_the_link_ends() {
    let long_ping = [vec![0x89, 0xfe, 0, 126, 0, 0, 0, 0], vec![0; 126]].concat();
    let rows = [
        ("a reserved bit", empty(0xc1, 0x80).to_vec(), 1002),
        ("an unmasked frame", vec![0x81, 0x00], 1002),
        ("a data frame of no known kind", empty(0x83, 0x80).to_vec(), 1002),
        ("a control frame of no known kind", empty(0x8b, 0x80).to_vec(), 1002),
        ("a ping in two parts", empty(0x09, 0x80).to_vec(), 1002),
        ("a ping that is too long", long_ping, 1002),
        ("the end of a message that did not begin", empty(0x80, 0x80).to_vec(), 1002),
        ("a message within another", [empty(0x01, 0x80), empty(0x81, 0x80)].concat(), 1002),
        ("a close of one byte", vec![0x88, 0x81, 0, 0, 0, 0, 3], 1002),
        ("a text that is no UTF-8", vec![0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
    ];
    for (what, bytes, code) in rows {
        let node = Node::new().await;
        let mut page = node.page().await;
        page.write_all(&bytes).await.unwrap();
        assert_eq!(only_close(&rest_of(page).await), code, "{what}");
        assert_eq!(node.lapses_after_ms().await, Some(60_000), "{what}");
    }
}
