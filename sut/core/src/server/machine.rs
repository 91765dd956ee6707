//! What the server does: links and frames go in, effects come out, in order. Pure: it never does I/O, and knows neither clock nor
//! randomness nor log. Who is let in and who is kicked is not decided here but in [`crate::admission`].
//!
//! ```text
//!  frame ──▶ Load ──▶ Loaded ──▶ Commit ──▶ Stored ──▶ answers, notices, closes
//!              ▲                               │
//!              └─────────── conflict ──────────┘
//! ```
//!
//! An input that needs an account's record makes the account [busy](Machine::is_busy) until its last `Load` or `Commit` is answered.
//! Accounts go side by side; an input that [needs](Machine::needs) a busy account, or comes over a link that is itself
//! [answered later](Machine::is_asking), is to be handed over afterwards, to which the shell sees.

mod aftermath;
mod attach;
mod decision;
mod effect;
mod failures;
mod frames;
mod input;
mod job;
mod link_state;
mod messages;
mod others;
mod outage;
#[cfg(debug_assertions)]
pub(super) mod planted;
mod reconciliation;
mod reply;
mod rest;
#[cfg(test)]
mod tests;
mod timeouts;
mod timer;
mod unacknowledged;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use crate::config::App;
use crate::protocol::close_code::{GOING_AWAY, NORMAL};
use crate::protocol::{Envelope, ServerFrame, VERSION};
use crate::registry::Version;
use crate::session::{KeyDigest, NodeLife, Platform, Session, SessionDigest};
use crate::timers::UnixMillis;
use attach::Loss;
use failures::Failures;
use frames::arm_heartbeat;
use job::Busy;
use link_state::{Held, Link, LinkState, OnlineSession};
use rest::Query;

pub use effect::{Effect, Said};
pub use input::{Asker, Heard, Input, LinkId, RequestId};
pub use reply::{AccountStatus, Reply};
pub use timer::{ASK_AFTER, PAGE_LAPSE, Timer, TimerKind};

/// All links of one node, and all sessions that it knows of.
#[derive(Clone, Debug)]
pub struct Machine {
    app: App,
    /// What its sessions bear among several nodes.
    life: Option<NodeLife>,
    /// All that it had, that one too: what it committed in an earlier one it told its sessions then.
    lives: BTreeSet<NodeLife>,
    links: BTreeMap<LinkId, Link>,
    /// Those that carry or carried a session, by its instance.
    carriers: BTreeSet<(KeyDigest, LinkId)>,
    accounts: BTreeMap<Arc<str>, Held>,
    failures: Failures,
    /// The accounts whose records are being loaded or stored.
    busy: HashMap<Arc<str>, Busy>,
    /// The links that asked for it.
    asking: HashSet<LinkId>,
    /// The administrators' questions of which a record is being loaded.
    queries: BTreeMap<RequestId, Query>,
    /// The busy accounts that may go on; empty between inputs.
    queue: VecDeque<Arc<str>>,
}

impl Machine {
    /// A node without links.
    pub fn new(app: App) -> Machine {
        Machine {
            app,
            life: None,
            lives: BTreeSet::new(),
            links: BTreeMap::new(),
            carriers: BTreeSet::new(),
            accounts: BTreeMap::new(),
            failures: Failures::default(),
            busy: HashMap::new(),
            asking: HashSet::new(),
            queries: BTreeMap::new(),
            queue: VecDeque::new(),
        }
    }

