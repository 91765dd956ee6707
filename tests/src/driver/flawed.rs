//! Flaws of the harness itself, so that each can be seen to be red: a ground that does one thing wrong, and everything else as the one
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
use super::ground::{Ending, Ground};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The proxy drops a frame that it should hand on: the second thing that is written to the server, after the upgrade of a link.
    DropsAFrame,
    /// The ground is taken for idle without being asked from the second write to the server on, as if the barrier were answered early.
    TakenForIdle,
}

/// How many things are written to the server before the flaw shows.
const GOOD_WRITES: usize = 1;

/// A ground with a flaw.
pub(super) struct Flawed<G> {
    ground: G,
    flaw: Flaw,
    writes: usize,
}

impl<G: Ground> Flawed<G> {
    pub(super) fn new(ground: G, flaw: Flaw) -> Flawed<G> {
        Flawed { ground, flaw, writes: 0 }
    }

    fn shows(&self, flaw: Flaw) -> bool {
        self.flaw == flaw && self.writes > GOOD_WRITES
    }
}

impl<G: Ground> Ground for Flawed<G> {
    type Stream = G::Stream;

    fn runtime(&self) -> &Runtime {
        self.ground.runtime()
    }

    fn open(&mut self, link: u64) -> Result<G::Stream, String> {
        self.ground.open(link)
    }

    fn write(&mut self, link: u64, to: End, bytes: &[u8]) -> Result<(), String> {
        self.writes += usize::from(to == End::Server);
        if to == End::Server && self.shows(Flaw::DropsAFrame) { Ok(()) } else { self.ground.write(link, to, bytes) }
    }

    fn settle(&mut self) -> Result<(), String> {
        if self.shows(Flaw::TakenForIdle) { Ok(()) } else { self.ground.settle() }
    }

    fn read(&mut self, link: u64, from: End, into: &mut Cutter) -> bool {
        self.ground.read(link, from, into)
    }

    fn keep(&mut self, links: &[u64]) {
        self.ground.keep(links);
    }

    fn ask(&mut self, request: &str) -> Result<String, String> {
        self.ground.ask(request)
    }

    fn pass(&mut self, now: UnixMillis) -> Result<(), String> {
        self.ground.pass(now)
    }

    fn end(&mut self, link: u64, end: End) {
        self.ground.end(link, end);
    }

    fn fire(&mut self, timer: &str) -> Result<UnixMillis, String> {
        self.ground.fire(timer)
    }

    fn each_timer(&self, tell: &mut dyn FnMut(Kind, &str)) {
        self.ground.each_timer(tell);
    }

    fn restart(&mut self, how: Ending) -> Result<(), String> {
        self.ground.restart(how)
    }

    fn recorded(&mut self) -> Vec<(AccountId, Callback)> {
        self.ground.recorded()
    }

    fn post(&mut self, account: AccountId, how: Post) -> Option<Callback> {
        self.ground.post(account, how)
    }

    fn records(&mut self) -> &[(AccountId, Arc<Record>)] {
        self.ground.records()
    }
}
