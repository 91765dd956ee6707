//! What every registry must do. It is mounted once a registry, inside a module whose `fresh` makes an empty one and whose
//! `RACE_ROUNDS` are enough for threads to meet in it; it knows nothing of how one stores.

use std::collections::BTreeMap;
use std::sync::{Arc, Barrier};

use sut::registry::{Commit, Pace, Registry, Version, Write};
use sut::session::{
    Accepted, Epoch, EpochEntry, Epochs, KeyDigest, KickReason, KickRecord, MessageId, Platform, Record, Session, SessionDigest,
};
use sut::timers::UnixMillis;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::{RACE_ROUNDS, fresh};

/// A record of which every part tells `n`.
fn record(n: u8) -> Record {
    let (key, digest, epoch) = (KeyDigest(n.into()), SessionDigest(n.into()), Epoch(n.into()));
    let reason = KickReason::MultipleAccount;
    Record {
        sessions: vec![Session {
            key,
            digest,
            epoch,
            platform: Platform::Web,
            expires_at: UnixMillis(n.into()),
            issued_s: n.into(),
            node: None,
            admitted_at: None,
        }],
        kicks: vec![KickRecord { key, digest, reason }],
        epochs: Epochs::from_iter([(key, EpochEntry { epoch, raised_at: UnixMillis(n.into()) })]),
        rest_kick_s: Some(n.into()),
        accepted: BTreeMap::from([(key, vec![Accepted { id: MessageId(n.into()), at: UnixMillis(n.into()) }])]),
    }
}

#[tokio::test]
async fn an_account_never_stored_has_the_default_record_at_version_0() {
    let registry = fresh().await;
    assert_eq!(registry.load("alice").await, Ok((Record::default(), Version(0))));
}

#[tokio::test]
async fn what_was_stored_is_loaded() {
    let registry = fresh().await;
    let commit = registry.commit("alice", Version(0), record(1), vec![]).await;
    assert_eq!(commit, Ok(Commit::Done(Version(1))));
    assert_eq!(registry.load("alice").await, Ok((record(1), Version(1))));
}

#[tokio::test]
async fn each_commit_replaces_the_record_and_adds_one_to_the_version() {
    let registry = fresh().await;
    for n in 1..=5 {
        let commit = registry.commit("alice", Version(u64::from(n) - 1), record(n), vec![]).await;
        assert_eq!(commit, Ok(Commit::Done(Version(n.into()))));
    }
    assert_eq!(registry.load("alice").await, Ok((record(5), Version(5))));
}

#[tokio::test]
async fn a_commit_at_leisure_is_stored_or_refused_like_any() {
    let registry = fresh().await;
    let write = Write { expected: Version(0), record: record(1), callbacks: vec![], passed: None, pace: Pace::AtLeisure };
    for outcome in [Commit::Done(Version(1)), Commit::Conflict] {
        assert_eq!(registry.store("alice", write.clone()).await, Ok(outcome));
    }
    assert_eq!(registry.load("alice").await, Ok((record(1), Version(1))));
}

#[tokio::test]
async fn whatever_an_instance_is_called_its_messages_are_loaded() {
    let registry = fresh().await;
    let accepted: Vec<_> = (0..100).map(|n| Accepted { id: MessageId(n), at: UnixMillis(1) }).collect();
    for (version, user_id) in (0..).zip(["", "alice", "alice"]) {
        let instances = [0, 1, 0xff << 120, u128::MAX - 1, u128::MAX].map(KeyDigest);
        let record = Record { accepted: instances.map(|key| (key, accepted.clone())).into(), ..record(version) };
        let (_, expected) = registry.load(user_id).await.unwrap();
        let commit = registry.commit(user_id, expected, record.clone(), vec![]).await;
        assert_eq!(commit, Ok(Commit::Done(Version(expected.0 + 1))));
        assert_eq!(registry.load(user_id).await, Ok((record, Version(expected.0 + 1))), "{user_id:?}");
    }
}

#[tokio::test]
async fn an_emptied_record_deletes_its_account_and_versions_go_on() {
    let registry = fresh().await;
    registry.commit("alice", Version(0), record(1), vec![]).await.unwrap();
    assert_eq!(registry.commit("alice", Version(1), Record::default(), vec![]).await, Ok(Commit::Done(Version(2))));
    assert_eq!(registry.accounts().await, Ok(vec![]));
    assert_eq!(registry.load("alice").await, Ok((Record::default(), Version(2))));
    for stale in [Version(0), Version(1)] {
        assert_eq!(registry.commit("alice", stale, record(2), vec![]).await, Ok(Commit::Conflict));
    }
    assert_eq!(registry.commit("alice", Version(2), record(2), vec![]).await, Ok(Commit::Done(Version(3))));
    assert_eq!(registry.accounts().await.unwrap(), ["alice"]);
}

