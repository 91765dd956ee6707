//! Commits that take their time: the accounts go side by side, and of one account and of one link everything keeps its order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sut::client::{Client, Event, Events};
use sut::code::Refusal;
use sut::registry::{Commit, Registry, Unreachable, Version, Write};
use sut::server::Server;
use sut::session::{KickReason, Platform, Record};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::links::{link, login_frame, says, text};
use super::system::{PausedTime, Shared, System, app, number, pass, sig};

/// What becomes of what is asked about an account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Commits wait.
    Held,
    /// The next commit cannot be stored.
    Lost,
    /// The registry is out of reach.
    Away,
    /// The next commit is stored, and the registry out of reach before it says so.
    StoredUnsaid,
    /// The next commit is not stored, and the registry out of reach before it says so.
    LostUnsaid,
}

/// A registry whose commits wait for as long as a test wants.
#[derive(Clone, Default)]
pub(super) struct Slow {
    stored: Shared,
    fates: Arc<Mutex<BTreeMap<String, Fate>>>,
    turned: Arc<Notify>,
}

impl Slow {
    pub(super) fn turn(&self, user_id: &str, fate: Option<Fate>) {
        let mut fates = self.fates.lock().unwrap();
        match fate {
            Some(fate) => drop(fates.insert(user_id.to_owned(), fate)),
            None => drop(fates.remove(user_id)),
        }
        self.turned.notify_waiters();
    }

    fn fate_of(&self, user_id: &str) -> Option<Fate> {
        self.fates.lock().unwrap().get(user_id).copied()
    }

    pub(super) async fn online(&self, user_id: &str) -> usize {
        self.stored.load(user_id).await.unwrap().0.sessions.len()
    }
}

impl sut::registry::Layer for Slow {
    type Within = Shared;

    fn within(&self) -> &Shared {
        &self.stored
    }

    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        match self.fate_of(user_id) {
            Some(Fate::Away) => Err(Unreachable("nobody is there".to_owned())),
            Some(Fate::Held | Fate::Lost | Fate::StoredUnsaid | Fate::LostUnsaid) | None => {
                Registry::load(&self.stored, user_id).await
            }
        }
    }

    async fn store(&self, user_id: &str, write: Write) -> Result<Commit, Unreachable> {
        loop {
            let turned = self.turned.notified();
            match self.fate_of(user_id) {
                None => return Registry::store(&self.stored, user_id, write).await,
                Some(Fate::Lost) => {
                    self.turn(user_id, None);
                    return Err(Unreachable("the disk is gone".to_owned()));
                }
                Some(Fate::Away) => return Err(Unreachable("nobody is there".to_owned())),
                Some(fate @ (Fate::StoredUnsaid | Fate::LostUnsaid)) => {
                    self.turn(user_id, Some(Fate::Away));
                    if fate == Fate::StoredUnsaid {
                        Registry::store(&self.stored, user_id, write).await?;
                    }
                    return Ok(Commit::Unknown);
                }
                Some(Fate::Held) => turned.await,
            }
        }
    }
}

pub(super) fn slow() -> (Slow, System) {
    let registry = Slow::default();
    let server = Server::builder(app()).registry(registry.clone()).time(PausedTime::new()).start();
    (registry, System::of(server))
}

/// A login that is under way.
pub(super) fn logs_in(
    system: &System,
    platform: Platform,
    user_id: &'static str,
) -> (JoinHandle<Result<(), Refusal>>, Client, Events) {
    let (client, events) = system.instance(platform);
    let asked = client.clone();
    let login = tokio::spawn(async move { asked.login(user_id, sig(user_id)).await.map(drop) });
    (login, client, events)
}

