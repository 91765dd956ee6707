//! The rows of an account in a data folder's file: what each is called and its bytes, numbers with the highest byte first. It decides
//! neither which rows a record has nor when one is written.
//!
//! ```text
//!  near  name  ff  kind       what it is of     what it holds
//!  near  name  ff  head                         version, second of the last REST kick if there was one
//!  near  name  ff  session    place             a session; the places are in login order
//!  near  name  ff  kick       place             a kick record; the places are in their order
//!  near  name  ff  epoch      instance          its highest epoch, and since when
//!  near  name  ff  recent     instance          which of its messages is the oldest that counts, and the latest ones
//!  far   name  ff             instance, chunk   messages before those, as many as a chunk has
//! ```
//!
//! What most commits touch is near: the rows of an account share a page, and those of small accounts do with each other. No name has
//! the byte that ends it, which is in no UTF-8, so that no account's rows are another's.

mod bytes;

use crate::registry::Version;
use crate::session::{Accepted, EpochEntry, KeyDigest, KickRecord, Session};
use bytes::{Reader, Writer};

/// How many messages are stored together once they are not the latest.
pub(super) const CHUNK: usize = 16;

/// The key of the highest version that deleted an account; no account's row is before it.
pub(super) const FLOOR: &[u8] = &[NEAR];

/// The first of all keys that are no account's small rows.
pub(super) const BEHIND_NEAR: &[u8] = &[FAR];

const NEAR: u8 = 0;
const FAR: u8 = 1;
const END_OF_NAME: u8 = 0xff;

const HEAD: u8 = 0;
const SESSION: u8 = 1;
const KICK: u8 = 2;
const EPOCH: u8 = 3;
const RECENT: u8 = 4;
/// What is behind the name in no key is as long, or as high: an instance may be called by nothing but the highest byte.
const BEHIND: [u8; size_of::<u128>() + size_of::<u64>() + 1] = [0xff; _];

/// One row of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// Each account that is stored has one.
    Head { version: Version, rest_kick_s: Option<u64> },
    /// At its place.
    Session(u64, Session),
    /// At its place.
    Kick(u64, KickRecord),
    /// Of an instance.
    Epoch(KeyDigest, EpochEntry),
    /// The latest messages of an instance; each one that sent any has one.
    Recent(KeyDigest, Recent),
    /// Messages of an instance before the latest: the chunk's number and what is in it, the oldest first.
    Chunk(KeyDigest, u64, Vec<Accepted>),
}

/// The latest messages of an instance, and where its list begins. Messages are numbered from 0 on; each chunk holds [`CHUNK`] of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recent {
    /// The number of the oldest message that counts.
    pub(super) first: u64,
    /// The number of the chunk that these messages are the beginning of.
    pub(super) chunk: u64,
    /// Fewer than a chunk has, the oldest first.
    pub(super) messages: Vec<Accepted>,
}

/// The keys that an account's small rows stand at: from the first on, and before the second.
pub(super) fn near(user_id: &str) -> (Vec<u8>, Vec<u8>) {
    between(NEAR, user_id)
}

/// The same of its chunks.
pub(super) fn far(user_id: &str) -> (Vec<u8>, Vec<u8>) {
    between(FAR, user_id)
}

/// Whose head stands there; `None` if something else does.
pub(super) fn account_of_head(key: &[u8]) -> Option<&str> {
    str::from_utf8(key.strip_prefix(&[NEAR])?.strip_suffix(&[END_OF_NAME, HEAD])?).ok()
}

/// Whether the account's row with that key is of the latest messages of an instance.
pub(super) fn is_recent(user_id: &str, key: &[u8]) -> bool {
    key.get(user_id.len() + 2) == Some(&RECENT)
}

fn between(section: u8, user_id: &str) -> (Vec<u8>, Vec<u8>) {
    let from = prefix(section, user_id);
    let mut to = from.clone();
    to.extend(BEHIND);
    (from, to)
}

fn prefix(section: u8, user_id: &str) -> Vec<u8> {
    let mut prefix = Vec::with_capacity(user_id.len() + 28);
    prefix.push(section);
    prefix.extend(user_id.as_bytes());
    prefix.push(END_OF_NAME);
    prefix
}

impl Row {
    /// What stands in an account's row; `None` if it is none that is written here.
    pub(super) fn read(user_id: &str, key: &[u8], value: &[u8]) -> Option<Row> {
        let (section, rest) = key.split_first()?;
        let (end, rest) = rest.strip_prefix(user_id.as_bytes())?.split_first()?;
        let (mut key, mut value) = (Reader(rest), Reader(value));
        let row = match (*section, *end) {
            (NEAR, END_OF_NAME) => Row::read_near(&mut key, &mut value)?,
            (FAR, END_OF_NAME) => Row::Chunk(key.instance()?, key.number()?, value.messages()?),
            _ => return None,
        };
        (key.is_at_its_end() && value.is_at_its_end()).then_some(row)
    }

    fn read_near(key: &mut Reader, value: &mut Reader) -> Option<Row> {
        Some(match key.byte()? {
            HEAD => Row::Head { version: Version(value.number()?), rest_kick_s: value.number_if_any()? },
            SESSION => Row::Session(key.number()?, value.session()?),
            KICK => Row::Kick(key.number()?, value.kick()?),
            EPOCH => Row::Epoch(key.instance()?, value.epoch()?),
            RECENT => {
                let (first, chunk) = (value.number()?, value.number()?);
                Row::Recent(key.instance()?, Recent { first, chunk, messages: value.messages()? })
            }
            _ => return None,
        })
    }

    /// Where it stands among the account's rows.
    pub(super) fn key(&self, user_id: &str) -> Vec<u8> {
        let section = if let Row::Chunk(..) = self { FAR } else { NEAR };
        let mut key = Writer(prefix(section, user_id));
        match self {
            Row::Head { .. } => key.byte(HEAD),
            Row::Session(place, _) => key.byte(SESSION).number(*place),
            Row::Kick(place, _) => key.byte(KICK).number(*place),
            Row::Epoch(instance, _) => key.byte(EPOCH).bits(instance.0),
            Row::Recent(instance, _) => key.byte(RECENT).bits(instance.0),
            Row::Chunk(instance, chunk, _) => key.bits(instance.0).number(*chunk),
        };
        key.0
    }

    /// Its bytes.
    pub(super) fn value(&self) -> Vec<u8> {
        let mut value = Writer(Vec::with_capacity(64));
        match self {
            Row::Head { version, rest_kick_s } => {
                rest_kick_s.iter().fold(value.number(version.0), |value, second| value.number(*second))
            }
            Row::Session(_, session) => value.session(session),
            Row::Kick(_, kick) => value.kick(kick),
            Row::Epoch(_, entry) => value.epoch(*entry),
            Row::Recent(_, recent) => value.number(recent.first).number(recent.chunk).messages(&recent.messages),
            Row::Chunk(_, _, messages) => value.messages(messages),
        };
        value.0
    }
}
