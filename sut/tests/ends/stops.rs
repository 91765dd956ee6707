//! A node that stops, and one that crashes: which sessions may have lost something (MSG-2).

use sut::client::{Event, NetState};
use sut::session::Platform;

use super::road::{Road, State};
use super::system::{Shared, System, sig};

const CONNECTING: Option<Event> = Some(Event::NetStateChange(NetState::Connecting));
const CONNECTED: Option<Event> = Some(Event::NetStateChange(NetState::Connected));

#[tokio::test(start_paused = true)]
async fn a_session_that_is_owed_nothing_goes_on_behind_a_stop_without_a_gap_and_behind_a_crash_with_one() {
    let registry = Shared::default();
    let mut system = System::started(&registry).await;
    let road = Road::to(&system);
    let (client, mut events) = road.ready(Platform::Web, "alice").await;
    for (ends, gap) in [("stop", None), ("crash", Some(Event::MessagesLost)), ("stop", None)] {
        road.turn(State::Cut);
        assert_eq!(events.next().await, CONNECTING);
        if ends == "stop" {
            system.stop().await;
        }
        system = System::started(&registry).await;
        road.lead_to(&system);
        road.turn(State::Open);
        while events.next().await != CONNECTED {}
        if gap.is_some() {
            assert_eq!(events.next().await, gap);
        }
        client.send_message("bob", "hi").await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_for_a_session_whose_link_is_down_is_a_gap_behind_a_stop() {
    let registry = Shared::default();
    let system = System::started(&registry).await;
    let road = Road::to(&system);
    let (_client, mut events) = road.ready(Platform::Web, "alice").await;
    let (bob, _bob_events) = system.ready("bob").await;
    road.turn(State::Cut);
    assert_eq!(events.next().await, CONNECTING);
    bob.send_message("alice", "while you were away").await.unwrap();
    system.stop().await;
    let system = System::started(&registry).await;
    road.lead_to(&system);
    road.turn(State::Open);
    while events.next().await != CONNECTED {}
    assert_eq!(events.next().await, Some(Event::MessagesLost));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_has_stopped_does_nothing_more() {
    let registry = Shared::default();
    let system = System::started(&registry).await;
    let (client, _events) = system.instance(Platform::Web);
    system.stop().await;
    assert!(client.login("alice", sig("alice")).await.is_err());
    assert!(registry.is_empty().await);
}
