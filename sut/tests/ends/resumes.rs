//! Instances whose links fail, from end to end: LINK-1 to LINK-6, LINK-8, LOGOUT-4, KICK-8, MSG-2, MSG-3, 70050 of LOGIN-8.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use sut::client::{Client, Connect, Event, Events, NetState, fresh_message_id};
use sut::session::{KickReason, Platform};
use tokio::io::DuplexStream;
use tokio::time::{Instant, timeout};

use super::road::{Road, State};
use super::system::{Shared, System, instance, number, sig};

const CONNECTING: Option<Event> = Some(Event::NetStateChange(NetState::Connecting));
const DISCONNECTED: Option<Event> = Some(Event::NetStateChange(NetState::Disconnected));
const CONNECTED: Option<Event> = Some(Event::NetStateChange(NetState::Connected));

/// A ready instance of alice and the road that it takes.
async fn travelling(system: &System, platform: Platform) -> (Road, Client, Events) {
    let road = Road::to(system);
    let (client, events) = road.ready(platform, "alice").await;
    (road, client, events)
}

/// The text of the message that is the next event.
async fn text(events: &mut Events) -> String {
    match events.next().await {
        Some(Event::MessageReceived { text, .. }) => text,
        other => panic!("no message but {other:?}"),
    }
}

/// Nothing is published for so long.
async fn quiet_for(events: &mut Events, seconds: u64) {
    let event = timeout(Duration::from_secs(seconds), events.next()).await;
    assert!(event.is_err(), "{event:?}");
}

/// How many instances of alice are online, as a fresh one hears; it closes its page again.
async fn online(system: &System, platform: Platform) -> Vec<Platform> {
    let (client, mut events) = system.instance(platform);
    client.login("alice", sig("alice")).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    let online = client.first_sync().unwrap().online;
    client.logout().await.unwrap();
    online
}

