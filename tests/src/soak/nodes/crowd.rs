//! The instances of a soak, as many an account, each on a door that leads to any of the nodes that are open; and the administrator. While they
//! are busy they log in and out, send, lose links and kick at random; while they are calm they only live. They judge nothing.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use sut::client::{Client, Event, Events, NetState, fresh_message_id, fresh_options};
use sut::code::Code;
use sut::journal::Journal;
use sut::protocol::MessageId;
use sut::session::{KeyDigest, Platform};
use sut::timers::{Due, SystemTime, Time, UnixMillis};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::super::page::{kick, pause, sig, user_id};
use super::super::{KEY, SDK_APP_ID, stream};
use super::door::{Door, Nodes};

/// How long an administrator waits for an answer, and an instance for its end.
const PATIENCE: Duration = Duration::from_secs(10);

/// For how many seconds a UserSig is good.
const GOOD_FOR_S: u64 = 36_000;

/// The longest that an instance waits before it opens a link again.
const BACKOFF: Duration = Duration::from_millis(500);

/// The system's time, with short backoffs: what is tried is that instances come back, not how patiently.
struct Impatient;

impl Time for Impatient {
    fn now(&self) -> UnixMillis {
        SystemTime.now()
    }

    fn arm(&self, name: &dyn fmt::Display, after: Duration) -> Due {
        let is_backoff = name.to_string() == "backoff";
        SystemTime.arm(name, if is_backoff { after.min(BACKOFF) } else { after })
    }
}

/// What the instances do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Busy,
    Calm,
    Over,
}

/// What was answered so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) logins: AtomicU64,
    pub(super) messages: AtomicU64,
    pub(super) rest_kicks: AtomicU64,
    /// What the registry's absence was a reason for: refusals with 70169, and outcomes that nobody knows.
    pub(super) outages: AtomicU64,
}

fn count(number: &AtomicU64) {
    number.fetch_add(1, Ordering::Relaxed);
}

/// What an instance has told its application.
#[derive(Debug, Default)]
struct Seen {
    is_linked: bool,
    messages: HashSet<MessageId>,
    gaps: usize,
}

impl Seen {
    fn note(&mut self, event: &Event) {
        match event {
            Event::SdkReady | Event::NetStateChange(NetState::Connected) => self.is_linked = true,
            Event::SdkNotReady | Event::KickedOut { .. } | Event::NetStateChange(NetState::Connecting | NetState::Disconnected) => {
                self.is_linked = false
            }
            Event::MessageReceived { id, .. } => drop(self.messages.insert(*id)),
            Event::MessagesLost => self.gaps += 1,
        }
    }
}

/// One instance.
pub(super) struct Person {
    pub(super) account: String,
    pub(super) key: KeyDigest,
    pub(super) door: Door,
    client: Client,
    seen: Arc<Mutex<Seen>>,
}

impl Person {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it takes itself for online, over a link that is up.
    pub(super) fn is_online(&self) -> bool {
        self.client.is_ready() && self.seen().is_linked
    }

    pub(super) fn has(&self, message: MessageId) -> bool {
        self.seen().messages.contains(&message)
    }

    /// How often it was told that messages may be lost.
    pub(super) fn gaps(&self) -> usize {
        self.seen().gaps
    }

    /// Sends everybody of an account a message; its name once it is acknowledged.
    pub(super) async fn sends(&self, to: &str) -> Option<MessageId> {
        let id = fresh_message_id();
        self.client.send_message_as(id, to, "hello").await.is_ok().then_some(id)
    }

    async fn logs_in(&self, ahead_s: u64, tally: &Tally) {
        let user_sig = sig(&self.account, KEY, ahead_s, GOOD_FOR_S);
        match self.client.login(&*self.account, user_sig).await {
            Ok(_) => count(&tally.logins),
            Err(why) if matches!(why.code, Code::RegistryUnreachable | Code::OutcomeUnknown) => count(&tally.outages),
            Err(_) => {}
        }
    }

    async fn acts(&self, random: &mut StdRng, accounts: usize, tally: &Tally) {
        let is_in = self.client.login_user().is_some();
        match random.random_range(0..100) {
            0..60 if !is_in => self.logs_in(random.random_range(0..3), tally).await,
            0..12 => drop(self.client.logout().await),
            12..30 if self.client.is_ready() => {
                let id = self.client.send_message(user_id(random.random_range(0..accounts)), "hello").await;
                count(if id.is_ok() { &tally.messages } else { &tally.outages });
            }
            30..36 => self.door.cut(),
            _ => {}
        }
    }
}

/// All of them.
pub(super) struct Crowd {
    pub(super) people: Vec<Arc<Person>>,
    pub(super) tally: Arc<Tally>,
    mood: watch::Sender<Mood>,
    acting: watch::Sender<usize>,
    tasks: JoinSet<()>,
}

