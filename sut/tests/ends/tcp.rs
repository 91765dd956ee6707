//! The same over TCP, with the clock running.

use sut::client::{Client, Event, Events, NetState, TcpConnector};
use sut::session::{KickReason, Platform};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::system::{instance, server, sig};

async fn ready(address: &str) -> (Client, Events) {
    let (client, mut events) = instance(Platform::Web, TcpConnector::new(address));
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
