//! A system in one thread whose journals are kept: a server, clients on links in memory that can be cut, and time whose lapses come when
//! they are asked for. It tells no story and judges nothing.

use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join;
use sut::client::{Client, Connect, Event, Events};
use sut::config::{App, Bounds, Buffers, Limits, Policy};
use sut::journal::Journal;
use sut::server::Server;
use sut::session::Platform;
use sut::timers::{Due, SystemTime, Time, UnixMillis};
use sut::usersig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex, split};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::timeout;

const APP: u64 = 1_400_000_001;
const KEY: &str = "the key of the recorded app";
const PATIENCE: Duration = Duration::from_secs(20);

/// A journal that is kept.
#[derive(Clone, Default)]
pub(crate) struct Kept(watch::Sender<Vec<u8>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send_modify(|text| text.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Kept {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }

    /// Waits until the text occurs that often.
    pub(crate) async fn says(&self, text: &str, times: usize) {
        let mut kept = self.0.subscribe();
        let enough = |kept: &Vec<u8>| String::from_utf8_lossy(kept).matches(text).count() >= times;
        let waited = timeout(PATIENCE, kept.wait_for(enough)).await;
        assert!(waited.is_ok(), "the journal does not say {text} {times} times");
    }
}

/// Time whose backoffs are over at once, and whose lapses are while they are asked for.
#[derive(Default)]
struct Told {
    lapses: AtomicBool,
}

impl Time for Told {
    fn now(&self) -> UnixMillis {
        SystemTime.now()
    }

    fn arm(&self, name: &dyn fmt::Display, after: Duration) -> Due {
        let told = name.to_string();
        let at_once = told == "backoff" || (told.starts_with("lapse") && self.lapses.load(Ordering::Relaxed));
        SystemTime.arm(name, if at_once { Duration::ZERO } else { after })
    }
}

/// The recorded system.
pub(crate) struct Recording {
    server: Server,
    time: Arc<Told>,
    pub(crate) server_says: Kept,
    pub(crate) clients_say: Kept,
}

/// One instance's connections, with faults that a test switches.
#[derive(Clone)]
struct FaultyConnector {
    server: Server,
    carried: Arc<Mutex<Option<AbortHandle>>>,
    open: watch::Sender<bool>,
    /// Whether what the server writes is lost.
    loses: Arc<AtomicBool>,
    /// Whether what the client writes is still under way.
    held: watch::Sender<bool>,
    /// Whether the page is closed.
    gone: Arc<AtomicBool>,
}

/// What a browser writes for a page that goes: a close frame with 1001, under a mask of zeros.
const GOING_AWAY: [u8; 8] = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9];

/// Carries what the client writes, and behind it what the browser says of a closed page; of a link that is held, only what asks to make
/// it a link.
async fn carry_up(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    (mut held, gone): (watch::Receiver<bool>, Arc<AtomicBool>),
) {
    let mut bytes = vec![0; 1 << 12];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let asks = bytes.starts_with(b"GET ");
        if held.wait_for(|held| asks || !held).await.is_err() || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
    if gone.load(Ordering::Relaxed) {
        let _ = to.write_all(&GOING_AWAY).await;
    }
    let _ = to.shutdown().await;
}

/// Carries what the server writes; of a link that loses the rest, only the answer that makes it a link.
async fn carry_down(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, loses: Arc<AtomicBool>) {
    let mut bytes = vec![0; 1 << 12];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let is_lost = loses.load(Ordering::Relaxed) && !bytes.starts_with(b"HTTP/1.1");
        if !is_lost && to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}

impl Connect for FaultyConnector {
    type Stream = DuplexStream;

    async fn connect(&self) -> io::Result<DuplexStream> {
        self.open.subscribe().wait_for(|open| *open).await.map_err(io::Error::other)?;
        let ((client, near), (far, server)) = (duplex(1 << 16), duplex(1 << 16));
        tokio::spawn(self.server.serve(server));
        let ((said, heard), (answered, taken)) = (split(near), split(far));
        let up = carry_up(said, taken, (self.held.subscribe(), Arc::clone(&self.gone)));
        let down = carry_down(answered, heard, Arc::clone(&self.loses));
        let carried = tokio::spawn(async move {
            join(up, down).await;
        });
        *self.carried.lock().unwrap() = Some(carried.abort_handle());
        Ok(client)
    }
}