/// Pages, and of each account one phone and one desktop, which share a class.
const fn platform(page: usize) -> Platform {
    match page % 6 {
        4 => Platform::IPhone,
        5 => Platform::Windows,
        _ => Platform::Web,
    }
}

impl Crowd {
    /// Starts them, calm and logged out.
    pub(super) fn start((accounts, pages): (usize, usize), seed: u64, nodes: &Arc<Mutex<Nodes>>, journal: &Journal) -> Crowd {
        let mut crowd = Crowd {
            people: Vec::new(),
            tally: Arc::default(),
            mood: watch::Sender::new(Mood::Calm),
            acting: watch::Sender::new(0),
            tasks: JoinSet::new(),
        };
        for (account, page) in (0..accounts).flat_map(|account| (0..pages).map(move |page| (account, page))) {
            let number = (account * 1000 + page) as u64;
            let random = |of: u64| stream(seed, number | of << 32);
            let door = Door::to(Arc::clone(nodes), random(0));
            let person = Crowd::person(user_id(account), platform(page), door, journal, &mut crowd.tasks);
            crowd.people.push(Arc::clone(&person));
            let turns = crowd.turns();
            crowd.tasks.spawn(lives(person, turns, accounts, random(1)));
        }
        let (turns, nodes) = (crowd.turns(), Arc::clone(nodes));
        crowd.tasks.spawn(administers(nodes, turns, accounts, stream(seed, u64::MAX)));
        crowd
    }

    fn person(account: String, platform: Platform, door: Door, journal: &Journal, tasks: &mut JoinSet<()>) -> Arc<Person> {
        let options = fresh_options(SDK_APP_ID, platform);
        let key = options.key.digest();
        let builder = Client::builder_of(options).time(Arc::new(Impatient)).journal(journal.clone());
        let (client, events) = builder.connector(door.clone());
        let seen = Arc::new(Mutex::new(Seen::default()));
        tasks.spawn(listens(events, Arc::clone(&seen)));
        Arc::new(Person { account, key, door, client, seen })
    }

    fn turns(&self) -> Turns {
        Turns { mood: self.mood.subscribe(), acting: self.acting.clone(), tally: Arc::clone(&self.tally) }
    }

    pub(super) fn be(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// Nobody does anything more, and all that was asked is answered.
    pub(super) async fn calms_down(&self) {
        self.be(Mood::Calm);
        let _ = self.acting.subscribe().wait_for(|acting| *acting == 0).await;
    }

    /// Of each account somebody who is logged out logs in.
    pub(super) async fn log_in_one_each(&self) {
        let mut accounts = HashSet::new();
        for person in self.people.iter().filter(|person| person.client.login_user().is_none()) {
            if accounts.insert(&person.account) {
                person.logs_in(1, &self.tally).await;
            }
        }
    }

    /// Everybody logs out for good.
    pub(super) async fn ends(mut self) {
        self.be(Mood::Over);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        let _ = timeout(2 * PATIENCE, ended).await;
    }
}

async fn listens(mut events: Events, seen: Arc<Mutex<Seen>>) {
    while let Some(event) = events.next().await {
        seen.lock().unwrap_or_else(PoisonError::into_inner).note(&event);
    }
}

/// When somebody acts, and what is counted.
struct Turns {
    mood: watch::Receiver<Mood>,
    acting: watch::Sender<usize>,
    tally: Arc<Tally>,
}

impl Turns {
    /// Waits for the next turn; `false` once it is over.
    async fn begin(&mut self) -> bool {
        let begins = self.mood.wait_for(|mood| *mood != Mood::Calm).await.is_ok_and(|mood| *mood == Mood::Busy);
        self.acting.send_modify(|acting| *acting += usize::from(begins));
        begins
    }

    /// The turn is over; the next one comes some milliseconds later.
    async fn end(&self, pause_ms: u64) {
        self.acting.send_modify(|acting| *acting -= 1);
        pause(Duration::from_millis(pause_ms)).await;
    }
}

async fn lives(person: Arc<Person>, mut turns: Turns, accounts: usize, mut random: StdRng) {
    while turns.begin().await {
        person.acts(&mut random, accounts, &turns.tally).await;
        turns.end(random.random_range(100..600)).await;
    }
    let _ = person.client.destroy().await;
}

async fn administers(nodes: Arc<Mutex<Nodes>>, mut turns: Turns, accounts: usize, mut random: StdRng) {
    while turns.begin().await {
        let address = nodes.lock().unwrap_or_else(PoisonError::into_inner).any(&mut random);
        let account = user_id(random.random_range(0..accounts));
        if let Some((_, address)) = address
            && let Ok(Ok(())) = timeout(PATIENCE, kick(&address, &account)).await
        {
            count(&turns.tally.rest_kicks);
        }
        turns.end(random.random_range(300..900)).await;
    }
}
