//! The proxy's clients as tasks of this thread: real ones of Rust's, each at the other end of a TCP connection. They are idle once each has
//! read all that the proxy has sent it and no task can run.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener};

use model::action::NodeId;
use sut::timers::quiet::{AllSent, Counted, Port, Quiet, Sent};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::leg::Leg;
use super::node::PATIENCE;
use super::{Front, Sockets};
use crate::driver::cx::Cx;
use crate::driver::frames::Cutter;
use crate::driver::rigs::{Rigs, Streams};
use crate::driver::side::{Done, Side};

/// Clients, and the proxy's connections to them.
pub(in crate::driver) struct Tasks {
    proxy: Option<TcpListener>,
    legs: BTreeMap<u64, Option<Leg>>,
    /// Connections that the proxy has ended, and of which their clients must come to know.
    left: Vec<Port>,
    rigs: Rigs<Counted<TcpStream>>,
    quiet: Quiet,
    runtime: Runtime,
}

impl Sockets<Tasks> {
    /// A server process to which nothing has happened yet, or the reason why there is none, which every step then tells.
    pub(in crate::driver) fn start<S: Side>(cx: &Cx<S>) -> Sockets<Tasks> {
        let (tasks, trouble) = Tasks::begin();
        Sockets::behind(tasks, trouble, cx)
    }
}

impl Tasks {
    /// The clients, and why the proxy cannot be connected to, if it cannot.
    fn begin() -> (Tasks, Option<String>) {
        let quiet = Quiet::default();
        let parks = quiet.clone();
        let runtime = Builder::new_current_thread().enable_all().on_thread_park(move || parks.parks()).build();
        let proxy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let trouble = proxy.as_ref().err().map(|error| format!("there is no port for the proxy: {error}"));
        let tasks = Tasks {
            proxy: proxy.ok(),
            legs: BTreeMap::new(),
            left: Vec::new(),
            rigs: Rigs::default(),
            quiet,
            runtime: runtime.expect("the operating system gives a thread its runtime"),
        };
        (tasks, trouble)
    }

    fn connect(&mut self, link: u64) -> io::Result<Counted<TcpStream>> {
        let (client, stream) = Leg::from(self.proxy.as_ref().ok_or_else(|| io::Error::other("there is no proxy"))?)?;
        let _entered = self.runtime.enter();
        let stream = self.quiet.count(client.port, TcpStream::from_std(stream)?);
        self.legs.insert(link, Some(client));
        Ok(stream)
    }

    /// All that was sent to the clients.
    fn sent(&mut self) -> AllSent {
        let left: Vec<_> = self.left.drain(..).map(|port| (port, Sent::End)).collect();
        self.open().map(|leg| (leg.port, leg.sent())).chain(left).collect()
    }

    fn open(&mut self) -> impl Iterator<Item = &mut Leg> {
        self.legs.values_mut().flatten().filter(|leg| !leg.is_gone())
    }

    /// Ends a connection, unless its client did.
    fn leave(&mut self, leg: &Leg) {
        self.left.extend((!leg.is_gone()).then_some(leg.port));
    }
}

impl Front for Tasks {
    fn settle(&mut self) -> Done {
        let sent = self.sent();
        let quiet = self.quiet.clone();
        let idle = self.runtime.block_on(async { timeout(PATIENCE, quiet.idle(sent)).await });
        let heard = idle.map_err(|_| format!("the clients are not idle after {} s", PATIENCE.as_secs()))?;
        self.open().try_for_each(|leg| match heard.get(&leg.port) {
            Some(heard) => leg.hear(*heard).map_err(|error| format!("what a client wrote cannot be read: {error}")),
            None => Ok(()),
        })
    }

    fn write(&mut self, link: u64, bytes: &[u8]) -> io::Result<()> {
        self.legs.get_mut(&link).and_then(Option::as_mut).map_or(Ok(()), |leg| leg.write(bytes))
    }

    fn read(&mut self, link: u64, into: &mut Cutter) -> bool {
        self.legs.get_mut(&link).and_then(Option::as_mut).is_some_and(|leg| leg.take(into))
    }

    fn end(&mut self, link: u64) {
        let leg = self.legs.get_mut(&link).and_then(Option::take);
        leg.iter().for_each(|leg| self.leave(leg));
    }

    fn keep(&mut self, links: &[u64]) {
        let ended: Vec<_> = self.legs.extract_if(.., |id, _| !links.contains(id)).filter_map(|(_, leg)| leg).collect();
        ended.iter().for_each(|leg| self.leave(leg));
    }
}

impl Streams for Sockets<Tasks> {
    type Stream = Counted<TcpStream>;

    fn runtime(&self) -> &Runtime {
        &self.front.runtime
    }

    fn stream(&mut self, link: u64, _node: NodeId) -> Result<Counted<TcpStream>, String> {
        self.unless_troubled(|sockets| {
            sockets.connect(link)?;
            sockets.front.connect(link).map_err(|error| format!("a link cannot be opened: {error}"))
        })
    }

    fn rigs(&self) -> &Rigs<Counted<TcpStream>> {
        &self.front.rigs
    }

    fn rigs_mut(&mut self) -> &mut Rigs<Counted<TcpStream>> {
        &mut self.front.rigs
    }
}
