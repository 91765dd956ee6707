//! What still stands after one SIGKILL, each thing alone.

use sut::client::{Event, NetState, fresh_message_id};
use sut::code::Code;
use sut::session::{KickReason, Platform};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::system::{Instance, System, Way, sig, sig_for};
use crate::receiver::receive;
use crate::serving::PATIENCE;

const DETAIL: &str = r#"{"To_Account":["alice"],"IsNeedDetail":1}"#;

/// Whoever lost his server.
const LOST: Event = Event::NetStateChange(NetState::Connecting);

#[tokio::test]
async fn an_instance_resumes_in_its_place_at_a_server_that_was_killed() {
    let mut system = System::start(&["--limit", "Web=2"]);
    let mut first = Instance::ready(&system.way, "alice").await;
    let mut second = Instance::ready(&system.way, "alice").await;
    system.go();
    system.come_back();
    for instance in [&mut first, &mut second] {
        instance.resumes_with_a_gap().await;
        assert!(instance.client.is_ready());
    }
    let status = system.administer("openim/query_online_status", DETAIL).await;
    assert_eq!(status.matches(r#"{"Platform":"Web","Status":"Online"}"#).count(), 2, "{status}");
    let id = first.client.send_message("alice", "still here").await.unwrap();
    let (from, to, text) = ("alice".to_owned(), "alice".to_owned(), "still here".to_owned());
    second.expects([Event::MessageReceived { from, to, id, text }]).await;
    let _third = Instance::ready(&system.way, "alice").await;
    first.is_kicked(KickReason::MultipleAccount).await;
}

#[tokio::test]
async fn a_kick_that_nobody_could_be_told_of_is_told_after_a_restart() {
    let mut system = System::start(&[]);
    let away = Way::default();
    away.leads(Some(system.address()));
    let mut first = Instance::ready(&away, "alice").await;
    away.leads(None);
    system.go();
    system.come_back();
    first.expects([LOST]).await;
    let _second = Instance::ready(&system.way, "alice").await;
    system.go();
    system.come_back();
    away.leads(Some(system.address()));
    first.is_kicked(KickReason::MultipleAccount).await;
}

#[tokio::test]
async fn the_second_of_a_rest_kick_stands_after_a_restart() {
    let mut system = System::start(&[]);
    let old = sig("alice");
    let mut instance = Instance::ready(&system.way, "alice").await;
    system.administer("im_open_login_svc/kick", r#"{"UserID":"alice"}"#).await;
    instance.is_kicked(KickReason::RestApi).await;
    system.go();
    system.come_back();
    let refused = Instance::new(&system.way, Platform::Web).client.login("alice", old).await.unwrap_err();
    assert_eq!(refused.code, Code::SigRevoked);
}

#[tokio::test]
async fn a_message_that_was_accepted_before_a_kill_is_not_accepted_again() {
    let mut system = System::start(&[]);
    let mut sender = Instance::ready(&system.way, "alice").await;
    let mut receiver = Instance::ready(&system.way, "bob").await;
    let message = |id, text: &str| {
        let (from, to, text) = ("alice".to_owned(), "bob".to_owned(), text.to_owned());
        Event::MessageReceived { from, to, id, text }
    };
    let (one, two) = (fresh_message_id(), fresh_message_id());
    sender.client.send_message_as(one, "bob", "one").await.unwrap();
    receiver.expects([message(one, "one")]).await;
    system.go();
    system.come_back();
    sender.resumes_with_a_gap().await;
    receiver.resumes_with_a_gap().await;
    sender.client.send_message_as(one, "bob", "one").await.unwrap();
    sender.client.send_message_as(two, "bob", "two").await.unwrap();
    receiver.expects([message(two, "two")]).await;
}

#[tokio::test]
async fn a_session_that_does_not_come_back_after_a_kill_ends_with_its_user_sig() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let url = receive(move |taken| drop(tell.send(taken))).await;
    let mut system = System::start(&["--webhook", &url]);
    let away = Way::default();
    away.leads(Some(system.address()));
    let instance = Instance::new(&away, Platform::Web);
    instance.client.login("alice", sig_for("alice", 2)).await.unwrap();
    away.leads(None);
    system.go();
    system.come_back();
    let mut reasons = Vec::new();
    while reasons.last().is_none_or(|body: &String| !body.contains(r#""Reason":"Unregister""#)) {
        reasons.push(timeout(PATIENCE, told.recv()).await.unwrap().unwrap().body);
    }
    assert!(instance.client.login_user().is_some(), "it cannot know yet");
}
