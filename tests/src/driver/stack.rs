//! The whole client and server: tasks, HTTP upgrade, WebSocket, JSON, over streams that the harness holds. What the streams are, and where
//! the server runs, is the transport's business.

mod administrator;
mod attack;
mod faults;
mod rig;
mod seen;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::action::{AccountId, Credential, InstanceId, Post, Slot, Token};
use model::observation::{Call, End};
use model::scope::{MAX_INSTANCES, Scope};
use smallvec::SmallVec;
use sut::callback::Callback;
use sut::client::Client;
use sut::client::machine::Answer;
use sut::code::Refusal;
use sut::protocol::{ClientFrame, Envelope, decode_client, decode_server};
use sut::session::InstanceKey;

use super::acts::{self, Acts, Administration};
use super::clock::{Clock, Moment};
use super::frames::{Cutter, Piece};
use super::log::{Log, Told, listen};
use super::transport::Transport;
use super::{Driver, kicked_before};
use crate::cast::{self, Cast};
use crate::observation::{Ask, Observation};
use crate::translation::Names;
use crate::wire::Wire;
use rig::{Door, Rig};

pub use attack::{AttackHarness, AttackLink, Heard, Holdings, Stored};

/// What comes from both ends of one link.
#[derive(Default)]
struct Cutters {
    client: Cutter,
    server: Cutter,
}

/// The driver of the whole client and server.
pub(super) struct Stack<G: Transport> {
    scope: Scope,
    cast: Cast,
    rigs: Vec<Rig<G::Stream>>,
    cutters: BTreeMap<u64, Cutters>,
    wire: Wire<Vec<u8>, Vec<u8>>,
    log: Log,
    calls: BTreeMap<u64, (InstanceId, Call)>,
    last: u64,
    moment: Moment,
    now: u64,
    /// What the webhook's receiver was posted in this step.
    posted: Vec<(AccountId, Callback, Post)>,
    /// The names of the server's heartbeat timers, by the driver's name of the link.
    heartbeats: BTreeMap<u64, String>,
    /// The seats whose pages were closed in this step.
    closed_pages: Vec<InstanceId>,
    /// What the instances have written, if somebody listens.
    overheard: Option<Vec<Envelope<ClientFrame>>>,
    transport: G,
}

impl<G: Transport> Stack<G> {
    /// A server on that transport and one fresh instance a seat.
    pub(super) fn on(scope: &Scope, transport: impl FnOnce(&Cast, &Scope, &Moment) -> G) -> Stack<G> {
        let (cast, moment) = (Cast::of(scope), Moment::of(scope));
        let transport = transport(&cast, scope, &moment);
        let wire = Wire::new(scope, &cast);
        let (log, calls, cutters) = (Log::default(), BTreeMap::new(), BTreeMap::new());
        let (rigs, last, now, scope_of) = (Vec::new(), 0, 0, scope.clone());
        let (posted, heartbeats, closed_pages) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut stack = Stack {
            scope: scope_of,
            cast,
            rigs,
            cutters,
            wire,
            log,
            calls,
            last,
            moment,
            now,
            posted,
            heartbeats,
            closed_pages,
            overheard: None,
            transport,
        };
        for seat in scope.instances() {
            let rig = stack.fresh(seat);
            stack.rigs.push(rig);
        }
        kicked_before(scope).for_each(|account| stack.rest_kick(account));
        stack
    }

    /// Notes as strange what the transport could not do.
    fn noted<T>(&mut self, done: Result<T, String>) -> Option<T> {
        done.map_err(|what| self.wire.is_strange(what)).ok()
    }

    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn fresh(&mut self, seat: InstanceId) -> Rig<G::Stream> {
        let key = match cast::shares_with(&self.scope, seat).map(|other| self.rigs[usize::from(other.0)].key) {
            Some(shared) => shared,
            None => InstanceKey(u128::from(self.number())),
        };
        let (door, clock) = (Door::new(), Clock::at(&self.moment));
        let _entered = self.transport.runtime().enter();
        let builder = Client::builder_of(cast::options(&self.scope, seat, key)).time(Arc::new(clock.clone()));
        let (client, events) = builder.connector(door.clone());
        tokio::spawn(listen(events, seat, self.log.clone()));
        Rig { client, key, instance: key.digest(), door, clock }
    }

