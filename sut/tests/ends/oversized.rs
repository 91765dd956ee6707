//! What is too much for a frame: it is refused with a code, and no link ends for it.

use sut::client::{Client, Event, Events};
use sut::protocol::MAX_FRAME_BYTES;
use sut::session::Platform;
use sut::usersig;

use super::system::{System, number, sig};

/// The length of the next message's text; anything else that happens is a failure.
async fn next_length(events: &mut Events) -> usize {
    match events.next().await {
        Some(Event::MessageReceived { text, .. }) => text.len(),
        other => panic!("no message but {other:?}"),
    }
}

async fn accepted(sender: &Client, letter: &str, length: usize) -> bool {
    match sender.send_message("bob", letter.repeat(length)).await {
        Ok(_) => true,
        refused => {
            assert_eq!(number(refused), Some(70402), "{length} times {letter:?}");
            false
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_accepted_is_short_enough_for_its_receivers() {
    let system = System::new();
    let (sender, _sender_events) = system.ready("alice").await;
    let (_bob, mut events) = system.ready("bob").await;
    for letter in ["x", "\"", "\u{1}"] {
        let (mut arrived, mut refused) = (0, 0);
        for length in (MAX_FRAME_BYTES / 8..MAX_FRAME_BYTES + 20).step_by(11) {
            if accepted(&sender, letter, length).await {
                assert_eq!((next_length(&mut events).await, refused), (length, 0), "only what is longer is refused");
                arrived += 1;
            } else {
                refused += 1;
            }
        }
        assert!(arrived > 0 && refused > 0, "{letter:?}: {arrived} arrived, {refused} were refused");
    }
}

#[tokio::test(start_paused = true)]
async fn a_send_with_anything_too_long_is_refused_and_the_link_stays() {
    let system = System::new();
    let (client, _events) = system.ready("alice").await;
    for (to, text) in [("bob", "x".repeat(100_000)), (&"x".repeat(100_000), String::new()), (&"\"".repeat(5_000), String::new())] {
        assert_eq!(number(client.send_message(to, text).await), Some(70402));
        client.send_message("bob", "hi").await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_with_anything_too_long_is_refused_with_its_code() {
    let system = System::new();
    let (client, _events) = system.instance(Platform::Web);
    let others = usersig::make(1_400_000_000, "key", &"\"".repeat(5_000), 1, 60, None);
    assert_eq!(number(client.login("x".repeat(100_000), sig("alice")).await), Some(70402));
    assert_eq!(number(client.login("alice", "x".repeat(100_000)).await), Some(70003));
    assert_eq!(number(client.login("alice", others).await), Some(70013));
    client.login("alice", sig("alice")).await.unwrap();
}
