//! What stands before a link, and what ends one that is misused.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use super::system::{System, server};

async fn answer(request: &str) -> (String, String) {
    exchange(System::new().stream(), request).await
}

/// The first line and the body of the answer to a request.
pub(crate) async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> (String, String) {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

/// The code with which the server closes a link on which this came.
async fn close_code(message: Message) -> u16 {
    let (mut socket, _) = client_async("ws://server/v1/ws", System::new().stream()).await.unwrap();
    socket.send(message).await.unwrap();
    match socket.next().await.unwrap().unwrap() {
        Message::Close(Some(close)) => close.code.into(),
        other => panic!("no close but {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn another_path_is_not_found() {
    let (line, body) = answer("GET /v1/other HTTP/1.1\r\nhost: server\r\n\r\n").await;
    assert_eq!(line, "HTTP/1.1 404 Not Found");
    assert_eq!(body, "nothing here; the WebSocket is at /v1/ws\n");
}

#[tokio::test(start_paused = true)]
async fn a_request_for_no_websocket_is_told_to_upgrade() {
    let (line, body) = answer("GET /v1/ws HTTP/1.1\r\nhost: server\r\n\r\n").await;
    assert_eq!(line, "HTTP/1.1 426 Upgrade Required");
    assert_eq!(body, "this is a WebSocket; ask with GET, Upgrade: websocket and version 13\n");
}

#[tokio::test(start_paused = true)]
async fn a_request_names_one_host() {
    for (path, hosts) in [("GET /v1/ws", ""), ("POST /v4/im_open_login_svc/kick", ""), ("GET /v1/ws", "host: a\r\nhost: b\r\n")] {
        let (line, body) = answer(&format!("{path} HTTP/1.1\r\n{hosts}\r\n")).await;
        assert_eq!((line.as_str(), body.as_str()), ("HTTP/1.1 400 Bad Request", "a request of HTTP/1.1 has one Host\n"), "{path}");
    }
    let (line, _) = answer("GET /v1/ws HTTP/1.0\r\n\r\n").await;
    assert_eq!(line, "HTTP/1.0 426 Upgrade Required");
}

#[tokio::test(start_paused = true)]
async fn the_key_of_a_websocket_is_16_bytes_in_base64() {
    let upgrade =
        "GET /v1/ws HTTP/1.1\r\nhost: server\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n";
    let short = "sec-websocket-key: AAAAAAAAAAAAAAAAAAAA\r\n";
    let twice = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n".repeat(2);
    for key in ["", "sec-websocket-key: \r\n", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ\r\n", short, &twice] {
        let (line, body) = answer(&format!("{upgrade}{key}\r\n")).await;
        assert_eq!(
            (line.as_str(), body.as_str()),
            ("HTTP/1.1 400 Bad Request", "one Sec-WebSocket-Key is 16 bytes in Base64\n"),
            "{key}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_frame_ends_the_link_with_its_code() {
    assert_eq!(close_code(Message::text("{")).await, 1007);
    assert_eq!(close_code(Message::binary(vec![1])).await, 1003);
    assert_eq!(close_code(Message::text("x".repeat(20_000))).await, 1009);
    assert_eq!(close_code(Message::text(r#"{"v":9}"#)).await, 1002);
}

#[tokio::test(start_paused = true)]
async fn a_frame_before_a_login_ends_the_link() {
    let session = "000000000000000000000000000000ab";
    let ping = format!(r#"{{"v":1,"session":"{session}","epoch":1,"frame":"ping"}}"#);
    assert_eq!(close_code(Message::text(ping)).await, 1008);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_the_server_closed_is_served_no_longer() {
    let (near, far) = tokio::io::duplex(4096);
    let served = tokio::spawn(server().serve(far));
    let (mut socket, _) = client_async("ws://server/v1/ws", near).await.unwrap();
    socket.send(Message::text("{")).await.unwrap();
    timeout(Duration::from_secs(1), served).await.expect("it ends").unwrap();
}