/// Until nothing can run any more: time stands still, but for this.
pub(super) async fn settle() {
    pass(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_the_commit_of_another_account() {
    let (registry, system) = slow();
    registry.turn("alice", Some(Fate::Held));
    let (login, _client, _events) = logs_in(&system, Platform::Web, "alice");
    settle().await;
    let (bob, mut heard) = system.ready("bob").await;
    let (_other, mut others) = system.ready("bob").await;
    bob.send_message("bob", "hi").await.unwrap();
    assert!(matches!(others.next().await, Some(Event::MessageReceived { .. })));
    let (_third, _) = system.ready("bob").await;
    assert_eq!(heard.next().await, Some(Event::SdkNotReady));
    assert!(!login.is_finished());
    registry.turn("alice", None);
    assert_eq!(login.await.unwrap(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_fails_behind_one_that_waits_fails_alone() {
    let (registry, system) = slow();
    registry.turn("alice", Some(Fate::Held));
    registry.turn("bob", Some(Fate::Lost));
    let (first, ..) = logs_in(&system, Platform::Web, "alice");
    let (second, ..) = logs_in(&system, Platform::Web, "alice");
    let (lost, ..) = logs_in(&system, Platform::Web, "bob");
    assert_eq!(number(lost.await.unwrap()), Some(70169));
    settle().await;
    assert!(!first.is_finished() && !second.is_finished());
    registry.turn("alice", Some(Fate::Lost));
    assert_eq!((number(first.await.unwrap()), second.await.unwrap()), (Some(70169), Ok(())));
    assert_eq!((registry.online("alice").await, registry.online("bob").await), (1, 0));
}

/// Whether a kicked session's message, sent while its kick was being stored, reaches nobody.
async fn is_kicked_first() -> bool {
    let (registry, system) = slow();
    let (victim, mut events) = system.ready("alice").await;
    let (_bob, mut heard) = system.ready("bob").await;
    registry.turn("alice", Some(Fate::Held));
    let (first, ..) = logs_in(&system, Platform::Web, "alice");
    settle().await;
    let (second, ..) = logs_in(&system, Platform::Web, "alice");
    settle().await;
    let sent = tokio::spawn(async move { victim.send_message("bob", "too late").await });
    settle().await;
    registry.turn("alice", None);
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(()), Ok(())));
    assert_eq!(number(sent.await.unwrap()), Some(2801));
    let kicked = Event::KickedOut { reason: KickReason::MultipleAccount, refusal: None };
    assert_eq!([events.next().await, events.next().await], [Some(Event::SdkNotReady), Some(kicked)]);
    timeout(Duration::from_secs(1), heard.next()).await.is_err()
}

#[tokio::test(start_paused = true)]
async fn what_a_victim_says_while_its_kick_is_stored_comes_after_it() {
    assert!(is_kicked_first().await);
}

/// How many sessions are left once a link has ended on which a login was being stored, and its lapse is over.
async fn left_by_a_link_that_ended() -> usize {
    let (registry, system) = slow();
    registry.turn("alice", Some(Fate::Held));
    let mut socket = link(system.stream()).await;
    socket.send(says(&login_frame("alice"))).await.unwrap();
    settle().await;
    drop(socket);
    settle().await;
    registry.turn("alice", None);
    settle().await;
    assert_eq!(registry.online("alice").await, 1);
    pass(Duration::from_secs(61)).await;
    registry.online("alice").await
}

#[tokio::test(start_paused = true)]
async fn a_link_that_ends_while_its_login_is_stored_leaves_a_session_that_lapses() {
    assert_eq!(left_by_a_link_that_ended().await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_link_says_behind_a_login_waits_for_it() {
    let (registry, system) = slow();
    registry.turn("alice", Some(Fate::Held));
    let mut socket = link(system.stream()).await;
    let logout = format!(r#"{{"logout":{{"user_id":"alice","key":"{:032x}"}}}}"#, 1);
    for frame in [&login_frame("alice"), r#""sync""#, &logout] {
        socket.send(says(frame)).await.unwrap();
    }
    settle().await;
    registry.turn("alice", None);
    for answer in ["login-answer", "sync-answer", "logout-answer"] {
        assert!(text(&mut socket).await.contains(answer), "{answer}");
    }
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(Some(close)))) if u16::from(close.code) == 1000));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_stops_ends_what_is_under_way_first() {
    let (registry, system) = slow();
    let (client, mut events) = system.ready("alice").await;
    registry.turn("alice", Some(Fate::Held));
    let logout = tokio::spawn(async move { client.logout().await });
    assert_eq!(events.next().await, Some(Event::SdkNotReady));
    settle().await;
    let stopping = tokio::spawn(async move { system.stop().await });
    settle().await;
    assert!(!stopping.is_finished());
    registry.turn("alice", None);
    stopping.await.unwrap();
    assert_eq!((logout.await.unwrap(), registry.online("alice").await), (Ok(()), 0));
    assert_eq!(registry.take_stop().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_registry_hangs_stops_all_the_same() {
    let (registry, system) = slow();
    registry.turn("alice", Some(Fate::Held));
    let (_login, _client, _events) = logs_in(&system, Platform::Web, "alice");
    settle().await;
    let begun = Instant::now();
    assert!(system.stops().await.is_err());
    assert_eq!(begun.elapsed().as_secs(), 5);
}

#[cfg(debug_assertions)]
mod planted {
    use sut::planted::{Unreplayed, plant_unreplayed};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_message_that_overtakes_the_kick_of_its_session_is_seen() {
        plant_unreplayed(Some(Unreplayed::Kick6Overtaken));
        let is_kicked_first = is_kicked_first().await;
        plant_unreplayed(None);
        assert!(!is_kicked_first);
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_whose_end_overtakes_its_login_is_seen() {
        plant_unreplayed(Some(Unreplayed::Link4EndOvertakes));
        let left = left_by_a_link_that_ended().await;
        plant_unreplayed(None);
        assert_eq!(left, 1);
    }
}
