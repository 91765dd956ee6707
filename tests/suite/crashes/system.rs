//! A server process that goes and comes back, and clients that find it wherever it listens.

use std::fmt;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sut::client::{Client, Connect, Event, Events, NetState};
use sut::registry::durable::Durable;
use sut::session::{KickReason, Platform};
use sut::timers::{Due, SystemTime, Time, UnixMillis};
use sut::usersig;
use tempfile::{TempDir, tempdir};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::serving::{APP, KEY, PATIENCE, Serving};

/// The way to a server, of one that is there and of one that is gone.
#[derive(Clone, Default)]
pub(crate) struct Way(watch::Sender<Option<String>>);

impl Way {
    /// It leads there from now on; `None` is nowhere.
    pub(crate) fn leads(&self, address: Option<&str>) {
        self.0.send_replace(address.map(str::to_owned));
    }

    /// Where it leads, once it leads anywhere.
    pub(crate) async fn leads_somewhere(&self) -> String {
        let mut way = self.0.subscribe();
        let address = timeout(PATIENCE, way.wait_for(Option::is_some)).await.expect("the server comes back").unwrap();
        address.clone().expect("it leads somewhere")
    }

    /// Resolves after so long without anything that something is wrong.
    pub(crate) async fn is_too_long(&self) {
        let nothing = timeout(PATIENCE, pending::<()>()).await;
        drop(nothing);
    }
}

impl Connect for Way {
    type Stream = TcpStream;

    async fn connect(&self) -> io::Result<TcpStream> {
        let address = self.0.borrow().clone();
        let address = address.ok_or(io::ErrorKind::ConnectionRefused)?;
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// The machine's time, but that nobody waits long until he tries again.
struct Impatient;

impl Time for Impatient {
    fn now(&self) -> UnixMillis {
        SystemTime.now()
    }

    fn arm(&self, name: &dyn fmt::Display, after: Duration) -> Due {
        let after = if name.to_string() == "backoff" { (after / 100).min(Duration::from_millis(10)) } else { after };
        SystemTime.arm(name, after)
    }
}

/// A server with a data folder, over all its processes.
pub(crate) struct System {
    folder: TempDir,
    more: Vec<String>,
    serving: Option<Serving>,
    /// The way to it.
    pub(crate) way: Way,
}

impl System {
    /// One that is started with these further arguments every time.
    pub(crate) fn start(more: &[&str]) -> System {
        let more = more.iter().map(|&argument| argument.to_owned()).collect();
        let mut system = System { folder: tempdir().unwrap(), more, serving: None, way: Way::default() };
        system.come_back();
        system
    }

    /// Kills the process, as `kill -9` does. Until it comes back its way leads nowhere.
    pub(crate) fn go(&mut self) {
        self.way.leads(None);
        self.serving.take().unwrap().kill();
    }

    /// Starts the process that was killed again.
    pub(crate) fn come_back(&mut self) {
        let data = self.folder.path().to_str().unwrap();
        let fixed = ["--administrator", "admin", "--data", data, "--usersig-ahead", "86400"];
        let args: Vec<&str> = fixed.into_iter().chain(self.more.iter().map(String::as_str)).collect();
        let serving = Serving::start_logging("error", &args);
        self.way.leads(Some(&serving.address));
        self.serving = Some(serving);
    }

    /// What its processes left in the data folder; it is killed for good.
    pub(crate) fn remains(mut self) -> (Durable, TempDir) {
        self.go();
        (Durable::open(self.folder.path(), APP.parse().unwrap()).unwrap(), self.folder)
    }

    /// Where it listens now.
    pub(crate) fn address(&self) -> &str {
        &self.serving.as_ref().unwrap().address
    }

    /// What the server answers to an administrator.
    pub(crate) async fn administer(&self, call: &str, body: &str) -> String {
        administer(self.address(), call, body).await.unwrap()
    }
}

/// An instance, the last handle to which closes its page.
pub(crate) struct Instance {
    pub(crate) client: Client,
    pub(crate) events: Events,
}

impl Instance {
    /// A fresh one.
    pub(crate) fn new(way: &Way, platform: Platform) -> Instance {
        let builder = Client::builder(APP.parse().unwrap(), platform).time(Arc::new(Impatient));
        let (client, events) = builder.connector(way.clone());
        Instance { client, events }
    }

    /// One of that account, a page, that has published `SDK_READY`.
    pub(crate) async fn ready(way: &Way, user_id: &str) -> Instance {
        let mut instance = Instance::new(way, Platform::Web);
        instance.client.login(user_id, sig(user_id)).await.unwrap();
        instance.expects([Event::SdkReady]).await;
        instance
    }

    /// Its next event.
    pub(crate) async fn next(&mut self) -> Event {
        timeout(PATIENCE, self.events.next()).await.unwrap().unwrap()
    }

    /// Its next events, attempts that failed aside.
    pub(crate) async fn expects(&mut self, expected: impl IntoIterator<Item = Event>) {
        for expected in expected {
            let mut event = self.next().await;
            if event == Event::NetStateChange(NetState::Disconnected) {
                event = self.next().await;
            }
            assert_eq!(event, expected);
        }
    }

    /// It loses its link and resumes at a server that has forgotten its messages.
    pub(crate) async fn resumes_with_a_gap(&mut self) {
        let [connecting, connected] = [NetState::Connecting, NetState::Connected].map(Event::NetStateChange);
        self.expects([connecting, connected, Event::MessagesLost]).await;
    }

    /// It learns of a kick.
    pub(crate) async fn is_kicked(&mut self, reason: KickReason) {
        self.expects([Event::SdkNotReady, Event::KickedOut { reason, refusal: None }]).await;
    }
}

/// A UserSig of now.
pub(crate) fn sig(user_id: &str) -> String {
    sig_for(user_id, 3600)
}

/// A UserSig that is good from now on for so many seconds.
pub(crate) fn sig_for(user_id: &str, seconds: u64) -> String {
    usersig::make(APP.parse().unwrap(), KEY, user_id, SystemTime.now().0 / 1000, seconds, None)
}

/// How many UserSigs were dated ahead.
static DATED_AHEAD: AtomicU64 = AtomicU64::new(0);

/// A UserSig that is dated ahead, as it may be here, and a second later than any before: a kick by an administrator makes void what the
/// sessions showed that it ended (REST-1), and not this one.
pub(crate) fn sig_ahead(user_id: &str) -> String {
    let ahead = 250 + DATED_AHEAD.fetch_add(1, Ordering::Relaxed);
    usersig::make(APP.parse().unwrap(), KEY, user_id, SystemTime.now().0 / 1000 + ahead, 3600, None)
}

/// What the server at that address answers to an administrator; an error if it goes meanwhile.
pub(crate) async fn administer(address: &str, call: &str, body: &str) -> io::Result<String> {
    let query = format!("sdkappid={APP}&identifier=admin&usersig={}&random=1&contenttype=json", sig("admin"));
    let head =
        format!("POST /v4/{call}?{query} HTTP/1.1\r\nhost: server\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("an administrator is always answered")?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    body.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}
