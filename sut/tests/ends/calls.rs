//! How calls settle, from end to end.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use sut::client::{Event, Resources};
use sut::code::Code;
use sut::session::Platform;

use super::system::{System, number, sig};

/// Polls a call once, which begins it, and drops it.
async fn begin_and_drop(call: impl Future) {
    let mut call = pin!(call);
    let begun = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx).is_pending())).await;
    assert!(begun, "it settled at once");
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_leaves_the_instance_logged_out_and_free_to_try_again() {
    let system = System::new();
    let (client, mut events) = system.instance(Platform::Web);
    assert_eq!(number(client.login("alice", "").await), Some(70002));
    assert_eq!(number(client.login("no one", sig("alice")).await), Some(70402));
    assert_eq!(number(client.login("alice", sig("bob")).await), Some(70013));
    client.login("alice", sig("alice")).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
}

#[test]
fn an_instance_that_goes_with_its_runtime_holds_and_is_nothing_more() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (client, _events) = runtime.block_on(async { System::new().ready("alice").await });
    assert_eq!(client.login_user().as_deref(), Some("alice"));
    drop(runtime);
    assert_eq!((client.login_user(), client.is_ready(), client.resources()), (None, false, Resources::default()));
}

#[tokio::test(start_paused = true)]
async fn a_repeat_login_resolves_and_says_so() {
    let system = System::new();
    let (client, _events) = system.ready("alice").await;
    let repeat = client.login("alice", "not looked at").await.unwrap();
    assert!(repeat.repeat_login && !repeat.error_info.is_empty());
    let refusal = client.login("bob", sig("bob")).await.unwrap_err();
    assert_eq!((refusal.code, refusal.code.number()), (Code::OtherAccount, 2025));
}

#[tokio::test(start_paused = true)]
async fn a_login_whose_future_was_dropped_goes_on() {
    let system = System::new();
    let (client, mut events) = system.instance(Platform::Web);
    begin_and_drop(client.login("alice", sig("alice"))).await;
    assert_eq!(number(client.login("alice", sig("alice")).await), Some(2025));
    assert_eq!(events.next().await, Some(Event::SdkReady));
}

#[tokio::test(start_paused = true)]
async fn calls_begin_in_the_order_of_their_first_polls() {
    let system = System::new();
    let (client, _events) = system.instance(Platform::Web);
    let good = sig("alice");
    let (login, logout, again, second) =
        tokio::join!(client.login("alice", good.as_str()), client.logout(), client.login("alice", good.as_str()), client.logout(),);
    assert_eq!((number(login), logout), (Some(6023), Ok(())));
    assert_eq!((number(again), second), (Some(6023), Ok(())));
}

#[tokio::test(start_paused = true)]
async fn a_logout_that_runs_refuses_a_login_and_takes_a_second_logout_along() {
    let system = System::new();
    let (client, _events) = system.ready("alice").await;
    let (first, login, second) = tokio::join!(client.logout(), client.login("alice", sig("alice")), client.logout());
    assert_eq!(number(login), Some(7502));
    assert_eq!((first, second), (Ok(()), Ok(())));
}

#[tokio::test(start_paused = true)]
async fn a_send_is_refused_when_not_logged_in_and_while_a_login_runs() {
    let system = System::new();
    let (client, _events) = system.instance(Platform::Web);
    assert_eq!(number(client.send_message("bob", "hi").await), Some(2024));
    let (login, send) = tokio::join!(client.login("alice", sig("alice")), client.send_message("bob", "hi"));
    assert_eq!((login.is_ok(), number(send)), (true, Some(2024)));
}

#[tokio::test(start_paused = true)]
async fn a_message_to_no_user_id_is_refused() {
    let system = System::new();
    let (client, _events) = system.ready("alice").await;
    assert_eq!(number(client.send_message("no one", "hi").await), Some(70402));
    client.send_message("nobody", "hi").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nobody_is_logged_in_from_the_call_of_logout_or_destroy_on() {
    let system = System::new();
    let (out, mut out_events) = system.ready("alice").await;
    let (gone, _gone_events) = system.ready("bob").await;
    begin_and_drop(out.logout()).await;
    begin_and_drop(gone.destroy()).await;
    for client in [&out, &gone] {
        assert_eq!((client.login_user(), client.is_ready(), client.first_sync()), (None, false, None));
    }
    assert_eq!(out_events.next().await, Some(Event::SdkNotReady));
    out.logout().await.unwrap();
    out.login("alice", sig("alice")).await.unwrap();
    assert_eq!(out_events.next().await, Some(Event::SdkReady));
    assert_eq!((out.login_user().as_deref(), out.is_ready()), (Some("alice"), true));
}

#[tokio::test(start_paused = true)]
async fn a_destroyed_instance_holds_nothing_and_refuses_everything() {
    let system = System::new();
    let (client, mut events) = system.ready("alice").await;
    assert_eq!(client.resources(), Resources { tasks: 1, links: 1, timers: 2, buffered: 0, debts: 0 });
    client.destroy().await.unwrap();
    assert_eq!(client.resources(), Resources::default());
    assert_eq!(events.next().await, Some(Event::SdkNotReady));
    assert_eq!(events.next().await, None);
    assert_eq!((client.login_user(), client.is_ready()), (None, false));
    assert_eq!(number(client.login("alice", sig("alice")).await), Some(6013));
    assert_eq!(number(client.logout().await), Some(6013));
    assert_eq!(number(client.send_message("bob", "hi").await), Some(6013));
    client.destroy().await.unwrap();
    let (other, _other_events) = system.ready("alice").await;
    assert_eq!(other.first_sync().unwrap().online, [Platform::Web]);
}

#[tokio::test(start_paused = true)]
async fn a_destroy_in_the_middle_of_a_login_leaves_nothing_behind() {
    let system = System::new();
    let (client, mut events) = system.instance(Platform::Web);
    let (login, destroy, late) = tokio::join!(client.login("alice", sig("alice")), client.destroy(), client.logout());
    assert_eq!(number(login), Some(6023));
    assert_eq!((destroy, number(late)), (Ok(()), Some(6013)));
    assert_eq!(client.resources(), Resources::default());
    assert_eq!(events.next().await, None);
}
