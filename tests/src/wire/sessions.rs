//! The sessions that logins have named, and what is known of each. It reads no frame.

use std::collections::BTreeMap;

use model::action::{AccountId, InstanceId, Token};
use model::frame::SigShown;
use rustc_hash::FxHashMap;
use sut::client::machine::FirstSync;
use sut::session::{InstanceKey, KeyDigest, Secret, SessionDigest};

/// What is known of a session.
#[derive(Clone, Debug)]
pub struct SessionBook {
    /// Its name.
    pub secret: Secret,
    /// What the server calls it.
    pub digest: SessionDigest,
    /// Whose instance's.
    pub seat: InstanceId,
    /// Which instance's.
    pub key: InstanceKey,
    /// What the server calls that.
    pub instance: KeyDigest,
    /// Whose.
    pub account: AccountId,
    /// The userID that its login named, which may be a bad one.
    pub user_id: String,
    /// What its login showed.
    pub user_sig: String,
    /// Whether that is rightly signed.
    pub sig: SigShown,
    /// What the last sync answer said of it.
    pub synced: Option<FirstSync>,
    /// The place of the last message that its instance has received, or of the gap that it was told of.
    pub received: u64,
    /// Its messages by their places.
    pub(super) messages: BTreeMap<u64, Token>,
    /// How many logins were written before its own.
    pub(super) number: usize,
}

/// The sessions that logins have named. Those of a present instance are all remembered: it may owe the logout of any.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    books: FxHashMap<Secret, SessionBook>,
    /// The same by what the server calls them.
    called: FxHashMap<SessionDigest, Secret>,
    /// That of each instance's last login.
    last: FxHashMap<(InstanceId, InstanceKey), Secret>,
    /// How many logins were written.
    written: usize,
    /// How many were left after some were last forgotten.
    left: usize,
}

/// So many are remembered before any is forgotten, and the newest half of them anyway: a callback may still speak of one.
const FEW: usize = 64;

impl Sessions {
    /// The session of that name.
    pub fn get(&self, secret: Secret) -> Option<&SessionBook> {
        self.books.get(&secret)
    }

    /// The session that the server calls so.
    pub fn called(&self, digest: SessionDigest) -> Option<&SessionBook> {
        self.get(*self.called.get(&digest)?)
    }

    pub(super) fn get_mut(&mut self, secret: Secret) -> Option<&mut SessionBook> {
        self.books.get_mut(&secret)
    }

    /// The session of the last login of an instance.
    pub fn last_of(&self, seat: InstanceId, key: InstanceKey) -> Option<&SessionBook> {
        self.get(*self.last.get(&(seat, key))?)
    }

    pub(super) fn add(&mut self, session: SessionBook) {
        self.written += 1;
        self.last.insert((session.seat, session.key), session.secret);
        self.called.insert(session.digest, session.secret);
        self.books.insert(session.secret, SessionBook { number: self.written, ..session });
    }

    /// Forgets, now and then, the sessions of instances that are over, unless `stays` says otherwise. Whether it did.
    pub(super) fn forget(&mut self, present: &[KeyDigest], stays: impl Fn(&SessionBook) -> bool) -> bool {
        if self.books.len() < FEW.max(2 * self.left) {
            return false;
        }
        let newest = self.written.saturating_sub(FEW / 2);
        self.books.retain(|_, session| session.number > newest || present.contains(&session.instance) || stays(session));
        let books = &self.books;
        self.last.retain(|_, secret| books.contains_key(secret));
        self.called.retain(|_, secret| books.contains_key(secret));
        self.left = self.books.len();
        true
    }
}
