//! What a registry on a Redis server says once the server fails: what was certainly not written is out of reach, what may be is unknown
//! until it is decided, and nothing is taken for a conflict or a success.

use std::time::{Duration, Instant};

use redis::{AsyncConnectionConfig, Client, FromRedisValue, RedisResult, Value, cmd};
use sut::registry::redis::Redis;
use sut::registry::{Commit, Notice, Outbox, Registry, Shared, Unreachable, Version};
use sut::session::{Record, Reign};
use tokio::task::yield_now;

use super::super::way::Way;
use super::server::Server;
use super::{APP, Fresh, fresh, open};
use crate::registry::PATIENCE;

/// How long a write may be done behind its sending.
const DEADLINE: Duration = Duration::from_secs(1);

fn record(second: u64) -> Record {
    Record { rest_kick_s: Some(second), ..Record::default() }
}

async fn commit(registry: &impl Registry, expected: u64) -> Result<Commit, Unreachable> {
    registry.commit("alice", Version(expected), record(expected), vec![]).await
}

/// Tells the server itself something.
pub(crate) async fn tell<T: FromRedisValue>(server: &Server, words: &str) -> T {
    tell_as(&server.url(), words).await
}

async fn tell_as<T: FromRedisValue>(url: &str, words: &str) -> T {
    said(url, words).await.unwrap()
}

pub(crate) async fn said<T: FromRedisValue>(url: &str, words: &str) -> RedisResult<T> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
    let mut link = Client::open(url)?.get_multiplexed_async_connection_with_config(&config).await?;
    let mut words = words.split(' ');
    let mut told = cmd(words.next().unwrap());
    words.for_each(|word| drop(told.arg(word).to_owned()));
    told.query_async(&mut link).await
}

/// The registry, in whose server alice has version 1.
async fn with_alice() -> Fresh {
    let fresh = fresh().await;
    assert_eq!(commit(&fresh, 0).await, Ok(Commit::Done(Version(1))));
    fresh
}

async fn alice(fresh: &Fresh) -> Result<(Record, Version), Unreachable> {
    fresh.load("alice").await
}

pub(crate) fn why<T: std::fmt::Debug>(failed: Result<T, Unreachable>) -> String {
    let Unreachable(why) = failed.unwrap_err();
    assert_eq!(why.lines().count(), 1, "{why}");
    why
}

#[tokio::test]
async fn a_commit_that_a_frozen_server_finds_later_is_unknown_and_never_done() {
    let fresh = with_alice().await;
    fresh.server.signal("STOP");
    assert_eq!(commit(&fresh, 1).await, Ok(Commit::Unknown));
    fresh.server.signal("CONT");
    for _ in 0..2 {
        assert_eq!(alice(&fresh).await, Ok((record(0), Version(1))));
    }
    assert_eq!(commit(&fresh, 1).await, Ok(Commit::Done(Version(2))));
}

#[tokio::test]
async fn a_commit_whose_link_is_cut_is_unknown_and_nothing_is_loaded_before_its_deadline() {
    let fresh = with_alice().await;
    tell::<()>(&fresh.server, "CLIENT PAUSE 60000 WRITE").await;
    let sent = Instant::now();
    let cut = async {
        while !tell::<String>(&fresh.server, "INFO clients").await.contains("blocked_clients:1") {
            yield_now().await;
        }
        tell::<Value>(&fresh.server, "CLIENT KILL TYPE normal").await;
        tell::<()>(&fresh.server, "CLIENT UNPAUSE").await;
    };
    let (commit, ()) = tokio::join!(commit(&fresh, 1), cut);
    assert_eq!(commit, Ok(Commit::Unknown));
    assert!(sent.elapsed() < DEADLINE / 2, "{:?}", sent.elapsed());
    assert_eq!(alice(&fresh).await, Ok((record(0), Version(1))));
    assert!(sent.elapsed() > DEADLINE - Duration::from_millis(20), "{:?}", sent.elapsed());
}

#[tokio::test]
async fn a_commit_that_a_server_refuses_to_begin_is_not_done() {
    let refusals = [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", ["OOM"; 2]),
        ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0", ["NOREPLICAS"; 2]),
    ];
    let fresh = with_alice().await;
    for (begins, ends, what) in refusals {
        tell::<()>(&fresh.server, begins).await;
        for what in what {
            let why = why(commit(&fresh, 1).await);
            assert!(why.starts_with(fresh.server.url().trim_end_matches("/0")) && why.contains(what), "{why}");
        }
        tell::<()>(&fresh.server, ends).await;
        assert_eq!(alice(&fresh).await, Ok((record(0), Version(1))));
    }
    assert_eq!(commit(&fresh, 1).await, Ok(Commit::Done(Version(2))));
}

