//! What the server has on record of an account: its sessions in login order and its kick records. Plain values; who is let in and who is
//! kicked is said elsewhere.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::action::InstanceId;
use crate::code::Reason;

/// Which session of a seat: a number from 1 that tells those apart that still matter; they are numbered anew after each step, so that
/// it never grows. 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub u8);

impl Label {
    /// No session.
    pub const NONE: Label = Label(0);

    /// The highest number.
    pub const LAST: Label = Label(15);
}

/// Whose instance key it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// That of the instance in the seat.
    #[default]
    Own,
    /// That of the one before it, which was destroyed or whose page was closed.
    Former,
}

/// A session, by its account's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Session {
    /// The seat of its instance.
    pub seat: InstanceId,
    /// Which instance of the seat.
    pub key: Key,
    /// Its secret.
    pub label: Label,
}

impl Session {
    const BITS: usize = 9;

    /// The session as [`Session::BITS`] bits, never 0.
    fn code(self) -> u16 {
        u16::from(self.seat.0 + 1) << 5 | (self.key as u16) << 4 | u16::from(self.label.0)
    }

    fn from_code(code: u16) -> Session {
        let key = if code & 0x10 == 0 { Key::Own } else { Key::Former };
        Session { seat: InstanceId((code >> 5) as u8 - 1), key, label: Label((code & 0xf) as u8) }
    }

    /// Whether both are of one instance, whatever their secrets.
    pub fn has_key_of(self, other: Session) -> bool {
        (self.seat, self.key) == (other.seat, other.key)
    }
}

/// The online sessions of an account in login order; at most 8.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Roster(u128);

impl Roster {
    const BITS: usize = 16;

    /// The sessions, oldest login first.
    pub fn sessions(self) -> impl DoubleEndedIterator<Item = Session> {
        (0..self.len()).map(move |place| Session::from_code((self.0 >> (Roster::BITS * place) & 0xffff) as u16))
    }

    /// Their seats, oldest login first.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = InstanceId> {
        self.sessions().map(|session| session.seat)
    }

    /// How many are online.
    pub const fn len(self) -> usize {
        (128 - self.0.leading_zeros() as usize).div_ceil(Roster::BITS)
    }

    /// Whether nobody is online.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the instance in the seat, or the one before it, is online.
    pub fn contains(self, seat: InstanceId) -> bool {
        self.iter().any(|online| online == seat)
    }

    /// The session of that instance key.
    pub fn of_key(self, like: Session) -> Option<Session> {
        self.sessions().find(|online| online.has_key_of(like))
    }

    /// Whether that very session is online.
    pub fn has(self, session: Session) -> bool {
        self.sessions().any(|online| online == session)
    }

    /// Adds the newest login; one of the same instance key is replaced.
    pub fn admit(&mut self, session: Session) {
        self.drop_key(session);
        self.0 |= u128::from(session.code()) << (Roster::BITS * self.len());
    }

    /// Takes out the session of that instance key; nothing changes if there is none.
    pub fn drop_key(&mut self, like: Session) {
        let kept = self.sessions().filter(|online| !online.has_key_of(like));
        *self = Roster::from_iter(kept);
    }

    /// The same sessions, each changed by `change`.
    pub fn map(self, change: impl FnMut(Session) -> Session) -> Roster {
        Roster::from_iter(self.sessions().map(change))
    }
}

impl FromIterator<Session> for Roster {
    fn from_iter<T: IntoIterator<Item = Session>>(sessions: T) -> Roster {
        let placed = sessions.into_iter().enumerate();
        Roster(placed.fold(0, |word, (place, session)| word | u128::from(session.code()) << (Roster::BITS * place)))
    }
}

impl Hash for Roster {
    /// Where every session is one of the first seven seats, as eight bits each, so that a graph's digest does not depend on how many
    /// seats there could be.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let narrow = self.sessions().enumerate().try_fold(0, |word: u64, (place, session)| {
            u8::try_from(session.code()).ok().map(|code| word | u64::from(code) << (8 * place))
        });
        match narrow {
            Some(word) => word.hash(hasher),
            None => self.0.hash(hasher),
        }
    }
}

impl fmt::Debug for Roster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.sessions()).finish()
    }
}

/// A kick that its victim has not acknowledged yet (KICK-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KickRecord {
    /// Who was kicked.
    pub session: Session,
    /// Why.
    pub reason: Reason,
}

/// The kick records of an account, at most one an instance key, in the order of seats; at most 10.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct KickRecords(u128);

impl KickRecords {
    const BITS: usize = Session::BITS + 2;

    /// The records.
    pub fn iter(self) -> impl Iterator<Item = KickRecord> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let word = (rest & 0x7ff) as u16;
            rest >>= Self::BITS;
            let reason = Reason::ALL[usize::from(word >> Session::BITS)];
            (word != 0).then(|| KickRecord { session: Session::from_code(word & 0x1ff), reason })
        })
    }

    /// Adds one.
    pub fn insert(&mut self, record: KickRecord) {
        let mut all: Vec<_> = self.iter().chain([record]).collect();
        all.sort();
        *self = KickRecords::from_iter(all);
    }

    /// Keeps those that pass.
    pub fn retain(&mut self, pass: impl Fn(&KickRecord) -> bool) {
        *self = KickRecords::from_iter(self.iter().filter(pass));
    }

    /// The same records, each session changed by `change`.
    pub fn map(self, mut change: impl FnMut(Session) -> Session) -> KickRecords {
        KickRecords::from_iter(self.iter().map(|record| KickRecord { session: change(record.session), ..record }))
    }
}

impl FromIterator<KickRecord> for KickRecords {
    fn from_iter<T: IntoIterator<Item = KickRecord>>(records: T) -> KickRecords {
        let placed = records.into_iter().enumerate();
        KickRecords(placed.fold(0, |word, (place, record)| {
            let code = u128::from(record.session.code()) | (record.reason as u128) << Session::BITS;
            word | code << (KickRecords::BITS * place)
        }))
    }
}

impl Hash for KickRecords {
    /// As that of [`Roster`], each session as eight bits and its reason as two.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let narrow = self.iter().enumerate().try_fold(0, |word: u128, (place, record)| {
            let code = u8::try_from(record.session.code()).ok()?;
            Some(word | (u128::from(code) | (record.reason as u128) << 8) << (10 * place))
        });
        match narrow {
            Some(word) => word.hash(hasher),
            None => self.0.hash(hasher),
        }
    }
}

impl fmt::Debug for KickRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Session = Session { seat: InstanceId(9), key: Key::Former, label: Label(15) };
    const NEW: Session = Session { seat: InstanceId(9), key: Key::Own, label: Label(1) };

    #[test]
    fn a_roster_keeps_login_order_and_one_session_a_key() {
        let mut roster = Roster::default();
        roster.admit(NEW);
        roster.admit(OLD);
        roster.admit(Session { label: Label(2), ..NEW });
        assert_eq!(roster.sessions().collect::<Vec<_>>(), [OLD, Session { label: Label(2), ..NEW }]);
    }

    #[test]
    fn kick_records_are_kept_by_seat() {
        let [first, second] = [NEW, OLD].map(|session| KickRecord { session, reason: Reason::RestApi });
        let mut records = KickRecords::default();
        records.insert(second);
        records.insert(first);
        assert_eq!(records.iter().collect::<Vec<_>>(), [first, second]);
    }
}
