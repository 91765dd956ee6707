//! A whole system that a stranger writes to: bytes go in on a link of the stranger's own or on one of an instance's, and what is heard
//! there is kept apart from all that the system holds besides. It attacks nothing by itself and knows no rule.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::action::{AccountId, Credential, InstanceId, NodeId, Slot};
use model::observation::End;
use model::scope::Scope;
use sut::link::PATH;
use sut::protocol::{ClientFrame, Envelope, ServerFrame, decode_server};
use sut::registry::Version;
use sut::session::{InstanceKey, Record, Secret, SessionDigest};
use sut::timers::UnixMillis;

use super::Stack;
use crate::driver::Driver;
use crate::driver::duplexes::Duplexes;
use crate::driver::frames::{Cutter, Piece};
use crate::driver::harness::Harness;
use crate::driver::rigs::Streams;
use crate::driver::transport::Transport;
use crate::observation::{Ask, Holds, Observation};
use crate::wire::SessionBook;

/// A link on which a stranger can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttackLink(u64);

/// What came back over one link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The frames, in order.
    pub frames: Vec<ServerFrame>,
    /// The code of the server's close, if one came.
    pub close: Option<u16>,
    /// Whether the server writes nothing more.
    pub ended: bool,
    /// What is no frame.
    pub strange: Vec<String>,
}

/// An account's record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Whose.
    pub account: AccountId,
    /// How many commits it has seen.
    pub version: Version,
    /// What stands there.
    pub record: Arc<Record>,
}

/// All that a system holds, but for the heartbeat timers of the stranger's own links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// The records.
    pub stored: Vec<Stored>,
    /// How many commits the registry was asked for.
    pub commits: u64,
    /// The names of the server's timers, sorted.
    pub timers: Vec<String>,
    /// Each seat's instance: as whom it is logged in, whether it is ready, what it holds.
    pub seats: Vec<(Option<String>, bool, Holds)>,
    /// What the applications were told since the last step.
    pub told: usize,
    /// What was written since the last step on links that no stranger wrote to: on which, by which end, and what.
    written: Vec<(u64, End, Piece)>,
}

impl Holdings {
    /// The server has closed that link with a code, and waits for nothing on it any more.
    ///
    /// # Errors
    /// That it waited for nothing there.
    pub fn close(&mut self, attacker: &AttackHarness, link: AttackLink, code: u16) -> Result<(), String> {
        self.written.push((link.0, End::Server, Piece::Close(Some(code))));
        self.written.sort_by_key(|(link, ..)| *link);
        self.without_timers_of(attacker, link)
    }

    /// The server waits for nothing on that link any more.
    ///
    /// # Errors
    /// That it waited for nothing there.
    pub fn without_timers_of(&mut self, attacker: &AttackHarness, link: AttackLink) -> Result<(), String> {
        let (_, heartbeat) = attacker.harness.side.heartbeats.get(&link.0).ok_or("a link that is served has no heartbeat")?;
        let ask = heartbeat.replacen("heartbeat", "ask", 1);
        self.timers.retain(|name| name != heartbeat && *name != ask);
        Ok(())
    }
}

/// A whole system, and the links that a stranger has opened to it.
pub struct AttackHarness {
    harness: Harness<Stack<Duplexes>>,
    /// The stranger's own links, each with the name of its heartbeat timer.
    own: BTreeMap<u64, (Cutter, String)>,
}

impl AttackHarness {
    /// A fresh system in which nothing has happened.
    pub fn start(scope: &Scope) -> AttackHarness {
        let mut harness = Stack::start(scope, None, Duplexes::start);
        harness.side.overheard = Some(Vec::new());
        AttackHarness { harness, own: BTreeMap::new() }
    }

    /// Does what an honest step does.
    pub fn step(&mut self, ask: Ask) -> Observation {
        self.harness.step(ask)
    }

    /// The userID and the UserSig that an account would show now.
    pub fn pass(&self, account: AccountId, credential: Credential) -> (String, String) {
        self.harness.cx.cast.shown(account, credential, self.harness.cx.wire.stage.issued_at)
    }

    /// Every frame that an instance has written so far, as an eavesdropper has it.
    pub fn overheard(&self) -> &[Envelope<ClientFrame>] {
        self.harness.side.overheard.as_deref().unwrap_or_default()
    }

    /// The moment at which the system stands.
    pub fn now(&self) -> UnixMillis {
        self.harness.cx.moment.now()
    }

    /// The seat whose login named a session.
    pub fn seat_of(&self, secret: Secret) -> Option<InstanceId> {
        self.harness.cx.wire.stage.sessions.get(secret).map(|session| session.seat)
    }

    /// What is known of the session that the server calls so.
    pub fn called(&self, session: SessionDigest) -> Option<&SessionBook> {
        self.harness.cx.wire.stage.sessions.called(session)
    }

    /// The place of the last message that a session's instance has received.
    pub fn received(&self, secret: Secret) -> u64 {
        self.harness.cx.wire.stage.sessions.get(secret).map_or(0, |session| session.received)
    }

