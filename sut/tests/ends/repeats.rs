//! Two calls that send one message at once, from end to end (MSG-3).

use std::time::Duration;

use sut::client::{Event, fresh_message_id};
use tokio::time::timeout;

use super::system::System;

#[tokio::test(start_paused = true)]
async fn two_calls_at_once_with_one_message_id_both_settle_and_the_message_comes_once() {
    let system = System::new();
    let (sender, _events) = system.ready("alice").await;
    let (_receiver, mut heard) = system.ready("bob").await;
    let (first, second, last) = (fresh_message_id(), fresh_message_id(), fresh_message_id());
    for id in [first, second] {
        let both = async { tokio::join!(sender.send_message_as(id, "bob", "hi"), sender.send_message_as(id, "bob", "hi")) };
        assert_eq!(timeout(Duration::from_secs(60), both).await, Ok((Ok(()), Ok(()))));
    }
    sender.send_message_as(last, "bob", "hi").await.unwrap();
    for id in [first, second, last] {
        let (from, to, text) = ("alice".to_owned(), "bob".to_owned(), "hi".to_owned());
        assert_eq!(heard.next().await, Some(Event::MessageReceived { from, to, id, text }));
    }
}
