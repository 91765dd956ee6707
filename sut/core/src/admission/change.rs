//! What a commit did to the sessions of its account, and what it was for: the app's backend, the journal, the log of kicks, the numbers and
//! the lines of the log all read it from here. It decides nothing.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::Kicked;
use crate::session::Session;
use crate::timers::UnixMillis;

/// What a commit did to the sessions of its account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// When it was decided.
    pub at: UnixMillis,
    /// What it was for.
    pub occasion: Occasion,
    /// The session that is online since, a newcomer or one that was admitted anew.
    pub admitted: Option<Session>,
    /// The session that goes on over another link since (LINK-2).
    pub resumed: Option<Session>,
    /// Whom it kicked, in login order.
    pub kicked: Vec<Kicked>,
    /// The session that it ended without a kick.
    pub dropped: Option<Session>,
}

/// What a commit was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Occasion {
    /// A login (LOGIN-1).
    Login,
    /// A session goes on over another link (LINK-2).
    Resume,
    /// A resume whose session was not on record any more was let in anew (LINK-5).
    Readmission,
    /// A resume was told that its session was kicked or replaced (LINK-5).
    Telling,
    /// A logout (LOGOUT-1).
    Logout,
    /// A logout that was owed (LOGOUT-4).
    OwedLogout,
    /// A link was down for too long (LINK-4, LINK-6).
    Lapse,
    /// A session did not receive what it was sent (MSG-2).
    Overflow,
    /// A UserSig expired (SIG-1).
    Expiry,
    /// An administrator kicked the account (REST-1).
    RestKick,
    /// A notice was acknowledged (KICK-8).
    KickAck,
    /// A message was accepted (MSG-3).
    Message,
    /// The epoch of an instance without a session was forgotten (LINK-3).
    Pruning,
}

impl Change {
    /// A commit, decided then, that let nobody in and ended no session.
    pub const fn of(occasion: Occasion, at: UnixMillis) -> Change {
        Change { at, occasion, admitted: None, resumed: None, kicked: Vec::new(), dropped: None }
    }
}

impl Occasion {
    /// Its name, as an operator reads it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
