//! The server as its own process, real clients, real TCP: a proxy in this thread holds the middle of every link. Nothing of the server's
//! inside is known but what it answers to an administrator. Who the clients are is a [`Front`]'s business: [`tasks`] of this thread, or
//! pages of a browser.
//!
//! Quiet is counted, never waited for, on both sides alike. The clients are idle once each has read all that the proxy
//! has sent it and can do nothing more, and they say how much each has written; the proxy reads just that. The server answers the
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
mod tasks;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use model::action::AccountId;
use model::observation::End;
use model::scope::{Fault, Scope};
use sut::server::manual::{Act, Seen};
use sut::session::Record;
use sut::timers::UnixMillis;
use sut::timers::quiet::{AllHeard, AllSent, Flow, Port, Sent};

use super::clock::{Armed, Moment};
use super::cx::Cx;
use super::frames::Cutter;
use super::side::{Done, Ending, Side};
use super::transport::Transport;
use crate::cast;
use leg::Leg;

pub use launch::{Role, binary, serve_with};
pub(super) use node::PATIENCE;
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

/// The clients' side of a proxy: who they are, and the proxy's connection to each.
pub(super) trait Front {
    /// Runs the clients until they are idle, and reads all that they have written.
    fn settle(&mut self) -> Done;

    /// Writes to the client on a link.
    fn write(&mut self, link: u64, bytes: &[u8]) -> io::Result<()>;

    /// Takes what the client has written to a link. Whether it writes nothing more.
    fn read(&mut self, link: u64, into: &mut Cutter) -> bool;

    /// Ends the connection of a link to the client, without a word.
    fn end(&mut self, link: u64);

    /// Ends all connections to clients but those of these links.
    fn keep(&mut self, links: &[u64]);
}

/// A server process, and a proxy before it.
pub(super) struct Sockets<F> {
    role: Role,
    node: Option<Node>,
    server: Server,
    /// Why nothing goes on any more.
    trouble: Option<String>,
    /// The clients.
    pub(super) front: F,
    /// The proxy's connection to the server of each link, as long as the proxy has not ended it.
    pipes: BTreeMap<u64, Option<Leg>>,
    /// Connections to the server that the proxy has ended, and of which that must come to know.
    left: Vec<Port>,
    timers: Vec<Armed>,
    records: Vec<(AccountId, Arc<Record>)>,
    /// The server's clock.
    now: UnixMillis,
    pub(super) moment: Moment,
    afterwards: Afterwards,
}

impl<F: Front> Sockets<F> {
    /// A server process to which nothing has happened yet, and its clients, or the reason why there is none, which every step then tells.
    pub(super) fn behind<S: Side>(front: F, trouble: Option<String>, cx: &Cx<S>) -> Sockets<F> {
        let role = Role::of(&cx.cast.app);
        let role = if cx.scope.has(Fault::Restarts) || cx.scope.has(Fault::Stops) { role.durable() } else { role };
        let node = pool::take(&role);
        Sockets {
            role,
            trouble: node.as_ref().err().map(ToString::to_string).or(trouble),
            node: node.ok(),
            server: Server::Idle,
            front,
            pipes: BTreeMap::new(),
            left: Vec::new(),
            timers: Vec::new(),
            records: cx.scope.accounts().map(|account| (account, Arc::default())).collect(),
            now: cast::NOW,
            moment: cx.moment.clone(),
            afterwards: Afterwards::of(&cx.scope),
        }
    }

    fn users(&self) -> Vec<String> {
        self.records.iter().map(|(account, _)| cast::user_id(*account).to_owned()).collect()
    }

    /// The connections to the server that have neither ended nor been ended.
    fn legs(&mut self) -> impl Iterator<Item = &mut Leg> {
        self.pipes.values_mut().flatten().filter(|leg| !leg.is_gone())
    }

    /// All that was sent to the server.
    fn sent(&mut self) -> AllSent {
        let left: Vec<_> = self.left.drain(..).map(|port| (port, Sent::End)).collect();
        self.legs().map(|leg| (leg.port, leg.sent())).chain(left).collect()
    }

    fn hear(&mut self, heard: &AllHeard) -> Result<(), String> {
        for leg in self.legs() {
            if let Some(heard) = heard.get(&leg.port) {
                leg.hear(*heard).map_err(|error| format!("what the server wrote cannot be read: {error}"))?;
            }
        }
        Ok(())
    }

    /// Ends a connection, unless its other end did: the server is told, and idle only when it knows.
    fn leave(&mut self, leg: &Leg) {
        if !leg.is_gone() {
            self.left.push(leg.port);
            self.server = Server::SentTo;
        }
    }

