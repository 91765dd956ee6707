//! The whole client and server: tasks, HTTP upgrade, WebSocket, JSON, in one thread, over in-memory streams that the harness holds. The
//! clock of the runtime is paused, so that a virtual wait returns only when nothing else can run: that is the barrier.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use model::action::{AccountId, Action, Credential, InstanceId, Slot, Token};
use model::observation::{Asked, Call, Item};
use model::scope::Scope;
use sut::client::machine::Answer;
use sut::client::{Client, Connect};
use sut::code::Refusal;
use sut::protocol::{decode_client, decode_server};
use sut::server::Server;
use sut::session::InstanceKey;
use tokio::io::DuplexStream;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::clock::{Clock, Moment};
use super::frames::{Cutter, Piece};
use super::log::{Log, Told, listen};
use super::record::Records;
use super::rest::kick_request;
use super::streams::{read, read_bytes, write};
use super::{Driver, kicked_before};
use crate::cast::{self, Cast};
use crate::observation::{Ask, Holds, Observation};
use crate::translation::{self, Names};
use crate::wire::Wire;

/// Room for all that is ever under way in one direction of a stream.
const STREAM_BYTES: usize = 64 * 1024;

/// The links that an instance waits for: each is given when the trace opens it.
#[derive(Clone, Default)]
struct Door(Arc<Mutex<Vec<oneshot::Sender<DuplexStream>>>>);

impl Door {
    fn lock(&self) -> MutexGuard<'_, Vec<oneshot::Sender<DuplexStream>>> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }
}

impl Connect for Door {
    type Stream = DuplexStream;

    async fn connect(&self) -> io::Result<DuplexStream> {
        let (give, given) = oneshot::channel();
        self.lock().push(give);
        given.await.map_err(|_| io::Error::other("the harness ended"))
    }
}

/// One seat's instance.
struct Rig {
    client: Client,
    key: InstanceKey,
    door: Door,
    clock: Clock,
}

/// The harness's ends of one link's two streams.
struct Pipe {
    client: DuplexStream,
    server: DuplexStream,
    from_client: Cutter,
    from_server: Cutter,
}

/// The stack driver.
pub struct Stack {
    scope: Scope,
    cast: Cast,
    server: Server,
    records: Records,
    rigs: Vec<Rig>,
    pipes: BTreeMap<u64, Pipe>,
    wire: Wire<Vec<u8>, Vec<u8>>,
    log: Log,
    calls: BTreeMap<u64, (InstanceId, Call)>,
    last: u64,
    moment: Moment,
    now: u64,
    runtime: Runtime,
}

impl Stack {
    /// A node and one fresh instance a seat.
    ///
    /// # Panics
    /// If the operating system gives no thread-local runtime.
    pub fn start(scope: &Scope) -> Stack {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime without I/O needs nothing of the operating system");
        let cast = Cast::of(scope);
        let (records, moment) = (Records::default(), Moment::default());
        let entered = runtime.enter();
        let server = Server::new(cast.app.clone(), records.registry().clone(), Arc::new(Clock::at(&moment)));
        drop(entered);
        let wire = Wire::new(scope, &cast);
        let (log, calls, pipes) = (Log::default(), BTreeMap::new(), BTreeMap::new());
        let (rigs, last, now) = (Vec::new(), 0, 0);
        let mut stack =
            Stack { scope: scope.clone(), cast, server, records, rigs, pipes, wire, log, calls, last, moment, now, runtime };
        stack.rigs = scope.instances().map(|seat| stack.fresh(seat)).collect();
        kicked_before(scope).for_each(|account| stack.rest_kick(account));
        stack
    }

    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn fresh(&mut self, seat: InstanceId) -> Rig {
        let key = InstanceKey(u128::from(self.number()));
        let (door, clock) = (Door::default(), Clock::at(&self.moment));
        let _entered = self.runtime.enter();
        let (client, events) = Client::new(cast::options(&self.scope, seat, key), door.clone(), Arc::new(clock.clone()));
        tokio::spawn(listen(events, seat, self.log.clone()));
        Rig { client, key, door, clock }
    }

    fn call(&mut self, seat: InstanceId, kind: Call, made: impl Future<Output = Result<Answer, Refusal>> + Send + 'static) {
        let (call, log) = (self.number(), self.log.clone());
        self.calls.insert(call, (seat, kind));
        self.runtime.spawn(async move {
            let outcome = made.await;
            log.push(seat, Told::Settled { call, outcome });
        });
    }

    fn client(&self, seat: InstanceId) -> Client {
        self.rigs[usize::from(seat.0)].client.clone()
    }

