//! The server as its own process, real clients, real TCP: a proxy in this thread holds the middle of every link. Nothing of the server's
//! inside is known but what it answers to an administrator.
//!
//! Quiet is counted, never waited for, on both sides alike. The clients' runtime is idle once each client has read all that the proxy
//! has sent it and no task can run, and says how many bytes each has written; the proxy reads just these. The server answers the
//! barrier on the same terms, in [`sut::timers::quiet`]. A step in which nothing was sent to the server needs no barrier: it was idle
//! before, and its time stands still.
//!
//! One server serves many tours. A tour's accounts are forgotten at its end, its links are ended, and the server shows that no connection,
//! timer or record is left, see [`pool`]; its other memory is none.

mod calls;
mod launch;
mod leg;
mod node;
mod pool;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use model::action::{AccountId, NodeId};
use model::observation::End;
use model::scope::{Fault, Scope};
use sut::server::manual::{Act, Seen};
use sut::session::Record;
use sut::timers::UnixMillis;
use sut::timers::quiet::{AllHeard, AllSent, Counted, Flow, Port, Quiet, Sent};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::clock::{Armed, Moment};
use super::cx::Cx;
use super::frames::Cutter;
use super::side::{Ending, Side};
use super::transport::{Ends, Transport};
use crate::cast;
use leg::Leg;

pub use launch::{Role, binary, serve_with};
use node::PATIENCE;
pub use node::{Node, NodeError};

/// Whether the server may have something to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Server {
    Idle,
    SentTo,
}

/// What becomes of a server at the end of its tour.
#[derive(Clone, Copy)]
enum Afterwards {
    /// It may serve another one.
    ServesOn,
    /// Its limits may have been changed: it serves none.
    Ends,
}

impl Afterwards {
    const fn of(scope: &Scope) -> Afterwards {
        if scope.limit_change.is_some() { Afterwards::Ends } else { Afterwards::ServesOn }
    }
}

/// A server process, and a proxy before it.
pub(super) struct Sockets {
    role: Role,
    node: Option<Node>,
    server: Server,
    /// Why nothing goes on any more.
    trouble: Option<String>,
    proxy: Option<TcpListener>,
    /// The proxy's two connections of each link, each as long as the proxy has not ended it.
    pipes: BTreeMap<u64, Ends<Option<Leg>>>,
    /// Connections that the proxy has ended, and the end that must come to know it.
    left: Vec<(End, Port)>,
    timers: Vec<Armed>,
    records: Vec<(AccountId, Arc<Record>)>,
    /// The server's clock.
    now: UnixMillis,
    moment: Moment,
    afterwards: Afterwards,
    quiet: Quiet,
    runtime: Runtime,
}