#[tokio::test]
async fn a_primary_that_takes_no_writes_any_more_has_not_begun_the_first_and_is_left_then() {
    let fresh = with_alice().await;
    tell::<()>(&fresh.server, "REPLICAOF 127.0.0.1 1").await;
    for what in ["ReadOnly", "no primary"] {
        let why = why(commit(&fresh, 1).await);
        assert!(why.contains(what), "{why}");
    }
    tell::<()>(&fresh.server, "REPLICAOF NO ONE").await;
    assert_eq!(commit(&fresh, 1).await, Ok(Commit::Conflict));
    assert_eq!(alice(&fresh).await, Ok((record(0), Version(1).under(Reign(1)))));
}

#[tokio::test]
async fn a_replica_without_its_primary_that_knows_nothing_has_not_begun_a_commit() {
    let fresh = with_alice().await;
    for words in ["CONFIG SET replica-read-only no", "CONFIG SET replica-serve-stale-data no", "REPLICAOF 127.0.0.1 1"] {
        tell::<()>(&fresh.server, words).await;
    }
    let why = why(commit(&fresh, 1).await);
    assert!(why.contains("MasterDown") || why.contains("MASTERDOWN"), "{why}");
}

#[tokio::test]
async fn a_server_that_wants_a_password_now_has_not_begun_a_commit() {
    let fresh = with_alice().await;
    tell::<()>(&fresh.server, "CONFIG SET requirepass hush").await;
    tell_as::<Value>(&format!("redis://:hush@{}/0", fresh.server.address()), "CLIENT KILL TYPE normal").await;
    assert_eq!(commit(&fresh, 1).await, Ok(Commit::Unknown));
    let why = why(commit(&fresh, 1).await);
    assert!(why.to_lowercase().contains("auth"), "{why}");
}

#[tokio::test]
async fn a_server_that_loads_has_not_begun_a_commit_and_its_id_is_not_learned() {
    let fresh = with_alice().await;
    for words in ["DEBUG POPULATE 20000", "CONFIG SET loading-process-events-interval-bytes 1024", "CONFIG SET key-load-delay 500"]
    {
        tell::<()>(&fresh.server, words).await;
    }
    let url = fresh.server.url();
    tokio::spawn(async move { said::<()>(&url, "DEBUG RELOAD").await });
    until_loading(&fresh.server, true).await;
    for _ in 0..2 {
        let why = why(commit(&fresh, 1).await);
        assert!(why.to_lowercase().contains("loading"), "{why}");
    }
    while said::<()>(&fresh.server.url(), "CONFIG SET key-load-delay 0").await.is_err() {}
    until_loading(&fresh.server, false).await;
    assert_eq!(commit(&fresh, 1).await, Ok(Commit::Done(Version(2))));
}

async fn until_loading(server: &Server, loads: bool) {
    let is_so = |info: String| info.contains("\r\nloading:1") == loads;
    while !said(&server.url(), "INFO persistence").await.is_ok_and(is_so) {
        yield_now().await;
    }
}

#[tokio::test]
async fn a_cluster_without_the_slot_has_not_begun_a_commit() {
    let server = Server::start_with(&["--cluster-enabled", "yes"]);
    tell::<()>(&server, "CLUSTER ADDSLOTSRANGE 0 16383").await;
    while !tell::<String>(&server, "CLUSTER INFO").await.contains("cluster_state:ok") {
        yield_now().await;
    }
    let registry = open(&server, APP).await.unwrap();
    assert_eq!(commit(&registry, 0).await, Ok(Commit::Done(Version(1))));
    tell::<()>(&server, "CLUSTER DELSLOTSRANGE 0 16383").await;
    let why = why(commit(&registry, 1).await);
    assert!(why.to_lowercase().contains("cluster"), "{why}");
}

#[tokio::test]
async fn a_fault_that_may_come_behind_a_write_leaves_it_unknown() {
    let fresh = with_alice().await;
    for bucket in 0..64 {
        tell::<()>(&fresh.server, &format!("SET kickproof:{{{bucket}}}:owed spoilt")).await;
    }
    assert_eq!(commit(&fresh, 1).await, Ok(Commit::Done(Version(2))));
    let told = [super::outbox::callback(1)].to_vec();
    assert_eq!(fresh.commit("alice", Version(2), record(2), told).await, Ok(Commit::Unknown));
    assert_eq!(alice(&fresh).await, Ok((record(2), Version(3))));
    assert!(why(fresh.oldest("alice").await).contains("WRONGTYPE"));
}

#[tokio::test]
async fn what_was_decided_under_another_id_is_not_stored_and_another_load_finds_it_under_this_one() {
    let fresh = with_alice().await;
    let mut known = Version(1);
    for reign in 1..4 {
        tell::<()>(&fresh.server, "DEBUG CHANGE-REPL-ID").await;
        assert_eq!(fresh.commit("alice", known, record(9), vec![]).await, Ok(Commit::Conflict));
        let found = Version(known.number()).under(Reign(reign));
        assert_eq!(alice(&fresh).await.unwrap().1, found);
        known = Version(found.0 + 1);
        assert_eq!(fresh.commit("alice", found, record(1), vec![]).await, Ok(Commit::Done(known)));
    }
    assert_eq!(fresh.stale(&[("alice".into(), known)]).await.unwrap(), []);
    let stale = fresh.stale(&[("alice".into(), Version(known.number()))]).await.unwrap();
    assert_eq!(stale, [Notice::of("alice", known)]);
}

