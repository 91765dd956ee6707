//! What administrators do at nodes that share a Redis: it is answered OK once no other primary can lose it, and reaches every node (NODE-5,
//! CONF-1).

use std::sync::Arc;
use std::time::{Duration, Instant};

use sut::client::Event;
use sut::config::{App, Limits};
use sut::registry::TermsStore;
use sut::registry::redis::Redis;
use sut::server::Server as Node;
use sut::session::{KickReason, Reign};

use super::faults::{tell, why};
use super::open;
use super::primaries::{POLL, pair};
use super::server::Server;
use crate::ends::rest::{DONE, KICK, KICK_ALICE, error_code, post};
use crate::ends::system::{APP, System, app};
use crate::registry::PATIENCE;

const SET: &str = "/v4/im_open_login_svc/set_login_policy";
const TWO_WEB: &str = r#"{"Limits":{"Web":2}}"#;
const OUT_OF_REACH: u64 = 70169;

/// A node with one Web instance an account, whose terms change at once.
async fn node(server: &Server) -> System {
    let registry: Arc<Redis> = Arc::new(open(server, APP).await.unwrap());
    let app = App { limits: Limits::default(), ..app() };
    let server = Node::builder(app).registry(Arc::clone(&registry)).terms(Arc::clone(&registry), Duration::ZERO).start();
    server.join(registry, None, POLL, None).await.unwrap();
    System::of(server)
}

#[tokio::test]
async fn a_kick_and_a_changed_limit_are_done_for_certain_once_every_replica_has_them() {
    let [primary, mut replica] = pair().await;
    let system = node(&primary).await;
    let (alice, mut events) = system.ready("alice").await;
    replica.signal("STOP");
    for (path, body) in [(KICK, KICK_ALICE), (SET, TWO_WEB)] {
        let answer = post(system.stream(), path, body).await;
        assert!(answer.1.contains("may be done"), "{answer:?}");
        assert_eq!(error_code(answer), OUT_OF_REACH);
    }
    assert_eq!(events.next().await, Some(Event::SdkNotReady));
    assert_eq!(events.next().await, Some(Event::KickedOut { reason: KickReason::RestApi, refusal: None }));
    assert_eq!(alice.login_user(), None);
    replica.signal("CONT");
    let since = Instant::now();
    while post(system.stream(), SET, TWO_WEB).await.1 != DONE {
        assert!(since.elapsed() < PATIENCE, "a replica that is back has it and does not say so");
    }
    assert!(post(system.stream(), KICK, KICK_ALICE).await.1.contains(r#""ActionStatus":"OK""#));
    replica.end();
    while tell::<String>(&primary, "INFO replication").await.contains("connected_slaves:1") {}
    assert_eq!(error_code(post(system.stream(), KICK, KICK_ALICE).await), OUT_OF_REACH);
}

#[tokio::test]
async fn what_was_stored_under_another_primary_is_not_known_to_be_kept() {
    let server = Server::start();
    let registry = open(&server, APP).await.unwrap();
    assert_eq!(registry.keep(registry.reign()).await, Ok(()));
    tell::<()>(&server, "DEBUG CHANGE-REPL-ID").await;
    assert!(why(registry.keep(Reign(0)).await).contains("not every replica has it"));
    registry.changed().await.unwrap();
    assert!(why(registry.keep(Reign(0)).await).contains("another primary"));
    assert_eq!(registry.keep(registry.reign()).await, Ok(()));
}

#[tokio::test]
async fn a_limit_that_is_changed_on_one_node_decides_on_every_other() {
    let server = Server::start();
    let [asked, other] = [node(&server).await, node(&server).await];
    assert_eq!(post(asked.stream(), SET, TWO_WEB).await.1, DONE);
    let since = Instant::now();
    for user_id in (0..).map(|n| format!("user{n}")) {
        let both = [other.ready(&user_id).await, other.ready(&user_id).await];
        let asked_for = format!(r#"{{"To_Account":["{user_id}"],"IsNeedDetail":1}}"#);
        let (_, status) = post(other.stream(), "/v4/openim/query_online_status", &asked_for).await;
        if status.matches("Platform").count() == both.len() {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{status}");
    }
}
