//! A server that the command line has started: clients log in, administrators call, signals end it.

use sut::client::{Client, Event, Events};
use sut::code::Refusal;
use sut::session::{KickReason, Platform};
use sut::timers::{SystemTime, Time};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::printed;
use crate::serving::{APP, KEY, PATIENCE, Serving};

#[test]
fn serve_ends_cleanly_at_sigterm_and_at_sigint() {
    for signal in ["TERM", "INT"] {
        let log = Serving::start(&[]).end(signal);
        assert!(log.contains(&format!("SIG{signal}: the server ends")), "{log}");
        assert!(!log.contains(KEY), "the log shows the key: {log}");
    }
}

pub(crate) async fn next(events: &mut Events) -> Option<Event> {
    timeout(PATIENCE, events.next()).await.unwrap()
}

/// An instance of alice that has become ready.
pub(super) async fn ready(serving: &Serving) -> (Client, Events) {
    ready_as(serving, "alice").await.unwrap()
}

/// The same of that account, or why it is refused.
pub(super) async fn ready_as(serving: &Serving, user_id: &str) -> Result<(Client, Events), Refusal> {
    let (client, mut events) = Client::builder(APP.parse().unwrap(), Platform::Web).connect(&serving.address).unwrap();
    let user_sig = printed(&["usersig", "--sdk-app-id", APP, "--key", KEY, user_id]);
    client.login(user_id, user_sig.trim_end()).await?;
    assert_eq!(next(&mut events).await, Some(Event::SdkReady));
    Ok((client, events))
}

#[tokio::test]
async fn at_limit_two_a_third_login_kicks_the_first_and_the_others_go_on() {
    let serving = Serving::start(&["--limit", "Web=2"]);
    let (first, mut first_events) = ready(&serving).await;
    let (second, mut second_events) = ready(&serving).await;
    let (third, mut third_events) = ready(&serving).await;

    assert_eq!(next(&mut first_events).await, Some(Event::SdkNotReady));
    assert_eq!(next(&mut first_events).await, Some(Event::KickedOut { reason: KickReason::MultipleAccount, refusal: None }));
    assert_eq!((first.login_user(), second.login_user()), (None, Some("alice".to_owned())));

    for (sender, receiver) in [(&second, &mut third_events), (&third, &mut second_events)] {
        let id = sender.send_message("alice", "still here").await.unwrap();
        let (from, to, text) = ("alice".to_owned(), "alice".to_owned(), "still here".to_owned());
        assert_eq!(next(receiver).await, Some(Event::MessageReceived { from, to, id, text }));
    }
    let log = serving.end("TERM");
    assert!(!log.contains("user_sig") && !log.contains("eJ"), "the log shows a UserSig: {log}");
}

/// What the server answers to an administrator who kicks alice.
async fn kick_alice(serving: &Serving, administrator: &str) -> String {
    administer(serving, administrator, "im_open_login_svc/kick", r#"{"UserID":"alice"}"#).await
}

/// What the server answers to an administrator's call.
pub(crate) async fn administer(serving: &Serving, administrator: &str, call: &str, body: &str) -> String {
    administer_with(KEY, serving, administrator, call, body).await
}

/// The same with a UserSig that is signed with that key.
pub(super) async fn administer_with(key: &str, serving: &Serving, administrator: &str, call: &str, body: &str) -> String {
    let user_sig = printed(&["usersig", "--sdk-app-id", APP, "--key", key, administrator]);
    let query = format!("sdkappid={APP}&identifier={administrator}&usersig={}&random=1&contenttype=json", user_sig.trim_end());
    let head =
        format!("POST /v4/{call}?{query} HTTP/1.1\r\nhost: server\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(&serving.address).await.unwrap();
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[tokio::test]
async fn the_named_administrators_and_nobody_else_kick_an_account() {
    let serving = Serving::start(&["--administrator", "admin", "--administrator", "root"]);
    let (client, mut events) = ready(&serving).await;
    assert!(kick_alice(&serving, "alice").await.contains("\"ErrorCode\":70403"));
    assert!(client.is_ready());
    let before = SystemTime.now().0 / 1000;
    for administrator in ["root", "admin"] {
        let done = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"UserSigFrom":"#;
        let answer = kick_alice(&serving, administrator).await;
        let from = answer.strip_prefix(done).and_then(|rest| rest.strip_suffix('}')).map(str::parse::<u64>);
        assert!(from.is_some_and(|from| from.is_ok_and(|from| from > before)), "{answer}");
    }
    assert_eq!(next(&mut events).await, Some(Event::SdkNotReady));
    assert_eq!(next(&mut events).await, Some(Event::KickedOut { reason: KickReason::RestApi, refusal: None }));
    let log = serving.end("TERM");
    assert!(!log.contains("usersig=") && !log.contains("eJ"), "the log shows a UserSig: {log}");
}

#[tokio::test]
async fn no_filter_brings_secrets_into_the_log() {
    let serving = Serving::start_logging("trace,tungstenite::protocol=trace,tungstenite::protocol::frame=trace", &[]);
    drop(ready(&serving).await);
    let log = serving.end("TERM");
    assert!(!log.contains("user_sig") && !log.contains("eJ") && !log.contains("session"), "the log shows a frame: {log}");
}
