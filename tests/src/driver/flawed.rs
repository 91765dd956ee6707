//! Flaws of the harness itself, so that each can be seen to be red: a transport that does one thing wrong, and everything else as the one
//! below it. No command asks for it.

use std::sync::Arc;

use model::action::{AccountId, Post};
use model::observation::End;
use sut::callback::Callback;
use sut::session::Record;
use sut::timers::UnixMillis;
use tokio::runtime::Runtime;

use super::clock::Kind;
use super::frames::Cutter;
use super::transport::{Ending, Transport};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The proxy drops a frame that it should hand on: the second thing that is written to the server, after the upgrade of a link.
    DropsAFrame,
    /// The transport is taken for idle without being asked from the second write to the server on, as if the barrier were answered early.
    TakenForIdle,
}

/// How many things are written to the server before the flaw shows.
const GOOD_WRITES: usize = 1;

/// A transport with a flaw.
pub(super) struct Flawed<G> {
    transport: G,
    flaw: Flaw,
    writes: usize,
}

impl<G: Transport> Flawed<G> {
    pub(super) fn new(transport: G, flaw: Flaw) -> Flawed<G> {
        Flawed { transport, flaw, writes: 0 }
    }

    fn shows(&self, flaw: Flaw) -> bool {
        self.flaw == flaw && self.writes > GOOD_WRITES
    }
}

impl<G: Transport> Transport for Flawed<G> {
    type Stream = G::Stream;

    fn runtime(&self) -> &Runtime {
        self.transport.runtime()
    }

    fn open(&mut self, link: u64) -> Result<G::Stream, String> {
        self.transport.open(link)
    }

    fn write(&mut self, link: u64, to: End, bytes: &[u8]) -> Result<(), String> {
        self.writes += usize::from(to == End::Server);
        if to == End::Server && self.shows(Flaw::DropsAFrame) { Ok(()) } else { self.transport.write(link, to, bytes) }
    }

    fn settle(&mut self) -> Result<(), String> {
        if self.shows(Flaw::TakenForIdle) { Ok(()) } else { self.transport.settle() }
    }

    fn read(&mut self, link: u64, from: End, into: &mut Cutter) -> bool {
        self.transport.read(link, from, into)
    }

    fn keep(&mut self, links: &[u64]) {
        self.transport.keep(links);
    }

    fn ask(&mut self, request: &str) -> Result<String, String> {
        self.transport.ask(request)
    }

    fn pass(&mut self, now: UnixMillis) -> Result<(), String> {
        self.transport.pass(now)
    }

    fn end(&mut self, link: u64, end: End) {
        self.transport.end(link, end);
    }

    fn fire(&mut self, timer: &str) -> Result<UnixMillis, String> {
        self.transport.fire(timer)
    }

    fn each_timer(&self, tell: &mut dyn FnMut(Kind, &str)) {
        self.transport.each_timer(tell);
    }

    fn restart(&mut self, how: Ending) -> Result<(), String> {
        self.transport.restart(how)
    }

    fn recorded(&mut self) -> Vec<(AccountId, Callback)> {
        self.transport.recorded()
    }

    fn post(&mut self, account: AccountId, how: Post) -> Option<Callback> {
        self.transport.post(account, how)
    }

    fn records(&mut self) -> &[(AccountId, Arc<Record>)] {
        self.transport.records()
    }
}
