//! What strangers write to `kickproof serve`: it is refused with a code and a text, or the link ends, and nobody else notices.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

use futures_util::{SinkExt, StreamExt};
use sut::client::{Client, Event};
use sut::protocol::MAX_FRAME_BYTES;
use sut::session::Platform;
use sut::timers::{SystemTime, Time};
use sut::usersig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::serving::{APP, KEY, PATIENCE, Serving};

const SYNC: &str = r#"{"v":1,"session":"00000000000000000000000000000001","epoch":1,"frame":"sync"}"#;

/// An instance that is online meanwhile.
async fn bystander(serving: &Serving) -> Client {
    let app = APP.parse().unwrap();
    let user_sig = usersig::make(app, KEY, "alice", SystemTime.now().0 / 1000, 600, None);
    let (client, mut events) = Client::builder(app, Platform::Web).connect(&serving.address).unwrap();
    client.login("alice", user_sig).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    client
}

async fn websocket(serving: &Serving) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(&serving.address).await.unwrap();
    client_async("ws://server/v1/ws", stream).await.unwrap().0
}

/// The code and the text with which the link is closed at this message.
async fn closed_at(serving: &Serving, message: Message) -> (u16, String) {
    let mut socket = websocket(serving).await;
    socket.send(message).await.unwrap();
    match timeout(PATIENCE, socket.next()).await.unwrap() {
        Some(Ok(Message::Close(Some(close)))) => (close.code.into(), close.reason.to_string()),
        other => panic!("no close but {other:?}"),
    }
}

/// All that the server writes after these bytes until it ends the connection.
async fn answer_to(serving: &Serving, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&serving.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_hostile_frame_is_answered_by_a_close_with_code_and_text_and_nobody_else_notices() {
    let serving = Serving::start(&[]);
    let bystander = bystander(&serving).await;
    let rows = [
        (Message::text("{\"v\":1,"), 1007, "not JSON: EOF while parsing a value at line 1 column 7"),
        (Message::text("\0\u{7f}"), 1007, "not JSON: expected value at line 1 column 1"),
        (Message::binary(vec![0xff; 10]), 1003, "a binary message; a frame is a text message"),
        (
            Message::text(SYNC.replace("sync", "obey")),
            1003,
            "no frame is named \"obey\"; these are: login, resume, logout, sync, send, message-ack, kick-ack, ping, pong",
        ),
        (
            Message::text(SYNC.replace("\"epoch\":1", "\"epoch\":-1")),
            1008,
            "bad frame: invalid value: integer `-1`, expected a whole number from 0 at line 1 column 62",
        ),
        (Message::text(SYNC), 1008, "the first frame must be a login, a resume or an owed logout"),
        (Message::text("x".repeat(MAX_FRAME_BYTES + 1)), 1009, "a frame of 16385 bytes is too long; 16384 bytes is the most"),
        (Message::text(SYNC.replace("\"v\":1", "\"v\":2")), 1002, "version 2 is not spoken here; \"v\" must be 1"),
    ];
    for (message, code, text) in rows {
        assert_eq!(closed_at(&serving, message).await, (code, text.to_owned()));
        bystander.send_message("bob", "still here").await.unwrap();
    }
    serving.end("TERM");
}

#[tokio::test]
async fn bytes_that_are_no_websocket_end_their_connection_and_nobody_else_notices() {
    let serving = Serving::start(&[]);
    let bystander = bystander(&serving).await;
    let upgrade = "GET /v1/ws HTTP/1.1\r\nHost: server\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let rows: [(&[u8], &str); 6] = [
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"),
        (b"GET / HTTP/1.1\r\nHost: server\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"),
        (b"GET /v1/ws HTTP/1.1\r\nHost: server\r\n\r\n", "HTTP/1.1 426 Upgrade Required\r\n"),
        // The head of a frame of 1 MiB: it is not waited for.
        (
            &[upgrade.as_bytes(), b"\x81\xff\0\0\0\0\0\x10\0\0\0\0\0\0"].concat(),
            "a frame of 1048576 bytes is too long; 16384 bytes is the most",
        ),
        // A frame that is not masked, and one with an opcode that does not exist.
        (&[upgrade.as_bytes(), b"\x81\x02{}"].concat(), "HTTP/1.1 101 Switching Protocols\r\n"),
        (&[upgrade.as_bytes(), b"\xff\x80\0\0\0\0"].concat(), "HTTP/1.1 101 Switching Protocols\r\n"),
    ];
    for (bytes, expected) in rows {
        let answer = answer_to(&serving, bytes).await;
        assert!(answer.contains(expected), "{answer:?}");
        bystander.send_message("bob", "still here").await.unwrap();
    }
    serving.end("TERM");
}