    fn login(&mut self, seat: InstanceId, account: AccountId, credential: Credential) {
        let (user_id, user_sig) = self.cast.shown(account, credential, self.moment.now());
        let client = self.client(seat);
        self.call(seat, Call::Login, async move {
            let login = client.login(user_id, user_sig).await?;
            Ok(if login.repeat_login { Answer::Repeat { error_info: login.error_info } } else { Answer::LoggedIn })
        });
    }

    fn send(&mut self, seat: InstanceId, to: AccountId, token: Option<Token>) {
        let (client, text) = (self.client(seat), token.map_or_else(String::new, Names::text));
        self.call(seat, Call::Send(token), async move { client.send_message(cast::user_id(to), text).await.map(|_| Answer::Sent) });
    }

    fn open(&mut self, seat: InstanceId) {
        let link = self.number();
        let rig = &self.rigs[usize::from(seat.0)];
        let Some(give) = rig.door.lock().drain(..).rfind(|give| !give.is_closed()) else {
            return self.wire.is_strange("no link is waited for".to_owned());
        };
        let (ours, client) = tokio::io::duplex(STREAM_BYTES);
        if give.send(client).is_err() {
            return self.wire.is_strange("the link that was waited for is wanted no more".to_owned());
        }
        self.wire.open(seat, rig.key, link);
        let (server_ours, server) = tokio::io::duplex(STREAM_BYTES);
        self.runtime.spawn(self.server.serve(server));
        let pipe = Pipe { client: ours, server: server_ours, from_client: Cutter::default(), from_server: Cutter::default() };
        self.pipes.insert(link, pipe);
    }

    fn deliver_up(&mut self, seat: InstanceId, slot: Slot) {
        match self.wire.take_up(seat, slot) {
            Some((link, delivery)) => {
                let Some(pipe) = self.pipes.get_mut(&link) else { return };
                let bytes = [delivery.raw, delivery.close.unwrap_or_default()].concat();
                if !write(&mut pipe.server, &bytes) {
                    self.wire.is_strange("the server takes no more bytes".to_owned());
                }
            }
            None => self.wire.is_strange("nothing is under way to the server".to_owned()),
        }
    }

    fn deliver_down(&mut self, seat: InstanceId) {
        match self.wire.take_down(seat) {
            Some((link, delivery)) => {
                let Some(pipe) = self.pipes.get_mut(&link) else { return };
                let bytes = [delivery.raw, delivery.close.unwrap_or_default()].concat();
                if !write(&mut pipe.client, &bytes) {
                    self.wire.is_strange("the client takes no more bytes".to_owned());
                }
            }
            None => self.wire.is_strange("nothing is under way to the client".to_owned()),
        }
    }

