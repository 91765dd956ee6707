//! One page of a real browser, led by hand where the model has no word for what a browser does: reloads, the next page of a tab and the way
//! back, freezing and waking. Everything is let through at once, and what is written and told is noted in order. It compares nothing.

use std::collections::BTreeMap;

use model::action::{AccountId, Credential, InstanceId, NodeId};
use model::observation::End;
use model::scope::Scope;
use sut::protocol::{decode_client, decode_server};
use sut::session::InstanceKey;

use super::bug::ShellBug;
use super::{Pages, Sockets};
use crate::cast::{self, Cast};
use crate::driver::clients::Clients;
use crate::driver::cx::Cx;
use crate::driver::frames::{Cutter, Piece};
use crate::driver::log::Told;
use crate::driver::rest::kick_request;
use crate::driver::side::{Called, Done};
use crate::driver::stack::Stack;
use crate::driver::transport::{Ends, Transport};

/// Who visits.
const VISITOR: InstanceId = InstanceId(0);
const ACCOUNT: AccountId = AccountId(0);
const KEY: InstanceKey = InstanceKey(7);

/// A page of one instance, and the server that it is led to.
pub struct Visit {
    sockets: Sockets<Pages>,
    cutters: BTreeMap<u64, Ends<Cutter>>,
    cast: Cast,
    /// The number of the last link.
    last: u64,
    noted: Vec<String>,
}

impl Visit {
    /// A page on which nothing has happened yet, of a scope's app, with that bug in its shell.
    pub fn begin(scope: &Scope, bug: Option<ShellBug>) -> Visit {
        let cx: Cx<Stack<Sockets<Pages>>> = Cx::new(scope);
        let mut sockets = Sockets::browse(&cx, bug);
        sockets.renew(VISITOR, cast::options(scope, VISITOR, KEY), &cx.moment);
        Visit { sockets, cutters: BTreeMap::new(), cast: Cast::of(scope), last: 0, noted: Vec::new() }
    }

    /// What was noted since the last look, a line each: what page and server wrote on each link, and what the application was told.
    pub fn noted(&mut self) -> Vec<String> {
        std::mem::take(&mut self.noted)
    }

    /// How many sessions of the account are on record.
    pub fn online(&mut self) -> usize {
        self.sockets.records().iter().find(|(account, _)| *account == ACCOUNT).map_or(0, |(_, record)| record.sessions.len())
    }

    /// The application logs in.
    pub fn login(&mut self) {
        let (user_id, user_sig) = self.cast.shown(ACCOUNT, Credential::Good, cast::NOW);
        self.sockets.call(VISITOR, 1, Called::Login { user_id, user_sig });
        self.run();
    }

    /// The user loads the page anew.
    pub fn reload(&mut self) {
        self.does(Pages::reload);
    }

    /// The user goes on to the next page of the site in the same tab.
    pub fn leave(&mut self) {
        self.does(Pages::next_page);
    }

    /// The user goes back to the page before.
    pub fn back(&mut self) {
        self.does(Pages::back);
    }

    /// The browser freezes the page.
    pub fn freeze(&mut self) {
        self.does(Pages::freeze);
    }

    /// A frozen page wakes.
    pub fn wake(&mut self) {
        self.does(Pages::wake);
    }

    /// The user closes the tab.
    pub fn close(&mut self) {
        self.does(Pages::close_tab);
    }

    /// The administrator kicks the account.
    pub fn kick(&mut self) {
        let asked = self.sockets.ask(&kick_request(ACCOUNT, cast::NOW)).map(drop);
        self.note(asked);
        self.run();
    }

    fn does(&mut self, deed: impl FnOnce(&mut Pages) -> Done) {
        let done = self.sockets.unless_troubled(|sockets| deed(&mut sockets.front));
        self.note(done);
        self.run();
    }

    fn note(&mut self, done: Done) {
        self.noted.extend(done.err().map(|what| format!("strange: {what}")));
    }

    /// Lets everything through until nothing is under way.
    fn run(&mut self) {
        loop {
            let settled = self.sockets.settle();
            let is_well = settled.is_ok();
            self.note(settled);
            while let Some((_, told)) = self.sockets.told() {
                self.noted.push(in_words(&told));
            }
            let links: Vec<u64> = self.cutters.keys().copied().collect();
            let moved = links.iter().fold(self.opens(), |moved, link| self.pass(*link) | moved);
            if !is_well || !moved {
                return;
            }
        }
    }

    /// Opens the link that the page asks for. Whether it asks for one.
    fn opens(&mut self) -> bool {
        if !self.sockets.front.page(VISITOR).is_ok_and(|page| page.last.opening.is_some()) {
            return false;
        }
        self.last += 1;
        let opened = self.sockets.open(VISITOR, self.last, NodeId::default());
        let is_open = opened.is_ok();
        self.note(opened);
        self.cutters.insert(self.last, Ends::default());
        is_open
    }

    /// Passes on what both ends of a link have written. Whether there was anything.
    fn pass(&mut self, link: u64) -> bool {
        let Some(mut cutters) = self.cutters.remove(&link) else { return false };
        let (mut moved, mut over) = (false, [false; 2]);
        for (place, end, other) in [(0, End::Client, End::Server), (1, End::Server, End::Client)] {
            over[place] = self.sockets.read(link, end, cutters.at(end));
            while let Some((piece, raw)) = cutters.at(end).next() {
                moved = true;
                self.noted.extend(said(link, end, &piece));
                let written = self.sockets.write(link, other, &raw);
                self.note(written);
            }
        }
        match over {
            [true, true] => self.sockets.keep(&self.cutters.keys().copied().collect::<Vec<_>>()),
            _ => _ = self.cutters.insert(link, cutters),
        }
        moved
    }
}

/// A piece in a line; what the page's own frames are numbered above the moment at which all stands is told.
fn said(link: u64, end: End, piece: &Piece) -> Option<String> {
    let words = match (piece, end) {
        (Piece::Http, _) => return None,
        (Piece::Close(code), _) => format!("closes with {}", code.map_or("no code".to_owned(), |code| code.to_string())),
        (Piece::Text(text), End::Client) => match decode_client(text) {
            Ok(said) => {
                format!("says {} at +{}", first_word(&format!("{:?}", said.frame)), said.epoch.0.saturating_sub(cast::NOW.0))
            }
            Err(error) => format!("says what cannot be read: {error}"),
        },
        (Piece::Text(text), End::Server) => match decode_server(text) {
            Ok(said) => format!("says {}", first_word(&format!("{:?}", said.frame))),
            Err(error) => format!("says what cannot be read: {error}"),
        },
        (Piece::Other(opcode), _) => format!("says opcode {opcode}"),
    };
    let who = if end == End::Client { "page" } else { "server" };
    Some(format!("link {link}: {who} {words}"))
}

fn first_word(shown: &str) -> String {
    shown.chars().take_while(|letter| letter.is_alphanumeric()).collect()
}

fn in_words(told: &Told) -> String {
    match told {
        Told::Settled { outcome: Ok(answer), .. } => format!("application: {}", first_word(&format!("{answer:?}"))),
        Told::Settled { outcome: Err(refusal), .. } => format!("application: {}", refusal.code.number()),
        Told::Published(event) => format!("application: {event}"),
        Told::StreamEnded => "application: the end".to_owned(),
    }
}