#[tokio::test(start_paused = true)]
async fn a_session_goes_on_over_the_next_link_and_misses_nothing() {
    let system = System::new();
    let (road, client, mut events) = travelling(&system, Platform::Web).await;
    let (other, _other_events) = system.ready("alice").await;
    road.turn(State::Cut);
    assert_eq!(events.next().await, CONNECTING);
    other.send_message("alice", "one").await.unwrap();
    other.send_message("alice", "two").await.unwrap();
    assert_eq!(events.next().await, DISCONNECTED);
    assert_eq!(number(client.send_message("bob", "hi").await), Some(2800));
    road.turn(State::Open);
    assert_eq!(events.next().await, CONNECTED);
    assert_eq!([text(&mut events).await, text(&mut events).await], ["one", "two"]);
    client.send_message("bob", "hi").await.unwrap();
    quiet_for(&mut events, 200).await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_attempt_is_published_once_however_long_it_takes() {
    let system = System::new();
    let (road, client, mut events) = travelling(&system, Platform::IPhone).await;
    road.turn(State::Cut);
    assert_eq!(events.next().await, CONNECTING);
    assert_eq!(events.next().await, DISCONNECTED);
    quiet_for(&mut events, 300).await;
    let road_back = Instant::now();
    road.turn(State::Open);
    assert_eq!(events.next().await, CONNECTED);
    assert!(road_back.elapsed() <= Duration::from_secs(30), "the backoff is at most 30 s");
    assert!(client.is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_page_that_comes_back_after_60_s_is_admitted_anew_or_told_why_not() {
    let system = System::new();
    let (road, client, mut events) = travelling(&system, Platform::Web).await;
    road.turn(State::Cut);
    assert_eq!((events.next().await, events.next().await), (CONNECTING, DISCONNECTED));
    quiet_for(&mut events, 61).await;
    assert_eq!(online(&system, Platform::Web).await, [Platform::Web]);
    road.turn(State::Open);
    assert_eq!((events.next().await, events.next().await), (CONNECTED, Some(Event::MessagesLost)));
    assert!(client.is_ready());
    road.turn(State::Cut);
    assert_eq!((events.next().await, events.next().await), (CONNECTING, DISCONNECTED));
    quiet_for(&mut events, 61).await;
    let (_first, _first_events) = system.ready("alice").await;
    let (_second, mut second_events) = system.ready("alice").await;
    road.turn(State::Open);
    assert_eq!(events.next().await, Some(Event::SdkNotReady));
    assert_eq!(events.next().await, Some(Event::KickedOut { reason: KickReason::MultipleAccount, refusal: None }));
    assert_eq!(client.login_user(), None);
    quiet_for(&mut second_events, 60).await;
}

#[tokio::test(start_paused = true)]
async fn a_session_keeps_its_place_until_it_lapses() {
    for (platform, seconds) in [(Platform::Web, 58), (Platform::IPhone, 398)] {
        let system = System::new();
        let (road, _client, mut events) = travelling(&system, platform).await;
        road.turn(State::Cut);
        assert_eq!((events.next().await, events.next().await), (CONNECTING, DISCONNECTED));
        quiet_for(&mut events, seconds - 4).await;
        let (watcher, _watcher_events) = system.ready("alice").await;
        assert_eq!(watcher.first_sync().unwrap().online.len(), 2, "{platform}");
        watcher.logout().await.unwrap();
        quiet_for(&mut events, 6).await;
        assert_eq!(online(&system, Platform::Web).await, [Platform::Web]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_kicked_while_its_link_is_down_learns_it_at_its_resume() {
    let system = System::new();
    let (road, client, mut events) = travelling(&system, Platform::Web).await;
    road.turn(State::Cut);
    assert_eq!(events.next().await, CONNECTING);
    let (_second, _second_events) = system.ready("alice").await;
    let (_third, mut third_events) = system.ready("alice").await;
    road.turn(State::Open);
    assert_eq!(events.next().await, Some(Event::SdkNotReady));
    assert_eq!(events.next().await, Some(Event::KickedOut { reason: KickReason::MultipleAccount, refusal: None }));
    client.login("alice", sig("alice")).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    quiet_for(&mut third_events, 60).await;
}

#[tokio::test(start_paused = true)]
async fn a_logout_without_a_link_is_owed_until_the_next_login() {
    let system = System::new();
    let (road, client, mut events) = travelling(&system, Platform::Web).await;
    road.turn(State::Cut);
    assert_eq!(events.next().await, CONNECTING);
    client.logout().await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkNotReady));
    assert_eq!(client.resources().debts, 1);
    assert_eq!(online(&system, Platform::Web).await.len(), 2);
    road.turn(State::Open);
    client.login("bob", sig("bob")).await.unwrap();
    assert_eq!(client.resources().debts, 0);
    assert_eq!(online(&system, Platform::Web).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_restarted_server_goes_on_where_it_stopped_and_tells_of_a_gap() {
    let registry = Shared::default();
    let system = System::restarted(&registry, &[]).await;
    let (road, client, mut events) = travelling(&system, Platform::Web).await;
    let (other_road, other, mut other_events) = travelling(&system, Platform::Web).await;
    road.turn(State::Cut);
    other_road.turn(State::Cut);
    let restarted = System::restarted(&registry, &["alice"]).await;
    assert_eq!((events.next().await, other_events.next().await), (CONNECTING, CONNECTING));
    for road in [&road, &other_road] {
        road.lead_to(&restarted);
        road.turn(State::Open);
    }
    for events in [&mut events, &mut other_events] {
        assert_eq!((events.next().await, events.next().await), (CONNECTED, Some(Event::MessagesLost)));
    }
    other.send_message("alice", "after the restart").await.unwrap();
    assert_eq!(text(&mut events).await, "after the restart");
    assert_eq!(online(&restarted, Platform::IPhone).await.len(), 3);
    assert!(client.is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_outcome_is_unknown_may_be_repeated_under_its_name() {
    let system = System::new();
    let (road, client, mut events) = travelling(&system, Platform::Web).await;
    let (_bob, mut bob_events) = system.ready("bob").await;
    let name = fresh_message_id();
    client.send_message_as(name, "bob", "once").await.unwrap();
    road.turn(State::Silent);
    let unknown = client.send_message_as(name, "bob", "once").await;
    assert_eq!(number(unknown), Some(2801));
    road.turn(State::Cut);
    assert_eq!(events.next().await, CONNECTING);
    road.turn(State::Open);
    assert_eq!(events.next().await, CONNECTED);
    client.send_message_as(name, "bob", "once").await.unwrap();
    assert_eq!(text(&mut bob_events).await, "once");
    quiet_for(&mut bob_events, 60).await;
}

#[tokio::test(start_paused = true)]
async fn a_page_that_closes_observes_nothing_more_and_leaves_a_lost_link_behind() {
    let system = System::new();
    let (client, mut events) = system.ready("alice").await;
    client.close_page();
    assert_eq!(events.next().await, None);
    assert_eq!(online(&system, Platform::Web).await, [Platform::Web, Platform::Web]);
    assert_eq!(number(client.login("alice", sig("alice")).await), Some(6013));
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(online(&system, Platform::Web).await, [Platform::Web]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_closes_behind_many_calls_ends_all_the_same() {
    for sends in 60..140 {
        let system = System::new();
        let (client, mut events) = system.ready("alice").await;
        let mut calls: FuturesUnordered<_> = (0..sends).map(|_| client.send_message("bob", "hi")).collect();
        assert!(calls.next().now_or_never().is_none(), "none is settled when all have begun");
        client.close_page();
        assert_eq!(events.next().await, None);
    }
}

/// Comes from one address.
struct From(System, [u8; 4]);

impl Connect for From {
    type Stream = DuplexStream;

    async fn connect(&self) -> std::io::Result<DuplexStream> {
        Ok(self.0.stream_from(self.1.into()))
    }
}

#[tokio::test(start_paused = true)]
async fn ten_refused_logins_from_one_address_tell_its_bad_ones_70050_for_a_minute_and_lock_nobody_out() {
    let system = System::new();
    let from = |host| instance(Platform::Web, From(system.clone(), [10, 0, 0, host]));
    let (client, _events) = from(1);
    let (bystander, mut events) = from(3);
    assert_eq!(bystander.login_user(), None);
    for _ in 0..10 {
        assert_eq!(number(client.login("alice", "").await), Some(70002));
    }
    assert_eq!(number(client.login("alice", "").await), Some(70050));
    client.login("alice", sig("alice")).await.unwrap();
    client.logout().await.unwrap();
    let (elsewhere, _elsewhere_events) = from(2);
    assert_eq!(number(elsewhere.login("alice", "").await), Some(70002));
    quiet_for(&mut events, 59).await;
    assert_eq!(number(client.login("alice", "").await), Some(70050));
    quiet_for(&mut events, 1).await;
    assert_eq!(number(client.login("alice", "").await), Some(70002));
}

#[tokio::test(start_paused = true)]
async fn the_number_of_the_last_link_is_told_also_after_the_end() {
    let system = System::new();
    let (client, _events) = system.ready("alice").await;
    let first = client.epoch();
    assert!(first.0 > 1_700_000_000_000, "{first:?} is no time");
    client.logout().await.unwrap();
    client.login("alice", sig("alice")).await.unwrap();
    client.destroy().await.unwrap();
    assert!(client.epoch() > first);
}
