//! The disk that a test slows down, hangs and counts: what is stored waits for it, and for nothing else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use sut::registry::durable::{Disk, Durable};
use sut::registry::{Commit, Pace, Registry, Version, Write};
use sut::session::Record;
use tempfile::{TempDir, tempdir};
use tokio::task::yield_now;
use tokio::time::timeout;

use super::APP;

/// Longer than a sync takes that nothing holds up.
const WHILE: Duration = Duration::from_millis(100);

/// The number of the one commit that is not done at leisure.
const HURRIED: u64 = 1_000;

fn registry(disk: Disk) -> (Arc<Disk>, Durable, TempDir) {
    let (disk, folder) = (Arc::new(disk), tempdir().unwrap());
    let registry = Durable::open_on(Arc::clone(&disk), folder.path(), APP).unwrap();
    (disk, registry, folder)
}

/// One that is kept: an account whose record is empty is deleted.
fn record() -> Record {
    Record { rest_kick_s: Some(1), ..Record::default() }
}

/// Until one more sync began than so many.
async fn syncs_after(disk: &Disk, before: u64) {
    while disk.syncs() == before {
        yield_now().await;
    }
}

#[tokio::test]
async fn a_commit_is_answered_once_its_sync_is_over_and_a_read_does_not_wait() {
    let (disk, registry, _folder) = registry(Disk::default());
    let (before, hung) = (disk.syncs(), disk.hang());
    let mut commit = Box::pin(registry.commit("alice", Version(0), record(), vec![]));
    assert_eq!(commit.as_mut().now_or_never(), None);
    syncs_after(&disk, before).await;
    assert!(timeout(WHILE, commit.as_mut()).await.is_err());
    assert_eq!(registry.load("alice").await, Ok((Record::default(), Version(0))));
    drop(hung);
    assert_eq!(commit.await, Ok(Commit::Done(Version(1))));
}

#[tokio::test]
async fn a_slow_disk_takes_so_much_more_a_sync_and_counts_what_it_is_told() {
    let (disk, registry, _folder) = registry(Disk::slower_by(Duration::from_millis(20)));
    let (begun, syncs, written) = (Instant::now(), disk.syncs(), disk.written());
    for n in 0..5 {
        registry.commit("alice", Version(n), record(), vec![]).await.unwrap();
    }
    assert!(begun.elapsed() >= Duration::from_millis(100));
    assert!(disk.syncs() >= syncs + 5 && disk.written() > written);
}

#[tokio::test]
async fn commits_that_come_during_a_sync_share_the_next_one() {
    let (disk, registry, _folder) = registry(Disk::default());
    let (before, hung) = (disk.syncs(), disk.hang());
    let mut first = Box::pin(registry.commit("first", Version(0), record(), vec![]));
    assert_eq!(first.as_mut().now_or_never(), None);
    syncs_after(&disk, before).await;
    let names: Vec<_> = (0..32).map(|n| format!("user{n}")).collect();
    let commits = names.iter().map(|name| registry.commit(name, Version(0), record(), vec![]));
    let mut others = Box::pin(futures_util::future::join_all(commits));
    assert_eq!(others.as_mut().now_or_never(), None);
    drop(hung);
    let (first, others) = tokio::join!(first, others);
    assert!(others.into_iter().chain([first]).all(|commit| commit == Ok(Commit::Done(Version(1)))));
    assert_eq!(disk.syncs(), before + 2);
}

#[tokio::test]
async fn a_commit_goes_before_those_at_leisure_that_wait_longer() {
    let (disk, registry, _folder) = registry(Disk::default());
    let (before, hung) = (disk.syncs(), disk.hang());
    let mut first = Box::pin(registry.commit("first", Version(0), record(), vec![]));
    assert_eq!(first.as_mut().now_or_never(), None);
    syncs_after(&disk, before).await;
    let registry = &registry;
    let at_leisure = (0..500).map(|n| async move {
        let write = Write { expected: Version(0), record: record(), callbacks: vec![], passed: None, pace: Pace::AtLeisure };
        let committed = registry.store(&format!("user{n}"), write).await;
        (n, committed)
    });
    let mut waiting: FuturesUnordered<_> = at_leisure.map(FutureExt::left_future).collect();
    assert_eq!(waiting.next().now_or_never(), None);
    waiting.push(async { (HURRIED, registry.commit("hurried", Version(0), record(), vec![]).await) }.right_future());
    assert_eq!(waiting.next().now_or_never(), None);
    drop(hung);
    assert_eq!(first.await, Ok(Commit::Done(Version(1))));
    let order: Vec<_> = waiting.collect().await;
    assert!(order.iter().all(|(_, committed)| *committed == Ok(Commit::Done(Version(1)))));
    assert_eq!((order[0].0, order.len()), (HURRIED, 501));
}
