//! What a node remembers of a link, and of a session with or without one. Plain data; it decides nothing.

use std::net::IpAddr;
use std::sync::Arc;

use super::job::Job;
use super::unacknowledged::Unacknowledged;
use super::{Effect, Heard, LinkId, Timer, say};
use crate::config::Bounds;
use crate::protocol::{ClientFrame, ServerFrame};
use crate::registry::Version;
use crate::server::pace::Pace;
use crate::session::{Epoch, KeyDigest, Session};
use crate::timers::UnixMillis;

/// A link that is open.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// Where it comes from; `None` if nobody can tell.
    pub(super) address: Option<IpAddr>,
    pub(super) state: LinkState,
    /// What it asked for and waits for, with the registry out of reach (NODE-4).
    pub(super) waits: Option<Box<Job>>,
}

/// How far a link has come (LINK-9). What it carries is kept in a box: the list of links has room for more of them than there are.
#[derive(Clone, Debug)]
pub(super) enum LinkState {
    /// Nothing was said on it yet but owed logouts, which name its instance and its epoch.
    Fresh { named: Option<(KeyDigest, Epoch)> },
    /// It carries a session.
    Live(Box<SessionRef>),
    /// Its session was kicked and the notice written; only the acknowledgement counts (KICK-6).
    Kicked(Box<SessionRef>),
}

/// The session that a link was opened for, as it stood on record then.
#[derive(Clone, Debug)]
pub(super) struct SessionRef {
    pub(super) user_id: Arc<str>,
    pub(super) session: Session,
}

impl LinkState {
    /// The session that the link carries or carried; `None` before it was given one.
    pub(super) const fn place(&self) -> Option<&SessionRef> {
        match self {
            LinkState::Fresh { named: _ } => None,
            LinkState::Live(place) | LinkState::Kicked(place) => Some(place),
        }
    }
}

impl LinkState {
    /// The account whose record a frame would be decided on, if it would be on any.
    pub(super) fn needs<'a>(&'a self, frame: &'a ClientFrame<KeyDigest>) -> Option<&'a str> {
        match (self, frame) {
            (
                LinkState::Fresh { .. },
                ClientFrame::Login { user_id, .. } | ClientFrame::Resume { user_id, .. } | ClientFrame::Logout { user_id, .. },
            ) => Some(user_id),
            (
                LinkState::Live(place) | LinkState::Kicked(place),
                ClientFrame::Logout { .. } | ClientFrame::Sync | ClientFrame::Send { .. } | ClientFrame::KickAck,
            ) => Some(&place.user_id),
            (
                LinkState::Live(_) | LinkState::Kicked(_),
                ClientFrame::Login { .. }
                | ClientFrame::Resume { .. }
                | ClientFrame::MessageAck { .. }
                | ClientFrame::Ping
                | ClientFrame::Pong,
            )
            | (
                LinkState::Fresh { .. },
                ClientFrame::Sync
                | ClientFrame::Send { .. }
                | ClientFrame::MessageAck { .. }
                | ClientFrame::KickAck
                | ClientFrame::Ping
                | ClientFrame::Pong,
            ) => None,
        }
    }
}

impl SessionRef {
    pub(super) fn say(&self, link: LinkId, frame: ServerFrame) -> Effect {
        say(link, &self.session, frame)
    }

    /// Whether a frame names this session and its link.
    pub(super) fn is_named_by(&self, envelope: &Heard) -> bool {
        (envelope.session, envelope.epoch) == (self.session.digest, self.session.epoch)
    }
}

/// How fast a session sends messages, and their bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sends {
    messages: Pace,
    bytes: Pace,
}

impl Sends {
    /// Whether the session may send a message of so many bytes now (MSG-2); it counts if so.
    pub(super) fn take(&mut self, bytes: usize, bounds: Bounds, now: UnixMillis) -> bool {
        let Bounds { messages_per_s, message_bytes_per_s, .. } = bounds;
        let may = self.messages.allows(1, messages_per_s, now) && self.bytes.allows(bytes, message_bytes_per_s, now);
        if may {
            self.messages.take(1, messages_per_s, now);
            self.bytes.take(bytes, message_bytes_per_s, now);
        }
        may
    }
}

/// What the node holds of an account: the sessions that it has or had the links of.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// The version of the record that they follow.
    pub(super) known: Version,
    /// Oldest login first.
    pub(super) sessions: Vec<OnlineSession>,
}

/// A session on record, its link up or down.
#[derive(Clone, Debug)]
pub(super) struct OnlineSession {
    /// As it stands on record.
    pub(super) session: Session,
    /// The link that carries it; `None` while it is down.
    pub(super) link: Option<LinkId>,
    /// When its last frame came.
    pub(super) heard_at: UnixMillis,
    /// How fast it sends.
    pub(super) sends: Sends,
    pub(super) unacknowledged: Unacknowledged,
    /// Whether the registry has lost it and it is not decided anew yet (NODE-5).
    pub(super) is_lost: bool,
}

impl OnlineSession {
    pub(super) fn lapse(&self, user_id: &Arc<str>) -> Timer {
        Timer::Lapse { user_id: Arc::clone(user_id), key: self.session.key, digest: self.session.digest }
    }

    pub(super) fn expiry(&self, user_id: &Arc<str>) -> Timer {
        Timer::Expiry { user_id: Arc::clone(user_id), key: self.session.key, digest: self.session.digest }
    }
}
