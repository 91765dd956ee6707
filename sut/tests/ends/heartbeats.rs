//! How links end that nobody ends: LINK-7, SIG-1, and peers that never upgrade or never read.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sut::client::{Event, NetState};
use sut::session::{KickReason, Platform};
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use super::road::{Road, State};
use super::system::{APP, System, sig, sig_good_for};

#[tokio::test(start_paused = true)]
async fn an_idle_instance_stays_connected_by_its_pings() {
    let system = System::new();
    let (client, mut events) = system.ready("alice").await;
    assert!(timeout(Duration::from_secs(3000), events.next()).await.is_err());
    client.send_message("bob", "hi").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_silent_link_is_lost_after_30_s_at_the_client() {
    let system = System::new();
    let road = Road::to(&system);
    let (_client, mut events) = road.ready(Platform::Web, "alice").await;
    let silent = Instant::now();
    road.turn(State::Silent);
    assert_eq!(events.next().await, Some(Event::NetStateChange(NetState::Connecting)));
    assert_eq!(silent.elapsed().as_secs(), 30);
    assert_eq!(events.next().await, Some(Event::NetStateChange(NetState::Disconnected)));
    let failed = silent.elapsed().as_secs();
    assert!((60..=61).contains(&failed), "the opening has the heartbeat time too, not {failed} s");
}

#[tokio::test(start_paused = true)]
async fn a_link_without_a_frame_is_closed_with_4000_after_30_s() {
    let opened = Instant::now();
    let (mut socket, _) = client_async("ws://server/v1/ws", System::new().stream()).await.unwrap();
    let Some(Ok(Message::Close(Some(close)))) = socket.next().await else { panic!("no close") };
    assert_eq!((u16::from(close.code), opened.elapsed().as_secs()), (4000, 30));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_never_becomes_a_link_ends_after_30_s() {
    let mut stream = System::new().stream();
    let opened = Instant::now();
    assert_eq!(stream.read(&mut [0; 16]).await.unwrap(), 0);
    assert_eq!(opened.elapsed().as_secs(), 30);
}

/// A login by hand, without any reading.
fn login_text(user_id: &str) -> String {
    let (key, secret, user_sig) = ("0".repeat(31) + "1", "0".repeat(31) + "2", sig(user_id));
    format!(
        r#"{{"v":1,"session":"{secret}","epoch":1,"frame":{{"login":{{"sdk_app_id":{APP},"user_id":"{user_id}","user_sig":"{user_sig}","platform":"Web","key":"{key}"}}}}}}"#
    )
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_reads_its_close_is_let_go_of_after_30_s() {
    let system = System::new();
    let (near, far) = tokio::io::duplex(256);
    let serving = tokio::spawn(system.serve(far));
    let opened = Instant::now();
    let (mut socket, _) = client_async("ws://server/v1/ws", near).await.unwrap();
    socket.send(Message::text(login_text("alice"))).await.unwrap();
    let (sender, _events) = system.ready("alice").await;
    sender.send_message("alice", "x".repeat(2000)).await.unwrap();
    serving.await.unwrap();
    assert_eq!(opened.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_session_is_kicked_when_its_user_sig_expires_and_a_fresh_one_logs_in() {
    let system = System::new();
    let (client, mut events) = system.instance(Platform::Web);
    let asked = Instant::now();
    client.login("alice", sig_good_for("alice", 90)).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    assert_eq!(events.next().await, Some(Event::SdkNotReady));
    let kicked = asked.elapsed().as_secs();
    assert!((88..=90).contains(&kicked), "after {kicked} s");
    assert_eq!(events.next().await, Some(Event::KickedOut { reason: KickReason::UserSigExpired, refusal: None }));
    client.login("alice", sig("alice")).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
}
