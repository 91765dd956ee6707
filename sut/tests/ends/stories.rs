//! The page's own stories, from end to end.

use sut::client::Event;
use sut::session::{KickReason, Platform};

use super::system::{System, sig};

fn text(event: Option<Event>) -> String {
    match event {
        Some(Event::MessageReceived { from, to, id: _, text }) => format!("{from} to {to}: {text}"),
        other => panic!("no message but {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_ready_after_its_login_resolved() {
    let system = System::new();
    let (client, mut events) = system.instance(Platform::Web);
    let login = client.login("alice", sig("alice")).await.unwrap();
    assert!(!login.repeat_login);
    assert_eq!(client.login_user().as_deref(), Some("alice"));
    assert_eq!(events.next().await, Some(Event::SdkReady));
    assert!(client.is_ready());
    assert_eq!(client.first_sync().unwrap().online, [Platform::Web]);
}

#[tokio::test(start_paused = true)]
async fn the_third_page_kicks_the_first() {
    let system = System::new();
    let (first, mut first_events) = system.ready("alice").await;
    let (second, _second_events) = system.ready("alice").await;
    let (third, _third_events) = system.ready("alice").await;
    let reason = KickReason::MultipleAccount;
    assert_eq!(first_events.next().await, Some(Event::SdkNotReady));
    assert_eq!(first_events.next().await, Some(Event::KickedOut { reason, refusal: None }));
    assert_eq!(first.login_user(), None);
    assert!(second.is_ready() && third.is_ready());
    assert_eq!(third.first_sync().unwrap().online, [Platform::Web, Platform::Web]);
}

#[tokio::test(start_paused = true)]
async fn a_victim_may_log_in_again_and_kick_in_turn() {
    let system = System::new();
    let (first, mut first_events) = system.ready("alice").await;
    let (_second, mut second_events) = system.ready("alice").await;
    let (_third, _third_events) = system.ready("alice").await;
    first_events.next().await;
    first_events.next().await;
    first.login("alice", sig("alice")).await.unwrap();
    assert_eq!(first_events.next().await, Some(Event::SdkReady));
    assert_eq!(second_events.next().await, Some(Event::SdkNotReady));
}

#[tokio::test(start_paused = true)]
async fn another_kind_of_the_class_is_kicked_as_another_device() {
    let system = System::new();
    let (phone, mut phone_events) = system.instance(Platform::IPhone);
    phone.login("alice", sig("alice")).await.unwrap();
    phone_events.next().await;
    let (mac, _mac_events) = system.instance(Platform::Mac);
    mac.login("alice", sig("alice")).await.unwrap();
    let reason = KickReason::MultipleDevice;
    assert_eq!(phone_events.next().await, Some(Event::SdkNotReady));
    assert_eq!(phone_events.next().await, Some(Event::KickedOut { reason, refusal: None }));
}

#[tokio::test(start_paused = true)]
async fn messages_arrive_in_order_everywhere_but_at_the_sending_instance() {
    let system = System::new();
    let (sender, mut sender_events) = system.ready("alice").await;
    let (_other, mut other_events) = system.ready("alice").await;
    let (_bob, mut bob_events) = system.ready("bob").await;
    sender.send_message("bob", "one").await.unwrap();
    sender.send_message("bob", "two").await.unwrap();
    for said in ["alice to bob: one", "alice to bob: two"] {
        assert_eq!(text(bob_events.next().await), said);
        assert_eq!(text(other_events.next().await), said);
    }
    sender.destroy().await.unwrap();
    assert_eq!(sender_events.next().await, Some(Event::SdkNotReady));
    assert_eq!(sender_events.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn after_a_logout_another_account_logs_in_on_the_same_instance() {
    let system = System::new();
    let (client, mut events) = system.ready("alice").await;
    client.logout().await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkNotReady));
    assert_eq!((client.login_user(), client.first_sync()), (None, None));
    client.login("bob", sig("bob")).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    assert_eq!(client.first_sync().unwrap().online, [Platform::Web]);
}

#[tokio::test(start_paused = true)]
async fn a_page_whose_handles_are_dropped_is_a_lost_link() {
    let system = System::new();
    let (page, mut page_events) = system.ready("alice").await;
    drop(page);
    assert_eq!(page_events.next().await, None);
    let (other, _other_events) = system.ready("alice").await;
    assert_eq!(other.first_sync().unwrap().online, [Platform::Web, Platform::Web]);
}
