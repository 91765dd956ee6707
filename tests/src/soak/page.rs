//! One page, and the administrator: what each does next is drawn from its own stream of choices. A page never waits for one call before it
//! makes the next, and never sends what the server could accept.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use sut::client::{Client, Events};
use sut::session::Platform;
use sut::timers::{SystemTime, Time};
use sut::usersig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::flaky_connector::FlakyConnector;
use super::time::FastTime;
use super::{ADMINISTRATOR, Crowd, KEY, SDK_APP_ID};

/// How many calls of a page run at once.
const MOST_CALLS: usize = 4;

/// With how many logouts owed a page calls no further one.
const MOST_DEBTS: usize = 1;

/// Longer than a deadline, shorter than the heartbeat time.
const LONG_MS: u64 = 150;

/// For how many seconds a UserSig is good; the server's timers make them shorter.
const LONG_S: u64 = 36_000;
const SHORT_S: u64 = 120;

/// How long a page that is gone may still be on record.
const GONE: Duration = Duration::from_millis(1500);

/// What a page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whim {
    LogIn,
    ShowABadSig,
    LogOut,
    Send,
    Cut,
    PauseReads,
    Destroy,
    Close,
    Nothing,
}

fn whim(random: &mut StdRng) -> Whim {
    match random.random_range(0..100) {
        0..35 => Whim::LogIn,
        35..38 => Whim::ShowABadSig,
        38..50 => Whim::LogOut,
        50..54 => Whim::Send,
        54..60 => Whim::Cut,
        60..62 => Whim::PauseReads,
        62 => Whim::Destroy,
        63 => Whim::Close,
        _ => Whim::Nothing,
    }
}

pub(super) struct Page {
    crowd: Crowd,
    user_id: String,
    platform: Platform,
    random: StdRng,
}

/// An instance, as long as it is used.
struct Life {
    client: Client,
    events: Events,
    connector: FlakyConnector,
    calls: JoinSet<()>,
}

impl Page {
    pub(super) fn new(crowd: &Crowd, account: usize, platform: Platform, random: StdRng) -> Page {
        Page { crowd: crowd.clone(), user_id: user_id(account), platform, random }
    }

    /// One instance after the other, until it is enough.
    pub(super) async fn lives(mut self) {
        while !self.crowd.is_enough() {
            let connector = FlakyConnector::to(&self.crowd.address);
            let builder = Client::builder(SDK_APP_ID, self.platform).time(Arc::new(FastTime)).journal(self.crowd.journal.clone());
            let (client, events) = builder.connector(connector.clone());
            let mut life = Life { client, events, connector, calls: JoinSet::new() };
            while !self.crowd.is_enough() && self.acts(&mut life).await {}
            life.ends().await;
            if !self.crowd.is_enough() {
                pause(GONE).await;
            }
        }
    }

    /// Whether the instance goes on.
    async fn acts(&mut self, life: &mut Life) -> bool {
        match whim(&mut self.random) {
            Whim::LogIn => {
                let user_sig = self.fresh_sig();
                life.log_in(&self.user_id, &user_sig);
            }
            Whim::ShowABadSig => life.log_in(&self.user_id, &sig(&self.user_id, "another key", 0, LONG_S)),
            Whim::LogOut if life.client.resources().debts <= MOST_DEBTS => life.log_out(),
            Whim::Send if life.calls.is_empty() && life.client.login_user().is_none() => life.send(&self.user_id),
            Whim::Cut => {
                let how_long = self.delay();
                life.connector.cut(how_long);
                pause(how_long).await;
            }
            Whim::PauseReads => life.connector.pause_reads(Duration::from_millis(self.random.random_range(0..LONG_MS))),
            Whim::Destroy => return false,
            Whim::Close if self.platform == Platform::Web => {
                life.connector.end();
                life.client.close_page();
                return false;
            }
            Whim::LogOut | Whim::Send | Whim::Close | Whim::Nothing => {}
        }
        life.catch_up().await;
        pause(Duration::from_micros(self.random.random_range(0..4000))).await;
        true
    }
}

impl Page {
    /// One that is dated now or a little ahead, so that a kick by the administrator spares some; and now and then one that is soon over.
    fn fresh_sig(&mut self) -> String {
        let good_for_s = if self.random.random_range(0..8) == 0 { SHORT_S } else { LONG_S };
        sig(&self.user_id, KEY, self.random.random_range(0..3), good_for_s)
    }

    /// How long a cut link takes to come back, and the page waits: now and then so long that the session lapses.
    fn delay(&mut self) -> Duration {
        let long = self.random.random_range(0..8) == 0;
        Duration::from_millis(if long { self.random.random_range(0..10 * LONG_MS) } else { 0 })
    }
}

impl Life {
    fn log_in(&mut self, user_id: &str, user_sig: &str) {
        let (client, user_id, user_sig) = (self.client.clone(), user_id.to_owned(), user_sig.to_owned());
        self.calls.spawn(async move { drop(client.login(user_id, user_sig).await) });
    }

    fn log_out(&mut self) {
        let client = self.client.clone();
        self.calls.spawn(async move { drop(client.logout().await) });
    }

    fn send(&mut self, to: &str) {
        let (client, to) = (self.client.clone(), to.to_owned());
        self.calls.spawn(async move { drop(client.send_message(to, "hello").await) });
    }

    /// Forgets what is over, and waits for a call if too many run.
    async fn catch_up(&mut self) {
        while self.calls.try_join_next().is_some() {}
        if self.calls.len() >= MOST_CALLS {
            self.calls.join_next().await;
        }
        while futures_util::FutureExt::now_or_never(self.events.next()).flatten().is_some() {}
    }

    async fn ends(mut self) {
        let _ = self.client.destroy().await;
        while self.calls.join_next().await.is_some() {}
    }
}

/// Kicks accounts.
pub(super) struct Administrator {
    crowd: Crowd,
    accounts: usize,
    random: StdRng,
}

impl Administrator {
    pub(super) fn new(crowd: &Crowd, accounts: usize, random: StdRng) -> Administrator {
        Administrator { crowd: crowd.clone(), accounts, random }
    }

    pub(super) async fn lives(mut self) {
        while !self.crowd.is_enough() {
            pause(Duration::from_millis(self.random.random_range(0..200))).await;
            let account = user_id(self.random.random_range(0..self.accounts));
            if let Err(error) = kick(&self.crowd.address, &account).await {
                tracing::warn!(%error, "an administrator was not answered");
            }
        }
    }
}

pub(super) async fn kick(address: &str, account: &str) -> io::Result<()> {
    let body = format!("{{\"UserID\":\"{account}\"}}");
    let usersig = sig(ADMINISTRATOR, KEY, 0, LONG_S);
    let query = format!("sdkappid={SDK_APP_ID}&identifier={ADMINISTRATOR}&usersig={usersig}&random=1&contenttype=json");
    let head = format!(
        "POST /v4/im_open_login_svc/kick?{query} HTTP/1.1\r\nhost: server\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.map(drop)
}

pub(super) fn user_id(account: usize) -> String {
    format!("user{account}")
}

/// A UserSig that is dated so many seconds ahead.
pub(super) fn sig(user_id: &str, key: &str, ahead_s: u64, good_for_s: u64) -> String {
    usersig::make(SDK_APP_ID, key, user_id, SystemTime.now().0 / 1000 + ahead_s, good_for_s, None)
}

pub(super) async fn pause(how_long: Duration) {
    SystemTime.wait(&"", how_long).await;
}
