//! What a registry on a Redis server says once the server fails: what was certainly not written is out of reach, what may be is unknown
//! until it is decided, and nothing is taken for a conflict or a success.

use std::time::{Duration, Instant};

use redis::{Client, FromRedisValue, Value, cmd};
use sut::registry::redis::Redis;
use sut::registry::{Commit, Outbox, Registry, Unreachable, Version};
use sut::session::Record;
use tokio::task::yield_now;

use super::super::way::Way;
use super::server::Server;
use super::{APP, Fresh, fresh, open};

/// How long a write may be done behind its sending.
const DEADLINE: Duration = Duration::from_secs(1);

fn record(second: u64) -> Record {
    Record { rest_kick_s: Some(second), ..Record::default() }
}

async fn commit(registry: &impl Registry, expected: u64) -> Result<Commit, Unreachable> {
    registry.commit("alice", Version(expected), record(expected), vec![]).await
}

/// Tells the server itself something.
async fn tell<T: FromRedisValue>(server: &Server, words: &str) -> T {
    let mut link = Client::open(server.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let mut words = words.split(' ');
    let mut told = cmd(words.next().unwrap());
    words.for_each(|word| drop(told.arg(word).to_owned()));
    told.query_async(&mut link).await.unwrap()
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

fn why<T: std::fmt::Debug>(failed: Result<T, Unreachable>) -> String {
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
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", ["ReadOnly", "no primary"]),
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
async fn another_id_of_the_same_primary_is_learned_and_the_commit_done() {
    let fresh = with_alice().await;
    for expected in 1..4 {
        tell::<()>(&fresh.server, "DEBUG CHANGE-REPL-ID").await;
        assert_eq!(commit(&fresh, expected).await, Ok(Commit::Done(Version(expected + 1))));
    }
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
    let fresh = with_alice().await;
    tell::<()>(&fresh.server, "CONFIG SET replica-read-only no").await;
    tell::<()>(&fresh.server, "REPLICAOF 127.0.0.1 1").await;
    for expected in [0, 1] {
        assert!(why(commit(&fresh, expected).await).contains("no primary"));
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
    assert!(other.ends_with("its registry has the format 7, and 1 is what is read here"), "{other}");
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