    fn call(&mut self, seat: InstanceId, kind: Call, made: impl Future<Output = Result<Answer, Refusal>> + Send + 'static) {
        let (call, log) = (self.number(), self.log.clone());
        self.calls.insert(call, (seat, kind));
        self.transport.runtime().spawn(async move {
            let outcome = made.await;
            log.push(seat, Told::Settled { call, outcome });
        });
    }

    fn client(&self, seat: InstanceId) -> Client {
        self.rigs[usize::from(seat.0)].client.clone()
    }

    fn hand_on(&mut self, link: u64, to: End, bytes: &[u8]) {
        let written = self.transport.write(link, to, bytes);
        self.noted(written);
    }

    /// Runs until nothing can run any more and no bytes are left unread; the HTTP upgrade passes meanwhile.
    fn settle(&mut self) {
        loop {
            let settled = self.transport.settle();
            if self.noted(settled).is_none() {
                return;
            }
            let ids: SmallVec<[u64; 2 * MAX_INSTANCES]> = self.cutters.keys().copied().collect();
            let passed = ids.into_iter().fold(false, |passed, id| self.drain(id) | passed);
            self.let_go();
            if !passed {
                return;
            }
        }
    }

    /// What belongs to links that neither end has any more is not kept.
    fn let_go(&mut self) {
        let before = self.cutters.len();
        self.cutters.retain(|id, _| self.wire.holds(*id));
        if self.cutters.len() != before {
            self.transport.keep(&self.wire.ids());
        }
    }

    /// Takes what both ends have written to a link. Whether a part of the upgrade was passed on.
    fn drain(&mut self, id: u64) -> bool {
        let Some(mut cutters) = self.cutters.get_mut(&id).map(std::mem::take) else { return false };
        let client_ended = self.transport.read(id, End::Client, &mut cutters.client);
        let server_ended = self.transport.read(id, End::Server, &mut cutters.server);
        let mut passed = false;
        while let Some((piece, raw)) = cutters.client.next() {
            passed |= self.client_wrote(id, piece, raw);
        }
        while let Some((piece, raw)) = cutters.server.next() {
            passed |= self.server_wrote(id, piece, raw);
        }
        if client_ended {
            self.wire.client_closed(id, None, None);
        }
        if server_ended {
            self.wire.server_closed(id, None, None);
        }
        self.cutters.insert(id, cutters);
        passed
    }

    /// Whether it was a part of the upgrade and passed on.
    fn client_wrote(&mut self, id: u64, piece: Piece, raw: Vec<u8>) -> bool {
        match piece {
            Piece::Http => {
                self.hand_on(id, End::Server, &raw);
                return true;
            }
            Piece::Text(text) => match decode_client(&text) {
                Ok(said) => {
                    self.overheard.iter_mut().for_each(|heard| heard.push(said.clone()));
                    self.wire.client_wrote(id, said, |_| raw);
                }
                Err(error) => self.wire.is_strange(format!("the client wrote what no server reads: {error}")),
            },
            Piece::Close(code) => self.wire.client_closed(id, code, Some(raw)),
            Piece::Other(opcode) => self.wire.is_strange(format!("the client wrote opcode {opcode}")),
        }
        false
    }

    /// Whether it was a part of the upgrade and passed on.
    fn server_wrote(&mut self, id: u64, piece: Piece, raw: Vec<u8>) -> bool {
        match piece {
            Piece::Http => {
                self.hand_on(id, End::Client, &raw);
                return true;
            }
            Piece::Text(text) => match decode_server(&text) {
                Ok(said) => self.wire.server_wrote(id, said, |_| raw),
                Err(error) => self.wire.is_strange(format!("the server wrote what no client reads: {error}")),
            },
            Piece::Close(code) => self.wire.server_closed(id, code, Some(raw)),
            Piece::Other(opcode) => self.wire.is_strange(format!("the server wrote opcode {opcode}")),
        }
        false
    }

