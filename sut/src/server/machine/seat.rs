//! What a node remembers of a link and of the session that it carries. Plain data; it decides nothing.

use std::sync::Arc;

use super::{Effect, LinkId, say};
use crate::protocol::ServerFrame;
use crate::session::Session;

/// A link that is open.
#[derive(Clone, Debug)]
pub(super) enum Link {
    /// Nothing was said on it yet.
    Fresh,
    /// It carries a session.
    Live(Seat),
    /// Its session was kicked and the notice written; only the acknowledgement counts (KICK-6).
    Kicked(Seat),
}

impl Link {
    /// The session that the link carries or carried.
    pub(super) fn seat(&self) -> Option<&Seat> {
        match self {
            Link::Fresh => None,
            Link::Live(seat) | Link::Kicked(seat) => Some(seat),
        }
    }
}

/// A session with its link.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub(super) user_id: Arc<str>,
    pub(super) session: Session,
    /// The place of the last message that was delivered to it; 0 before the first.
    pub(super) last_seq: u64,
}

impl Seat {
    pub(super) fn new(user_id: Arc<str>, session: Session) -> Seat {
        Seat { user_id, session, last_seq: 0 }
    }

    pub(super) fn say(&self, link: LinkId, frame: ServerFrame) -> Effect {
        say(link, &self.session, frame)
    }

    /// The place of the next message in the session's sequence.
    pub(super) fn next_seq(&mut self) -> u64 {
        self.last_seq += 1;
        self.last_seq
    }
}
