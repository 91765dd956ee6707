//! A link that asks for more than a node can do at once.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sut::client::{Client, Event, NetState};
use sut::protocol::{ServerFrame, decode_server};
use sut::registry::memory::Memory;
use sut::registry::{Layer, Registry, Unreachable, Version};
use sut::server::Server;
use sut::session::{KickReason, Platform, Record, Secret};
use sut::timers::{Due, SystemTime, Time, UnixMillis};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::road::{Road, State};
use super::system::{APP, PausedTime, System, app, number, sig, sig_good_for};

/// Time in which no backoff takes longer than a turn of the task.
struct Hasty;

impl Time for Hasty {
    fn now(&self) -> UnixMillis {
        SystemTime.now()
    }

    fn arm(&self, name: &dyn fmt::Display, after: Duration) -> Due {
        if name.to_string() == "backoff" { Due::Told(Box::pin(yield_now())) } else { SystemTime.arm(name, after) }
    }
}

/// How often a caller tries again before it gives up.
const MOST_TRIES: usize = 1_000;

#[tokio::test(start_paused = true)]
async fn however_many_calls_there_are_an_instance_still_looks_at_its_timers_and_links() {
    let road = Road::to(&System::new());
    let (client, mut events) = Client::builder(APP, Platform::Web).time(Arc::new(Hasty)).connector(road.clone());
    client.login("alice", sig("alice")).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    road.turn(State::Cut);
    assert_eq!(events.next().await, Some(Event::NetStateChange(NetState::Connecting)));
    road.turn(State::Open);
    let callers = (0..300).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            let mut tries = 0;
            while tries < MOST_TRIES && number(client.send_message("bob", "hi").await) == Some(2800) {
                tries += 1;
            }
            tries
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert!(caller.await.unwrap() < MOST_TRIES, "it never came back");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_pings_and_never_reads_is_kept_few_answers_and_still_heard() {
    const PINGS: usize = 20_000;
    let (mut socket, _) = client_async("ws://server/v1/ws", System::new().stream()).await.unwrap();
    for _ in 0..PINGS {
        socket.send(Message::Ping(vec![0; 125].into())).await.unwrap();
    }
    socket.send(Message::text("no frame")).await.unwrap();
    let mut pongs = 0;
    let close = loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Pong(_) => pongs += 1,
            other => break other,
        }
    };
    assert!(matches!(&close, Message::Close(Some(close)) if close.code == CloseCode::Invalid), "{close:?}");
    assert!(pongs < PINGS / 10, "{pongs} pongs");
}

/// How long a record takes to load.
const LOAD: Duration = Duration::from_millis(10);

/// A registry that takes its time.
struct Slow(Memory);

impl Layer for Slow {
    type Within = Memory;

    fn within(&self) -> &Memory {
        &self.0
    }

    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        sleep(LOAD).await;
        self.within().load(user_id).await
    }
}

/// A logout that is said to be owed; it is answered without a UserSig, too.
fn owed_logout(n: u32) -> Message {
    Message::text(format!(
        r#"{{"v":1,"session":"{n:032x}","epoch":1,"frame":{{"logout":{{"user_id":"mallory","key":"{:032x}"}}}}}}"#,
        1
    ))
}

#[tokio::test(start_paused = true)]
async fn a_node_that_always_has_something_to_do_still_looks_at_its_timers() {
    let system = System::of(Server::builder(app()).registry(Slow(Memory::default())).time(PausedTime::new()).start());
    let (client, mut events) = system.instance(Platform::Web);
    client.login("alice", sig_good_for("alice", 3)).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    for _ in 0..8 {
        let client = client.clone();
        tokio::spawn(async move { while client.send_message("bob", "hi").await.is_ok() {} });
    }
    let kicked = [Event::SdkNotReady, Event::KickedOut { reason: KickReason::UserSigExpired, refusal: None }];
    for expected in kicked {
        assert_eq!(timeout(Duration::from_secs(4), events.next()).await.expect("the UserSig has expired"), Some(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_floods_a_node_with_one_link_keeps_nobody_waiting_for_all_of_it() {
    let system = System::of(Server::builder(app()).registry(Slow(Memory::default())).time(PausedTime::new()).start());
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

#[tokio::test(start_paused = true)]
async fn whoever_owes_more_logouts_than_may_wait_is_answered_each_under_its_own_secret() {
    const OWED: u32 = 300;
    let system = System::of(Server::builder(app()).registry(Slow(Memory::default())).time(PausedTime::new()).start());
    let (socket, _) = client_async("ws://server/v1/ws", system.stream()).await.unwrap();
    let (mut writes, reads) = socket.split();
    let owes = async {
        for n in 0..OWED {
            writes.send(owed_logout(n)).await.unwrap();
        }
    };
    let ((), heard) = tokio::join!(owes, reads.take(OWED as usize).collect::<Vec<_>>());
    for (n, answer) in (0..OWED).zip(heard) {
        let answer = decode_server(answer.unwrap().into_text().unwrap().as_str()).unwrap();
        assert_eq!((answer.session, answer.frame), (Secret(n.into()), ServerFrame::LogoutAnswer));
    }
}
