//! Receivers that are away for a while, and servers that end while something is owed.

use std::sync::Arc;
use std::time::Duration;

use sut::registry::Outbox;
use sut::registry::durable::Durable;
use sut::registry::memory::Memory;
use sut::timers::Time;
use sut::webhook::attach;
use tempfile::tempdir;

use super::answers::{attached, commit};
use super::quick::Quick;
use super::receiver::{Manner, Receiver, Sent};

#[tokio::test]
async fn callbacks_wait_for_a_receiver_that_is_down() {
    let mut receiver = Receiver::new().await;
    receiver.goes_down().await;
    let (memory, registry) = attached(&receiver);
    for n in 0..5 {
        commit(&registry, "alice", n, [n]).await;
    }
    assert_eq!(memory.owed().await.unwrap(), ["alice"]);
    receiver.comes_up().await;
    let taken = receiver.once(|taken| taken.len() == 5).await;
    assert_eq!(taken.iter().map(Sent::date).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn an_account_whose_callbacks_fail_holds_up_no_other() {
    for manner in [Manner::Fails, Manner::IsAway] {
        let receiver = Receiver::new().await;
        receiver.behaves_to("alice", manner);
        let (memory, registry) = attached(&receiver);
        commit(&registry, "alice", 0, [1]).await;
        receiver.attempted_since(0).await;
        for n in 0..20 {
            commit(&registry, "bob", n, [n]).await;
        }
        let taken = receiver.once(|taken| taken.len() == 20).await;
        assert!(taken.iter().all(|sent| sent.account() == "bob"), "{manner:?}");
        assert!(memory.owed().await.unwrap().contains(&"alice".to_owned()), "{manner:?}");
    }
}

#[tokio::test]
async fn callbacks_are_kept_for_more_than_an_hour() {
    let receiver = Receiver::new().await;
    receiver.behaves(Manner::Fails);
    let (memory, time) = (Arc::new(Memory::default()), Arc::new(Quick::hasty()));
    let registry = attach(Arc::clone(&memory), 1400, &receiver.target(), Arc::clone(&time) as Arc<dyn Time>);
    commit(&registry, "alice", 0, [1]).await;
    while time.waited() < Duration::from_secs(2 * 60 * 60) {
        receiver.attempts(1).await;
    }
    receiver.behaves(Manner::Takes);
    assert_eq!(receiver.once(|taken| !taken.is_empty()).await[0].date(), 1);
}

#[tokio::test]
async fn what_a_server_still_owes_at_its_end_the_next_one_sends() {
    let (mut receiver, folder) = (Receiver::new().await, tempdir().unwrap());
    receiver.goes_down().await;
    let registry =
        attach(Arc::new(Durable::open(folder.path(), 1400).unwrap()), 1400, &receiver.target(), Arc::new(Quick::default()));
    for n in 0..3 {
        commit(&registry, "alice", n, [n]).await;
    }
    drop(registry);
    receiver.comes_up().await;
    let reopened = open_once_it_is_free(folder.path()).await;
    let registry = attach(Arc::new(reopened), 1400, &receiver.target(), Arc::new(Quick::default()));
    let taken = receiver.once(|taken| taken.len() == 3).await;
    assert_eq!(taken.iter().map(Sent::date).collect::<Vec<_>>(), [0, 1, 2]);
    drop(registry);
}

/// The deliverer lets go of the folder at its next turn.
async fn open_once_it_is_free(folder: &std::path::Path) -> Durable {
    loop {
        match Durable::open(folder, 1400) {
            Ok(registry) => return registry,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}
