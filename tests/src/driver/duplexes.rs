//! Client and server in one thread, over in-memory streams. The runtime tells when nothing can run any more: that is the barrier. It has
//! no clock, and no timer of the system's is ever due.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use futures_util::FutureExt;
use model::action::{AccountId, NodeId, Post};
use model::lives::Lease;
use model::nodes::Notices;
use model::observation::End;
use model::scope::MAX_ACCOUNTS;
use sut::callback::Callback;
use sut::config::{App, DEFAULT_PERIOD};
use sut::registry::{Version, with_stored_terms};
use sut::server::{POLL, Server};
use sut::session::{NodeLife, Record};
use sut::timers::UnixMillis;
use sut::timers::quiet::{AllSent, Quiet};
use tokio::io::DuplexStream;
use tokio::runtime::{Builder, Runtime};

use super::clock::{Armed, Clock, Kind, Moment};
use super::cx::Cx;
use super::frames::Cutter;
use super::record::{Records, noted_of};
use super::rigs::{Rigs, Streams};
use super::side::{Done, Ending, Side};
use super::streams::{read, write};
use super::transport::{Ends, Transport};
use crate::cast;

/// Room for all that is ever under way in one direction of a stream.
const STREAM_BYTES: usize = 64 * 1024;

/// A server in this thread.
pub(super) struct Duplexes {
    app: App,
    nodes: Vec<Node>,
    moment: Moment,
    records: Records,
    /// The harness's ends of each link's two streams.
    pipes: BTreeMap<u64, Ends<Option<DuplexStream>>>,
    /// The nodes to which links lead that were opened.
    homes: BTreeMap<u64, NodeId>,
    rigs: Rigs<DuplexStream>,
    quiet: Quiet,
    runtime: Runtime,
}

/// One of its nodes.
struct Node {
    id: NodeId,
    server: Server,
    clock: Clock,
}

impl Node {
    fn serve(id: NodeId, app: &App, records: &Records, moment: &Moment, runtime: &Runtime) -> Node {
        let _entered = runtime.enter();
        let (registry, clock) = (records.registry_of(id), Clock::at(moment));
        let store = Arc::clone(&registry.memory);
        let time = Arc::new(clock.clone());
        let server = Server::builder(app.clone()).registry(registry).time(time).terms(store, DEFAULT_PERIOD).start();
        Node { id, server, clock }
    }

    /// Tells its timers. Each node numbers its links on its own: here those of others than the first are higher, and their timers' names end
    /// with the node.
    fn each_timer(&self, tell: &mut dyn FnMut(&Armed)) {
        let NodeId(id) = self.id;
        for timer in self.clock.armed().iter() {
            let mut told = Armed::like(timer, self.id, &self.suffix());
            if matches!(timer.kind, Kind::Heartbeat | Kind::Ask) {
                told.of += u128::from(id) << u64::BITS;
            }
            tell(&told);
        }
    }

    fn suffix(&self) -> String {
        let NodeId(id) = self.id;
        if id == 0 { String::new() } else { format!("@{id}") }
    }

    /// Fires the timer that it tells by that name. Whether it has it.
    fn fire(&self, name: &str) -> bool {
        let suffix = self.suffix();
        name.strip_suffix(&suffix).is_some_and(|own| self.clock.fire(|armed| armed.name == own))
    }
}

impl Duplexes {
    /// A server in this thread to which nothing has happened yet.
    pub(super) fn start<S: Side>(cx: &Cx<S>) -> Duplexes {
        let quiet = Quiet::default();
        let parks = quiet.clone();
        let runtime = Builder::new_current_thread().on_thread_park(move || parks.parks()).build();
        let runtime = runtime.expect("a runtime without I/O needs nothing of the operating system");
        let records = Records::of(&cx.scope);
        let (app, moment) = (cx.cast.app.clone(), cx.moment.clone());
        let nodes = cx.scope.nodes().map(|id| Node::serve(id, &app, &records, &moment, &runtime)).collect();
        let (pipes, homes, rigs) = (BTreeMap::new(), BTreeMap::new(), Rigs::default());
        let duplexes = Duplexes { app, nodes, moment, records, pipes, homes, rigs, quiet, runtime };
        if cx.scope.has_several_nodes() {
            duplexes.nodes.iter().for_each(|node| duplexes.join(node));
        }
        duplexes
    }

    /// The node hears of the others' commits from now on, as far as the harness delivers them, and polls.
    fn join(&self, Node { id, server, .. }: &Node) {
        let (server, registry) = (server.clone(), Arc::new(self.records.registry_of(*id)));
        self.runtime.spawn(async move { server.join(registry, None, POLL, None).await });
        self.run();
    }

    fn node(&self, node: NodeId) -> &Node {
        &self.nodes[usize::from(node.0)]
    }

    /// An account's record as it is stored, and its version.
    pub(super) fn stored(&self, account: AccountId) -> (Arc<Record>, Version) {
        self.records.stored(account)
    }

    /// How many commits the registry was asked for.
    pub(super) fn commits(&self) -> u64 {
        self.records.commits()
    }

