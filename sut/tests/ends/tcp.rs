//! The same over TCP, with the clock running.

use sut::client::{Client, Event, Events, NetState, TcpConnector};
use sut::session::{KickReason, Platform};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::system::{instance, number, server, sig};

async fn ready(address: &str) -> (Client, Events) {
    let (client, mut events) = instance(Platform::Web, TcpConnector::new(address).unwrap());
    client.login("alice", sig("alice")).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    (client, events)
}

#[tokio::test]
async fn a_server_kicks_over_tcp_and_ends_cleanly() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = server();
    let serving = tokio::spawn(async move { server.listen(listener, async { drop(stopped.await) }).await });

    let (first, mut first_events) = ready(&address).await;
    let (second, mut second_events) = ready(&address).await;
    let (third, mut third_events) = ready(&address).await;
    let reason = KickReason::MultipleAccount;
    assert_eq!(first_events.next().await, Some(Event::SdkNotReady));
    assert_eq!(first_events.next().await, Some(Event::KickedOut { reason, refusal: None }));

    third.send_message("alice", "hello").await.unwrap();
    let Some(Event::MessageReceived { text, .. }) = second_events.next().await else { panic!("no message") };
    assert_eq!(text, "hello");
    second.logout().await.unwrap();

    stop.send(()).unwrap();
    serving.await.unwrap();
    assert_eq!(third_events.next().await, Some(Event::NetStateChange(NetState::Connecting)));
    for client in [first, second, third] {
        client.destroy().await.unwrap();
    }
}

/// The request with which an instance asks for its link, where the server is at that address.
async fn request(address: impl FnOnce(u16) -> String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = address(listener.local_addr().unwrap().port());
    let (client, _events) = instance(Platform::Web, TcpConnector::new(&address).unwrap());
    let login = tokio::spawn(async move { client.login("alice", sig("alice")).await });
    let (stream, _) = listener.accept().await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut request = String::new();
    while let Some(line) = lines.next_line().await.unwrap().filter(|line| !line.is_empty()) {
        request.push_str(&format!("{line}\n"));
    }
    drop(lines);
    assert_eq!(number(login.await.unwrap()), Some(2800));
    request
}

#[tokio::test]
async fn the_upgrade_asks_for_the_path_and_the_host_of_the_address() {
    let mut port = 0;
    let asked = request(|free| {
        port = free;
        format!("ws://localhost:{free}/chat/ws?room=1")
    })
    .await;
    assert!(asked.starts_with("GET /chat/ws?room=1 HTTP/1.1\n"), "{asked}");
    assert!(asked.contains(&format!("\nHost: localhost:{port}\n")), "{asked}");
}