    /// Lets the server act until it is idle. What it wrote to a connection of the caller's own is told.
    fn settle_server(&mut self, act: Act, own: &AllSent) -> Result<AllHeard, String> {
        let mut sent = self.sent();
        sent.extend(own);
        let users = self.users();
        let node = self.node.as_mut().ok_or("there is no server process")?;
        let seen = node.act(act, sent, users);
        let Seen { heard, records, now_ms, timers, connections } = seen.map_err(|error| error.to_string())?;
        self.server = Server::Idle;
        self.records = self.records.iter().map(|(account, _)| *account).zip(records.into_iter().map(Arc::new)).collect();
        self.timers = timers.into_iter().map(|timer| Armed::named(timer.name)).collect();
        self.now = UnixMillis(now_ms);
        self.hear(&heard)?;
        self.compare_connections(connections, own, &heard)?;
        Ok(heard)
    }

    /// The server has the connections that the proxy has, the one for calls, and no other.
    fn compare_connections(&mut self, told: usize, own: &AllSent, heard: &AllHeard) -> Result<(), String> {
        let is_open = |port| heard.get(port).is_none_or(|heard| heard.flow != Flow::Gone);
        let held = 1 + self.legs().count() + own.keys().filter(|port| is_open(port)).count();
        if told == held { Ok(()) } else { Err(format!("the server has {told} connections, of which {held} have another end")) }
    }

    /// The first trouble is told at every step from then on: nothing is known any more.
    pub(super) fn unless_troubled<T>(&mut self, act: impl FnOnce(&mut Sockets<F>) -> Result<T, String>) -> Result<T, String> {
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
        self.pipes.values_mut().for_each(|pipe| *pipe = None);
        self.left.clear();
        self.server = Server::SentTo;
        Ok(())
    }

    /// Opens the half of a link that leads to the server.
    pub(super) fn connect(&mut self, link: u64) -> Done {
        let node = self.node.as_ref().ok_or("there is no server process")?;
        let server = Leg::to(node.address()).map_err(|error| format!("a link cannot be opened: {error}"))?;
        self.pipes.insert(link, Some(server));
        self.server = Server::SentTo;
        Ok(())
    }

    fn request(&mut self, request: &str) -> Result<String, String> {
        let node = self.node.as_ref().ok_or("there is no server process")?;
        let failed = |error: io::Error| format!("the server takes no request: {error}");
        let mut leg = Leg::to(node.address()).map_err(failed)?;
        leg.write(request.as_bytes()).map_err(failed)?;
        let heard = self.settle_server(Act::Wait, &AllSent::from([(leg.port, leg.sent())]))?;
        let answer = heard.get(&leg.port).copied().unwrap_or_default();
        leg.hear(answer).map_err(failed)?;
        self.leave(&leg);
        Ok(leg.text())
    }
}

impl<F: Front> Transport for Sockets<F> {
    fn write(&mut self, link: u64, to: End, bytes: &[u8]) -> Result<(), String> {
        let written = match to {
            End::Client => self.front.write(link, bytes),
            End::Server => {
                self.server = Server::SentTo;
                self.pipes.get_mut(&link).and_then(Option::as_mut).map_or(Ok(()), |leg| leg.write(bytes))
            }
        };
        written.map_err(|error| format!("to the {to:?}: {error}"))
    }

    fn settle(&mut self) -> Result<(), String> {
        self.unless_troubled(|sockets| {
            sockets.front.settle()?;
            match sockets.server {
                Server::Idle => Ok(()),
                Server::SentTo => sockets.settle_server(Act::Wait, &AllSent::new()).map(drop),
            }
        })
    }

    fn read(&mut self, link: u64, from: End, into: &mut Cutter) -> bool {
        match from {
            End::Client => self.front.read(link, into),
            End::Server => self.pipes.get_mut(&link).and_then(Option::as_mut).is_some_and(|leg| leg.take(into)),
        }
    }

    fn keep(&mut self, links: &[u64]) {
        self.front.keep(links);
        let ended: Vec<_> = self.pipes.extract_if(.., |id, _| !links.contains(id)).filter_map(|(_, leg)| leg).collect();
        ended.iter().for_each(|leg| self.leave(leg));
    }

    fn ask(&mut self, request: &str) -> Result<String, String> {
        self.unless_troubled(|sockets| sockets.request(request))
    }

    fn pass(&mut self, now: UnixMillis) -> Result<(), String> {
        self.unless_troubled(|sockets| sockets.settle_server(Act::Set(now.0), &AllSent::new()).map(drop))
    }

    fn end(&mut self, link: u64, end: End) {
        match end {
            End::Client => self.front.end(link),
            End::Server => {
                let leg = self.pipes.get_mut(&link).and_then(Option::take);
                leg.iter().for_each(|leg| self.leave(leg));
            }
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

impl<F> Drop for Sockets<F> {
    fn drop(&mut self) {
        let open = self.pipes.values().flatten().filter(|leg| !leg.is_gone()).map(|leg| leg.port);
        let sent = open.chain(self.left.iter().copied()).map(|port| (port, Sent::End)).collect();
        self.pipes.clear();
        let users = self.records.iter().map(|(account, _)| cast::user_id(*account).to_owned()).collect();
        if let (Some(node), None, Afterwards::ServesOn) = (self.node.take(), &self.trouble, self.afterwards) {
            pool::give_back(self.role.clone(), node, sent, users);
        }
    }
}