impl Recording {
    pub(crate) fn new() -> Recording {
        let app = App {
            sdk_app_id: APP,
            secret_key: KEY.into(),
            policy: Policy::DUAL,
            limits: Limits::default().with(Platform::Web, 2).unwrap(),
            administrators: vec!["admin".to_owned()],
            buffers: Buffers::default(),
            bounds: Bounds::default(),
            usersig_ahead_s: sut::usersig::DEFAULT_AHEAD_S,
        };
        let (server_says, clients_say, time) = (Kept::default(), Kept::default(), Arc::new(Told::default()));
        let clock = Arc::clone(&time) as Arc<dyn Time>;
        let server = Server::builder(app).time(clock).journal(Journal::new(server_says.clone())).start();
        Recording { server, time, server_says, clients_say }
    }

    /// From now on a session whose link is down lapses at once, or does not.
    pub(crate) fn let_lapse(&self, lapses: bool) {
        self.time.lapses.store(lapses, Ordering::Relaxed);
    }

    pub(crate) fn instance(&self, platform: Platform) -> Instance {
        let (open, held) = (watch::Sender::new(true), watch::Sender::new(false));
        let connector = FaultyConnector {
            server: self.server.clone(),
            carried: Arc::default(),
            open,
            loses: Arc::default(),
            held,
            gone: Arc::default(),
        };
        let builder = Client::builder(APP, platform).time(Arc::clone(&self.time) as Arc<dyn Time>);
        let (client, events) = builder.journal(Journal::new(self.clients_say.clone())).connector(connector.clone());
        Instance { client, events, connector }
    }

    /// An administrator kicks the account.
    pub(crate) async fn rest_kick(&self, user_id: &str) {
        let body = format!("{{\"UserID\":\"{user_id}\"}}");
        let query = format!("sdkappid={APP}&identifier=admin&usersig={}&random=1&contenttype=json", sig("admin", 0));
        let head =
            format!("POST /v4/im_open_login_svc/kick?{query} HTTP/1.1\r\nhost: server\r\ncontent-length: {}\r\n\r\n", body.len());
        let (mut near, far) = duplex(1 << 16);
        tokio::spawn(self.server.serve(far));
        near.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let mut answer = vec![0; 1 << 12];
        let length = timeout(PATIENCE, near.read(&mut answer)).await.unwrap().unwrap();
        assert!(String::from_utf8_lossy(&answer[..length]).contains("200 OK"));
    }
}

/// One instance, and its link.
pub(crate) struct Instance {
    pub(crate) client: Client,
    events: Events,
    connector: FaultyConnector,
}

impl Instance {
    pub(crate) async fn log_in(&mut self, user_id: &str) {
        self.log_in_with(user_id, sig(user_id, 0)).await;
    }

    /// With a UserSig that is later than a kick by an administrator just now, and than those that anybody else logs in with.
    pub(crate) async fn log_in_after_a_kick(&mut self, user_id: &str) {
        self.log_in_with(user_id, sig(user_id, 50)).await;
    }

    async fn log_in_with(&mut self, user_id: &str, user_sig: String) {
        self.client.login(user_id, user_sig).await.unwrap();
        self.publishes(&["SDK_READY"]).await;
    }

    /// Its next events.
    pub(crate) async fn publishes(&mut self, expected: &[&str]) {
        for expected in expected {
            let event: Option<Event> = timeout(PATIENCE, self.events.next()).await.unwrap();
            assert_eq!(event.unwrap().to_string(), *expected);
        }
    }

    /// Its link breaks; the next one opens once the connector opens any.
    pub(crate) fn cut(&self) {
        self.connector.carried.lock().unwrap().take().unwrap().abort();
    }

    /// Its page is closed, which the browser says to the server.
    pub(crate) fn close_page(&self) {
        self.connector.gone.store(true, Ordering::Relaxed);
        self.client.close_page();
    }

    /// No link opens until it is opened again.
    pub(crate) fn block(&self) {
        self.connector.open.send_replace(false);
    }

    /// Nothing that the server writes comes through, until it does again.
    pub(crate) fn lose_answers(&self, loses: bool) {
        self.connector.loses.store(loses, Ordering::Relaxed);
    }

    /// What the client writes stays under way, until it does no more.
    pub(crate) fn hold(&self, held: bool) {
        self.connector.held.send_replace(held);
    }

    pub(crate) fn unblock(&self) {
        self.connector.open.send_replace(true);
    }
}

/// A UserSig that is dated so many seconds ahead.
pub(crate) fn sig(user_id: &str, ahead_s: u64) -> String {
    usersig::make(APP, KEY, user_id, SystemTime.now().0 / 1000 + ahead_s, 3600, None)
}
