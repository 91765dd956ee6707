//! What a data folder still holds after its process ended, cleanly or not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sut::callback::{Callback, CallbackId, Device, Happened, Place, Queued};
use sut::config::{Policy, TermsChange};
use sut::registry::durable::Durable;
use sut::registry::{Commit, Outbox, Registry, TermsStore, Version};
use sut::session::{
    Accepted, Epoch, EpochEntry, Epochs, KeyDigest, KickReason, KickRecord, MessageId, Platform, Record, Session, SessionDigest,
};
use sut::timers::UnixMillis;
use tempfile::{TempDir, tempdir};

use super::APP;

/// A record of which every part tells `n`.
fn record(n: u8) -> Record {
    let (key, digest, epoch) = (KeyDigest(n.into()), SessionDigest(n.into()), Epoch(u64::MAX - u64::from(n)));
    Record {
        sessions: vec![Session {
            key,
            digest,
            epoch,
            platform: Platform::IPad,
            expires_at: UnixMillis(n.into()),
            issued_s: n.into(),
            node: None,
            admitted_at: None,
        }],
        kicks: vec![KickRecord { key, digest, reason: KickReason::RestApi }],
        epochs: Epochs::from_iter([(key, EpochEntry { epoch, raised_at: UnixMillis(n.into()) })]),
        rest_kick_s: Some(n.into()),
        accepted: BTreeMap::from([(key, vec![Accepted { id: MessageId(n.into()), at: UnixMillis(n.into()) }])]),
    }
}

fn callback(n: u8, happened: Happened) -> Callback {
    let device = Device { digest: SessionDigest(u128::MAX - u128::from(n)), platform: Platform::Mac };
    Callback { id: CallbackId(n.into()), at: UnixMillis(u64::MAX), device, happened }
}

/// One callback of every kind.
fn callbacks() -> Vec<Callback> {
    let kicked = vec![callback(7, Happened::TimeOut).device];
    let kinds = [Happened::Register { kicked }, Happened::Resumed, Happened::Unregister, Happened::LinkClose, Happened::TimeOut];
    (1..).zip(kinds).map(|(n, happened)| callback(n, happened)).collect()
}

const fn place(version: u64, index: u32) -> Place {
    Place { version: Version(version), index }
}

async fn fill(registry: &Durable) {
    registry.commit("alice", Version(0), record(1), callbacks()).await.unwrap();
    registry.commit("bob", Version(0), record(2), vec![]).await.unwrap();
    registry.commit("alice", Version(1), record(3), vec![callback(9, Happened::Unregister)]).await.unwrap();
    let oldest = registry.oldest("alice").await.unwrap().unwrap();
    assert_eq!(oldest.place, place(1, 0));
    registry.delivered("alice", &oldest).await.unwrap();
    registry.set_changed(Some(changed())).await.unwrap();
}

fn changed() -> TermsChange {
    TermsChange { policy: Some(Policy::MULTI), limits: vec![(Platform::Web, 7)] }
}

async fn check(registry: &Durable) {
    assert_eq!(registry.accounts().await.unwrap(), ["alice", "bob"]);
    assert_eq!(registry.load("alice").await, Ok((record(3), Version(2))));
    assert_eq!(registry.load("bob").await, Ok((record(2), Version(1))));
    assert_eq!(registry.changed().await, Ok(Some(changed())));
    assert_eq!(registry.owed().await.unwrap(), ["alice"]);
    let left = [place(1, 1), place(1, 2), place(1, 3), place(1, 4), place(2, 0)];
    let told = callbacks().into_iter().skip(1).chain([callback(9, Happened::Unregister)]);
    for (place, callback) in left.into_iter().zip(told) {
        assert_eq!(registry.oldest("alice").await, Ok(Some(Queued { place, callback: callback.clone() })));
        registry.delivered("alice", &Queued { place, callback }).await.unwrap();
    }
    assert_eq!(registry.oldest("alice").await, Ok(None));
}

/// The folder as a process leaves it that is killed at this moment.
fn killed(folder: &Path) -> TempDir {
    let copy = tempdir().unwrap();
    fs::copy(folder.join("registry.redb"), copy.path().join("registry.redb")).unwrap();
    copy
}

