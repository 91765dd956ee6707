//! What an instance remembers in each phase of its life. Plain data; it decides nothing.

use super::{CallId, FirstSync, NetState};
use crate::protocol::MessageId;
use crate::session::Secret;

/// Where an instance stands.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// Nobody is logged in, and nothing runs.
    LoggedOut,
    /// A login runs.
    LoggingIn(Attempt),
    /// A login resolved.
    LoggedIn(Online),
    /// The server was told of a logout or destroy and has not answered.
    LoggingOut {
        /// The session that ends; owed if no answer comes.
        debt: Debt,
        /// Who waits for it.
        callers: Callers,
    },
    /// A destroy is over.
    Destroyed,
}

/// A login that runs.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) call: CallId,
    pub(super) user_id: String,
    pub(super) user_sig: String,
    pub(super) secret: Secret,
    pub(super) progress: Progress,
}

/// How far a login has come (LOGIN-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The link is being opened; nothing was written.
    Opening,
    /// The login frame was written.
    Sent,
}

/// A session that this instance holds.
#[derive(Clone, Debug)]
pub(super) struct Online {
    pub(super) user_id: String,
    pub(super) user_sig: String,
    pub(super) secret: Secret,
    pub(super) link: LinkState,
    /// What the application believes of the link (LINK-1).
    pub(super) net: NetState,
    /// How many attempts at a link have failed since the last one that was up.
    pub(super) failures: u32,
    /// The place of the last message that was received, or of the gap that was told; 0 before the first (MSG-2).
    pub(super) last_seq: u64,
    /// What the first sync told; ready from then on.
    pub(super) synced: Option<FirstSync>,
    /// Whether messages may be missing of which `MESSAGES_LOST` tells once it is ready (LOGIN-9).
    pub(super) before: Continuity,
    /// The sends without an answer, in the order of their calls; repeats of one message stand under its name (MSG-3).
    pub(super) sends: Vec<(MessageId, CallId)>,
}

/// Whether acknowledged messages may be missing (MSG-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Continuity {
    Whole,
    Gap,
}

/// The link of a logged-in instance. It is down but for `Up` (LINK-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkState {
    /// The login or the resume was answered.
    Up,
    /// There is none; the next attempt comes when the backoff is over.
    Waiting,
    /// It was asked for.
    Opening,
    /// The resume was written.
    Resuming,
}

/// A session whose logout the server may not know of: the secret names it, and the logout is owed until it is answered (LOGOUT-4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Debt {
    pub(super) user_id: String,
    pub(super) secret: Secret,
    /// What it logged in with: it shows that the logout is its account's.
    pub(super) user_sig: String,
}

/// Who waits for the end of a session.
#[derive(Clone, Debug, Default)]
pub(super) struct Callers {
    pub(super) logouts: Vec<CallId>,
    pub(super) destroys: Vec<CallId>,
}

/// How much of its life is left to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Alive,
    Destroying,
    Destroyed,
}

impl LinkState {
    /// Whether a frame on it can mean something.
    const fn is_heard(self) -> bool {
        match self {
            LinkState::Up | LinkState::Resuming => true,
            LinkState::Waiting | LinkState::Opening => false,
        }
    }
}

impl Phase {
    /// Whether destroy was called, and whether it is over.
    pub(super) fn life(&self) -> Life {
        match self {
            Phase::LoggingOut { callers, .. } if !callers.destroys.is_empty() => Life::Destroying,
            Phase::LoggedOut | Phase::LoggingIn(_) | Phase::LoggedIn(_) | Phase::LoggingOut { .. } => Life::Alive,
            Phase::Destroyed => Life::Destroyed,
        }
    }

    /// The session whose frames the instance listens to; `None` while no link carries one.
    pub(super) fn heard_session(&self) -> Option<Secret> {
        match self {
            Phase::LoggingIn(attempt) => (attempt.progress == Progress::Sent).then_some(attempt.secret),
            Phase::LoggedIn(online) => online.link.is_heard().then_some(online.secret),
            Phase::LoggingOut { debt, .. } => Some(debt.secret),
            Phase::LoggedOut | Phase::Destroyed => None,
        }
    }

    /// The session of a resolved login.
    pub(super) fn online(&self) -> Option<&Online> {
        match self {
            Phase::LoggedIn(online) => Some(online),
            Phase::LoggedOut | Phase::LoggingIn(_) | Phase::LoggingOut { .. } | Phase::Destroyed => None,
        }
    }

    /// The session of a resolved login.
    pub(super) fn online_mut(&mut self) -> Option<&mut Online> {
        match self {
            Phase::LoggedIn(online) => Some(online),
            Phase::LoggedOut | Phase::LoggingIn(_) | Phase::LoggingOut { .. } | Phase::Destroyed => None,
        }
    }
}
