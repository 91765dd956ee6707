//! The whole client and server: tasks, HTTP upgrade, WebSocket, JSON, over streams that the harness holds. What the streams are, and where
//! the server runs, is the transport's business.

mod attack;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::action::{AccountId, InstanceId, NodeId, Post, Setting};
use model::lives::Lease;
use model::nodes::Notices;
use model::observation::End;
use model::scope::{MAX_ACCOUNTS, MAX_INSTANCES, Scope};
use smallvec::SmallVec;
use sut::callback::Callback;
use sut::protocol::{ClientFrame, Envelope, decode_client, decode_server};
use sut::session::{InstanceKey, NodeLife, Record, SessionDigest};
use sut::timers::UnixMillis;

use super::clients::Clients;
use super::clock::{Armed, Kind};
use super::cx;
use super::frames::{Cutter, Piece};
use super::harness::Harness;
use super::log::Told;
use super::rest::{kick_request, limits_request};
use super::side::{Called, Done, Ending, ServerTimer, Shown, Side};
use super::transport::{Ends, Transport};
use crate::cast;

pub use attack::{AttackHarness, AttackLink, Heard, Holdings, Stored};

/// What goes wrong with a transport, so that whoever compares can be seen to be red.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A frame is dropped that should be handed on: the second thing that is written to the server, after the upgrade of a link.
    DropsAFrame,
    /// The transport is taken for idle without being asked from the second write to the server on, as if the barrier were answered early.
    TakenForIdle,
}

/// How many things are written to the server before a flaw shows.
const GOOD_WRITES: usize = 1;

type Cx<T> = cx::Cx<Stack<T>>;

/// The clients, a server on a transport, and what both ends of each link have written.
pub(super) struct Stack<T: Transport + Clients> {
    cutters: BTreeMap<u64, Ends<Cutter>>,
    /// The server's own number of each link, and the name of the heartbeat timer that tells it.
    heartbeats: BTreeMap<u64, (u128, String)>,
    /// The link that was opened in this step.
    opening: Option<u64>,
    /// What the instances have written, if somebody listens.
    overheard: Option<Vec<Envelope<ClientFrame>>>,
    flaw: Option<Flaw>,
    /// How many things were written to the server.
    writes: usize,
    transport: T,
}

impl<T: Transport + Clients> Stack<T> {
    /// A server on that transport and one fresh instance a seat.
    pub(super) fn start(scope: &Scope, flaw: Option<Flaw>, transport: impl FnOnce(&Cx<T>) -> T) -> Harness<Stack<T>> {
        Harness::start(scope, |cx| Stack {
            cutters: BTreeMap::new(),
            heartbeats: BTreeMap::new(),
            opening: None,
            overheard: None,
            flaw,
            writes: 0,
            transport: transport(cx),
        })
    }

