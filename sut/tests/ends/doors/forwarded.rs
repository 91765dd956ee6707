//! Where a client comes from that comes through a proxy, told by what LOGIN-8's 70050 counts.

use futures_util::{SinkExt, StreamExt};
use sut::config::{Bounds, FrontDraft};
use sut::server::Door;
use sut::server::proxies::Proxies;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::Behind;

const FORWARDED_FOR: &str = "x-forwarded-for";

fn door(networks: &[&str]) -> Door {
    let networks = networks.iter().map(|network| FrontDraft::network(network).unwrap()).collect();
    Door { proxies: Proxies::of(networks), ..Door::default() }
}

async fn trusting(networks: &[&str]) -> Behind {
    Behind::a(door(networks)).await
}

/// A request for a link that says that it was forwarded so.
fn request(forwarded: &str) -> Request {
    let mut request = "ws://server/v1/ws".into_client_request().unwrap();
    request.headers_mut().insert(FORWARDED_FOR, forwarded.parse().unwrap());
    request
}

/// The code with which a login without a UserSig is refused over this stream, whose request says that it was forwarded so.
async fn refused(stream: TcpStream, forwarded: &str) -> u64 {
    let (mut socket, _) = client_async(request(forwarded), stream).await.unwrap();
    let fields =
        r#"{"sdk_app_id":1400000001,"user_id":"alice","user_sig":"","platform":"Web","key":"00000000000000000000000000000001"}"#;
    let frame = format!(r#"{{"v":1,"session":"000000000000000000000000000000ab","epoch":1,"frame":{{"login":{fields}}}}}"#);
    socket.send(Message::text(frame)).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap().into_text().unwrap();
    let digits = answer.split("\"code\":").nth(1).unwrap_or_else(|| panic!("{answer}"));
    digits.split(|digit: char| !digit.is_ascii_digit()).next().unwrap().parse().unwrap()
}

/// The code after ten refusals.
async fn blocked(behind: &Behind, preamble: &[u8], forwarded: &str) -> u64 {
    let mut last = 0;
    for _ in 0..=10 {
        let mut stream = behind.stream().await;
        stream.write_all(preamble).await.unwrap();
        last = refused(stream, forwarded).await;
    }
    last
}

#[tokio::test]
async fn behind_a_trusted_proxy_refusals_are_counted_by_client() {
    let behind = trusting(&["127.0.0.0/8"]).await;
    assert_eq!(blocked(&behind, b"", "198.51.100.7").await, 70050);
    for (forwarded, code) in [("198.51.100.8", 70002), ("203.0.113.9, 198.51.100.7, 127.0.0.9", 70050)] {
        assert_eq!(refused(behind.stream().await, forwarded).await, code, "{forwarded}");
    }
}

#[tokio::test]
async fn what_a_peer_that_is_not_trusted_says_of_others_is_not_heard() {
    for networks in [&[] as &[&str], &["10.0.0.0/8"]] {
        let behind = trusting(networks).await;
        assert_eq!(blocked(&behind, b"", "198.51.100.7").await, 70050);
        assert_eq!(refused(behind.stream().await, "198.51.100.8").await, 70050);
    }
}

#[tokio::test]
async fn a_header_of_the_proxy_protocol_says_where_a_client_comes_from() {
    let behind = trusting(&["127.0.0.1"]).await;
    let line = b"PROXY TCP4 198.51.100.7 127.0.0.1 4711 443\r\n";
    assert_eq!(blocked(&behind, line, "203.0.113.9").await, 70050);
    let binary =
        |last| [b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64", [last].as_slice(), b"\x7f\0\0\x01\x10\x00\x01\xbb"].concat();
    for (last, code) in [(7, 70050), (8, 70002)] {
        let mut stream = behind.stream().await;
        stream.write_all(&binary(last)).await.unwrap();
        assert_eq!(refused(stream, "203.0.113.9").await, code, "{last}");
    }
}

/// A link, or the status with which there is none.
async fn link(behind: &Behind, forwarded: &str) -> Result<WebSocketStream<TcpStream>, u16> {
    match client_async(request(forwarded), behind.stream().await).await {
        Ok((link, _)) => Ok(link),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn of_one_address_behind_a_trusted_proxy_so_many_links_are_open_and_others_come_in_beside_them() {
    let bounds = Bounds { connections_of_address: 2, ..Bounds::default() };
    let behind = Behind::within(bounds, door(&["127.0.0.1"])).await;
    let mut links = Vec::new();
    for _ in 0..2 {
        links.push(link(&behind, "198.51.100.7").await.unwrap());
    }
    assert_eq!(link(&behind, "198.51.100.7").await.map(drop), Err(429));
    assert!(link(&behind, "198.51.100.8").await.is_ok());
    drop(links.pop());
    while link(&behind, "198.51.100.7").await.is_err() {
        yield_now().await;
    }
}

/// What comes of a connection that begins so.
async fn answer(behind: &Behind, begins: &[u8]) -> Vec<u8> {
    let mut stream = behind.stream().await;
    stream.write_all(begins).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

#[tokio::test]
async fn what_begins_as_a_header_and_is_none_ends_the_connection() {
    let behind = trusting(&["127.0.0.1"]).await;
    assert!(answer(&behind, b"PROXY UNKNOWN\r\n").await.starts_with(b"HTTP/1.1 200"));
    assert_eq!(answer(&behind, b"PROXY TCP4 nobody 127.0.0.1 1 2\r\n").await, b"");
    let trusts_another = trusting(&["10.0.0.1"]).await;
    assert!(answer(&trusts_another, b"PROXY UNKNOWN\r\n").await.starts_with(b"HTTP/1.1 400"));
}

#[tokio::test]
async fn a_header_that_does_not_come_in_time_ends_the_connection() {
    let behind = trusting(&["127.0.0.1"]).await;
    let mut stream = behind.stream().await;
    stream.write_all(b"PROXY TCP4 198.").await.unwrap();
    behind.fires("door 127.0.0.1").await;
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap_or_default(), 0);
}
