//! A log of every kick that was committed, so that whoever was kicked can be told by which commit. It never holds a secret, and it
//! decides nothing: it writes down what was stored.
//!
//! The file is in JSON Lines, one line for each session that a commit kicked:
//!
//! ```text
//! {"at_ms":1700000000000,"account":"alice","version":7,"session":"9f86d081","platform":"Web","address":"192.0.2.1",
//!  "reason":"multipleAccount","cause":"login","newcomer":{"session":"60303ae2","platform":"Web","address":"192.0.2.2"}}
//! ```
//!
//! `at_ms` is when it was decided, in Unix milliseconds; `version` is the account's commit; `session` is the session's [`Fingerprint`], since its secret would let others end it; `reason` is
//! what `KICKED_OUT` tells; `cause` is `login`, `expiry` or `rest`, and the newcomer is there for a login. An `address` is there if the
//! session has a link to this node, and is where that comes from: behind a proxy, the proxy's. A refused readmission (LINK-5) is no kick: it has neither a commit
//! nor a line.
//!
//! A line is written before the commit's notices are. A process that dies between a commit and its line has told nobody, and the kick
//! record still stands (KICK-8): so at a start every kick record that stands is told once more, with `"again":true`, the version at
//! which it was found, and when; a kick record holds no platform. Whoever counts kicks leaves those lines out whose session he has seen.

mod addresses;

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::Path;

use serde::Serialize;

use crate::admission::Change;
use crate::admission::Kicked;
use crate::registry::{Registry, Unreachable, Version, load_each};
use crate::session::{Fingerprint, KickReason, KickRecord, Platform, Record, Session};
use crate::timers::UnixMillis;

pub use addresses::Addresses;
pub(crate) use addresses::Spoken;

/// A file that is written to at its end.
#[derive(Debug)]
pub struct KickLog {
    file: File,
    addresses: Addresses,
}

/// What brought a kick about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Cause {
    Login,
    Expiry,
    Rest,
}

#[derive(Serialize)]
struct Line<'a> {
    at_ms: UnixMillis,
    account: &'a str,
    version: u64,
    session: Fingerprint,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<Platform>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    reason: KickReason,
    cause: Cause,
    #[serde(skip_serializing_if = "Option::is_none")]
    newcomer: Option<Newcomer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<bool>,
}

#[derive(Serialize)]
struct Newcomer {
    session: Fingerprint,
    platform: Platform,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
}

impl<'a> Line<'a> {
    fn of(account: &'a str, Version(version): Version, change: &Change, kicked: &Kicked, addresses: &Addresses) -> Line<'a> {
        let Kicked { session: victim, reason } = kicked;
        Line {
            at_ms: change.at,
            account,
            version,
            session: victim.digest.fingerprint(),
            platform: Some(victim.platform),
            address: addresses.of(victim.digest),
            reason: *reason,
            cause: cause(*reason),
            newcomer: change.admitted.as_ref().map(|newcomer| Newcomer::of(newcomer, addresses)),
            again: None,
        }
    }

    fn again(account: &'a str, Version(version): Version, kick: &KickRecord, now: UnixMillis) -> Line<'a> {
        let (session, reason) = (kick.digest.fingerprint(), kick.reason);
        let (platform, address, newcomer) = (None, None, None);
        Line { at_ms: now, account, version, session, platform, address, reason, cause: cause(reason), newcomer, again: Some(true) }
    }
}

impl Newcomer {
    fn of(session: &Session, addresses: &Addresses) -> Newcomer {
        let Session { digest, platform, .. } = *session;
        Newcomer { session: digest.fingerprint(), platform, address: addresses.of(digest) }
    }
}

const fn cause(reason: KickReason) -> Cause {
    match reason {
        KickReason::MultipleAccount | KickReason::MultipleDevice => Cause::Login,
        KickReason::UserSigExpired => Cause::Expiry,
        KickReason::RestApi => Cause::Rest,
    }
}

impl KickLog {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// It can be neither opened nor made.
    pub fn open(path: &Path) -> io::Result<KickLog> {
        Ok(KickLog { file: OpenOptions::new().create(true).append(true).open(path)?, addresses: Addresses::default() })
    }

    /// What its lines take addresses from.
    pub(crate) fn addresses(&self) -> Addresses {
        self.addresses.clone()
    }

    /// Tells every kick record that stands once more: before anything is committed, at a start. Those of an account whose record cannot be
    /// read are left out.
    ///
    /// # Errors
    /// The registry does not answer.
    pub async fn tell_again(&self, registry: &impl Registry, now: UnixMillis) -> Result<(), Unreachable> {
        let tell = |user_id: String, loaded: Result<(Record, Version), Unreachable>| {
            if let Ok((record, version)) = loaded {
                self.write(record.kicks.iter().map(|kick| Line::again(&user_id, version, kick, now)));
            }
        };
        load_each(registry, tell).await
    }

    /// Tells whom a commit kicked.
    pub(crate) fn committed(&self, user_id: &str, version: Version, change: &Change) {
        if !change.kicked.is_empty() {
            self.write(change.kicked.iter().map(|kicked| Line::of(user_id, version, change, kicked, &self.addresses)));
        }
    }

    /// One write for all lines of a commit. A kick stands also if it cannot be written down.
    fn write<'a>(&self, lines: impl Iterator<Item = Line<'a>>) {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, &line).expect("texts and numbers can be written");
            text.push(b'\n');
        }
        if let Err(error) = (&self.file).write_all(&text) {
            tracing::error!(%error, "a kick is not in the log");
        }
    }
}

#[cfg(test)]
mod tests;
