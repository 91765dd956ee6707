//! The registry of a Redis cluster of three primaries.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sut::callback::Queued;
use sut::config::TermsChange;
use sut::registry::redis::Redis;
use sut::registry::{Commit, Ear, Layer, Lives, Notice, Outbox, Registry, Sentinels, Shared, TermsStore, Unreachable, Version};
use sut::session::{NodeLife, Record};
use tokio::task::yield_now;

use super::redis::faults::{said, tell, why};
use super::redis::primaries::caught_up;
use super::redis::server::Server;
use super::{APP, PATIENCE};

const RACE_ROUNDS: u64 = 20;

/// The slots of each primary, in the words of the engine.
const SLOTS: [&str; 3] = ["0 5460", "5461 10922", "10923 16383"];

/// A registry, and its cluster, which ends with it.
struct Fresh {
    redis: Redis,
    servers: Vec<Server>,
}

async fn fresh() -> Fresh {
    let servers = cluster().await;
    Fresh { redis: open(&servers).await.unwrap(), servers }
}

async fn open(servers: &[Server]) -> Result<Redis, Unreachable> {
    let addresses: Vec<_> = servers.iter().map(Server::address).collect();
    Redis::open(&format!("redis+cluster://{}", addresses.join(",")).parse().unwrap(), APP).await
}

/// One that runs and is sure of it.
async fn cluster() -> Vec<Server> {
    let servers: Vec<_> = SLOTS.iter().map(|_| member()).collect();
    for ((epoch, server), slots) in (1..).zip(&servers).zip(SLOTS) {
        tell::<()>(server, &format!("CLUSTER ADDSLOTSRANGE {slots}")).await;
        // Servers with the same epoch agree in time on others, which whoever takes over meanwhile would not know.
        tell::<()>(server, &format!("CLUSTER SET-CONFIG-EPOCH {epoch}")).await;
        meet(server, &servers[0]).await;
    }
    for server in &servers {
        until(server, "CLUSTER INFO", |info| info.contains("cluster_state:ok") && info.contains("cluster_size:3")).await;
    }
    servers
}

fn member() -> Server {
    Server::start_with(&["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--repl-diskless-sync-delay", "0"])
}

async fn meet(server: &Server, other: &Server) {
    tell::<()>(server, &format!("CLUSTER MEET {}", other.address().replace(':', " "))).await;
}

async fn until(server: &Server, words: &str, holds: impl Fn(&str) -> bool) {
    let since = Instant::now();
    while !said::<String>(&server.url(), words).await.is_ok_and(|answer: String| holds(&answer)) {
        assert!(since.elapsed() < PATIENCE, "{words} does not come to that");
        yield_now().await;
    }
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

async fn commit(registry: &Redis, user_id: &str, expected: Version) -> Commit {
    let record = Record { rest_kick_s: Some(expected.number()), ..Record::default() };
    registry.commit(user_id, expected, record, vec![]).await.unwrap()
}

#[tokio::test]
async fn accounts_lie_on_all_servers_and_one_server_that_is_asked_is_enough_to_find_them() {
    let Fresh { redis, servers } = fresh().await;
    let names: Vec<_> = (0..100).map(|n| format!("user{n}")).collect();
    for name in &names {
        assert_eq!(commit(&redis, name, Version(0)).await, Commit::Done(Version(1)));
    }
    for server in &servers {
        assert!(tell::<Vec<String>>(server, "KEYS kickproof:*:records").await.len() > 1);
    }
    let by_one = open(&servers[2..]).await.unwrap();
    assert_eq!(by_one.engine().sentinels, Sentinels { asked: 1, agree: 1 });
    assert_eq!(by_one.accounts().await.unwrap().into_iter().collect::<BTreeSet<_>>(), names.into_iter().collect());
}

/// A cluster that has just changed may say for a moment that it is down.
async fn loaded(redis: &Redis, user_id: &str) -> (Record, Version) {
    let since = Instant::now();
    loop {
        match redis.load(user_id).await {
            Ok(loaded) => return loaded,
            Err(why) => assert!(since.elapsed() < PATIENCE, "{why}"),
        }
    }
}

#[tokio::test]
async fn another_primary_of_some_slots_is_another_for_their_accounts_alone() {
    let Fresh { redis, servers } = fresh().await;
    let replica = member();
    meet(&replica, &servers[0]).await;
    let id = tell::<String>(&servers[0], "CLUSTER MYID").await;
    until(&replica, "CLUSTER NODES", |nodes| nodes.contains(&id)).await;
    tell::<()>(&replica, &format!("CLUSTER REPLICATE {id}")).await;
    until(&replica, "INFO replication", |info| info.contains("master_link_status:up")).await;
    until(&servers[0], "INFO replication", |info| info.contains("state=online")).await;
    let names: Vec<_> = (0..20).map(|n| format!("user{n}")).collect();
    for name in &names {
        redis.load(name).await.unwrap();
    }
    let before = redis.engine().reign;
    for name in &names {
        let version = redis.load(name).await.unwrap().1;
        assert!(matches!(commit(&redis, name, version).await, Commit::Done(_)));
    }
    until(&replica, "CLUSTER INFO", |info| info.contains("cluster_current_epoch:3")).await;
    caught_up(&servers[0], &replica).await;
    tell::<()>(&replica, "CLUSTER FAILOVER TAKEOVER").await;
    until(&replica, "INFO replication", |info| info.contains("role:master")).await;
    let since = Instant::now();
    while redis.engine().reign == before {
        for name in &names {
            let _ = redis.load(name).await;
        }
        assert!(since.elapsed() < PATIENCE, "it is the same primary");
    }
    for server in servers.iter().chain([&replica]) {
        until(server, "CLUSTER INFO", |info| info.contains("cluster_state:ok")).await;
    }
    let is_of_the_other = |version: Version| version.reign() > before;
    let mut others = 0;
    for name in &names {
        let (record, version) = loaded(&redis, name).await;
        assert_eq!((record.rest_kick_s, version.number()), (Some(0), 1), "{name}");
        assert!(matches!(commit(&redis, name, version).await, Commit::Done(_)), "{name}");
        others += usize::from(is_of_the_other(version));
    }
    assert!((1..names.len()).contains(&others), "{others}");
}

#[tokio::test]
async fn a_cluster_of_which_most_servers_are_gone_is_out_of_reach() {
    let Fresh { redis: _, mut servers } = fresh().await;
    let addresses: Vec<_> = servers.iter().map(Server::address).collect();
    servers.truncate(1);
    let url = format!("redis+cluster://{}", addresses.join(",")).parse().unwrap();
    assert!(why(Redis::open(&url, APP).await).contains("the majority of its servers names nobody who has its slot"));
}
