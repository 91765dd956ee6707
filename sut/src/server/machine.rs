//! What the server does: links and frames go in, effects come out, in order. Pure: it never does I/O, and knows neither clock nor
//! randomness nor log. Who is let in and who is kicked is not decided here but in [`crate::admission`].
//!
//! ```text
//!  frame ──▶ Load ──▶ Loaded ──▶ Commit ──▶ Stored ──▶ answers, notices, closes
//!              ▲                               │
//!              └─────────── conflict ──────────┘
//! ```
//!
//! An input that needs the registry is done only when no `Load` or `Commit` is left among its effects; [`super::drive`] sees to it
//! that no other input comes between.

mod effect;
mod frames;
mod input;
mod job;
mod reply;
mod rest;
mod seat;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::config::App;
use crate::protocol::{Envelope, ServerFrame, VERSION};
use crate::session::{KickReason, Platform, Session};
use crate::timers::UnixMillis;
use job::{Pending, Task};
use seat::{Link, Seat};

pub use effect::Effect;
pub use input::{Input, LinkId, RequestId};
pub use reply::{AccountStatus, Reply};

/// The code of a link that has done its work (LINK-9).
pub const NORMAL: u16 = 1000;

/// The code with which a closing page ends its link (LINK-6), and a stopping server all of them.
pub const GOING_AWAY: u16 = 1001;

/// The code for a frame that may not come there and then.
pub const OUT_OF_PLACE: u16 = 1008;

/// The code of a link whose request could not be served for a fault of the server.
pub const FAULT: u16 = 1011;

/// The code of a link that a later link of the same instance has replaced (LINK-3, LOGIN-9).
pub const SUPERSEDED: u16 = 4001;

/// All links of one node.
#[derive(Clone, Debug)]
pub struct Machine {
    app: App,
    links: BTreeMap<LinkId, Link>,
    /// The links that carry a session or the notice of its kick, by account, oldest login first.
    accounts: HashMap<Arc<str>, Vec<LinkId>>,
    /// What waits for the registry.
    pending: Option<Pending>,
}

impl Machine {
    /// A node without links.
    pub fn new(app: App) -> Machine {
        Machine { app, links: BTreeMap::new(), accounts: HashMap::new(), pending: None }
    }

    /// Takes one input and appends what is to be done to `effects`. A `Load` or `Commit` is the last effect of its input.
    pub fn handle(&mut self, now: UnixMillis, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::LinkUp { link } => {
                self.links.insert(link, Link::Fresh);
            }
            Input::Frame { link, frame } => self.frame(now, link, frame, effects),
            Input::BadFrame { link, error } => {
                self.close(link, error.close_code(), &error.to_string(), effects);
            }
            Input::LinkDown { link, close } => self.link_down(link, close, effects),
            Input::RestKick { request, user_id } => self.rest_kick(request, Arc::from(user_id), effects),
            Input::QueryStatus { request, user_ids } => self.query_status(request, Vec::new(), user_ids.into_iter(), effects),
            Input::TermsInForce(terms) => self.app.adopt(terms),
            Input::Loaded { record, version } => self.loaded(now, record, version, effects),
            Input::Stored(commit) => self.stored(commit, effects),
            Input::Unreachable(_) => self.registry_unreachable(effects),
        }
    }

    /// How many links are open.
    pub fn links(&self) -> usize {
        self.links.len()
    }

    /// A lost link leaves its session on record (LINK-1); a page that closed takes its session along (LINK-6).
    fn link_down(&mut self, link: LinkId, close: Option<u16>, effects: &mut Vec<Effect>) {
        let Some(Link::Live(seat)) = self.forget(link) else {
            return;
        };
        let page_closed = matches!(close, Some(NORMAL | GOING_AWAY));
        if page_closed && seat.session.platform == Platform::Web {
            self.begin(seat.user_id, link, Task::Drop(seat.session), effects);
        }
    }

    /// Ends a link that is known; nothing that comes from it counts any more.
    fn close(&mut self, link: LinkId, code: u16, reason: &str, effects: &mut Vec<Effect>) {
        if self.links.contains_key(&link) {
            self.forget(link);
            effects.push(Effect::Close { link, code, reason: reason.to_owned() });
        }
    }

    fn forget(&mut self, link: LinkId) -> Option<Link> {
        let state = self.links.remove(&link)?;
        if let Some(seat) = state.seat()
            && let Some(links) = self.accounts.get_mut(&seat.user_id)
        {
            links.retain(|other| *other != link);
            if links.is_empty() {
                self.accounts.remove(&seat.user_id);
            }
        }
        Some(state)
    }

    /// The link of an admitted login carries its session from now on.
    fn seat(&mut self, link: LinkId, seat: Seat) {
        self.accounts.entry(Arc::clone(&seat.user_id)).or_default().push(link);
        self.links.insert(link, Link::Live(seat));
    }

    /// The live link of a session, on this node.
    fn link_of(&self, user_id: &str, session: &Session) -> Option<LinkId> {
        let links = self.accounts.get(user_id)?;
        links.iter().copied().find(|link| match self.links.get(link) {
            Some(Link::Live(seat)) => seat.session == *session,
            Some(Link::Fresh | Link::Kicked(_)) | None => false,
        })
    }

    /// KICK-6: from here on the notice is the last thing that this link's session hears.
    fn kick(&mut self, user_id: &str, victim: &Session, reason: KickReason, effects: &mut Vec<Effect>) {
        let Some(link) = self.link_of(user_id, victim) else {
            return;
        };
        if let Some(Link::Live(seat)) = self.links.remove(&link) {
            effects.push(seat.say(link, ServerFrame::Notice { reason }));
            self.links.insert(link, Link::Kicked(seat));
        }
    }
}

/// A frame to a session.
fn say(link: LinkId, session: &Session, frame: ServerFrame) -> Effect {
    let (session, epoch) = (session.secret, session.epoch);
    Effect::Send { link, frame: Envelope { v: VERSION, session, epoch, frame } }
}
