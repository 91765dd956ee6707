//! What the app's backend is told of an account (HOOK-1): typed data that is stored with the change it tells of. It decides nothing:
//! which change causes which callback stands in [`crate::admission::callbacks`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::session::{Platform, Session, SessionDigest, Version};
use crate::timers::UnixMillis;

/// One thing that happened to one session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// What a receiver knows it by; 0 until its commit is sent, and where nobody posts it.
    pub id: CallbackId,
    /// When it was decided.
    pub at: UnixMillis,
    /// Whose session it is.
    pub device: Device,
    /// What happened to it.
    pub happened: Happened,
}

/// A session as callbacks tell of it. The vendor's JSON has the platform only; the digest says which session is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The session; it never leaves the server.
    pub digest: SessionDigest,
    /// Its platform.
    pub platform: Platform,
}

impl From<&Session> for Device {
    fn from(session: &Session) -> Device {
        Device { digest: session.digest, platform: session.platform }
    }
}

/// What happened, by the vendor's pairs of `Action` and `Reason`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happened {
    /// `Login`/`Register`: admitted.
    Register {
        /// Whom it kicked, in login order.
        kicked: Vec<Device>,
    },
    /// `Login`/`Register` with `Resumed`: readmitted or resumed, which is no second login.
    Resumed,
    /// The same, in the places of others: the registry had lost it with its primary (NODE-5).
    Readmitted {
        /// Whom it kicked, in login order.
        kicked: Vec<Device>,
    },
    /// `Logout`/`Unregister`: logged out, or kicked by the administrator or for its UserSig.
    Unregister,
    /// `Disconnect`/`LinkClose`: a Web session lapsed, or too much was kept for one.
    LinkClose,
    /// `Disconnect`/`TimeOut`: a session of another platform lapsed.
    TimeOut,
}

/// What a receiver knows a callback by, however often it is sent: 128 random bits that are made with its commit, so that none comes again
/// behind a registry that lost some (NODE-6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackId(pub u128);

impl fmt::Display for CallbackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Where a callback stands among those of its account: they are sent in this order (HOOK-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The version that the commit made.
    pub version: Version,
    /// 0 for the first of the commit.
    pub index: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.version.number(), self.index)
    }
}

/// A callback that waits to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Where it stands.
    pub place: Place,
    /// What it tells.
    pub callback: Callback,
}

/// The callbacks of a commit with their places.
pub fn queue(version: Version, callbacks: Vec<Callback>) -> impl Iterator<Item = Queued> {
    (0..).zip(callbacks).map(move |(index, callback)| Queued { place: Place { version, index }, callback })
}
