//! What strangers and fast senders can cost, over real sockets: each attack has its bound, and an honest client beside it is served.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use sut::client::{Client, Event, Events, TcpConnector};
use sut::config::{App, Bounds};
use sut::registry::Registry;
use sut::registry::durable::{Disk, Durable};
use sut::server::Server;
use sut::session::Platform;
use tempfile::tempdir;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::links::{link, login_frame, says, says_on, text};
use super::system::{APP, PausedTime, Shared, System, app, instance, number, pass, sig};

/// Where attackers come from; honest clients come from another address of this machine.
const ATTACKER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// A server on a socket, until the test ends.
struct Attacked {
    address: SocketAddr,
    registry: Shared,
}

impl Attacked {
    async fn within(bounds: Bounds) -> Attacked {
        let registry = Shared::default();
        let server = Server::builder(App { bounds, ..app() }).registry(registry.clone()).start();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { server.listen(listener, std::future::pending()).await });
        Attacked { address, registry }
    }

    /// A connection of the attacker.
    async fn connect(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((ATTACKER, 0).into()).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    /// An honest client that is ready.
    async fn ready(&self, user_id: &str) -> (Client, Events) {
        let (client, mut events) = instance(Platform::Web, TcpConnector::new(&self.address.to_string()).unwrap());
        client.login(user_id, sig(user_id)).await.unwrap();
        assert_eq!(events.next().await, Some(Event::SdkReady));
        (client, events)
    }
}

/// A logout that is said to be owed, of that account and instance, and shows no UserSig.
fn owed_logout(user_id: &str, key: u32) -> Message {
    says_on(9, &format!(r#"{{"logout":{{"user_id":"{user_id}","key":"{key:032x}"}}}}"#))
}

#[tokio::test]
async fn invented_accounts_leave_no_record_and_the_link_that_names_them_is_held_to_its_pace() {
    let attacked = Attacked::within(Bounds { frames_per_s: 100, ..Bounds::default() }).await;
    let mut socket = link(attacked.connect().await).await;
    let begun = Instant::now();
    for n in 0..1_100 {
        socket.send(owed_logout(&format!("user{n}"), 1)).await.unwrap();
    }
    let answers = socket.take(1_100).collect::<Vec<_>>().await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(Message::Text(text)) if text.contains("logout-answer"))));
    assert!(begun.elapsed() >= Duration::from_millis(900), "a hundred of them took {:?}", begun.elapsed());
    assert!(attacked.registry.is_empty().await);
}

#[tokio::test]
async fn keys_under_another_accounts_name_leave_its_record_as_it_was() {
    let attacked = Attacked::within(Bounds::default()).await;
    let (client, _events) = attacked.ready("alice").await;
    let before = attacked.registry.load("alice").await.unwrap();
    for _ in 0..3 {
        let mut socket = link(attacked.connect().await).await;
        socket.send(owed_logout("alice", 7)).await.unwrap();
        socket.next().await.unwrap().unwrap();
    }
    assert_eq!(attacked.registry.load("alice").await.unwrap(), before);
    client.logout().await.unwrap();
}

#[tokio::test]
async fn a_flood_of_long_messages_is_refused_to_its_sender_and_costs_the_recipient_nothing() {
    let attacked = Attacked::within(Bounds::default()).await;
    let (recipient, mut events) = attacked.ready("alice").await;
    let (sender, _events) = attacked.ready("mallory").await;
    let long = "x".repeat(14_000);
    let outcomes = futures_util::future::join_all((0..70).map(|_| sender.send_message("alice", long.as_str()))).await;
    let accepted = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!((40..60).contains(&accepted), "{accepted}");
    assert!(outcomes.into_iter().filter_map(|outcome| number(outcome.map(drop))).all(|code| code == 70429));
    for _ in 0..accepted {
        assert!(matches!(events.next().await, Some(Event::MessageReceived { .. })));
    }
    recipient.send_message("bob", "still here").await.unwrap();
}

#[tokio::test]
async fn a_flood_of_pings_is_answered_no_faster_than_the_links_pace() {
    let attacked = Attacked::within(Bounds { frames_per_s: 50, ..Bounds::default() }).await;
    let (mut writes, mut reads) = link(attacked.connect().await).await.split();
    let begun = Instant::now();
    let flood = tokio::spawn(async move { while writes.send(Message::Ping(vec![1].into())).await.is_ok() {} });
    let mut pongs = 0;
    while pongs < 550 {
        assert!(matches!(reads.next().await, Some(Ok(Message::Pong(_)))));
        pongs += 1;
    }
    assert!(begun.elapsed() >= Duration::from_millis(900), "50 more than at once took {:?}", begun.elapsed());
    attacked.ready("alice").await;
    flood.abort();
}

