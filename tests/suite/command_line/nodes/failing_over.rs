//! Two processes at a Redis server with replicas and sentinels, one of which becomes the primary: NODE-5.

use std::time::Instant;

use sut::client::{Client, Event, Events};
use tokio::task::yield_now;

use super::super::redis::watched::Watched;
use super::super::served::{administer, ready_as};
use super::{Duration, FutureExt, OFTEN, Serving, counts, got, node};

/// Within so long the nodes go on, and everything is reconciled behind their first answer by the new primary.
const SOON: Duration = Duration::from_secs(10);

/// So often that a lease holds until there is another primary.
const AT_TIMES: &str = "4000";

fn two(redis: &Watched, poll_ms: &str) -> [Serving; 2] {
    ["a", "b"].map(|name| node(name, &redis.url(), &["--poll-ms", poll_ms]))
}

/// Logs in until it is let in, as an application would that is told to try again.
async fn let_in(serving: &Serving, user_id: &str) -> (Client, Events) {
    let since = Instant::now();
    loop {
        match ready_as(serving, user_id).await {
            Ok(ready) => return ready,
            Err(why) => assert!(since.elapsed() < SOON, "{why}"),
        }
        yield_now().await;
    }
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let since = Instant::now();
    while !holds().await {
        assert!(since.elapsed() < SOON, "it is not so in time: {what}");
        yield_now().await;
    }
}

#[tokio::test]
async fn nodes_go_on_at_the_next_primary_once_one_is_killed_and_sessions_stay() {
    let mut redis = Watched::start();
    let [a, b] = two(&redis, AT_TIMES);
    assert!(got(&a, "/ready").await.ends_with(", named by 3 of 3 sentinels\n"));
    let (mut alice, mut bob) = (ready_as(&a, "alice").await.unwrap(), ready_as(&b, "bob").await.unwrap());
    redis.servers[0].end();
    let _carol = let_in(&a, "carol").await;
    let _dave = let_in(&b, "dave").await;
    for (serving, lost) in [(&a, "kickproof_commits_lost_total 0"), (&b, "kickproof_commits_lost_total 0")] {
        counts(serving, "kickproof_primaries_left_total 1").await;
        counts(serving, lost).await;
        counts(serving, r#"kickproof_sentinels{of="agree"} 3"#).await;
    }
    for (serving, (client, events)) in [(&a, &mut alice), (&b, &mut bob)] {
        assert_eq!((client.is_ready(), events.next().now_or_never()), (true, None));
        let user_id = client.login_user().unwrap();
        let online =
            administer(serving, "admin", "openim/query_online_status", &format!(r#"{{"To_Account":["{user_id}"]}}"#)).await;
        assert!(online.contains(r#""Status":"Online""#), "{online}");
    }
    client_sends(&alice.0).await;
}

async fn client_sends(client: &Client) {
    client.send_message("bob", "still here").await.unwrap();
}

#[tokio::test]
async fn the_limit_holds_and_everybody_knows_once_a_replica_was_promoted_beside_its_primary() {
    let redis = Watched::start();
    let [a, b] = two(&redis, OFTEN);
    let mut all = Vec::new();
    redis.fail_over();
    let since = Instant::now();
    let has_left = async |serving: &Serving| got(serving, "/metrics").await.contains("kickproof_primaries_left_total 1");
    while !(has_left(&a).await && has_left(&b).await) {
        assert!(since.elapsed() < 2 * SOON, "no other primary is found");
        for serving in [&a, &b] {
            all.extend(ready_as(serving, "alice").await.ok());
        }
    }
    assert!(all.len() > 2, "{} logins", all.len());
    until("one instance is online, and all others know", async || {
        let online = administer(&a, "admin", "openim/query_online_status", r#"{"To_Account":["alice"],"IsNeedDetail":1}"#).await;
        let is_in = |(client, _): &&(Client, Events)| client.login_user().is_some();
        online.matches(r#""Platform":"Web""#).count() == 1 && all.iter().filter(is_in).count() == 1
    })
    .await;
    let (client, _) = all.iter().find(|(client, _)| client.login_user().is_some()).unwrap();
    client_sends(client).await;
    for (client, events) in &mut all {
        if client.login_user().is_none() {
            while !matches!(events.next().await, Some(Event::KickedOut { .. })) {}
        }
    }
}