    /// The server notes whom it owes nothing; its connections end with it.
    fn stop(&mut self) -> Result<(), String> {
        for Node { server, .. } in &self.nodes {
            let server = server.clone();
            let mut stopping = self.runtime.spawn(async move { server.stop().await });
            self.run();
            let stopped = (&mut stopping).now_or_never().ok_or("the server does not stop")?;
            stopped.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn run(&self) {
        self.runtime.block_on(self.quiet.idle(AllSent::new()));
    }
}

impl Streams for Duplexes {
    type Stream = DuplexStream;

    fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    fn stream(&mut self, link: u64, node: NodeId) -> Result<DuplexStream, String> {
        let (ours, client) = tokio::io::duplex(STREAM_BYTES);
        let (server_ours, server) = tokio::io::duplex(STREAM_BYTES);
        self.runtime.spawn(self.node(node).server.serve(server));
        self.pipes.insert(link, Ends { client: Some(ours), server: Some(server_ours) });
        self.homes.insert(link, node);
        Ok(client)
    }

    fn rigs(&self) -> &Rigs<DuplexStream> {
        &self.rigs
    }

    fn rigs_mut(&mut self) -> &mut Rigs<DuplexStream> {
        &mut self.rigs
    }
}

impl Transport for Duplexes {
    fn write(&mut self, link: u64, to: End, bytes: &[u8]) -> Result<(), String> {
        let Some(stream) = self.pipes.get_mut(&link).and_then(|pipe| pipe.at(to).as_mut()) else { return Ok(()) };
        if write(stream, bytes) { Ok(()) } else { Err(format!("the {to:?} takes no more bytes")) }
    }

    fn settle(&mut self) -> Result<(), String> {
        self.run();
        Ok(())
    }

    fn read(&mut self, link: u64, from: End, into: &mut Cutter) -> bool {
        let stream = self.pipes.get_mut(&link).and_then(|pipe| pipe.at(from).as_mut());
        stream.is_some_and(|stream| read(stream, into.unread()))
    }

    fn keep(&mut self, links: &[u64]) {
        self.pipes.retain(|id, _| links.contains(id));
        self.homes.retain(|id, _| links.contains(id));
    }

    fn ask(&mut self, request: &str) -> Result<String, String> {
        let (mut ours, theirs) = tokio::io::duplex(STREAM_BYTES);
        self.runtime.spawn(self.node(NodeId::default()).server.serve(theirs));
        if !write(&mut ours, request.as_bytes()) {
            return Err("the server takes no request".to_owned());
        }
        self.run();
        let mut answer = Vec::new();
        read(&mut ours, &mut answer);
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    fn pass(&mut self, _now: UnixMillis) -> Result<(), String> {
        Ok(())
    }

    fn end(&mut self, link: u64, end: End) {
        if let Some(pipe) = self.pipes.get_mut(&link) {
            *pipe.at(end) = None;
        }
    }

    fn fire(&mut self, timer: &str) -> Result<UnixMillis, String> {
        let fired = self.nodes.iter().any(|node| node.fire(timer));
        if fired { Ok(self.moment.now()) } else { Err(format!("the server has no timer {timer}")) }
    }

    fn each_timer(&self, tell: &mut dyn FnMut(&Armed)) {
        self.nodes.iter().for_each(|node| node.each_timer(tell));
    }

    fn is_ticking(&self) -> bool {
        true
    }

    fn restart(&mut self, how: Ending) -> Result<(), String> {
        if how == Ending::Stopped {
            self.stop()?;
        }
        for pipe in self.pipes.values_mut() {
            pipe.server = None;
        }
        let stored = with_stored_terms(self.app.clone(), &*self.records.registry().memory).now_or_never();
        let app = stored.expect("memory is ready at once").map_err(|error| error.to_string())?;
        for node in &mut self.nodes {
            *node = Node::serve(node.id, &app, &self.records, &self.moment, &self.runtime);
        }
        let note = self.records.take_stop();
        for (account, record) in self.records.read().to_vec() {
            let user_id = cast::user_id(account);
            self.nodes[0].server.restore(user_id, Record::clone(&record), noted_of(&note, user_id));
        }
        Ok(())
    }

    fn hear(&mut self, node: NodeId, account: AccountId) -> Done {
        let between = self.records.between();
        between.deliver(node, between.take(node, account));
        Ok(())
    }

    fn miss(&mut self, node: NodeId, account: AccountId) -> Done {
        self.records.between().take(node, account);
        Ok(())
    }

    fn poll(&mut self, node: NodeId) -> Result<UnixMillis, String> {
        let fired = self.node(node).clock.fire(|armed| armed.name == "poll");
        if fired { Ok(self.moment.now()) } else { Err(format!("{node:?} does not poll")) }
    }

    /// What kept it company ends at its next poll.
    fn die(&mut self, node: NodeId) -> Done {
        for (link, pipe) in &mut self.pipes {
            if self.homes.get(link) == Some(&node) {
                pipe.server = None;
            }
        }
        self.records.between().dies(node);
        let fresh = Node::serve(node, &self.app, &self.records, &self.moment, &self.runtime);
        let Node { server, clock, .. } = mem::replace(&mut self.nodes[usize::from(node.0)], fresh);
        drop(server);
        self.run();
        clock.fire(|armed| armed.name == "poll");
        self.run();
        Ok(())
    }

    fn start(&mut self, node: NodeId) -> Done {
        self.records.between().starts(node);
        self.join(self.node(node));
        Ok(())
    }

    fn lease_ends(&mut self, node: NodeId) -> Done {
        self.records.lease_ends(node)
    }

    fn node_of(&self, life: NodeLife) -> Option<(NodeId, Lease)> {
        self.records.between().node_of(life)
    }

    fn store(&mut self, node: NodeId) -> Done {
        let sent = self.records.between().take_commit(node).ok_or("no commit is under way")?;
        sent.goes_through().then_some(()).ok_or_else(|| "nobody waits for the commit that is under way".to_owned())
    }

    fn notices(&self) -> [Notices; MAX_ACCOUNTS] {
        self.records.between().notices()
    }

    fn recorded(&mut self) -> Vec<(AccountId, Callback)> {
        self.records.recorded()
    }

    fn post(&mut self, account: AccountId, how: Post) -> Option<Callback> {
        self.records.post(account, how)
    }

    fn records(&mut self) -> &[(AccountId, Arc<Record>)] {
        self.records.read()
    }
}