#[tokio::test]
async fn a_deletion_takes_no_version_of_another_account_back() {
    let registry = fresh().await;
    registry.commit("bob", Version(0), record(1), vec![]).await.unwrap();
    for n in 0..5 {
        registry.commit("alice", Version(n), record(1), vec![]).await.unwrap();
    }
    assert_eq!(registry.commit("alice", Version(5), Record::default(), vec![]).await, Ok(Commit::Done(Version(6))));
    assert_eq!(registry.commit("bob", Version(1), Record::default(), vec![]).await, Ok(Commit::Done(Version(2))));
    for (user_id, last) in [("alice", Version(6)), ("bob", Version(2))] {
        let (record, version) = registry.load(user_id).await.unwrap();
        assert!(record == Record::default() && version >= last, "{version:?}");
    }
}

#[tokio::test]
async fn whoever_loaded_before_an_account_came_and_went_conflicts() {
    let registry = fresh().await;
    for other in ["bob", "carol"] {
        let (_, before) = registry.load("alice").await.unwrap();
        let (_, last) = registry.load(other).await.unwrap();
        registry.commit("alice", before, record(1), vec![]).await.unwrap();
        registry.commit(other, last, Record::default(), vec![]).await.unwrap();
        registry.commit("alice", Version(before.0 + 1), Record::default(), vec![]).await.unwrap();
        for stale in [before, Version(before.0 + 1)] {
            assert_eq!(registry.commit("alice", stale, record(2), vec![]).await, Ok(Commit::Conflict));
        }
    }
}

#[tokio::test]
async fn a_commit_on_an_old_version_conflicts_and_stores_nothing() {
    let registry = fresh().await;
    registry.commit("alice", Version(0), record(1), vec![]).await.unwrap();
    registry.commit("alice", Version(1), record(2), vec![]).await.unwrap();
    for stale in [Version(0), Version(1)] {
        assert_eq!(registry.commit("alice", stale, record(3), vec![]).await, Ok(Commit::Conflict));
    }
    assert_eq!(registry.load("alice").await, Ok((record(2), Version(2))));
}

#[tokio::test]
async fn a_commit_on_a_version_to_come_conflicts_and_stores_nothing() {
    let registry = fresh().await;
    assert_eq!(registry.commit("alice", Version(1), record(1), vec![]).await, Ok(Commit::Conflict));
    assert_eq!(registry.load("alice").await, Ok((Record::default(), Version(0))));
}

#[tokio::test]
async fn accounts_do_not_touch_each_other() {
    let registry = fresh().await;
    registry.commit("alice", Version(0), record(1), vec![]).await.unwrap();
    registry.commit("Alice", Version(0), record(2), vec![]).await.unwrap();
    assert_eq!(registry.load("alice").await, Ok((record(1), Version(1))));
    assert_eq!(registry.load("Alice").await, Ok((record(2), Version(1))));
    assert_eq!(registry.load("bob").await, Ok((Record::default(), Version(0))));
}

#[tokio::test]
async fn every_account_that_is_stored_is_listed_in_order() {
    let registry = fresh().await;
    assert_eq!(registry.accounts().await, Ok(vec![]));
    for user_id in ["bob", "alice", "Zoe"] {
        registry.commit(user_id, Version(0), record(1), vec![]).await.unwrap();
    }
    registry.commit("bob", Version(1), Record::default(), vec![]).await.unwrap();
    registry.commit("nobody", Version(1), record(1), vec![]).await.unwrap();
    assert_eq!(registry.accounts().await.unwrap(), ["Zoe", "alice"]);
}

#[tokio::test]
async fn the_note_of_a_stop_is_taken_once_and_replaced_by_the_next() {
    let registry = fresh().await;
    assert_eq!(registry.take_stop().await, Ok(vec![]));
    let note = |user_id: &str, n| (user_id.to_owned(), SessionDigest(n));
    for noted in [vec![note("alice", 1)], vec![], vec![note("alice", 1), note("bob", u128::MAX)]] {
        registry.note_stop(noted).await.unwrap();
    }
    assert_eq!(registry.take_stop().await, Ok(vec![note("alice", 1), note("bob", u128::MAX)]));
    assert_eq!(registry.take_stop().await, Ok(vec![]));
    assert_eq!(registry.accounts().await, Ok(vec![]));
}

/// Commits on version after version, from the first on, and counts how often it was first.
async fn wins(registry: &impl Registry, rounds: u64, n: u8) -> u64 {
    let mut wins = 0;
    for version in 0..rounds {
        let commit = registry.commit("alice", Version(version), record(n), vec![]).await;
        wins += u64::from(commit == Ok(Commit::Done(Version(version + 1))));
    }
    wins
}

#[tokio::test]
async fn of_the_threads_that_commit_on_one_version_exactly_one_wins() {
    let (registry, rounds, start) = (Arc::new(fresh().await), RACE_ROUNDS, Arc::new(Barrier::new(4)));
    let racers = [1, 2, 3, 4].map(|n| {
        let (registry, start, runtime) = (Arc::clone(&registry), Arc::clone(&start), Handle::current());
        spawn_blocking(move || {
            start.wait();
            runtime.block_on(wins(&*registry, rounds, n))
        })
    });
    let mut won = 0;
    for racer in racers {
        won += racer.await.unwrap();
    }
    let (_, version) = registry.load("alice").await.unwrap();
    assert_eq!((won, version), (rounds, Version(rounds)));
}