    fn shows(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw) && self.writes > GOOD_WRITES
    }

    fn write(&mut self, link: u64, to: End, bytes: &[u8]) -> Done {
        self.writes += usize::from(to == End::Server);
        if to == End::Server && self.shows(Flaw::DropsAFrame) { Ok(()) } else { self.transport.write(link, to, bytes) }
    }

    fn run(&mut self) -> Done {
        if self.shows(Flaw::TakenForIdle) { Ok(()) } else { self.transport.settle() }
    }

    /// Takes what both ends have written to a link. Whether a part of the upgrade was passed on.
    fn drain(&mut self, cx: &mut Cx<T>, link: u64) -> bool {
        let Some(mut cutters) = self.cutters.get_mut(&link).map(std::mem::take) else { return false };
        let mut passed = false;
        for end in [End::Client, End::Server] {
            let cutter = cutters.at(end);
            let ended = self.transport.read(link, end, cutter);
            while let Some((piece, raw)) = cutter.next() {
                passed |= piece == Piece::Http;
                let taken = self.wrote(cx, link, end, piece, raw);
                taken.unwrap_or_else(|what| cx.wire.is_strange(what));
            }
            if ended {
                closed(cx, link, end, None, None);
            }
        }
        self.cutters.insert(link, cutters);
        passed
    }

    /// One end has written a piece.
    fn wrote(&mut self, cx: &mut Cx<T>, link: u64, end: End, piece: Piece, raw: Vec<u8>) -> Done {
        match (piece, end) {
            (Piece::Http, End::Client) => self.write(link, End::Server, &raw)?,
            (Piece::Http, End::Server) => self.write(link, End::Client, &raw)?,
            (Piece::Text(text), End::Client) => {
                let said = decode_client(&text).map_err(|error| format!("the client wrote what no server reads: {error}"))?;
                self.overheard.iter_mut().for_each(|heard| heard.push(said.clone()));
                cx.wire.client_wrote(link, said, |_| raw);
            }
            (Piece::Text(text), End::Server) => {
                let said = decode_server(&text).map_err(|error| format!("the server wrote what no client reads: {error}"))?;
                cx.wire.server_wrote(link, said, |_| raw);
            }
            (Piece::Close(code), end) => closed(cx, link, end, code, Some(raw)),
            (Piece::Other(opcode), end) => return Err(format!("the {end:?} wrote opcode {opcode}")),
        }
        Ok(())
    }

    /// A real HTTP request beside the links, which the server must answer with OK.
    fn request(&mut self, cx: &mut Cx<T>, request: &str) -> Done {
        let answer = self.transport.ask(request)?;
        self.settle(cx);
        let is_ok = answer.starts_with("HTTP/1.1 200 OK") && answer.contains(r#""ActionStatus":"OK""#);
        is_ok.then_some(()).ok_or_else(|| format!("an administrator's call that was answered with: {answer}"))
    }

    /// The heartbeat timer that no other link has is that of the newest.
    fn name_heartbeat(&mut self, link: u64) -> Done {
        let (mut armed, mut fresh) = (Vec::new(), None);
        self.transport.each_timer(&mut |timer| {
            if timer.kind == Kind::Heartbeat {
                let is_known = self.heartbeats.values().any(|(own, _)| *own == timer.of);
                fresh = fresh.take().or_else(|| (!is_known).then(|| (timer.of, timer.name.clone())));
                armed.push(timer.of);
            }
        });
        self.heartbeats.retain(|_, (own, _)| armed.contains(own));
        self.heartbeats.insert(link, fresh.ok_or("a link for which the server has armed no heartbeat timer")?);
        Ok(())
    }

    fn told(&self, timer: &Armed) -> ServerTimer {
        let link = || self.heartbeats.iter().find(|(_, (own, _))| *own == timer.of).map(|(link, _)| *link);
        match timer.kind {
            Kind::Heartbeat => ServerTimer::Heartbeat(link()),
            Kind::Ask => ServerTimer::Ask(link()),
            Kind::Lapse => ServerTimer::Lapse(SessionDigest(timer.of)),
            Kind::Expiry => ServerTimer::Expiry(SessionDigest(timer.of)),
            Kind::Terms => ServerTimer::Terms,
            Kind::Login | Kind::Logout | Kind::Send | Kind::Backoff | Kind::Ping | Kind::Other => ServerTimer::Other,
        }
    }
}

/// An end has closed its end of a link, or its stream has ended.
fn closed<T: Transport + Clients>(cx: &mut Cx<T>, link: u64, end: End, code: Option<u16>, raw: Option<Vec<u8>>) {
    match end {
        End::Client => cx.wire.client_closed(link, code, raw),
        End::Server => cx.wire.server_closed(link, code, raw),
    }
}

impl<T: Transport + Clients> Side for Stack<T> {
    type Up = Vec<u8>;
    type Down = Vec<u8>;

    fn renew(&mut self, cx: &mut Cx<T>, seat: InstanceId, key: InstanceKey) {
        self.transport.renew(seat, cast::options(&cx.scope, seat, key), &cx.moment);
    }

    fn call(&mut self, _cx: &mut Cx<T>, seat: InstanceId, call: u64, called: Called) {
        self.transport.call(seat, call, called);
    }

    fn open(&mut self, cx: &mut Cx<T>, seat: InstanceId, link: u64) -> Done {
        let node = cx.leads_to(seat);
        self.transport.open(seat, link, node)?;
        cx.opened(seat, link, node);
        self.cutters.insert(link, Ends::default());
        self.opening = Some(link);
        Ok(())
    }

    fn fail_to_open(&mut self, _cx: &mut Cx<T>, seat: InstanceId) -> Done {
        self.transport.fail_to_open(seat)
    }

    fn to_server(&mut self, _cx: &mut Cx<T>, link: u64, moved: Vec<u8>) -> Done {
        self.write(link, End::Server, &moved)
    }

    fn to_client(&mut self, _cx: &mut Cx<T>, (_, link): (InstanceId, u64), moved: Vec<u8>) -> Done {
        self.write(link, End::Client, &moved)
    }

    fn end(&mut self, _cx: &mut Cx<T>, (_, link): (InstanceId, u64), end: End) -> Done {
        self.transport.end(link, end);
        Ok(())
    }

    /// Masked, with a code and no reason.
    fn close(code: u16) -> Vec<u8> {
        const CLOSE: u8 = 0x88;
        const MASKED: u8 = 0x80;
        let [high, low] = code.to_be_bytes();
        vec![CLOSE, MASKED | 2, 0, 0, 0, 0, high, low]
    }

    fn close_page(&mut self, _cx: &mut Cx<T>, seat: InstanceId) {
        self.transport.close_page(seat);
    }

    fn closes_by_itself(&self) -> bool {
        self.transport.closes_by_itself()
    }

    fn fire(&mut self, cx: &mut Cx<T>, seat: InstanceId, timer: Kind) -> Done {
        self.transport.fire_at(seat, timer)?;
        cx.wire.stage.now = cx.moment.now();
        self.pass(cx.moment.now())
    }

