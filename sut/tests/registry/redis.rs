//! The contract, of the registry of a Redis server.

pub(crate) mod faults;
mod kept;
pub(crate) mod primaries;
mod sentinels;
pub(crate) mod server;
mod watched;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use sut::callback::Queued;
use sut::config::TermsChange;
use sut::registry::redis::Redis;
use sut::registry::{Ear, Layer, Lives, Notice, Outbox, Registry, Shared, TermsStore, Unreachable, Version};
use sut::session::{Accepted, KeyDigest, MessageId, NodeLife, Record};
use sut::timers::{SystemTime, Time, UnixMillis};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{APP, PATIENCE};
use server::Server;

const RACE_ROUNDS: u64 = 100;

/// A registry and its server, which ends with it.
struct Fresh {
    redis: Redis,
    server: Server,
}

async fn fresh() -> Fresh {
    let server = Server::start();
    Fresh { redis: open(&server, APP).await.unwrap(), server }
}

async fn open(server: &Server, sdk_app_id: u64) -> Result<Redis, Unreachable> {
    Redis::open(&server.url().parse().unwrap(), sdk_app_id).await
}

impl Layer for Fresh {
    type Within = Redis;

    fn within(&self) -> &Redis {
        &self.redis
    }
}

impl Outbox for Fresh {
    async fn owed(&self) -> Result<Vec<String>, Unreachable> {
        self.redis.owed().await
    }

    async fn oldest(&self, user_id: &str) -> Result<Option<Queued>, Unreachable> {
        self.redis.oldest(user_id).await
    }

    async fn delivered(&self, user_id: &str, queued: &Queued) -> Result<(), Unreachable> {
        self.redis.delivered(user_id, queued).await
    }
}

impl TermsStore for Fresh {
    async fn changed(&self) -> Result<Option<TermsChange>, Unreachable> {
        self.redis.changed().await
    }

    async fn set_changed(&self, changed: Option<TermsChange>) -> Result<(), Unreachable> {
        self.redis.set_changed(changed).await
    }
}

impl Shared for Fresh {
    async fn tell(&self, ear: Ear) {
        self.redis.tell(ear).await;
    }

    async fn live(&self, life: Option<NodeLife>, lease: Duration) -> Result<Lives, Unreachable> {
        self.redis.live(life, lease).await
    }

    async fn stale(&self, known: &[(Arc<str>, Version)]) -> Result<Vec<Notice>, Unreachable> {
        self.redis.stale(known).await
    }
}

#[path = "contract.rs"]
mod contract;

#[path = "outbox.rs"]
mod outbox;

#[path = "nodes.rs"]
mod nodes;

#[path = "shared.rs"]
mod shared;

#[path = "terms.rs"]
mod terms;

#[tokio::test]
async fn a_life_that_leaves_is_over_at_once() {
    let (registry, lease) = (fresh().await, Duration::from_secs(3600));
    let [first, second] = [registry.live(None, lease).await.unwrap().own, registry.live(None, lease).await.unwrap().own];
    registry.redis.leave(first).await.unwrap();
    assert_eq!(registry.live(Some(second), lease).await, Ok(Lives { own: second, all: [second].into() }));
}

#[tokio::test]
async fn a_lease_that_a_former_primary_renewed_holds_at_the_next_and_no_life_comes_twice() {
    let (registry, lease) = (fresh().await, Duration::from_secs(3600));
    let (other, begun) = (open(&registry.server, APP).await.unwrap(), SystemTime.now().0 / 1000);
    let own = registry.live(None, lease).await.unwrap().own;
    faults::tell::<u64>(&registry.server, &format!("HSET kickproof:{{app}}:lives {own} 1")).await;
    faults::tell::<()>(&registry.server, "DEBUG CHANGE-REPL-ID").await;
    assert_eq!(registry.live(Some(own), lease).await.unwrap().own, own);
    let lives = other.live(None, lease).await.unwrap();
    assert!(lives.own > own && lives.all.contains(&own), "{lives:?}");
    assert!(u64::from(own.0.get()) >= begun, "{own} is from before {begun}");
}

#[tokio::test]
async fn a_life_whose_lease_ran_out_is_over_and_another_begins() {
    let registry = fresh().await;
    let first = registry.live(None, Duration::ZERO).await.unwrap().own;
    let lives = loop {
        let lives = registry.live(Some(first), Duration::ZERO).await.unwrap();
        if lives.own != first {
            break lives;
        }
    };
    assert!(lives.own > first && lives.all == [lives.own].into(), "{lives:?}");
}

#[tokio::test]
async fn a_short_record_comes_with_the_notice_of_its_commit_and_a_long_one_does_not() {
    let registry = fresh().await;
    let (told, mut heard) = mpsc::unbounded_channel();
    registry.tell(Box::new(move |notice| told.send(notice).map_or(ControlFlow::Break(()), ControlFlow::Continue))).await;
    let accepted = (0..100).map(|id| Accepted { id: MessageId(id), at: UnixMillis(1) }).collect();
    let short = Record { rest_kick_s: Some(1), ..Record::default() };
    let long = Record { accepted: BTreeMap::from([(KeyDigest(1), accepted)]), ..Record::default() };
    for (version, (stored, comes)) in (0..).zip([(short, true), (long, false), (Record::default(), false)]) {
        registry.commit("alice", Version(version), stored.clone(), vec![]).await.unwrap();
        let notice = timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
        assert_eq!(notice.record, comes.then(|| Arc::new(stored)));
    }
}