    /// A real HTTP request beside the links, which the server must answer with OK.
    fn request(&mut self, request: &str) {
        let answered = self.transport.ask(request);
        let answer = self.noted(answered).unwrap_or_default();
        self.settle();
        if !answer.starts_with("HTTP/1.1 200 OK") || !answer.contains(r#""ActionStatus":"OK""#) {
            self.wire.is_strange(format!("an administrator's call that was answered with: {answer}"));
        }
    }
}

impl<G: Transport> Acts for Stack<G> {
    fn login(&mut self, seat: InstanceId, account: AccountId, credential: Credential) {
        if cast::shares_a_key(&self.scope) {
            self.moment.pass_a_second();
            self.time_has_passed();
        }
        let (user_id, user_sig) = self.cast.shown(account, credential, self.wire.stage.issued_at);
        let client = self.client(seat);
        self.call(seat, Call::Login, async move {
            let login = client.login(user_id, user_sig).await?;
            Ok(if login.repeat_login { Answer::Repeat { error_info: login.error_info } } else { Answer::LoggedIn })
        });
    }

    fn logout(&mut self, seat: InstanceId) {
        let client = self.client(seat);
        self.call(seat, Call::Logout, async move { client.logout().await.map(|()| Answer::Done) });
    }

    fn destroy(&mut self, seat: InstanceId) {
        let client = self.client(seat);
        self.call(seat, Call::Destroy, async move { client.destroy().await.map(|()| Answer::Done) });
    }

    fn send(&mut self, seat: InstanceId, to: AccountId, message: Option<(Token, AccountId)>) {
        let token = message.map(|(token, _)| token);
        let (client, text) = (self.client(seat), token.map_or_else(String::new, Names::text));
        self.call(seat, Call::Send(token), async move { client.send_message(cast::user_id(to), text).await.map(|_| Answer::Sent) });
    }

    fn resend(&mut self, seat: InstanceId, message: Option<(Token, AccountId)>) {
        let known = message.and_then(|(token, to)| Some((token, to, self.wire.stage.names.id(token)?)));
        let Some((token, to, id)) = known else { return self.wire.is_strange("no message to send again".to_owned()) };
        let (client, text) = (self.client(seat), Names::text(token));
        self.call(seat, Call::Send(Some(token)), async move {
            client.send_message_as(id, cast::user_id(to), text).await.map(|()| Answer::Sent)
        });
    }

    fn open(&mut self, seat: InstanceId) {
        let link = self.number();
        let rig = &self.rigs[usize::from(seat.0)];
        let rig_key = rig.key;
        let Some(give) = rig.door.waiting() else {
            return self.wire.is_strange("no link is waited for".to_owned());
        };
        let opened = self.transport.open(link);
        let Some(client) = self.noted(opened) else { return };
        if give.send(client).is_err() {
            return self.wire.is_strange("the link that was waited for is wanted no more".to_owned());
        }
        self.wire.open(seat, rig_key, link);
        self.cutters.insert(link, Cutters::default());
        self.settle();
        self.name_heartbeat(link);
    }

    fn deliver_up(&mut self, seat: InstanceId, slot: Slot) {
        match self.wire.take_up(seat, slot) {
            Some((link, delivery)) => {
                self.hand_on(link, End::Server, &[delivery.held.raw, delivery.close.unwrap_or_default()].concat())
            }
            None => self.wire.is_strange("nothing is under way to the server".to_owned()),
        }
    }

    fn deliver_down(&mut self, seat: InstanceId) {
        match self.wire.take_down(seat) {
            Some((link, delivery)) => {
                self.hand_on(link, End::Client, &[delivery.held.raw, delivery.close.unwrap_or_default()].concat())
            }
            None => self.wire.is_strange("nothing is under way to the client".to_owned()),
        }
    }

    fn renew(&mut self, seat: InstanceId) {
        let fresh = self.fresh(seat);
        self.rigs[usize::from(seat.0)] = fresh;
    }
}

impl<G: Transport> Driver for Stack<G> {
    fn step_into(&mut self, ask: Ask, seen: &mut Observation) {
        self.now = self.last;
        self.transport.tick(&self.moment);
        self.wire.stage.now = self.moment.now();
        acts::act(self, ask);
        self.settle();
        self.observe(seen);
    }
}
