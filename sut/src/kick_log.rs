//! A log of every kick that was committed, so that whoever was kicked can be told by which commit. It never holds a secret, and it
//! decides nothing: it writes down what a registry has stored.
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

use crate::callback::{Callback, Device, Happened};
use crate::registry::{Commit, Registry, Unreachable, Version};
use crate::session::{Fingerprint, KickReason, KickRecord, Platform, Record, SessionDigest};
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

/// Somebody whom a commit kicked.
#[derive(Clone, Debug)]
struct Kick {
    at: UnixMillis,
    victim: Device,
    reason: KickReason,
    /// Who logged in, if that was the cause.
    newcomer: Option<Device>,
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
    fn of(account: &'a str, Version(version): Version, kick: &Kick, addresses: &Addresses) -> Line<'a> {
        let Kick { at, victim, reason, newcomer } = *kick;
        Line {
            at_ms: at,
            account,
            version,
            session: victim.digest.fingerprint(),
            platform: Some(victim.platform),
            address: addresses.of(victim.digest),
            reason,
            cause: cause(reason),
            newcomer: newcomer.map(|newcomer| Newcomer::of(newcomer, addresses)),
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
    fn of(device: Device, addresses: &Addresses) -> Newcomer {
        let Device { digest, platform } = device;
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
    pub fn open(path: &Path) -> io::Result<KickLog> {
        Ok(KickLog { file: OpenOptions::new().create(true).append(true).open(path)?, addresses: Addresses::default() })
    }

    /// What its lines take addresses from: for [`Server::noting`](crate::server::Server::noting).
    pub fn addresses(&self) -> Addresses {
        self.addresses.clone()
    }

    /// Tells every kick record that stands once more: before anything is committed, at a start.
    pub async fn tell_again(&self, registry: &impl Registry, now: UnixMillis) -> Result<(), Unreachable> {
        for user_id in registry.accounts().await? {
            let (record, version) = registry.load(&user_id).await?;
            self.write(record.kicks.iter().map(|kick| Line::again(&user_id, version, kick, now)));
        }
        Ok(())
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

/// A registry whose kicks are written down, if there is a log. It stores nothing itself.
#[derive(Debug)]
pub struct Logged<R> {
    registry: R,
    log: Option<KickLog>,
}

impl<R> Logged<R> {
    /// The same registry; its callbacks must still be there, since they name whom a commit ended.
    pub const fn new(registry: R, log: Option<KickLog>) -> Logged<R> {
        Logged { registry, log }
    }
}

impl<R: Registry> Registry for Logged<R> {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        self.registry.load(user_id).await
    }

    async fn commit(
        &self,
        user_id: &str,
        expected: Version,
        record: Record,
        callbacks: Vec<Callback>,
    ) -> Result<Commit, Unreachable> {
        let kicked = if self.log.is_some() { kicked(&record, &callbacks) } else { Vec::new() };
        let commit = self.registry.commit(user_id, expected, record, callbacks).await?;
        if let (Some(log), Commit::Done(version)) = (&self.log, commit) {
            log.write(kicked.iter().map(|kick| Line::of(user_id, version, kick, &log.addresses)));
        }
        Ok(commit)
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        self.registry.accounts().await
    }

    async fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> Result<(), Unreachable> {
        self.registry.note_stop(owed_nothing).await
    }

    async fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Unreachable> {
        self.registry.take_stop().await
    }
}

/// Whom a commit kicked: of those that it ended, the ones that have a kick record since.
fn kicked(record: &Record, callbacks: &[Callback]) -> Vec<Kick> {
    let reason_of = |victim: Device| record.kicks.iter().find(|kick| kick.digest == victim.digest).map(|kick| kick.reason);
    let kick = |callback: &Callback, victim: Device| {
        let newcomer = Some(callback.device).filter(|newcomer| *newcomer != victim);
        reason_of(victim).map(|reason| Kick { at: callback.at, victim, reason, newcomer })
    };
    callbacks.iter().flat_map(|callback| ended(callback).into_iter().filter_map(move |victim| kick(callback, victim))).collect()
}

fn ended(callback: &Callback) -> Vec<Device> {
    match &callback.happened {
        Happened::Register { kicked } => kicked.clone(),
        Happened::Unregister => vec![callback.device],
        Happened::Resumed | Happened::LinkClose | Happened::TimeOut => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