    /// Takes one input and appends what is to be done to `effects`.
    pub fn handle(&mut self, now: UnixMillis, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::LinkUp { link, address } => self.link_up(link, address, effects),
            Input::Frame { link, frame } => self.frame(now, link, frame, effects),
            Input::BadFrame { link, error } => {
                self.close(now, link, error.close_code(), &error.to_string(), effects);
            }
            Input::LinkDown { link, close } => self.link_down(now, link, close, effects),
            Input::RestKick { request, user_id } => self.rest_kick(request, Arc::from(user_id)),
            Input::QueryStatus { request, user_ids } => self.query_status(request, Vec::new(), user_ids.into_iter(), effects),
            Input::Changed(notice) => self.changed(now, notice, effects),
            Input::Life(life) => self.begin_life(now, life, effects),
            Input::Reign(reign) => self.begin_reign(reign),
            Input::TermsInForce(terms) => self.app.adopt(terms),
            Input::Keys(keys) => self.app.secret_key = keys,
            Input::Loaded { asker, record, version } => self.loaded(now, asker, record, version, effects),
            Input::Stored { user_id, commit } => self.stored(now, &user_id, commit, effects),
            Input::Unreachable { asker, why: _ } => self.registry_unreachable(now, asker, effects),
            Input::Timer(timer) => self.fired(now, timer, effects),
            Input::Restored { user_id, record, owed_nothing } => {
                self.restored(now, &Arc::from(user_id), record, &owed_nothing, effects);
            }
        }
        self.go_on(effects);
    }

    /// The account whose record the input would be decided on, if it would be on any.
    pub fn needs<'a>(&'a self, input: &'a Input) -> Option<&'a str> {
        match input {
            Input::Frame { link, frame } => self.links.get(link).and_then(|link| link.state.needs(&frame.frame)),
            Input::RestKick { user_id, .. } | Input::Restored { user_id, .. } => Some(user_id),
            Input::Changed(notice) => self.heeds(notice),
            Input::Timer(Timer::Lapse { user_id, .. } | Timer::Expiry { user_id, .. } | Timer::Epoch { user_id, .. }) => {
                Some(user_id)
            }
            Input::Timer(Timer::Retry(link)) => self.waits_for(*link),
            Input::Timer(Timer::Heartbeat(_) | Timer::Ask(_) | Timer::LookUp { .. })
            | Input::LinkUp { .. }
            | Input::BadFrame { .. }
            | Input::LinkDown { .. }
            | Input::QueryStatus { .. }
            | Input::Life(_)
            | Input::Reign(_)
            | Input::TermsInForce(_)
            | Input::Keys(_)
            | Input::Loaded { .. }
            | Input::Stored { .. }
            | Input::Unreachable { .. } => None,
        }
    }

    /// Whether the account's record is being loaded or stored.
    pub fn is_busy(&self, user_id: &str) -> bool {
        self.busy.contains_key(user_id)
    }

    /// The link that asked for what is done with a busy account's record, if one did.
    pub fn asks_for(&self, user_id: &str) -> Option<LinkId> {
        self.busy.get(user_id)?.link()
    }

    /// What it serves.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Whether something that came over the link waits for a busy account.
    pub fn is_asking(&self, link: LinkId) -> bool {
        self.asking.contains(&link)
    }

    /// How many links are open.
    pub fn links(&self) -> usize {
        self.links.len()
    }

    /// How many sessions of the account it knows to be online, their links up or down.
    pub fn sessions(&self, user_id: &str) -> usize {
        self.held_sessions(user_id).len()
    }

    /// How many messages it keeps for the account's sessions until they are acknowledged (MSG-2).
    pub fn kept_messages(&self, user_id: &str) -> usize {
        self.held_sessions(user_id).iter().map(|online| online.unacknowledged.len()).sum()
    }

    /// The sessions that are owed nothing, neither a message nor the word of a gap: a node that stops notes them (MSG-2). In the order of
    /// their accounts, the oldest login of each first.
    pub fn owed_nothing(&self) -> Vec<(String, SessionDigest)> {
        let is_settled = |online: &&OnlineSession| !online.unacknowledged.owes();
        let of = |user_id: &Arc<str>, held: &Held| {
            held.sessions.iter().filter(is_settled).map(|online| (user_id.to_string(), online.session.digest)).collect::<Vec<_>>()
        };
        self.accounts.iter().flat_map(|(user_id, held)| of(user_id, held)).collect()
    }

    /// The platforms of all sessions that it holds.
    pub fn platforms(&self) -> impl Iterator<Item = Platform> {
        self.accounts.values().flat_map(|held| &held.sessions).map(|online| online.session.platform)
    }

    /// The accounts of which it holds sessions, each with the version of the record that they follow: what other nodes commit makes a
    /// higher one (NODE-2).
    pub fn held(&self) -> Vec<(Arc<str>, Version)> {
        self.accounts.iter().map(|(user_id, held)| (Arc::clone(user_id), held.known)).collect()
    }

    fn link_up(&mut self, link: LinkId, address: Option<IpAddr>, effects: &mut Vec<Effect>) {
        self.links.insert(link, Link { address, state: LinkState::Fresh { named: None }, waits: None });
        effects.push(arm_heartbeat(link));
    }

    /// A lost link leaves its session on record (LINK-1), and so does a page that went: for a while it may come straight back (LINK-6).
    fn link_down(&mut self, now: UnixMillis, link: LinkId, close: Option<u16>, effects: &mut Vec<Effect>) {
        let page_went = matches!(close, Some(NORMAL | GOING_AWAY));
        let loss = if page_went { Loss::PageWent } else { Loss::Lost };
        self.forget(now, link, loss, effects);
    }
}

/// A frame to a session.
fn say(link: LinkId, session: &Session, frame: ServerFrame) -> Effect {
    let (session, epoch) = (session.digest, session.epoch);
    Effect::Send { link, frame: Envelope { v: VERSION, session, epoch, frame } }
}
