//! Client and server in one thread, over in-memory streams. The runtime tells when nothing can run any more: that is the barrier. It has
//! no clock, and no timer of the system's is ever due.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::FutureExt;
use model::action::{AccountId, Post};
use model::observation::End;
use sut::callback::Callback;
use sut::config::{App, DEFAULT_PERIOD};
use sut::registry::{Version, with_stored_terms};
use sut::server::Server;
use sut::session::Record;
use sut::timers::UnixMillis;
use sut::timers::quiet::{AllSent, Quiet};
use tokio::io::DuplexStream;
use tokio::runtime::{Builder, Runtime};

use super::clock::{Armed, Clock, Moment};
use super::cx::Cx;
use super::frames::Cutter;
use super::record::{Records, noted_of};
use super::side::{Ending, Side};
use super::streams::{read, write};
use super::transport::{Ends, Transport};
use crate::cast;

/// Room for all that is ever under way in one direction of a stream.
const STREAM_BYTES: usize = 64 * 1024;

/// A server in this thread.
pub(super) struct Duplexes {
    app: App,
    server: Server,
    clock: Clock,
    moment: Moment,
    records: Records,
    /// The harness's ends of each link's two streams.
    pipes: BTreeMap<u64, Ends<Option<DuplexStream>>>,
    quiet: Quiet,
    runtime: Runtime,
}

impl Duplexes {
    fn serve(app: &App, records: &Records, clock: &Clock, runtime: &Runtime) -> Server {
        let _entered = runtime.enter();
        let (registry, time) = (records.registry().clone(), Arc::new(clock.clone()));
        let store = Arc::clone(&registry.memory);
        Server::builder(app.clone()).registry(registry).time(time).terms(store, DEFAULT_PERIOD).start()
    }

    /// A server in this thread to which nothing has happened yet.
    pub(super) fn start<S: Side>(cx: &Cx<S>) -> Duplexes {
        let quiet = Quiet::default();
        let parks = quiet.clone();
        let runtime = Builder::new_current_thread().on_thread_park(move || parks.parks()).build();
        let runtime = runtime.expect("a runtime without I/O needs nothing of the operating system");
        let records = Records::of(&cx.scope);
        let (app, clock, moment) = (cx.cast.app.clone(), Clock::at(&cx.moment), cx.moment.clone());
        let server = Duplexes::serve(&app, &records, &clock, &runtime);
        Duplexes { app, server, clock, moment, records, pipes: BTreeMap::new(), quiet, runtime }
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
        let server = self.server.clone();
        let mut stopping = self.runtime.spawn(async move { server.stop().await });
        self.run();
        let stopped = (&mut stopping).now_or_never().ok_or("the server does not stop")?;
        stopped.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    fn run(&self) {
        self.runtime.block_on(self.quiet.idle(AllSent::new()));
    }
}

impl Transport for Duplexes {
    type Stream = DuplexStream;

    fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    fn open(&mut self, link: u64) -> Result<DuplexStream, String> {
        let (ours, client) = tokio::io::duplex(STREAM_BYTES);
        let (server_ours, server) = tokio::io::duplex(STREAM_BYTES);
        self.runtime.spawn(self.server.serve(server));
        self.pipes.insert(link, Ends { client: Some(ours), server: Some(server_ours) });
        Ok(client)
    }

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
    }

    fn ask(&mut self, request: &str) -> Result<String, String> {
        let (mut ours, theirs) = tokio::io::duplex(STREAM_BYTES);
        self.runtime.spawn(self.server.serve(theirs));
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
        let fired = self.clock.fire(|armed| armed.name == timer);
        if fired { Ok(self.moment.now()) } else { Err(format!("the server has no timer {timer}")) }
    }

    fn each_timer(&self, tell: &mut dyn FnMut(&Armed)) {
        self.clock.armed().iter().for_each(tell);
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
        self.clock = Clock::at(&self.moment);
        let stored = with_stored_terms(self.app.clone(), &*self.records.registry().memory).now_or_never();
        let app = stored.expect("memory is ready at once").map_err(|error| error.to_string())?;
        self.server = Duplexes::serve(&app, &self.records, &self.clock, &self.runtime);
        let note = self.records.take_stop();
        for (account, record) in self.records.read().to_vec() {
            let user_id = cast::user_id(account);
            self.server.restore(user_id, Record::clone(&record), noted_of(&note, user_id));
        }
        Ok(())
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
