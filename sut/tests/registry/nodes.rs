//! What holds of two nodes at any registry that they share (NODE-1, NODE-2). It is mounted as the contract is.

use std::sync::Arc;
use std::time::Duration;

use sut::callback::Queued;
use sut::client::{Client, Event, Events};
use sut::config::{App, Limits};
use sut::registry::{Ear, Layer, Lives, Notice, Outbox, Registry, Shared, Unreachable, Version};
use sut::server::Server;
use sut::session::{KickReason, NodeLife, Platform};
use tokio::time::timeout;

use super::fresh;
use crate::ends::system::{System, app, sig};
use crate::registry::PATIENCE;

/// Longer than any test.
const RARELY: Duration = Duration::from_secs(3600);
const OFTEN: Duration = Duration::from_millis(100);

/// How often two logins come at the same moment.
const ROUNDS: usize = 20;

/// A registry that tells no node of anything.
struct Mute<R>(R);

impl<R: Registry> Layer for Mute<R> {
    type Within = R;

    fn within(&self) -> &R {
        &self.0
    }
}

impl<R: Registry + Outbox> Outbox for Mute<R> {
    async fn owed(&self) -> Result<Vec<String>, Unreachable> {
        self.0.owed().await
    }

    async fn oldest(&self, user_id: &str) -> Result<Option<Queued>, Unreachable> {
        self.0.oldest(user_id).await
    }

    async fn delivered(&self, user_id: &str, queued: &Queued) -> Result<(), Unreachable> {
        self.0.delivered(user_id, queued).await
    }
}

impl<R: Shared> Shared for Mute<R> {
    async fn tell(&self, _: Ear) {}

    async fn stale(&self, known: &[(Arc<str>, Version)]) -> Result<Vec<Notice>, Unreachable> {
        self.0.stale(known).await
    }

    async fn live(&self, life: Option<NodeLife>, lease: Duration) -> Result<Lives, Unreachable> {
        self.0.live(life, lease).await
    }
}

/// Two nodes, where each platform may have one instance online.
async fn two(registry: &Arc<impl Shared + Outbox>, poll: Duration) -> [System; 2] {
    [node(registry, poll).await, node(registry, poll).await]
}

async fn node(registry: &Arc<impl Shared + Outbox>, poll: Duration) -> System {
    let app = App { limits: Limits::default(), ..app() };
    let server = Server::builder(app).registry(Arc::clone(registry)).start();
    server.join(Arc::clone(registry), None, poll, None).await.unwrap();
    System::of(server)
}

async fn learns_of_its_kick(events: &mut Events) {
    let kicked = Event::KickedOut { reason: KickReason::MultipleAccount, refusal: None };
    while timeout(PATIENCE, events.next()).await.expect("it is told").expect("it is there") != kicked {}
}

#[tokio::test]
async fn a_kick_reaches_an_instance_on_another_node_by_a_notice() {
    let [a, b] = two(&Arc::new(fresh().await), RARELY).await;
    let (first, mut events) = a.ready("alice").await;
    let _second = b.ready("alice").await;
    learns_of_its_kick(&mut events).await;
    assert_eq!(first.login_user(), None);
}

#[tokio::test]
async fn a_kick_that_no_notice_tells_of_is_found_by_the_poll() {
    let [a, b] = two(&Arc::new(Mute(fresh().await)), OFTEN).await;
    let (first, mut events) = a.ready("alice").await;
    let _second = b.ready("alice").await;
    learns_of_its_kick(&mut events).await;
    assert_eq!(first.login_user(), None);
}

#[tokio::test]
async fn whoever_is_kicked_on_another_node_has_nothing_accepted_before_it_is_told() {
    let [a, b] = two(&Arc::new(Mute(fresh().await)), RARELY).await;
    let (first, mut events) = a.ready("alice").await;
    let _second = b.ready("alice").await;
    assert!(first.send_message("alice", "too late").await.is_err());
    learns_of_its_kick(&mut events).await;
}

#[tokio::test]
async fn two_logins_at_the_same_moment_on_two_nodes_are_both_committed_and_one_stays() {
    let registry = Arc::new(Mute(fresh().await));
    let [a, b] = two(&registry, RARELY).await;
    for round in 0..ROUNDS {
        let user_id = &format!("user{round}");
        let log_in = async |system: &System| -> (Client, Events) {
            let (client, events) = system.instance(Platform::Web);
            client.login(user_id, sig(user_id)).await.unwrap();
            (client, events)
        };
        let (_first, _second) = tokio::join!(log_in(&a), log_in(&b));
        let (record, Version(commits)) = Registry::load(&registry, user_id).await.unwrap();
        assert!(record.sessions.len() == 1 && commits >= 2, "{commits} commits: {record:?}");
    }
}