#[tokio::test]
async fn a_primary_that_became_another_is_asked_again_whether_it_has_the_registry() {
    let fresh = with_alice().await;
    tell::<()>(&fresh.server, "DEBUG CHANGE-REPL-ID").await;
    tell::<()>(&fresh.server, "FLUSHALL").await;
    assert!(why(commit(&fresh, 0).await).contains("the registry is gone"));
}

#[tokio::test]
async fn a_replica_that_takes_writes_takes_none_and_says_nothing_of_versions() {
    for expected in [0, 1] {
        let fresh = with_alice().await;
        tell::<()>(&fresh.server, "CONFIG SET replica-read-only no").await;
        tell::<()>(&fresh.server, "REPLICAOF 127.0.0.1 1").await;
        assert!(why(commit(&fresh, expected).await).contains("no primary"));
        assert!(why(alice(&fresh).await).contains("no primary"));
    }
}

#[tokio::test]
async fn scripts_that_a_server_forgot_are_told_it_again() {
    let fresh = with_alice().await;
    tell::<()>(&fresh.server, "SCRIPT FLUSH").await;
    assert_eq!(commit(&fresh, 1).await, Ok(Commit::Done(Version(2))));
}

#[tokio::test]
async fn a_link_that_was_closed_unused_is_no_fault_of_a_load() {
    let fresh = with_alice().await;
    tell::<Value>(&fresh.server, "CLIENT KILL TYPE normal").await;
    assert_eq!(alice(&fresh).await, Ok((record(0), Version(1))));
}

#[tokio::test]
async fn a_server_that_ended_is_out_of_reach_and_one_that_is_empty_in_its_place_stays_so() {
    let mut fresh = with_alice().await;
    fresh.server.end();
    let first = commit(&fresh, 1).await;
    assert!(matches!(first, Ok(Commit::Unknown) | Err(_)), "{first:?}");
    for _ in 0..2 {
        assert!(why(commit(&fresh, 1).await).contains("refused"));
    }
    fresh.server.replace();
    for _ in 0..2 {
        assert!(why(alice(&fresh).await).contains("the registry is gone"));
        assert!(why(commit(&fresh, 1).await).contains("the registry is gone"));
    }
    assert_eq!(open(&fresh.server, APP).await.unwrap().load("alice").await, Ok((Record::default(), Version(0))));
}

#[tokio::test]
async fn a_registry_of_another_app_or_format_is_refused_and_stays_as_it_was() {
    let fresh = with_alice().await;
    let other = why(open(&fresh.server, APP + 1).await);
    assert!(other.ends_with("its registry is of SDKAppID 14, and 15 is to be served"), "{other}");
    open(&fresh.server, APP).await.unwrap();
    tell::<u64>(&fresh.server, "HSET kickproof:{app}:about format 7").await;
    let other = why(open(&fresh.server, APP).await);
    assert!(other.ends_with("its registry has the format 7, and 2 is what is read here"), "{other}");
}

#[tokio::test]
async fn another_link_finds_what_was_stored() {
    let fresh = with_alice().await;
    let other = open(&fresh.server, APP).await.unwrap();
    assert_eq!(other.load("alice").await, Ok((record(0), Version(1))));
    assert_eq!(commit(&other, 1).await, Ok(Commit::Done(Version(2))));
    assert_eq!(commit(&fresh, 1).await, Ok(Commit::Conflict));
}

#[tokio::test]
async fn a_look_up_finds_a_commit_that_was_held_on_its_way_and_done_behind_its_first_look() {
    let server = Server::start();
    let way = Way::to(server.address()).await;
    let redis = Redis::open(&format!("redis://{}/0", way.address).parse().unwrap(), APP).await.unwrap();
    assert_eq!(commit(&redis, 0).await, Ok(Commit::Done(Version(1))));
    way.hold_the_next();
    assert_eq!(commit(&redis, 1).await, Ok(Commit::Unknown));
    let looks = loads(&server).await;
    let released = async {
        while loads(&server).await == looks {
            yield_now().await;
        }
        way.release();
    };
    let (found, ()) = tokio::join!(redis.load("alice"), released);
    assert_eq!(found, Ok((record(1), Version(2))));
}

/// How often the server was asked for the time: each load does.
async fn loads(server: &Server) -> String {
    let stats = tell::<String>(server, "INFO commandstats").await;
    stats.lines().find(|line| line.starts_with("cmdstat_time:")).unwrap().to_owned()
}