impl Sockets {
    /// A server process to which nothing has happened yet, or the reason why there is none, which every step then tells.
    pub(super) fn start<S: Side>(cx: &Cx<S>) -> Sockets {
        let quiet = Quiet::default();
        let parks = quiet.clone();
        let runtime = Builder::new_current_thread().enable_all().on_thread_park(move || parks.parks()).build();
        let role = Role::of(&cx.cast.app);
        let role = if cx.scope.has(Fault::Restarts) || cx.scope.has(Fault::Stops) { role.durable() } else { role };
        let (node, proxy) = (pool::take(&role), TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let trouble = node.as_ref().err().map(ToString::to_string);
        Sockets {
            role,
            trouble: trouble.or_else(|| proxy.as_ref().err().map(|error| format!("there is no port for the proxy: {error}"))),
            node: node.ok(),
            server: Server::Idle,
            proxy: proxy.ok(),
            pipes: BTreeMap::new(),
            left: Vec::new(),
            timers: Vec::new(),
            records: cx.scope.accounts().map(|account| (account, Arc::default())).collect(),
            now: cast::NOW,
            moment: cx.moment.clone(),
            afterwards: Afterwards::of(&cx.scope),
            quiet,
            runtime: runtime.expect("the operating system gives a thread its runtime"),
        }
    }

    fn users(&self) -> Vec<String> {
        self.records.iter().map(|(account, _)| cast::user_id(*account).to_owned()).collect()
    }

    /// The connections to one side that have neither ended nor been ended.
    fn legs(&mut self, to: End) -> impl Iterator<Item = &mut Leg> {
        self.pipes.values_mut().filter_map(move |pipe| pipe.at(to).as_mut()).filter(|leg| !leg.is_gone())
    }

    /// All that was sent to one side.
    fn sent(&mut self, to: End) -> AllSent {
        let left: Vec<_> = self.left.extract_if(.., |(end, _)| *end == to).map(|(_, port)| (port, Sent::End)).collect();
        self.legs(to).map(|leg| (leg.port, leg.sent())).chain(left).collect()
    }

    fn hear(&mut self, from: End, heard: &AllHeard) -> Result<(), String> {
        for leg in self.legs(from) {
            if let Some(heard) = heard.get(&leg.port) {
                leg.hear(*heard).map_err(|error| format!("what the {from:?} wrote cannot be read: {error}"))?;
            }
        }
        Ok(())
    }

    /// Ends a connection, unless its other end did: that end is told, and idle only when it knows.
    fn leave(&mut self, end: End, leg: &Leg) {
        if leg.is_gone() {
            return;
        }
        self.left.push((end, leg.port));
        if end == End::Server {
            self.server = Server::SentTo;
        }
    }

    /// Runs the clients until they are idle.
    fn settle_clients(&mut self) -> Result<(), String> {
        let sent = self.sent(End::Client);
        let quiet = self.quiet.clone();
        let idle = self.runtime.block_on(async { timeout(PATIENCE, quiet.idle(sent)).await });
        let heard = idle.map_err(|_| format!("the clients are not idle after {} s", PATIENCE.as_secs()))?;
        self.hear(End::Client, &heard)
    }

    /// Lets the server act until it is idle. What it wrote to a connection of the caller's own is told.
    fn settle_server(&mut self, act: Act, own: &AllSent) -> Result<AllHeard, String> {
        let mut sent = self.sent(End::Server);
        sent.extend(own);
        let users = self.users();
        let node = self.node.as_mut().ok_or("there is no server process")?;
        let seen = node.act(act, sent, users);
        let Seen { heard, records, now_ms, timers, connections } = seen.map_err(|error| error.to_string())?;
        self.server = Server::Idle;
        self.records = self.records.iter().map(|(account, _)| *account).zip(records.into_iter().map(Arc::new)).collect();
        self.timers = timers.into_iter().map(|timer| Armed::named(timer.name)).collect();
        self.now = UnixMillis(now_ms);
        self.hear(End::Server, &heard)?;
        self.compare_connections(connections, own, &heard)?;
        Ok(heard)
    }

    /// The server has the connections that the proxy has, the one for calls, and no other.
    fn compare_connections(&mut self, told: usize, own: &AllSent, heard: &AllHeard) -> Result<(), String> {
        let is_open = |port| heard.get(port).is_none_or(|heard| heard.flow != Flow::Gone);
        let held = 1 + self.legs(End::Server).count() + own.keys().filter(|port| is_open(port)).count();
        if told == held { Ok(()) } else { Err(format!("the server has {told} connections, of which {held} have another end")) }
    }

    /// The first trouble is told at every step from then on: nothing is known any more.
    fn unless_troubled<T>(&mut self, act: impl FnOnce(&mut Sockets) -> Result<T, String>) -> Result<T, String> {
        if let Some(trouble) = &self.trouble {
            return Err(trouble.clone());
        }
        let done = act(self);
        self.trouble = done.as_ref().err().cloned();
        done
    }

    /// Its connections died with it; the clients' stay until the trace ends them.
    fn start_again(&mut self, how: Ending) -> Result<(), String> {
        let node = self.node.as_mut().ok_or("there is no server process")?;
        if how == Ending::Stopped {
            node.stop().map_err(|error| error.to_string())?;
        }
        node.restart(self.moment.now()).map_err(|error| error.to_string())?;
        self.pipes.values_mut().for_each(|pipe| pipe.server = None);
        self.left.retain(|(end, _)| *end == End::Client);
        self.server = Server::SentTo;
        Ok(())
    }

    fn connect(&mut self, link: u64) -> io::Result<Counted<TcpStream>> {
        let (Some(node), Some(proxy)) = (&self.node, &self.proxy) else {
            return Err(io::Error::other("there is no server process"));
        };
        let server = Leg::to(node.address())?;
        let (client, stream) = Leg::from(proxy)?;
        let _entered = self.runtime.enter();
        let stream = self.quiet.count(client.port, TcpStream::from_std(stream)?);
        self.pipes.insert(link, Ends { client: Some(client), server: Some(server) });
        self.server = Server::SentTo;
        Ok(stream)
    }

    fn request(&mut self, request: &str) -> Result<String, String> {
        let node = self.node.as_ref().ok_or("there is no server process")?;
        let failed = |error: io::Error| format!("the server takes no request: {error}");
        let mut leg = Leg::to(node.address()).map_err(failed)?;
        leg.write(request.as_bytes()).map_err(failed)?;
        let heard = self.settle_server(Act::Wait, &AllSent::from([(leg.port, leg.sent())]))?;
        let answer = heard.get(&leg.port).copied().unwrap_or_default();
        leg.hear(answer).map_err(failed)?;
        self.leave(End::Server, &leg);
        Ok(leg.text())
    }
}

impl Transport for Sockets {
    type Stream = Counted<TcpStream>;

    fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    fn open(&mut self, link: u64, _node: NodeId) -> Result<Counted<TcpStream>, String> {
        self.unless_troubled(|sockets| sockets.connect(link).map_err(|error| format!("a link cannot be opened: {error}")))
    }

    fn write(&mut self, link: u64, to: End, bytes: &[u8]) -> Result<(), String> {
        let Some(leg) = self.pipes.get_mut(&link).and_then(|pipe| pipe.at(to).as_mut()) else { return Ok(()) };
        if to == End::Server {
            self.server = Server::SentTo;
        }
        leg.write(bytes).map_err(|error| format!("to the {to:?}: {error}"))
    }

    fn settle(&mut self) -> Result<(), String> {
        self.unless_troubled(|sockets| {
            sockets.settle_clients()?;
            match sockets.server {
                Server::Idle => Ok(()),
                Server::SentTo => sockets.settle_server(Act::Wait, &AllSent::new()).map(drop),
            }
        })
    }

    fn read(&mut self, link: u64, from: End, into: &mut Cutter) -> bool {
        let leg = self.pipes.get_mut(&link).and_then(|pipe| pipe.at(from).as_mut());
        leg.is_some_and(|leg| leg.take(into))
    }

    fn keep(&mut self, links: &[u64]) {
        let ended: Vec<_> = self.pipes.extract_if(.., |id, _| !links.contains(id)).map(|(_, pipe)| pipe).collect();
        for Ends { client, server } in &ended {
            client.iter().for_each(|leg| self.leave(End::Client, leg));
            server.iter().for_each(|leg| self.leave(End::Server, leg));
        }
    }

    fn ask(&mut self, request: &str) -> Result<String, String> {
        self.unless_troubled(|sockets| sockets.request(request))
    }

    fn pass(&mut self, now: UnixMillis) -> Result<(), String> {
        self.unless_troubled(|sockets| sockets.settle_server(Act::Set(now.0), &AllSent::new()).map(drop))
    }

    fn end(&mut self, link: u64, end: End) {
        if let Some(leg) = self.pipes.get_mut(&link).and_then(|pipe| pipe.at(end).take()) {
            self.leave(end, &leg);
        }
    }

    fn fire(&mut self, timer: &str) -> Result<UnixMillis, String> {
        self.unless_troubled(|sockets| sockets.settle_server(Act::Fire(timer.to_owned()), &AllSent::new()).map(drop))?;
        self.moment.pass_to(self.now);
        if self.moment.now() != self.now {
            self.pass(self.moment.now())?;
        }
        Ok(self.moment.now())
    }

    fn each_timer(&self, tell: &mut dyn FnMut(&Armed)) {
        self.timers.iter().for_each(tell);
    }

    fn is_ticking(&self) -> bool {
        false
    }

    fn restart(&mut self, how: Ending) -> Result<(), String> {
        self.unless_troubled(|sockets| sockets.start_again(how))
    }

    fn records(&mut self) -> &[(AccountId, Arc<Record>)] {
        &self.records
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        self.keep(&[]);
        let (node, sent, users) = (self.node.take(), self.sent(End::Server), self.users());
        if let (Some(node), None, Afterwards::ServesOn) = (node, &self.trouble, self.afterwards) {
            pool::give_back(self.role.clone(), node, sent, users);
        }
    }
}
