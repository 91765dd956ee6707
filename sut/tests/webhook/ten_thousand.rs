//! Ten thousand logins with kicks through a whole server, while its receiver fails in every way there is.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;

use sut::client::{Client, Connect, Events};
use sut::config::{App, Bounds, Buffers, Limits, Policy};
use sut::registry::memory::Memory;
use sut::server::Server;
use sut::session::Platform;
use sut::timers::{SystemTime, Time};
use sut::usersig;
use sut::webhook::attach;
use tokio::io::DuplexStream;
use tokio::task::JoinSet;

use super::answers::all_is_delivered;
use super::quick::Quick;
use super::receiver::{Manner, Receiver, Sent};

const ACCOUNTS: usize = 100;
const ROUNDS: usize = 10;
const LOGINS_A_ROUND: usize = 10;
const LIMIT: u8 = 2;

#[derive(Clone)]
struct System(Server);

impl Connect for System {
    type Stream = DuplexStream;

    async fn connect(&self) -> io::Result<DuplexStream> {
        let (near, far) = tokio::io::duplex(4 * 1024);
        tokio::spawn(self.0.serve(far));
        Ok(near)
    }
}

impl System {
    fn new(receiver: &Receiver, memory: &Arc<Memory>) -> System {
        let limits = Limits::default().with(Platform::Web, LIMIT).unwrap();
        let (secret_key, policy) = ("key".into(), Policy::default());
        let app = App {
            sdk_app_id: 1400,
            secret_key,
            policy,
            limits,
            administrators: Vec::new(),
            buffers: Buffers::default(),
            bounds: Bounds::default(),
            usersig_ahead_s: 60,
        };
        let registry = attach(Arc::clone(memory), 1400, &receiver.target(), Arc::new(Quick::default()));
        System(Server::builder(app).registry(registry).start())
    }

    async fn login(&self, user_id: &str) -> (Client, Events) {
        let (client, events) = Client::builder(1400, Platform::Web).connector(self.clone());
        let user_sig = usersig::make(1400, "key", user_id, SystemTime.now().0 / 1000, 3600, None);
        client.login(user_id, user_sig).await.unwrap();
        (client, events)
    }
}

/// The instances of an account that may still be online, and the last that was kicked.
type Instances = VecDeque<(Client, Events)>;

/// One round of logins of one account, one after the other.
async fn log_in(system: System, user_id: String, mut instances: Instances) -> (String, Instances) {
    for _ in 0..LOGINS_A_ROUND {
        instances.push_back(system.login(&user_id).await);
        while instances.len() > usize::from(LIMIT) + 1 {
            instances.pop_front();
        }
    }
    (user_id, instances)
}

/// What the receiver is to know of one account in the end: each id once, in the order in which it was first seen.
fn first_seen<'a>(taken: &'a [Sent], user_id: &str) -> Vec<&'a Sent> {
    let mut bodies = HashMap::new();
    let mut first_seen = Vec::new();
    for sent in taken.iter().filter(|sent| sent.account() == user_id) {
        match bodies.insert(&sent.id, &sent.body) {
            None => first_seen.push(sent),
            Some(body) => assert_eq!(*body, sent.body, "{} means two things", sent.id),
        }
    }
    first_seen
}

fn check(taken: &[Sent], user_id: &str) {
    let seen = first_seen(taken, user_id);
    assert_eq!(seen.len(), ROUNDS * LOGINS_A_ROUND, "{user_id}");
    assert!(seen.is_sorted_by_key(|sent| sent.date()), "{user_id}: {seen:?}");
    for (n, sent) in seen.into_iter().enumerate() {
        let body = sent.json();
        assert_eq!((body["Info"]["Reason"].as_str(), body["Info"]["To_Account"].as_str()), (Some("Register"), Some(user_id)));
        let kicked = body["KickedDevice"].as_array().map_or(0, Vec::len);
        assert_eq!(kicked, usize::from(n >= usize::from(LIMIT)), "{user_id}, login {n}");
    }
}

#[tokio::test]
async fn every_callback_of_ten_thousand_logins_arrives_in_order_through_outages() {
    let mut receiver = Receiver::new().await;
    let memory = Arc::new(Memory::default());
    let system = System::new(&receiver, &memory);
    let names = || (0..ACCOUNTS).map(|n| format!("user{n}"));
    let mut accounts: Vec<_> = names().map(|user_id| (user_id, Instances::new())).collect();
    for round in 0..ROUNDS {
        match round % 5 {
            0 => receiver.behaves(Manner::Takes),
            1 => receiver.goes_down().await,
            2 => receiver.behaves(Manner::HangsUp),
            3 => receiver.behaves(Manner::Fails),
            _ => receiver.behaves(Manner::BreaksOff),
        }
        if round % 5 != 1 {
            receiver.comes_up().await;
        }
        let logins = accounts.into_iter().map(|(user_id, instances)| log_in(system.clone(), user_id, instances));
        accounts = logins.collect::<JoinSet<_>>().join_all().await;
    }
    receiver.behaves(Manner::Takes);
    all_is_delivered(&memory).await;
    let taken = receiver.once(|taken| !taken.is_empty()).await;
    names().for_each(|user_id| check(&taken, &user_id));
    assert!(taken.len() > ACCOUNTS * ROUNDS * LOGINS_A_ROUND, "no answer was ever lost");
}
