//! A server and clients for it, as the tests use them.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use sut::client::{Client, Connect, Event, Events};
use sut::code::Refusal;
use sut::config::{App, Bounds, Buffers, Limits, Policy};
use sut::registry::memory::Memory;
use sut::registry::{Registry, Unreachable};
use sut::server::Server;
use sut::session::Platform;
use sut::timers::{Due, SystemTime, Time, UnixMillis};
use sut::usersig;
use tokio::io::DuplexStream;
use tokio::time::Instant;

pub(crate) const APP: u64 = 1_400_000_000;
const KEY: &str = "secret key";

/// One node, and streams to it in memory.
#[derive(Clone)]
pub(crate) struct System {
    server: Server,
}

/// A registry that outlives its node.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Memory>);

impl sut::registry::Layer for Shared {
    type Within = Memory;

    fn within(&self) -> &Memory {
        &self.0
    }
}

impl Shared {
    /// Whether no account is stored.
    pub(crate) async fn is_empty(&self) -> bool {
        self.accounts().await.unwrap().is_empty()
    }
}

/// A clock that stands and runs with tokio's timers.
pub(crate) struct PausedTime(Instant);

impl PausedTime {
    pub(crate) fn new() -> Arc<PausedTime> {
        Arc::new(PausedTime(Instant::now()))
    }
}

impl Time for PausedTime {
    fn now(&self) -> UnixMillis {
        SystemTime.now().plus(self.0.elapsed())
    }

    fn arm(&self, name: &dyn fmt::Display, after: Duration) -> Due {
        SystemTime.arm(name, after)
    }
}

impl Connect for System {
    type Stream = DuplexStream;

    async fn connect(&self) -> io::Result<DuplexStream> {
        Ok(self.stream())
    }
}

impl System {
    /// Web may have two instances online, every other platform one.
    pub(crate) fn new() -> System {
        System::of(server())
    }

    pub(crate) fn of(server: Server) -> System {
        System { server }
    }

    /// A node that starts on what stands on record there, as another one left it.
    pub(crate) async fn restarted(registry: &Shared, user_ids: &[&str]) -> System {
        let server = Server::builder(app()).registry(registry.clone()).time(PausedTime::new()).start();
        for user_id in user_ids {
            let (record, _) = registry.load(user_id).await.unwrap();
            server.restore(*user_id, record, Vec::new());
        }
        System { server }
    }

    /// A node that starts on all that another one left there, its note too if it stopped.
    pub(crate) async fn started(registry: &Shared) -> System {
        let server = Server::builder(app()).registry(registry.clone()).time(PausedTime::new()).start();
        server.restore_all(registry).await.unwrap();
        System { server }
    }

    /// Ends the node, and notes whom it owes nothing.
    pub(crate) async fn stop(&self) {
        self.stops().await.unwrap();
    }

    /// Whether it could note what is owed.
    pub(crate) async fn stops(&self) -> Result<(), Unreachable> {
        self.server.stop().await
    }

    /// A stream that comes from that address.
    pub(crate) fn stream_from(&self, address: IpAddr) -> DuplexStream {
        let (near, far) = tokio::io::duplex(64 * 1024);
        tokio::spawn(self.server.serve_from(far, address));
        near
    }

    /// A stream to the server, with nothing on it yet.
    pub(crate) fn stream(&self) -> DuplexStream {
        let (near, far) = tokio::io::duplex(64 * 1024);
        tokio::spawn(self.server.serve(far));
        near
    }

    /// Serves a stream to its end.
    pub(crate) fn serve(&self, stream: DuplexStream) -> impl Future<Output = ()> + Send + use<> {
        self.server.serve(stream)
    }

    /// A fresh instance, logged out.
    pub(crate) fn instance(&self, platform: Platform) -> (Client, Events) {
        instance(platform, self.clone())
    }

    /// An instance that has published `SDK_READY`.
    pub(crate) async fn ready(&self, user_id: &str) -> (Client, Events) {
        let (client, mut events) = self.instance(Platform::Web);
        client.login(user_id, sig(user_id)).await.unwrap();
        assert_eq!(events.next().await, Some(Event::SdkReady));
        (client, events)
    }
}

/// The server of every test.
pub(crate) fn server() -> Server {
    Server::builder(app()).time(PausedTime::new()).start()
}

/// The app of every test. Anybody is served as fast as a test asks.
pub(crate) fn app() -> App {
    let limits = Limits::default().with(Platform::Web, 2).unwrap();
    let (secret_key, policy) = (KEY.into(), Policy::default());
    let administrators = vec!["admin".to_owned()];
    App {
        sdk_app_id: APP,
        secret_key,
        policy,
        limits,
        administrators,
        buffers: Buffers::default(),
        bounds: Bounds::NONE,
        usersig_ahead_s: 60,
    }
}

/// A fresh instance, logged out, that reaches its server so.
pub(crate) fn instance(platform: Platform, connector: impl Connect) -> (Client, Events) {
    Client::builder(APP, platform).connector(connector)
}

/// A good UserSig of that account.
pub(crate) fn sig(user_id: &str) -> String {
    sig_from(user_id, 0)
}

/// One that is good for so many seconds.
pub(crate) fn sig_good_for(user_id: &str, seconds: u64) -> String {
    usersig::make(APP, KEY, user_id, SystemTime.now().0 / 1000, seconds, None)
}

/// One that is dated so many seconds ahead.
pub(crate) fn sig_from(user_id: &str, ahead_s: u64) -> String {
    usersig::make(APP, KEY, user_id, SystemTime.now().0 / 1000 + ahead_s, 3600, None)
}

/// One that was issued in that second.
pub(crate) fn sig_of(user_id: &str, time_s: u64) -> String {
    usersig::make(APP, KEY, user_id, time_s, 3600, None)
}

/// Time passes on a clock that stands: this comes back once nothing else can run before.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

/// The number of a refusal.
pub(crate) fn number<T>(outcome: Result<T, Refusal>) -> Option<u32> {
    outcome.err().map(|refusal| refusal.code.number())
}