    /// The key of the instance in a seat.
    pub fn key_of(&self, seat: InstanceId) -> InstanceKey {
        self.harness.cx.keys[usize::from(seat.0)]
    }

    /// An instance's current link.
    pub fn link_of(&self, seat: InstanceId) -> Option<AttackLink> {
        self.link_at(seat, Slot::Current)
    }

    /// The link of an instance's that is current, or the one that it has given up.
    pub fn link_at(&self, seat: InstanceId, slot: Slot) -> Option<AttackLink> {
        self.harness.cx.wire.id_of(seat, slot).map(AttackLink)
    }

    /// The record of an account.
    pub fn stored(&self, account: AccountId) -> Stored {
        let (record, version) = self.harness.side.transport.stored(account);
        Stored { account, version, record }
    }

    /// Opens a link of the stranger's own, upgraded to a WebSocket.
    pub fn open(&mut self) -> AttackLink {
        let (id, before) = (self.harness.cx.number(), self.harness.side.transport.timers());
        let client = self.harness.side.transport.stream(id, NodeId::default());
        self.harness.note(client.map(drop));
        self.own.insert(id, (Cutter::default(), String::new()));
        let head = "Host: server\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13";
        let request = format!("GET {PATH} HTTP/1.1\r\n{head}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        self.write(AttackLink(id), request.as_bytes());
        let heartbeat = self.harness.side.transport.timers().into_iter().find(|name| !before.contains(name));
        if let (Some(own), Some(name)) = (self.own.get_mut(&id), heartbeat) {
            own.1 = name;
        }
        AttackLink(id)
    }

    /// Writes bytes to the server on a link, waits until nothing can run any more, and says what came back there.
    pub fn write(&mut self, link: AttackLink, bytes: &[u8]) -> Heard {
        let written = self.harness.side.transport.write(link.0, End::Server, bytes);
        self.harness.note(written);
        let settled = self.harness.side.transport.settle();
        self.harness.note(settled);
        let cutter = match self.own.get_mut(&link.0) {
            Some((cutter, _)) => Some(cutter),
            None => self.harness.side.cutters.get_mut(&link.0).map(|cutters| &mut cutters.server),
        };
        let mut heard = Heard::default();
        let Some(cutter) = cutter else { return heard };
        heard.ended = self.harness.side.transport.read(link.0, End::Server, cutter);
        while let Some((piece, _)) = cutter.next() {
            heard.hear(piece);
        }
        heard
    }

    /// The stranger's own links end without a word.
    pub fn leave(&mut self) {
        for id in self.own.keys() {
            self.harness.side.transport.end(*id, End::Server);
        }
        self.own.clear();
        let settled = self.harness.side.transport.settle();
        self.harness.note(settled);
    }

    /// All that is held now of these accounts and of everything else. What is written on `attacked` is not told here.
    pub fn holdings(&mut self, accounts: &[AccountId], attacked: AttackLink) -> Holdings {
        let own: Vec<_> = self.own.values().map(|(_, heartbeat)| heartbeat.clone()).collect();
        let mut timers = self.harness.side.transport.timers();
        timers.retain(|name| !own.contains(name));
        timers.sort();
        let (written, told) = (self.written(attacked), self.harness.side.transport.rigs().told());
        Holdings {
            stored: accounts.iter().map(|account| self.stored(*account)).collect(),
            commits: self.harness.side.transport.commits(),
            timers,
            seats: self.harness.side.transport.rigs().shown(),
            told,
            written,
        }
    }

    /// What was written meanwhile on all links but one.
    fn written(&mut self, attacked: AttackLink) -> Vec<(u64, End, Piece)> {
        let (own, wire) = (self.own.keys().copied(), self.harness.cx.wire.ids().into_iter());
        let others: Vec<u64> = own.chain(wire).filter(|id| *id != attacked.0).collect();
        let mut written = Vec::new();
        for (id, end) in others.into_iter().flat_map(|id| [(id, End::Client), (id, End::Server)]) {
            let mut cutter = Cutter::of_upgraded();
            self.harness.side.transport.read(id, end, &mut cutter);
            while let Some((piece, _)) = cutter.next() {
                written.push((id, end, piece));
            }
        }
        written
    }
}

impl Heard {
    /// What came back later over the same link.
    pub fn join(&mut self, later: Heard) {
        let Heard { frames, close, ended, strange } = later;
        self.frames.extend(frames);
        self.close = self.close.or(close);
        self.ended |= ended;
        self.strange.extend(strange);
    }

    fn hear(&mut self, piece: Piece) {
        match piece {
            Piece::Http => {}
            Piece::Text(text) => match decode_server(&text) {
                Ok(said) => self.frames.push(said.frame),
                Err(error) => self.strange.push(error.to_string()),
            },
            Piece::Close(code) => self.close = code,
            Piece::Other(opcode) => self.strange.push(format!("opcode {opcode}")),
        }
    }
}
