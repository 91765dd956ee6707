//! Servers that do not answer, and links that end.

use std::io;

use futures_util::StreamExt;
use sut::client::{Client, Connect, Event, NetState, Resources};
use sut::session::Platform;
use tokio::io::DuplexStream;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_tungstenite::{WebSocketStream, accept_async};

use super::system::{instance, number};

/// Hands the server's end of each stream to the test.
struct Held(UnboundedSender<DuplexStream>);

impl Connect for Held {
    type Stream = DuplexStream;

    async fn connect(&self) -> io::Result<DuplexStream> {
        let (near, far) = tokio::io::duplex(4096);
        self.0.send(far).map_err(io::Error::other)?;
        Ok(near)
    }
}

/// No server at all.
struct Nowhere;

impl Connect for Nowhere {
    type Stream = DuplexStream;

    async fn connect(&self) -> io::Result<DuplexStream> {
        Err(io::ErrorKind::ConnectionRefused.into())
    }
}

fn held() -> (Client, sut::client::Events, UnboundedReceiver<DuplexStream>) {
    let (streams, held) = mpsc::unbounded_channel();
    let (client, events) = instance(Platform::Web, Held(streams));
    (client, events, held)
}

async fn accept(held: &mut UnboundedReceiver<DuplexStream>) -> WebSocketStream<DuplexStream> {
    accept_async(held.recv().await.unwrap()).await.unwrap()
}

fn idle() -> Resources {
    Resources { tasks: 1, links: 0, timers: 0, buffered: 0, debts: 0 }
}

#[tokio::test(start_paused = true)]
async fn a_login_without_a_server_fails_with_2800() {
    let (client, _events) = instance(Platform::Web, Nowhere);
    assert_eq!(number(client.login("alice", "sig").await), Some(2800));
}

#[tokio::test(start_paused = true)]
async fn a_login_fails_with_2800_if_the_link_does_not_open_in_time() {
    let (client, _events, _held) = held();
    let asked = tokio::time::Instant::now();
    assert_eq!(number(client.login("alice", "sig").await), Some(2800));
    assert_eq!(asked.elapsed().as_secs(), 10);
    assert_eq!(client.resources(), idle());
}

#[tokio::test(start_paused = true)]
async fn a_login_fails_with_2801_if_the_server_does_not_answer_in_time() {
    let (client, _events, mut held) = held();
    let server = async {
        let mut socket = accept(&mut held).await;
        let login = socket.next().await.unwrap().unwrap();
        let close = socket.next().await.unwrap().unwrap();
        (login.is_text(), close.is_close())
    };
    let (login, seen) = tokio::join!(client.login("alice", "sig"), server);
    assert_eq!((number(login), seen), (Some(2801), (true, true)));
}

#[tokio::test(start_paused = true)]
async fn a_login_fails_with_2801_if_the_link_is_lost_before_the_answer() {
    let (client, _events, mut held) = held();
    let server = async { drop(accept(&mut held).await.next().await) };
    let (login, ()) = tokio::join!(client.login("alice", "sig"), server);
    assert_eq!(number(login), Some(2801));
    assert_eq!(client.resources(), idle());
}

#[tokio::test(start_paused = true)]
async fn a_logout_while_the_link_opens_abandons_the_opening() {
    let (client, _events, mut held) = held();
    let (login, logout) = tokio::join!(client.login("alice", "sig"), client.logout());
    assert_eq!((number(login), logout), (Some(6023), Ok(())));
    assert_eq!(client.resources(), idle());
    assert!(held.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn an_instance_whose_link_is_lost_stays_logged_in() {
    let system = super::system::System::new();
    let (client, mut events) = lossy(&system).await;
    assert_eq!(events.next().await, Some(Event::NetStateChange(NetState::Connecting)));
    assert_eq!(client.login_user().as_deref(), Some("alice"));
    assert_eq!(number(client.send_message("bob", "hi").await), Some(2800));
    client.logout().await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkNotReady));
    assert_eq!(client.resources(), Resources { debts: 1, ..idle() });
}

/// A ready instance whose link then is cut.
async fn lossy(system: &super::system::System) -> (Client, sut::client::Events) {
    let (client, mut events, mut held) = held();
    let near = system.stream();
    let carry = tokio::spawn(async move {
        let (mut far, mut near) = (held.recv().await.unwrap(), near);
        drop(tokio::io::copy_bidirectional(&mut far, &mut near).await);
    });
    client.login("alice", super::system::sig("alice")).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    carry.abort();
    (client, events)
}
