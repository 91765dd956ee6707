//! What every registry must do with the callbacks of its commits (HOOK-2). It is mounted as the contract is, and knows nothing of how
//! one stores.

use sut::callback::{Callback, CallbackId, Device, Happened, Place, Queued};
use sut::registry::{Commit, Outbox, Registry, Version};
use sut::session::{Platform, Record, SessionDigest};
use sut::timers::UnixMillis;

use super::fresh;

/// A callback of which every part tells `n`.
pub(super) fn callback(n: u8) -> Callback {
    let device = |n: u8| Device { digest: SessionDigest(n.into()), platform: Platform::Web };
    let happened = Happened::Register { kicked: vec![device(n + 100)] };
    Callback { id: CallbackId(n.into()), at: UnixMillis(n.into()), device: device(n), happened }
}

const fn place(version: u64, index: u32) -> Place {
    Place { version: Version(version), index }
}

async fn commit(registry: &impl Registry, user_id: &str, expected: u64, callbacks: &[u8]) -> Commit {
    let callbacks = callbacks.iter().copied().map(callback).collect();
    registry.commit(user_id, Version(expected), record(), callbacks).await.unwrap()
}

/// One that is stored.
fn record() -> Record {
    Record { rest_kick_s: Some(1), ..Record::default() }
}

/// Deletes the account.
async fn delete(registry: &impl Registry, user_id: &str, expected: u64, callbacks: &[u8]) {
    let callbacks = callbacks.iter().copied().map(callback).collect();
    let commit = registry.commit(user_id, Version(expected), Record::default(), callbacks).await;
    assert_eq!(commit, Ok(Commit::Done(Version(expected + 1))));
}

/// The account's oldest callback must be this one; it is delivered.
async fn deliver(registry: &impl Outbox, user_id: &str, place: Place, n: u8) {
    let queued = Queued { place, callback: callback(n) };
    assert_eq!(registry.oldest(user_id).await, Ok(Some(queued.clone())));
    registry.delivered(user_id, &queued).await.unwrap();
}

#[tokio::test]
async fn nothing_is_owed_before_a_commit_with_callbacks() {
    let registry = fresh().await;
    commit(&registry, "alice", 0, &[]).await;
    assert_eq!((registry.owed().await, registry.oldest("alice").await), (Ok(vec![]), Ok(None)));
    assert_eq!(registry.oldest("bob").await, Ok(None));
}

#[tokio::test]
async fn callbacks_are_owed_in_the_order_of_the_commits_and_within_one() {
    let registry = fresh().await;
    for (expected, callbacks) in [(0, &[1, 2][..]), (1, &[]), (2, &[3]), (3, &[4, 5, 6])] {
        commit(&registry, "alice", expected, callbacks).await;
    }
    let order = [(1, 0, 1), (1, 1, 2), (3, 0, 3), (4, 0, 4), (4, 1, 5), (4, 2, 6)];
    for (version, index, n) in order {
        deliver(&registry, "alice", place(version, index), n).await;
    }
    assert_eq!(registry.oldest("alice").await, Ok(None));
}

#[tokio::test]
async fn the_order_holds_beyond_ten_commits_and_ten_callbacks() {
    let registry = fresh().await;
    let twelve: Vec<_> = (0..12).collect();
    for expected in 0..12 {
        commit(&registry, "alice", expected, &twelve).await;
    }
    for version in 1..=12 {
        for n in 0..12 {
            deliver(&registry, "alice", place(version, n.into()), n).await;
        }
    }
}

#[tokio::test]
async fn a_callback_stays_the_oldest_under_its_id_until_it_is_delivered() {
    let registry = fresh().await;
    commit(&registry, "alice", 0, &[1]).await;
    commit(&registry, "alice", 1, &[2]).await;
    let oldest = registry.oldest("alice").await;
    assert_eq!(registry.oldest("alice").await, oldest);
    deliver(&registry, "alice", place(1, 0), 1).await;
    deliver(&registry, "alice", place(2, 0), 2).await;
}

#[tokio::test]
async fn a_delivery_that_is_marked_twice_or_of_nothing_changes_nothing() {
    let registry = fresh().await;
    commit(&registry, "alice", 0, &[1, 2]).await;
    deliver(&registry, "alice", place(1, 0), 1).await;
    let queued = |place, n| Queued { place, callback: callback(n) };
    for gone in [queued(place(1, 0), 1), queued(place(1, 7), 2), queued(place(9, 0), 2)] {
        registry.delivered("alice", &gone).await.unwrap();
    }
    registry.delivered("bob", &queued(place(1, 1), 2)).await.unwrap();
    deliver(&registry, "alice", place(1, 1), 2).await;
}

#[tokio::test]
async fn a_commit_that_conflicts_queues_nothing() {
    let registry = fresh().await;
    commit(&registry, "alice", 0, &[1]).await;
    for stale in [0, 2] {
        assert_eq!(commit(&registry, "alice", stale, &[2]).await, Commit::Conflict);
    }
    deliver(&registry, "alice", place(1, 0), 1).await;
    assert_eq!(registry.owed().await, Ok(vec![]));
}

#[tokio::test]
async fn each_account_is_owed_its_own() {
    let registry = fresh().await;
    for (user_id, n) in [("bob", 1), ("alice", 2), ("al", 3), ("alice2", 4)] {
        commit(&registry, user_id, 0, &[n]).await;
    }
    assert_eq!(registry.owed().await.unwrap(), ["al", "alice", "alice2", "bob"]);
    deliver(&registry, "alice", place(1, 0), 2).await;
    assert_eq!(registry.oldest("alice").await, Ok(None));
    assert_eq!(registry.owed().await.unwrap(), ["al", "alice2", "bob"]);
    deliver(&registry, "al", place(1, 0), 3).await;
}

#[tokio::test]
async fn an_account_whose_callbacks_are_delivered_keeps_its_version() {
    let registry = fresh().await;
    commit(&registry, "alice", 0, &[1]).await;
    deliver(&registry, "alice", place(1, 0), 1).await;
    assert_eq!(registry.load("alice").await, Ok((record(), Version(1))));
}

#[tokio::test]
async fn what_a_deleted_account_is_owed_stays_owed_in_the_order_of_its_commits() {
    let registry = fresh().await;
    commit(&registry, "alice", 0, &[1]).await;
    delete(&registry, "alice", 1, &[2, 3]).await;
    commit(&registry, "alice", 2, &[4]).await;
    delete(&registry, "alice", 3, &[]).await;
    assert_eq!(registry.accounts().await, Ok(vec![]));
    assert_eq!(registry.owed().await.unwrap(), ["alice"]);
    for (place, n) in [(place(1, 0), 1), (place(2, 0), 2), (place(2, 1), 3), (place(3, 0), 4)] {
        deliver(&registry, "alice", place, n).await;
    }
    assert_eq!((registry.owed().await, registry.oldest("alice").await), (Ok(vec![]), Ok(None)));
}

#[tokio::test]
async fn an_account_that_comes_and_goes_at_once_is_owed_its_callbacks() {
    let registry = fresh().await;
    delete(&registry, "alice", 0, &[1]).await;
    let (_, Version(before)) = registry.load("bob").await.unwrap();
    delete(&registry, "bob", before, &[2]).await;
    deliver(&registry, "alice", place(1, 0), 1).await;
    deliver(&registry, "bob", place(before + 1, 0), 2).await;
}
