//! A registry whose Redis goes on under another primary while the former one lives: NODE-5.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use sut::callback::Queued;
use sut::client::{Client, Event, Events, NetState};
use sut::config::{App, Limits};
use sut::registry::redis::Redis;
use sut::registry::{Commit, Engine, Outbox, Registry, Shared, Version};
use sut::server::Server as Node;
use sut::session::{KickReason, Record, Reign};
use sut::timers::{SystemTime, Time};
use tempfile::tempdir;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::timeout;

use super::super::way::Way;
use super::faults::{said, tell, why};
use super::open;
use super::outbox::callback;
use super::server::Server;
use crate::ends::http::exchange;
use crate::ends::system::{APP, System, app};
use crate::registry::PATIENCE;

/// Three of these are a lease, within which a node has to get its turn on a machine that does much else.
pub(super) const POLL: Duration = Duration::from_secs(1);

/// A primary, and its replica that has all of it.
pub(super) async fn pair() -> [Server; 2] {
    let [primary, replica] = [(); 2].map(|()| lone());
    attach(&primary, &replica).await;
    [primary, replica]
}

/// A server of which replicas have to wait for nothing.
fn lone() -> Server {
    Server::start_with(&["--repl-diskless-sync-delay", "0"])
}

async fn attach(primary: &Server, replica: &Server) {
    tell::<()>(replica, &format!("REPLICAOF {}", primary.address().replace(':', " "))).await;
    until(replica, "master_link_status:up").await;
    until(primary, "state=online").await;
}

/// Until the server says that of its replication.
pub(super) async fn until(server: &Server, what: &str) {
    let since = Instant::now();
    while !said::<String>(&server.url(), "INFO replication").await.is_ok_and(|info| info.contains(what)) {
        assert!(since.elapsed() < PATIENCE, "{what} is not said");
        yield_now().await;
    }
}

/// How far the server's changes have come.
async fn offset(server: &Server) -> u64 {
    let info = tell::<String>(server, "INFO replication").await;
    info.lines().find_map(|line| line.strip_prefix("master_repl_offset:")).unwrap().parse().unwrap()
}

/// Until the replica has all that the primary has now.
pub(crate) async fn caught_up(primary: &Server, replica: &Server) {
    let all = offset(primary).await;
    while offset(replica).await < all {
        yield_now().await;
    }
}

/// The replica becomes a primary with all that the other one has now, and that one goes on.
async fn promote(primary: &Server, replica: &Server) {
    caught_up(primary, replica).await;
    tell::<()>(replica, "REPLICAOF NO ONE").await;
}

async fn at(way: &Way) -> Redis {
    Redis::open(&format!("redis://{}/0", way.address).parse().unwrap(), APP).await.unwrap()
}

async fn commit(registry: &Redis, expected: Version) -> Commit {
    let record = Record { rest_kick_s: Some(expected.0), ..Record::default() };
    registry.commit("alice", expected, record, vec![]).await.unwrap()
}

#[tokio::test]
async fn which_commits_went_with_a_primary_is_known_and_nobody_goes_back_to_it() {
    let [former, next] = pair().await;
    let way = Way::to(former.address()).await;
    let registry = at(&way).await;
    for n in 0..3 {
        assert_eq!(commit(&registry, Version(n)).await, Commit::Done(Version(n + 1)));
    }
    promote(&former, &next).await;
    for n in 3..5 {
        assert_eq!(commit(&registry, Version(n)).await, Commit::Done(Version(n + 1)));
    }
    way.leads_to(next.address());
    let version = registry.load("alice").await.unwrap().1;
    assert_eq!(version, Version(3).under(Reign(1)));
    let Engine { reign, lost, primary, .. } = registry.engine();
    assert_eq!((reign, lost), (Reign(1), 2));
    assert!(tell::<String>(&next, "INFO replication").await.contains(&primary));
    assert_eq!(commit(&registry, version).await, Commit::Done(Version(4).under(Reign(1))));
    way.leads_to(former.address());
    let was_left = "it is a primary that was left for another one, and may lack what was stored since";
    assert!(why(registry.load("alice").await).ends_with(was_left));
}

