//! What every registry of several nodes must do (NODE-2). It is mounted as the contract is.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use sut::registry::{Commit, Lives, Notice, Pace, Passed, Registry, Shared, Version, Write};
use sut::session::{KeyDigest, MessageId, Record};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::timeout;

use super::fresh;
use crate::registry::PATIENCE;

fn record(n: u64) -> Record {
    Record { rest_kick_s: Some(n), ..Record::default() }
}

/// Hears of that version next, with its record or without; and the message that comes with it.
async fn hears(heard: &mut UnboundedReceiver<Notice>, version: u64, stored: Record) -> Option<Box<Passed>> {
    let Notice { user_id, version: told, record, passed } = timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
    assert_eq!((&*user_id, told), ("alice", Version(version)));
    assert!(record.is_none_or(|record| *record == stored));
    passed
}

#[tokio::test]
async fn every_commit_is_told_with_the_version_that_it_made_and_nothing_else_is() {
    let registry = fresh().await;
    let (told, mut heard) = mpsc::unbounded_channel();
    let ear = move |notice| if told.send(notice).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    registry.tell(Box::new(ear)).await;
    let commits = [("alice", 0, record(1)), ("alice", 1, record(2)), ("alice", 1, record(3)), ("alice", 2, Record::default())];
    for (user_id, expected, record) in commits {
        registry.commit(user_id, Version(expected), record, vec![]).await.unwrap();
    }
    for (version, stored) in [(1, record(1)), (2, record(2)), (3, Record::default())] {
        assert_eq!(hears(&mut heard, version, stored).await, None);
    }
    assert!(heard.is_empty());
}

#[tokio::test]
async fn a_message_is_told_with_the_commit_that_accepts_it() {
    let registry = fresh().await;
    let (told, mut heard) = mpsc::unbounded_channel();
    registry.tell(Box::new(move |notice| told.send(notice).map_or(ControlFlow::Break(()), ControlFlow::Continue))).await;
    let life = registry.live(None, Duration::from_secs(3600)).await.unwrap().own;
    let (to, text) = ("bob".to_owned(), "so \"it\" is".to_owned());
    let passed = Some(Box::new(Passed { by: life, sender: KeyDigest(1), id: MessageId(2), to, text }));
    let (stored, callbacks, pace) = (record(1), vec![], Pace::AtOnce);
    let write = Write { expected: Version(0), record: stored.clone(), callbacks, passed: passed.clone(), pace };
    registry.store("alice", write).await.unwrap();
    assert_eq!(hears(&mut heard, 1, stored).await, passed);
}

#[tokio::test]
async fn an_ear_that_breaks_does_not_keep_others_from_hearing() {
    let registry = fresh().await;
    let (told, mut heard) = mpsc::unbounded_channel();
    registry.tell(Box::new(|_| ControlFlow::Break(()))).await;
    registry.tell(Box::new(move |notice| told.send(notice).map_or(ControlFlow::Break(()), ControlFlow::Continue))).await;
    for expected in 0..2 {
        registry.commit("alice", Version(expected), record(expected), vec![]).await.unwrap();
    }
    for version in [1, 2] {
        assert_eq!(hears(&mut heard, version, record(version - 1)).await, None);
    }
}

#[tokio::test]
async fn the_accounts_that_have_another_version_are_named_with_it() {
    let registry = fresh().await;
    for (user_id, commits) in [("alice", 1), ("bob", 3), ("carol", 2)] {
        for expected in 0..commits {
            let stored = registry.commit(user_id, Version(expected), record(expected), vec![]).await;
            assert_eq!(stored, Ok(Commit::Done(Version(expected + 1))));
        }
    }
    registry.commit("carol", Version(2), Record::default(), vec![]).await.unwrap();
    let mut known = ["alice", "bob", "carol", "nobody"].map(|user_id| (Arc::from(user_id), Version(1))).to_vec();
    known.extend((0..600).map(|n| (Arc::from(format!("user{n}")), Version(3))));
    let (_, nobody) = registry.load("nobody").await.unwrap();
    let stale = registry.stale(&known).await.unwrap();
    let of = |user_id: &str| stale.iter().find(|notice| *notice.user_id == *user_id).map(|notice| notice.version.0);
    assert_eq!(["alice", "bob", "carol", "nobody"].map(of), [None, Some(3), Some(3), Some(nobody.0)]);
    assert_eq!(registry.stale(&[]).await, Ok(vec![]));
}

#[tokio::test]
async fn a_life_goes_on_while_its_lease_holds_and_each_new_one_has_a_higher_number() {
    let (registry, lease) = (fresh().await, Duration::from_secs(3600));
    let first = registry.live(None, lease).await.unwrap();
    let second = registry.live(None, lease).await.unwrap();
    assert!(first.own < second.own && second.all == [first.own, second.own].into());
    assert_eq!(registry.live(Some(first.own), lease).await, Ok(Lives { own: first.own, all: second.all }));
}
