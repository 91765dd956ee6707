//! What stands before a port of the server: TLS, the proxies that it trusts, and its end. Over TCP, on a clock that stands.

mod drain;
mod forwarded;
mod manners;
#[cfg(feature = "tls")]
mod tls;

use std::future::{Future, pending};
use std::net::SocketAddr;
use std::sync::Arc;

use sut::config::{App, Bounds};
use sut::server::{Door, Server};
use sut::timers::manual::ManualTime;
use sut::timers::{SystemTime, Time};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;

use super::system::app;

/// A server behind a door.
struct Behind {
    address: SocketAddr,
    time: ManualTime,
}

impl Behind {
    async fn a(door: Door) -> Behind {
        Behind::until(door, pending(), pending()).await
    }

    /// The same within these bounds.
    async fn within(bounds: Bounds, door: Door) -> Behind {
        Behind::serving(App { bounds, ..app() }, door, pending(), pending()).await
    }

    /// The same until it drains, and until it ends at once.
    async fn until<D, E>(door: Door, drains: D, ends: E) -> Behind
    where
        D: Future<Output = ()> + Send + 'static,
        E: Future<Output = ()> + Send + 'static,
    {
        Behind::serving(app(), door, drains, ends).await
    }

    async fn serving<D, E>(app: App, door: Door, drains: D, ends: E) -> Behind
    where
        D: Future<Output = ()> + Send + 'static,
        E: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, time) = (listener.local_addr().unwrap(), ManualTime::at(SystemTime.now()));
        let server = Server::builder(app).time(Arc::new(time.clone())).start();
        tokio::spawn(async move { server.listen_behind(door, listener, drains, ends).await });
        Behind { address, time }
    }

    async fn stream(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Fires a timer as soon as it is armed.
    async fn fires(&self, timer: &str) {
        while !self.time.fire(timer) {
            yield_now().await;
        }
    }
}