#[tokio::test]
async fn what_a_primary_that_starts_from_an_older_file_has_not_got_is_known_too() {
    let (folder, replica) = (tempdir().unwrap(), lone());
    let started = || Server::start_with(&["--dir", folder.path().to_str().unwrap(), "--repl-diskless-sync-delay", "0"]);
    let mut server = started();
    attach(&server, &replica).await;
    let way = Way::to(server.address()).await;
    let registry = at(&way).await;
    for n in 0..5 {
        assert_eq!(commit(&registry, Version(n)).await, Commit::Done(Version(n + 1)));
        if n == 2 {
            tell::<()>(&server, "SAVE").await;
        }
    }
    server.end();
    let server = started();
    way.leads_to(server.address());
    assert_eq!(registry.load("alice").await.unwrap().1, Version(3).under(Reign(1)));
    assert_eq!(registry.engine().lost, 2);
}

#[tokio::test]
async fn what_the_next_primary_tells_is_heard_under_its_reign() {
    let server = Server::start();
    let (registry, other) = (open(&server, APP).await.unwrap(), open(&server, APP).await.unwrap());
    let (told, mut heard) = mpsc::unbounded_channel();
    registry.tell(Box::new(move |notice| told.send(notice).map_or(ControlFlow::Break(()), ControlFlow::Continue))).await;
    for reign in [0, 1].map(Reign) {
        let (_, version) = other.load("alice").await.unwrap();
        assert!(matches!(commit(&other, version).await, Commit::Done(_)));
        let notice = timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
        assert_eq!(notice.version, Version(version.number() + 1).under(reign));
        tell::<()>(&server, "DEBUG CHANGE-REPL-ID").await;
    }
}

#[tokio::test]
async fn what_was_delivered_takes_out_nothing_that_stands_in_its_place_at_another_primary() {
    let [former, next] = pair().await;
    let way = Way::to(former.address()).await;
    let registry = at(&way).await;
    promote(&former, &next).await;
    let commit =
        async |n| registry.commit("alice", registry.load("alice").await.unwrap().1, Record::default(), vec![callback(n)]).await;
    commit(1).await.unwrap();
    let delivered = registry.oldest("alice").await.unwrap().unwrap();
    way.leads_to(next.address());
    commit(2).await.unwrap();
    let in_its_place = Queued { callback: callback(2), ..delivered.clone() };
    registry.delivered("alice", &delivered).await.unwrap();
    assert_eq!(registry.oldest("alice").await, Ok(Some(in_its_place.clone())));
    registry.delivered("alice", &in_its_place).await.unwrap();
    assert_eq!(registry.oldest("alice").await, Ok(None));
}

#[tokio::test]
async fn a_node_that_starts_knows_which_primaries_were_left() {
    let server = Server::start();
    let registry = open(&server, APP).await.unwrap();
    let former = registry.engine().primary;
    tell::<()>(&server, "DEBUG CHANGE-REPL-ID").await;
    registry.load("alice").await.unwrap();
    let stored = tell::<Vec<String>>(&server, "SMEMBERS kickproof:{app}:left").await;
    assert_eq!(stored, [former]);
    let present = registry.engine().primary;
    tell::<()>(&server, &format!("SADD kickproof:{{app}}:left {present}")).await;
    assert!(why(open(&server, APP).await).contains("was left for another one"));
}

/// A node with one Web instance an account.
async fn node(registry: &Arc<Redis>) -> System {
    let app = App { limits: Limits::default(), ..app() };
    let server = Node::builder(app).registry(Arc::clone(registry)).start();
    server.join(Arc::clone(registry), None, POLL, None).await.unwrap();
    System::of(server)
}

#[tokio::test]
async fn an_id_that_changes_as_the_first_replica_comes_costs_nobody_anything() {
    let [server, replica] = [(); 2].map(|()| lone());
    let registry = Arc::new(open(&server, APP).await.unwrap());
    let node = node(&registry).await;
    let (alice, mut events) = node.ready("alice").await;
    let (before, version) = registry.load("alice").await.unwrap();
    attach(&server, &replica).await;
    let since = Instant::now();
    while registry.engine().reign == Reign(0) {
        assert!(since.elapsed() < PATIENCE, "it has no other id");
        yield_now().await;
    }
    node.ready("bob").await;
    assert_eq!(registry.load("alice").await, Ok((before, version.under(Reign(1)))));
    assert_eq!((registry.engine().lost, alice.is_ready(), events.next().now_or_never()), (0, true, None));
    alice.send_message("bob", "still here").await.unwrap();
}