    /// Runs until nothing can run any more and no bytes are left unread; the HTTP upgrade passes meanwhile.
    fn settle(&mut self) {
        loop {
            self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(1)).await });
            let ids: Vec<_> = self.pipes.keys().copied().collect();
            let mut passed = false;
            for id in ids {
                passed |= self.drain(id);
            }
            let held = self.wire.ids();
            self.pipes.retain(|id, _| held.contains(id));
            if !passed {
                return;
            }
        }
    }

    /// Takes what both ends have written to a link. Whether a part of the upgrade was passed on.
    fn drain(&mut self, id: u64) -> bool {
        let Some(mut pipe) = self.pipes.remove(&id) else { return false };
        let client_ended = read(&mut pipe.client, &mut pipe.from_client);
        let server_ended = read(&mut pipe.server, &mut pipe.from_server);
        let mut passed = false;
        while let Some((piece, raw)) = pipe.from_client.next() {
            match piece {
                Piece::Http => passed |= write(&mut pipe.server, &raw),
                Piece::Text(text) => match decode_client(&text) {
                    Ok(said) => self.wire.client_wrote(id, &said, raw),
                    Err(error) => self.wire.is_strange(format!("the client wrote what no server reads: {error}")),
                },
                Piece::Close(code) => self.wire.client_closed(id, code, Some(raw)),
                Piece::Other(opcode) => self.wire.is_strange(format!("the client wrote opcode {opcode}")),
            }
        }
        while let Some((piece, raw)) = pipe.from_server.next() {
            match piece {
                Piece::Http => passed |= write(&mut pipe.client, &raw),
                Piece::Text(text) => match decode_server(&text) {
                    Ok(said) => self.wire.server_wrote(id, &said, raw),
                    Err(error) => self.wire.is_strange(format!("the server wrote what no client reads: {error}")),
                },
                Piece::Close(code) => self.wire.server_closed(id, code, Some(raw)),
                Piece::Other(opcode) => self.wire.is_strange(format!("the server wrote opcode {opcode}")),
            }
        }
        if client_ended {
            self.wire.client_closed(id, None, None);
        }
        if server_ended {
            self.wire.server_closed(id, None, None);
        }
        self.pipes.insert(id, pipe);
        passed
    }

    /// A real HTTP request beside the links; what it leads to is seen on the links as ever.
    fn rest_kick(&mut self, account: AccountId) {
        self.wire.rest_kicks.insert(account, self.moment.now().0 / 1000);
        let (mut ours, theirs) = tokio::io::duplex(STREAM_BYTES);
        self.runtime.spawn(self.server.serve(theirs));
        let written = write(&mut ours, kick_request(account, self.moment.now()).as_bytes());
        self.settle();
        let mut answer = Vec::new();
        read_bytes(&mut ours, &mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        if !written || !answer.starts_with("HTTP/1.1 200 OK") || !answer.contains(r#""ActionStatus":"OK""#) {
            self.wire.is_strange(format!("a REST kick that was answered with: {answer}"));
        }
        self.moment.pass_a_second();
        self.wire.now = self.moment.now();
    }

    fn renew(&mut self, seat: InstanceId) {
        let fresh = self.fresh(seat);
        self.rigs[usize::from(seat.0)] = fresh;
    }

    fn take_log(&mut self, observation: &mut Observation) {
        let told: Vec<_> = self.log.lock().drain(..).collect();
        for (instance, told) in told {
            match told {
                Told::StreamEnded => observation.told.push(Item::StreamEnded { instance }),
                Told::Published(event) => match translation::event(&self.wire.names, &event) {
                    Ok(event) => observation.told.push(Item::Published { instance, event }),
                    Err(what) => observation.strange.push(what),
                },
                Told::Settled { call, outcome } => self.settled(call, &outcome, observation),
            }
        }
    }

    fn settled(&mut self, id: u64, outcome: &Result<Answer, Refusal>, observation: &mut Observation) {
        let asked = if id > self.now { Asked::Now } else { Asked::Earlier };
        let Some((instance, call)) = self.calls.remove(&id) else { return };
        let call = if let (Call::Send(_), Asked::Now) = (call, asked) { Call::Send(None) } else { call };
        match translation::outcome(outcome) {
            Ok(outcome) => observation.told.push(Item::Settled { instance, call, asked, outcome }),
            Err(what) => observation.strange.push(what),
        }
    }

    fn observe(&mut self) -> Observation {
        let mut observation = Observation::default();
        self.take_log(&mut observation);
        for (seat, rig) in self.scope.instances().zip(&self.rigs) {
            self.wire.compare_first_sync(seat, rig.client.first_sync().as_ref());
        }
        self.wire.show(&mut observation);
        self.records.show(&self.scope, &mut self.wire, &mut observation);
        for (rig, view) in self.rigs.iter().zip(&mut observation.seats) {
            match rig.client.login_user().map(|user| (cast::account(&user), user)) {
                Some((None, user)) => observation.strange.push(format!("logged in as '{user}'")),
                Some((account, _)) => view.login_user = account,
                None => view.login_user = None,
            }
            view.ready = rig.client.is_ready();
            let held = rig.client.resources();
            let timers = rig.clock.count(["login", "logout", "send"]);
            view.holds = Holds { alive: held.tasks > 0, links: held.links, timers, kept: held.buffered };
            if held.timers != timers.iter().sum::<usize>() {
                observation.strange.push(format!("{} timers where {timers:?} are armed", held.timers));
            }
        }
        observation.sort();
        observation
    }
}

impl Driver for Stack {
    fn step(&mut self, ask: Ask) -> Observation {
        self.now = self.last;
        match ask.action {
            Action::Login { instance, account, credential } => self.login(instance, account, credential),
            Action::Logout { instance } => {
                let client = self.client(instance);
                self.call(instance, Call::Logout, async move { client.logout().await.map(|()| Answer::Done) });
            }
            Action::Destroy { instance } => {
                let client = self.client(instance);
                self.call(instance, Call::Destroy, async move { client.destroy().await.map(|()| Answer::Done) });
            }
            Action::Send { instance, to } => self.send(instance, to, ask.token),
            Action::Open { instance } => self.open(instance),
            Action::ToServer { instance, slot } => self.deliver_up(instance, slot),
            Action::ToClient { instance } => self.deliver_down(instance),
            Action::Renew { instance } => self.renew(instance),
            Action::RestKick { account } => self.rest_kick(account),
        }
        self.settle();
        self.observe()
    }
}