    fn fire_at_server(&mut self, cx: &mut Cx<T>, meant: &[ServerTimer], at: Option<NodeId>) -> Done {
        let mut armed = Vec::new();
        self.transport.each_timer(&mut |timer| {
            let told = self.told(timer);
            let is_meant = meant.contains(&told) && at.is_none_or(|at| timer.node == at);
            armed.extend(is_meant.then(|| (told, timer.name.clone())));
        });
        let first = meant.iter().find_map(|meant| armed.iter().find(|(timer, _)| timer == meant));
        let (_, name) = first.ok_or_else(|| format!("the server has armed none of {meant:?}"))?;
        cx.wire.stage.now = self.transport.fire(name)?;
        Ok(())
    }

    fn each_timer(&self, tell: &mut dyn FnMut(NodeId, ServerTimer, Option<UnixMillis>)) {
        self.transport.each_timer(&mut |timer| tell(timer.node, self.told(timer), timer.due));
    }

    fn is_ticking(&self) -> bool {
        self.transport.is_ticking()
    }

    fn pass(&mut self, now: UnixMillis) -> Done {
        self.transport.pass(now)
    }

    fn rest_kick(&mut self, cx: &mut Cx<T>, account: AccountId) -> Done {
        self.request(cx, &kick_request(account, cx.moment.now()))
    }

    fn configure(&mut self, cx: &mut Cx<T>, setting: Setting) -> Done {
        let limits = cx.cast.limits_of(&cx.scope, setting);
        self.request(cx, &limits_request(limits, cx.moment.now()))
    }

    fn restart(&mut self, _cx: &mut Cx<T>, how: Ending) -> Done {
        self.heartbeats.clear();
        self.transport.restart(how)
    }

    fn hear(&mut self, _cx: &mut Cx<T>, node: NodeId, account: AccountId) -> Done {
        self.transport.hear(node, account)
    }

    fn miss(&mut self, node: NodeId, account: AccountId) -> Done {
        self.transport.miss(node, account)
    }

    /// Another server in its place numbers its links anew.
    fn die(&mut self, node: NodeId) -> Done {
        self.transport.die(node)?;
        let mut armed = Vec::new();
        self.transport.each_timer(&mut |timer| armed.push(timer.of));
        self.heartbeats.retain(|_, (own, _)| armed.contains(own));
        Ok(())
    }

    fn start(&mut self, _cx: &mut Cx<T>, node: NodeId) -> Done {
        self.transport.start(node)
    }

    fn lease_ends(&mut self, node: NodeId) -> Done {
        self.transport.lease_ends(node)
    }

    fn node_of(&self, life: NodeLife) -> Option<(NodeId, Lease)> {
        self.transport.node_of(life)
    }

    fn poll(&mut self, cx: &mut Cx<T>, node: NodeId) -> Done {
        cx.wire.stage.now = self.transport.poll(node)?;
        Ok(())
    }

    fn notices(&self) -> [Notices; MAX_ACCOUNTS] {
        self.transport.notices()
    }

    fn store(&mut self, cx: &mut Cx<T>, seat: InstanceId) -> Done {
        self.transport.store(cx.scope.node(seat))
    }

    fn post(&mut self, account: AccountId, how: Post) -> Option<Callback> {
        self.transport.post(account, how)
    }

    fn recorded(&mut self) -> Vec<(AccountId, Callback)> {
        self.transport.recorded()
    }

    fn records(&mut self) -> &[(AccountId, Arc<Record>)] {
        self.transport.records()
    }

    fn show(&self, seat: InstanceId, tell: &mut dyn FnMut(Shown<'_>)) {
        self.transport.show(seat, tell);
    }

    /// Runs until no bytes are left unread; the HTTP upgrade passes meanwhile. What belongs to links that neither end has any more is not
    /// kept.
    fn settle(&mut self, cx: &mut Cx<T>) {
        loop {
            if let Err(what) = self.run() {
                return cx.wire.is_strange(what);
            }
            let links: SmallVec<[u64; 2 * MAX_INSTANCES]> = self.cutters.keys().copied().collect();
            let passed = links.iter().fold(false, |passed, link| self.drain(cx, *link) | passed);
            self.cutters.retain(|link, _| cx.wire.holds(*link));
            if self.cutters.len() != links.len() {
                self.transport.keep(&cx.wire.ids());
            }
            if !passed {
                break;
            }
        }
        while let Some((seat, told)) = self.transport.told() {
            match told {
                Told::Settled { call, outcome } => cx.settled(call, &outcome),
                Told::Published(event) => cx.published(seat, &event),
                Told::StreamEnded => cx.ended(seat),
            }
        }
        if let Some(link) = self.opening.take() {
            self.name_heartbeat(link).unwrap_or_else(|what| cx.wire.is_strange(what));
        }
    }
}
