//! A server and clients for it, as the tests use them.

use std::io;
use std::sync::Arc;

use sut::client::{Client, Connect, Event, Events, fresh_options};
use sut::code::Refusal;
use sut::config::{App, Limits, Policy};
use sut::registry::memory::Memory;
use sut::server::Server;
use sut::session::Platform;
use sut::timers::{SystemTime, Time};
use sut::usersig;
use tokio::io::DuplexStream;

pub(crate) const APP: u64 = 1_400_000_000;
const KEY: &str = "secret key";

/// One node, and streams to it in memory.
#[derive(Clone)]
pub(crate) struct System {
    server: Server,
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

    /// A stream to the server, with nothing on it yet.
    pub(crate) fn stream(&self) -> DuplexStream {
        let (near, far) = tokio::io::duplex(64 * 1024);
        tokio::spawn(self.server.serve(far));
        near
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
    Server::new(app(), Memory::default(), Arc::new(SystemTime))
}

/// The app of every test.
pub(crate) fn app() -> App {
    let limits = Limits::default().with(Platform::Web, 2).unwrap();
    let (secret_key, policy) = (KEY.to_owned(), Policy::default());
    App { sdk_app_id: APP, secret_key, policy, limits, administrators: vec!["admin".to_owned()] }
}

/// A fresh instance, logged out, that reaches its server so.
pub(crate) fn instance(platform: Platform, connector: impl Connect) -> (Client, Events) {
    Client::new(fresh_options(APP, platform), connector, Arc::new(SystemTime))
}

/// A good UserSig of that account.
pub(crate) fn sig(user_id: &str) -> String {
    sig_from(user_id, 0)
}

/// One that is dated so many seconds ahead.
pub(crate) fn sig_from(user_id: &str, ahead_s: u64) -> String {
    usersig::make(APP, KEY, user_id, SystemTime.now().0 / 1000 + ahead_s, 3600, None)
}

/// The number of a refusal.
pub(crate) fn number<T>(outcome: Result<T, Refusal>) -> Option<u32> {
    outcome.err().map(|refusal| refusal.code.number())
}