/// An instance that logs in later than any before, by the clock.
async fn ready(node: &System) -> (Client, Events) {
    let before = SystemTime.now();
    while SystemTime.now() == before {
        yield_now().await;
    }
    node.ready("alice").await
}

async fn next(events: &mut Events) -> Option<Event> {
    timeout(PATIENCE, events.next()).await.expect("it is told in time")
}

/// It learns, its link up or behind a resume, that it is out.
async fn is_out((client, events): &mut (Client, Events), behind_resume: bool) {
    if behind_resume {
        assert_eq!(next(events).await, Some(Event::NetStateChange(NetState::Connecting)));
    }
    assert_eq!(next(events).await, Some(Event::SdkNotReady));
    let kicked = Event::KickedOut { reason: KickReason::MultipleAccount, refusal: None };
    assert_eq!((next(events).await, client.login_user()), (Some(kicked), None));
}

/// A message is, once its node is done with the change: until then its link may be lost.
async fn is_accepted(client: &Client) {
    let since = Instant::now();
    while let Err(refusal) = client.send_message("bob", "I am here").await {
        assert!(since.elapsed() < PATIENCE, "{refusal}");
        yield_now().await;
    }
}

/// Two nodes at a former primary, of which the second one has gone to the next; what was stored so far is there.
struct Split {
    former: Server,
    next: Server,
    way: Way,
    nodes: [System; 2],
    registry: Arc<Redis>,
}

async fn split() -> Split {
    let [former, next] = pair().await;
    let (way, other) = (Way::to(former.address()).await, Way::to(former.address()).await);
    let registries = [Arc::new(at(&way).await), Arc::new(at(&other).await)];
    let nodes = [node(&registries[0]).await, node(&registries[1]).await];
    promote(&former, &next).await;
    other.leads_to(next.address());
    let [_, registry] = registries;
    while registry.load("alice").await.map_or(true, |(_, version)| version.reign() == Reign(0)) {}
    Split { former, next, way, nodes, registry }
}

#[tokio::test]
async fn of_two_that_were_let_in_by_two_primaries_the_later_one_stays() {
    for is_lost_later in [true, false] {
        let Split { former: _former, next, way, nodes: [at_former, at_next], registry } = split().await;
        let (mut lost, mut kept) = if is_lost_later {
            let kept = ready(&at_next).await;
            (ready(&at_former).await, kept)
        } else {
            (ready(&at_former).await, ready(&at_next).await)
        };
        way.leads_to(next.address());
        let (out, stays) = if is_lost_later { (&mut kept, &lost) } else { (&mut lost, &kept) };
        is_out(out, !is_lost_later).await;
        assert!(stays.0.is_ready());
        is_accepted(&stays.0).await;
        let (record, _) = registry.load("alice").await.unwrap();
        assert_eq!(record.sessions.len(), 1, "{record:?}");
    }
}

/// How many Web sessions the node looks after, as its numbers say.
async fn sessions(node: &System) -> String {
    let ask = "GET /metrics HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n";
    let (_, numbers) = exchange(node.stream(), ask).await;
    let of_web = |line: &str| line.strip_prefix(r#"kickproof_sessions{platform="Web"} "#).map(str::to_owned);
    numbers.lines().find_map(of_web).unwrap()
}

#[tokio::test]
async fn a_session_that_is_on_record_again_although_it_ended_is_looked_after_by_its_node() {
    let [former, next] = pair().await;
    let way = Way::to(former.address()).await;
    let registry = Arc::new(at(&way).await);
    let node = node(&registry).await;
    let (alice, _events) = node.ready("alice").await;
    promote(&former, &next).await;
    alice.logout().await.unwrap();
    let since = Instant::now();
    for (leads_to, looked_after) in [(&former, "0"), (&next, "1")] {
        way.leads_to(leads_to.address());
        while sessions(&node).await != looked_after {
            assert!(since.elapsed() < PATIENCE, "it does not look after {looked_after}");
            yield_now().await;
        }
    }
    assert_eq!(registry.load("alice").await.unwrap().0.sessions.len(), 1);
}
