//! A registry that is out of reach (NODE-4): whom that refuses, who waits, and that it ends nobody's session.

use futures_util::{SinkExt, StreamExt};
use sut::client::{Client, Event, Events};
use sut::session::Platform;
use tokio::io::DuplexStream;
use tokio::time::{Duration, Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::links::{link, login_frame, says, says_on, text};
use super::side_by_side::{Fate, Slow, logs_in, settle, slow};
use super::system::{APP, System, number, pass, sig};

fn resume_frame() -> String {
    let user_sig = sig("alice");
    format!(
        r#"{{"resume":{{"sdk_app_id":{APP},"user_id":"alice","user_sig":"{user_sig}","platform":"Web","key":"{:032x}","last_seq":0}}}}"#,
        1
    )
}

/// A link on which the session of a page that has logged in as alice is to go on, with the registry out of reach.
async fn resuming(registry: &Slow, system: &System) -> WebSocketStream<DuplexStream> {
    let mut first = link(system.stream()).await;
    first.send(says(&login_frame("alice"))).await.unwrap();
    assert!(text(&mut first).await.contains("login-answer"));
    registry.turn("alice", Some(Fate::Away));
    let mut socket = link(system.stream()).await;
    socket.send(says_on(2, &resume_frame())).await.unwrap();
    socket
}

async fn close_code(socket: &mut WebSocketStream<DuplexStream>) -> u16 {
    match socket.next().await {
        Some(Ok(Message::Close(Some(close)))) => close.code.into(),
        other => panic!("no close but {other:?}"),
    }
}

/// Two instances of alice that are ready, the registry out of reach for her since.
async fn online_without_registry() -> (Slow, System, [(Client, Events); 2]) {
    let (registry, system) = slow();
    let instances = [system.ready("alice").await, system.ready("alice").await];
    registry.turn("alice", Some(Fate::Away));
    (registry, system, instances)
}

#[tokio::test(start_paused = true)]
async fn a_login_is_refused_and_lets_itself_be_tried_again() {
    let (registry, system) = slow();
    for fate in [Fate::Away, Fate::Lost] {
        registry.turn("alice", Some(fate));
        let (login, client, _events) = logs_in(&system, Platform::Web, "alice");
        assert_eq!(number(login.await.unwrap()), Some(70169));
        registry.turn("alice", None);
        assert_eq!(registry.online("alice").await, 0);
        client.login("alice", sig("alice")).await.unwrap();
        client.logout().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_refused_has_its_link_closed_as_after_any_refusal() {
    let (registry, system) = slow();
    registry.turn("alice", Some(Fate::Away));
    let mut socket = link(system.stream()).await;
    socket.send(says(&login_frame("alice"))).await.unwrap();
    assert!(text(&mut socket).await.contains(r#""code":70169"#));
    assert_eq!(close_code(&mut socket).await, 1000);
}

#[tokio::test(start_paused = true)]
async fn a_resume_waits_and_is_answered_once_the_registry_is_back() {
    let (registry, system) = slow();
    let mut socket = resuming(&registry, &system).await;
    assert!(timeout(Duration::from_secs(12), socket.next()).await.is_err());
    registry.turn("alice", None);
    let back = Instant::now();
    assert!(text(&mut socket).await.contains("resumed"));
    assert!(back.elapsed() <= Duration::from_secs(10), "{:?}", back.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_resume_waits_no_longer_than_the_heartbeat_time() {
    let (registry, system) = slow();
    let mut socket = resuming(&registry, &system).await;
    let asked = Instant::now();
    assert_eq!((close_code(&mut socket).await, asked.elapsed().as_secs()), (4000, 30));
    registry.turn("alice", None);
    pass(Duration::from_secs(20)).await;
    assert_eq!(registry.online("alice").await, 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_may_be_said_behind_a_resume_that_waits() {
    let (registry, system) = slow();
    let mut socket = resuming(&registry, &system).await;
    settle().await;
    socket.send(says_on(2, &resume_frame())).await.unwrap();
    assert_eq!(close_code(&mut socket).await, 1008);
}

#[tokio::test(start_paused = true)]
async fn a_send_is_not_accepted_and_nobody_online_notices_more() {
    let (registry, _system, [(sender, mut heard), (other, mut others)]) = online_without_registry().await;
    let asked = Instant::now();
    assert_eq!((number(sender.send_message("alice", "hi").await), asked.elapsed().as_secs()), (Some(2801), 10));
    pass(Duration::from_secs(100)).await;
    assert!(timeout(Duration::from_secs(1), heard.next()).await.is_err());
    assert!(timeout(Duration::from_secs(1), others.next()).await.is_err());
    assert!(sender.is_ready() && other.is_ready());
    registry.turn("alice", None);
    sender.send_message("alice", "again").await.unwrap();
    let Some(Event::MessageReceived { text, .. }) = others.next().await else { panic!("no message") };
    assert_eq!(text, "again");
}

#[tokio::test(start_paused = true)]
async fn a_logout_resolves_and_is_owed() {
    let (registry, _system, [(client, mut events), _other]) = online_without_registry().await;
    client.logout().await.unwrap();
    assert_eq!((events.next().await, client.resources().debts), (Some(Event::SdkNotReady), 1));
    registry.turn("alice", None);
    client.login("alice", sig("alice")).await.unwrap();
    assert_eq!((client.resources().debts, registry.online("alice").await), (0, 2));
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_was_not_ready_yet_is_so_once_the_registry_is_back() {
    let (registry, system) = slow();
    let mut socket = link(system.stream()).await;
    socket.send(says(&login_frame("alice"))).await.unwrap();
    assert!(text(&mut socket).await.contains("login-answer"));
    registry.turn("alice", Some(Fate::Away));
    socket.send(says(r#""sync""#)).await.unwrap();
    assert!(timeout(Duration::from_secs(12), socket.next()).await.is_err());
    registry.turn("alice", None);
    assert!(text(&mut socket).await.contains("sync-answer"));
}

/// A login whose commit has that fate, with the registry back 3 s later; and how many sessions are on record once the login has settled.
async fn unsaid(fate: Fate) -> (Option<u32>, usize) {
    let (registry, system) = slow();
    registry.turn("alice", Some(fate));
    let (login, _client, _events) = logs_in(&system, Platform::Web, "alice");
    pass(Duration::from_secs(3)).await;
    assert!(!login.is_finished());
    registry.turn("alice", None);
    (number(login.await.unwrap()), registry.online("alice").await)
}

#[tokio::test(start_paused = true)]
async fn a_login_whose_commit_is_not_answered_is_answered_once_that_is_looked_up() {
    assert_eq!(unsaid(Fate::StoredUnsaid).await, (None, 1));
    assert_eq!(unsaid(Fate::LostUnsaid).await, (Some(70169), 0));
}

#[tokio::test(start_paused = true)]
async fn a_login_whose_commit_is_known_too_late_is_2801_and_its_session_lapses() {
    let (registry, system) = slow();
    registry.turn("alice", Some(Fate::StoredUnsaid));
    let (login, _client, _events) = logs_in(&system, Platform::Web, "alice");
    assert_eq!(number(login.await.unwrap()), Some(2801));
    pass(Duration::from_secs(100)).await;
    registry.turn("alice", None);
    assert_eq!(registry.online("alice").await, 1);
    pass(Duration::from_secs(70)).await;
    assert_eq!(registry.online("alice").await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_the_commit_that_was_not_answered_kicked_is_told_so_once_it_is_looked_up() {
    let (registry, system, [(_first, mut victim), _second]) = online_without_registry().await;
    registry.turn("alice", Some(Fate::StoredUnsaid));
    let (login, _third, _events) = logs_in(&system, Platform::Web, "alice");
    settle().await;
    registry.turn("alice", None);
    assert_eq!((login.await.unwrap(), victim.next().await), (Ok(()), Some(Event::SdkNotReady)));
    assert_eq!(registry.online("alice").await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_commit_is_not_answered_is_delivered_once_if_it_was_stored() {
    for (fate, is_sent) in [(Fate::StoredUnsaid, true), (Fate::LostUnsaid, false)] {
        let (registry, _system, [(sender, _heard), (_other, mut others)]) = online_without_registry().await;
        registry.turn("alice", Some(fate));
        let sent = tokio::spawn(async move { sender.send_message("alice", "hi").await.map(drop) });
        settle().await;
        registry.turn("alice", None);
        assert_eq!(number(sent.await.unwrap()), (!is_sent).then_some(2801));
        assert_eq!(timeout(Duration::from_secs(20), others.next()).await.is_ok(), is_sent);
        assert!(timeout(Duration::from_secs(20), others.next()).await.is_err());
    }
}