/// Whether the server closes it at once, long before it would give up an idle one.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let read = timeout(Duration::from_secs(5), stream.read(&mut [0])).await;
    matches!(read, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn of_one_address_so_many_connections_are_served_and_others_come_in_beside_them() {
    let attacked = Attacked::within(Bounds { connections: 100, connections_of_address: 8, ..Bounds::default() }).await;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(link(attacked.connect().await).await);
    }
    for _ in 0..50 {
        assert!(is_closed(&mut attacked.connect().await).await);
    }
    attacked.ready("alice").await;
    drop(held.pop());
    while tokio_tungstenite::client_async("ws://server/v1/ws", attacked.connect().await).await.is_err() {}
}

#[tokio::test]
async fn of_all_addresses_together_so_many_connections_are_served() {
    let attacked = Attacked::within(Bounds { connections: 3, ..Bounds::default() }).await;
    let (_one, _two, _three) = (attacked.ready("a").await, attacked.ready("b").await, attacked.ready("c").await);
    assert!(is_closed(&mut attacked.connect().await).await);
}

#[tokio::test(start_paused = true)]
async fn owed_logouts_start_no_deadline_anew() {
    let mut socket = link(System::new().stream()).await;
    let (begun, mut ticks) = (tokio::time::Instant::now(), tokio::time::interval(Duration::from_secs(1)));
    let mut closed = None;
    while closed.is_none() && begun.elapsed() < Duration::from_secs(100) {
        tokio::select! {
            _ = ticks.tick() => socket.send(owed_logout("mallory", 1)).await.unwrap(),
            said = socket.next() => if let Message::Close(Some(close)) = said.unwrap().unwrap() { closed = Some(close.code.into()) },
        }
    }
    assert_eq!((closed, begun.elapsed().as_secs()), (Some(4000), 30));
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_held_to_its_pace_still_hears_what_it_is_told() {
    let app = App { bounds: Bounds { bytes_per_s: 100, ..Bounds::NONE }, ..app() };
    let system = System::of(Server::builder(app).registry(Shared::default()).time(PausedTime::new()).start());
    let (sender, _events) = system.ready("bob").await;
    let mut page = link(system.stream()).await;
    page.send(says(&login_frame("alice"))).await.unwrap();
    assert!(text(&mut page).await.contains("login-answer"));
    let long = format!(r#"{{"send":{{"id":"{:032x}","to":"carol","text":"{}"}}}}"#, 1, "x".repeat(1_500));
    let begun = tokio::time::Instant::now();
    page.send(says(&long)).await.unwrap();
    assert!(text(&mut page).await.contains("send-answer"));
    sender.send_message("alice", "news").await.unwrap();
    assert!(text(&mut page).await.contains("news"));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_disk_that_hangs_for_45_s_costs_no_link_and_what_waited_for_it_goes_on() {
    let (disk, folder) = (Arc::new(Disk::default()), tempdir().unwrap());
    let registry = Durable::open_on(Arc::clone(&disk), folder.path(), APP).unwrap();
    let system = System::of(Server::builder(app()).registry(registry).time(PausedTime::new()).start());
    let (client, mut events) = system.ready("alice").await;
    let hung = disk.hang();
    tokio::time::pause();
    let (newcomer, _events) = system.instance(Platform::Web);
    assert_eq!(number(newcomer.login("bob", sig("bob")).await), Some(2801));
    pass(Duration::from_secs(35)).await;
    tokio::time::resume();
    drop(hung);
    client.send_message("alice", "hi").await.unwrap();
    newcomer.login("bob", sig("bob")).await.unwrap();
    assert!(futures_util::FutureExt::now_or_never(events.next()).is_none());
}

#[tokio::test]
async fn a_slow_disk_keeps_nobody_waiting_who_asks_nothing_of_it() {
    let slow = Duration::from_millis(20);
    let (disk, folder) = (Arc::new(Disk::slower_by(slow)), tempdir().unwrap());
    let registry = Durable::open_on(disk, folder.path(), APP).unwrap();
    let system = System::of(Server::builder(app()).registry(registry).start());
    let mut page = link(system.stream()).await;
    page.send(says(&login_frame("alice"))).await.unwrap();
    page.next().await.unwrap().unwrap();
    let (busy, _events) = system.ready("bob").await;
    let sends = tokio::spawn(async move { while busy.send_message("carol", "hi").await.is_ok() {} });
    let mut waits = Vec::new();
    for _ in 0..50 {
        let asked = Instant::now();
        page.send(says(r#""ping""#)).await.unwrap();
        page.next().await.unwrap().unwrap();
        waits.push(asked.elapsed());
    }
    waits.sort();
    assert!(waits[25] < slow / 4, "the median ping took {:?}", waits[25]);
    sends.abort();
}