#[tokio::test]
async fn a_reopened_folder_has_every_record_version_and_callback() {
    let folder = tempdir().unwrap();
    let deeper = folder.path().join("made-when-missing");
    let registry = Durable::open(&deeper, APP).unwrap();
    fill(&registry).await;
    drop(registry);
    let registry = Durable::open(&deeper, APP).unwrap();
    check(&registry).await;
    assert_eq!(registry.commit("alice", Version(1), record(4), vec![]).await, Ok(Commit::Conflict));
    assert_eq!(registry.commit("alice", Version(2), record(4), vec![]).await, Ok(Commit::Done(Version(3))));
}

#[tokio::test]
async fn the_versions_of_a_deleted_account_go_on_in_another_process() {
    let folder = tempdir().unwrap();
    let registry = Durable::open(folder.path(), APP).unwrap();
    for n in 0..3 {
        registry.commit("alice", Version(n), record(1), vec![]).await.unwrap();
    }
    registry.commit("alice", Version(3), Record::default(), vec![]).await.unwrap();
    let killed = killed(folder.path());
    let registry = Durable::open(killed.path(), APP).unwrap();
    assert_eq!(registry.accounts().await, Ok(vec![]));
    assert_eq!(registry.load("alice").await, Ok((Record::default(), Version(4))));
    assert_eq!(registry.commit("alice", Version(0), record(1), vec![]).await, Ok(Commit::Conflict));
}

#[tokio::test]
async fn the_note_of_a_stop_outlives_its_process_until_it_is_taken() {
    let folder = tempdir().unwrap();
    let note = vec![("alice".to_owned(), SessionDigest(7))];
    let stops = Durable::open(folder.path(), APP).unwrap();
    stops.note_stop(note.clone()).await.unwrap();
    let starts = killed(folder.path());
    let registry = Durable::open(starts.path(), APP).unwrap();
    assert_eq!(registry.take_stop().await, Ok(note));
    let crashed = killed(starts.path());
    assert_eq!(Durable::open(crashed.path(), APP).unwrap().take_stop().await, Ok(vec![]));
}

#[tokio::test]
async fn a_process_that_is_killed_loses_nothing_that_was_answered() {
    let folder = tempdir().unwrap();
    let registry = Durable::open(folder.path(), APP).unwrap();
    fill(&registry).await;
    let killed = killed(folder.path());
    check(&Durable::open(killed.path(), APP).unwrap()).await;
}

#[tokio::test]
async fn killed_at_any_moment_a_record_stands_with_its_callbacks_or_neither_does() {
    let folder = tempdir().unwrap();
    let registry = Durable::open(folder.path(), APP).unwrap();
    for n in 1..=20 {
        let before = killed(folder.path());
        let commit = registry.commit("alice", Version(n - 1), record(1), vec![callback(1, Happened::Unregister); 3]);
        let (committed, meanwhile) = tokio::join!(commit, async { killed(folder.path()) });
        assert_eq!(committed, Ok(Commit::Done(Version(n))));
        for (folder, possible) in [(before, n - 1..=n - 1), (meanwhile, n - 1..=n), (killed(folder.path()), n..=n)] {
            let registry = Durable::open(folder.path(), APP).unwrap();
            let (_, version) = registry.load("alice").await.unwrap();
            assert!(possible.contains(&version.0), "{version:?} is not in {possible:?}");
            assert_eq!(owed(&registry).await, 3 * version.0);
        }
    }
}

async fn owed(registry: &Durable) -> u64 {
    let mut owed = 0;
    while let Some(queued) = registry.oldest("alice").await.unwrap() {
        registry.delivered("alice", &queued).await.unwrap();
        owed += 1;
    }
    owed
}

#[tokio::test]
async fn commits_that_wait_together_are_each_stored_or_refused() {
    let folder = tempdir().unwrap();
    let registry = Durable::open(folder.path(), APP).unwrap();
    let commits = (0..500).map(|n| {
        let (user_id, registry) = (format!("user{}", n % 250), &registry);
        async move { registry.commit(&user_id, Version(0), record(1), vec![]).await.unwrap() }
    });
    let outcomes = futures_util::future::join_all(commits).await;
    let first = outcomes.iter().take(250).all(|commit| *commit == Commit::Done(Version(1)));
    let second = outcomes.iter().skip(250).all(|commit| *commit == Commit::Conflict);
    assert!(first && second, "{outcomes:?}");
    assert_eq!(registry.accounts().await.unwrap().len(), 250);
}
