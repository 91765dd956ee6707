//! A port of a node: it accepts connections, lets them in by its door, and ends with them. It decides nothing about a link.

use std::future::{Future, pending};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Server;
use super::connection::Requests;
use super::crowd::Guest;
use super::door::{Door, Stream};
use super::origin::Origin;
use super::stopping::{End, Stopping};
use crate::timers::HEARTBEAT;
use crate::timers::quiet::Port;

/// How long a stopping server waits for its links to be written out.
const STOP: Duration = Duration::from_secs(5);

impl Server {
    /// Serves every connection that the listener accepts, until `shutdown` resolves; then closes the links with 1001, which leaves
    /// their sessions on record, and waits for them to end. The node goes on until [`Server::stop`].
    pub async fn listen(&self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        self.listen_behind(Door::default(), listener, shutdown, pending()).await;
    }

    /// The same behind a door, through which clients come and over whose drain time the links are closed: from `shutdown` on no
    /// connection is accepted, no link is opened, and `/ready` answers 503. `at_once` cuts the drain short.
    pub async fn listen_behind(
        &self,
        door: Door,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
        at_once: impl Future<Output = ()>,
    ) {
        let (end, door) = (End::after(door.drain, self.host.told.clone()), Arc::new(door));
        let mut connections = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => match self.counted(&door, peer) {
                        Some(guest) => {
                            let serving = self.serve_tcp(&door, stream, peer, end.seen());
                            drop(connections.spawn(serving.map(|()| drop(guest))));
                        }
                        None => self.host.metrics.refused_connection(),
                    },
                    Err(error) => self.cannot_accept(&error).await,
                },
            }
        }
        drop(listener);
        self.gate.close();
        tokio::select! {
            biased;
            () = at_once => {}
            () = end.drain(&*self.host.time) => {}
        }
        self.wait_for(connections).await;
    }

    /// A connection within the bounds. Those of a trusted proxy are many clients': each link over them counts for its client's address.
    fn counted(&self, door: &Door, peer: SocketAddr) -> Option<Guest> {
        let address = peer.ip().to_canonical();
        self.host.crowd.enter(Some(address).filter(|address| !door.proxies.trusts(*address)), &self.host.bounds)
    }

    /// On manual time the minute in which refused logins count would last until it is moved: nobody is told where they come from.
    fn serve_tcp(
        &self,
        door: &Arc<Door>,
        stream: TcpStream,
        peer: SocketAddr,
        stopping: Stopping,
    ) -> impl Future<Output = ()> + Send + use<> {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "frames may be held back");
        }
        let address = peer.ip().to_canonical();
        match &self.manual {
            Some(manual) => {
                self.serve_until(manual.quiet.count(Port(peer.port()), stream), None, Requests::One, stopping).left_future()
            }
            None if door.is_open_to(address) => {
                self.serve_until(stream, Some(address.into()), Requests::Many, stopping).left_future().right_future()
            }
            None => {
                let entering = self.clone().serve_behind(Arc::clone(door), stream, address, stopping);
                entering.boxed().right_future().right_future()
            }
        }
    }

    /// What does not pass the door in time never becomes a connection.
    async fn serve_behind(self, door: Arc<Door>, stream: TcpStream, peer: IpAddr, mut stopping: Stopping) {
        let entered: io::Result<(Box<dyn Stream>, IpAddr)> = tokio::select! {
            biased;
            entered = door.enter(stream, peer) => entered,
            () = self.host.time.wait(&format_args!("door {peer}"), HEARTBEAT) => Err(io::ErrorKind::TimedOut.into()),
            () = stopping.ends() => return,
        };
        match entered {
            Ok((stream, address)) => {
                let origin = Origin::behind_a_door(peer, address, door.proxies.clone());
                self.serve_until(stream, Some(origin), Requests::Many, stopping).await
            }
            Err(error) => tracing::debug!(%peer, %error, "a connection is not let in"),
        }
    }

    /// Out of file descriptors, most likely: others may end meanwhile.
    async fn cannot_accept(&self, error: &io::Error) {
        tracing::warn!(%error, "a connection cannot be accepted");
        self.host.time.wait(&"accept", Duration::from_millis(100)).await;
    }

    async fn wait_for(&self, mut connections: JoinSet<()>) {
        let late = self.host.time.wait(&"stop", STOP);
        tokio::select! {
            biased;
            () = async { while connections.join_next().await.is_some() {} } => {}
            () = late => tracing::warn!(left = connections.len(), "links were cut that could not be closed"),
        }
    }
}
