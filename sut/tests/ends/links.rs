//! Clients that speak by hand: what keeps a link alive (LINK-7), and what strangers can have stored (LOGOUT-4).

use std::future::pending;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sut::admission::EPOCH_KEPT;
use sut::client::Event;
use sut::session::Platform;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::system::{APP, Shared, System, sig};

/// A link of instance 1 on which nothing was said yet.
pub(crate) async fn link<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> WebSocketStream<S> {
    client_async("ws://server/v1/ws", stream).await.unwrap().0
}

/// What a page says, as its epoch 1.
pub(crate) fn says(frame: &str) -> Message {
    says_on(1, frame)
}

pub(crate) fn says_on(epoch: u64, frame: &str) -> Message {
    Message::text(format!(r#"{{"v":1,"session":"{:032x}","epoch":{epoch},"frame":{frame}}}"#, 2))
}

pub(crate) fn login_frame(user_id: &str) -> String {
    let user_sig = sig(user_id);
    format!(
        r#"{{"login":{{"sdk_app_id":{APP},"user_id":"{user_id}","user_sig":"{user_sig}","platform":"Web","key":"{:032x}"}}}}"#,
        1
    )
}

/// The link of a page that has logged in as alice.
async fn logged_in(system: &System) -> WebSocketStream<impl AsyncRead + AsyncWrite + Unpin + use<>> {
    let mut socket = link(system.stream()).await;
    socket.send(says(&login_frame("alice"))).await.unwrap();
    assert!(text(&mut socket).await.contains("login-answer"));
    socket
}

pub(crate) async fn text<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>) -> String {
    match socket.next().await.unwrap().unwrap() {
        Message::Text(text) => text.to_string(),
        other => panic!("no frame but {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_link_is_asked_after_20_s_and_goes_on_if_it_answers() {
    let mut socket = logged_in(&System::new()).await;
    for _ in 0..5 {
        let heard = Instant::now();
        assert!(text(&mut socket).await.ends_with(r#""frame":"ping"}"#));
        assert_eq!(heard.elapsed().as_secs(), 20);
        socket.send(says(r#""pong""#)).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn pings_of_the_websocket_itself_keep_no_link() {
    let mut socket = logged_in(&System::new()).await;
    let (heard, mut ticks) = (Instant::now(), interval(Duration::from_secs(3)));
    let close = loop {
        tokio::select! {
            _ = ticks.tick() => socket.send(Message::Ping(vec![1].into())).await.unwrap(),
            said = socket.next() => match said.unwrap().unwrap() {
                Message::Close(close) => break close.unwrap(),
                Message::Pong(_) | Message::Text(_) => {}
                other => panic!("{other:?}"),
            },
        }
    };
    assert_eq!((u16::from(close.code), heard.elapsed().as_secs()), (4000, 30));
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_says_nothing_by_itself_is_kept_by_the_questions_of_its_server() {
    let system = System::new();
    let (client, mut events) = system.instance(Platform::IPhone);
    client.login("alice", sig("alice")).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    assert!(timeout(Duration::from_secs(600), events.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_accounts_that_logged_in_and_out_leave_nothing_behind_a_minute_later() {
    let registry = Shared::default();
    let system = System::started(&registry).await;
    for n in 0..10_000 {
        let (user_id, (client, _events)) = (format!("user{n}"), system.instance(Platform::Web));
        client.login(&*user_id, sig(&user_id)).await.unwrap();
        client.logout().await.unwrap();
    }
    assert!(!registry.is_empty().await);
    timeout(2 * EPOCH_KEPT, pending::<()>()).await.unwrap_err();
    assert!(registry.is_empty().await);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_invented_accounts_over_one_link_leave_nothing_behind() {
    let registry = Shared::default();
    let system = System::started(&registry).await;
    let mut socket = link(system.stream()).await;
    for n in 0..1000 {
        let user_sig = if n % 2 == 0 { sig("mallory") } else { String::new() };
        let owed = format!(r#"{{"logout":{{"user_id":"user{n}","key":"{:032x}","user_sig":"{user_sig}"}}}}"#, 1);
        socket.send(says_on(7, &owed)).await.unwrap();
        assert!(text(&mut socket).await.ends_with(r#""frame":"logout-answer"}"#));
    }
    assert!(registry.is_empty().await);
}
