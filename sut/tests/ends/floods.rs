//! A link that asks for more than a node can do at once.

use std::time::Duration;

use futures_util::SinkExt;
use sut::callback::Callback;
use sut::client::Event;
use sut::registry::memory::Memory;
use sut::registry::{Commit, Registry, Unreachable, Version};
use sut::server::Server;
use sut::session::{KickReason, Platform, Record};
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::system::{PausedTime, System, app, sig_good_for};

/// How long a record takes to load.
const LOAD: Duration = Duration::from_millis(10);

/// A registry that takes its time.
struct Slow(Memory);

impl Registry for Slow {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        sleep(LOAD).await;
        self.0.load(user_id).await
    }

    async fn commit(
        &self,
        user_id: &str,
        expected: Version,
        record: Record,
        callbacks: Vec<Callback>,
    ) -> Result<Commit, Unreachable> {
        self.0.commit(user_id, expected, record, callbacks).await
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        Registry::accounts(&self.0).await
    }
}

/// A logout that is said to be owed; it needs no UserSig.
fn owed_logout(n: u32) -> Message {
    Message::text(format!(
        r#"{{"v":1,"session":"{n:032x}","epoch":1,"frame":{{"logout":{{"user_id":"mallory","key":"{:032x}"}}}}}}"#,
        1
    ))
}

#[tokio::test(start_paused = true)]
async fn a_node_that_always_has_something_to_do_still_looks_at_its_timers() {
    let system = System::of(Server::new(app(), Slow(Memory::default()), PausedTime::new()));
    let (client, mut events) = system.instance(Platform::Web);
    client.login("alice", sig_good_for("alice", 3)).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    for _ in 0..8 {
        let client = client.clone();
        tokio::spawn(async move { while client.send_message("bob", "hi").await.is_ok() {} });
    }
    let kicked = [Event::SdkNotReady, Event::KickedOut { reason: KickReason::UserSigExpired }];
    for expected in kicked {
        assert_eq!(timeout(Duration::from_secs(4), events.next()).await.expect("the UserSig has expired"), Some(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_floods_a_node_with_one_link_keeps_nobody_waiting_for_all_of_it() {
    let system = System::of(Server::new(app(), Slow(Memory::default()), PausedTime::new()));
    let (mut socket, _) = client_async("ws://server/v1/ws", system.stream()).await.unwrap();
    let flood = tokio::spawn(async move {
        for n in 0..2000 {
            socket.send(owed_logout(n)).await?;
        }
        Ok::<_, Error>(socket)
    });
    sleep(LOAD / 2).await;
    let asked = Instant::now();
    system.ready("alice").await;
    assert!(asked.elapsed() < LOAD * 200, "a login took {:?}", asked.elapsed());
    flood.abort();
}
