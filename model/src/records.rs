//! What the server has on record of an account: its sessions in login order and its kick records. Plain values; who is let in and who is
//! kicked is said elsewhere.

use std::fmt;
use std::hash::{Hash, Hasher};

use strum::{EnumCount, VariantArray};

use crate::action::InstanceId;
use crate::code::Reason;
use crate::variants::every;

/// Which session of a seat: a number from 1 that tells those apart that still matter; they are numbered anew after each step, so that
/// it never grows. 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub u8);

impl Label {
    /// No session.
    pub const NONE: Label = Label(0);

    /// The highest number, for a session that has none yet: after a step all are lower.
    pub const LAST: Label = Label(7);

    /// Its bit in a set of labels.
    pub(crate) const fn bit(self) -> u8 {
        1 << self.0
    }
}

/// Whose instance key it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum Key {
    /// That of the instance in the seat.
    #[default]
    Own,
    /// That of the one before it, which was destroyed or whose page was closed.
    Former,
    /// One that two instances have, each in its seat (LINK-11): both seats' are the same. A scope has at most one such pair.
    Shared,
}

impl Key {
    /// Each; `as u8` is its place here.
    pub const ALL: [Key; Key::COUNT] = every();
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
    const KEYS: u8 = Key::ALL.len() as u8;
    const LABELS: u8 = Label::LAST.0 + 1;

    /// One byte, never 0: the seat, the key and the label counted through, from 1; room for ten seats.
    fn code(self) -> u8 {
        1 + (self.seat.0 * Self::KEYS + self.key as u8) * Self::LABELS + self.label.0
    }

    fn from_code(code: u8) -> Session {
        let (place, label) = ((code - 1) / Self::LABELS, (code - 1) % Self::LABELS);
        let (seat, key) = (InstanceId(place / Self::KEYS), Key::ALL[usize::from(place % Self::KEYS)]);
        Session { seat, key, label: Label(label) }
    }

    /// Whether both are of one instance, whatever their secrets.
    pub fn has_key_of(self, other: Session) -> bool {
        self.key == other.key && (self.key == Key::Shared || self.seat == other.seat)
    }
}

/// The online sessions of an account in login order; at most 16.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Roster(u128);

impl Hash for Roster {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.0 as u64).hash(hasher);
        if self.len() > 8 {
            ((self.0 >> 64) as u64).hash(hasher);
        }
    }
}

impl Roster {
    /// The sessions, oldest login first.
    pub fn sessions(self) -> impl DoubleEndedIterator<Item = Session> {
        (0..self.len()).map(move |place| Session::from_code((self.0 >> (8 * place) & 0xff) as u8))
    }

    /// Their seats, oldest login first.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = InstanceId> {
        self.sessions().map(|session| session.seat)
    }

    /// How many are online.
    pub const fn len(self) -> usize {
        (128 - self.0.leading_zeros() as usize).div_ceil(8)
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
    ///
    /// # Panics
    /// If that makes more than sixteen; no scope has so many.
    pub fn admit(&mut self, session: Session) {
        self.drop_key(session);
        assert!(self.len() < 16, "no scope has more than sixteen sessions of an account online");
        self.0 |= u128::from(session.code()) << (8 * self.len());
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
        Roster(placed.fold(0, |word, (place, session)| word | u128::from(session.code()) << (8 * place)))
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

/// The kick records of an account, at most one an instance key, in the order of seats; at most 12.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KickRecords(u128);

impl KickRecords {
    const BITS: usize = 10;

    /// The records.
    pub fn iter(self) -> impl Iterator<Item = KickRecord> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let word = rest & 0x3ff;
            rest >>= Self::BITS;
            let reason = Reason::ALL[usize::from((word >> 8) as u8)];
            (word != 0).then(|| KickRecord { session: Session::from_code((word & 0xff) as u8), reason })
        })
    }

    /// Whether nobody has a kick on record.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds one.
    ///
    /// # Panics
    /// If that makes more than twelve; no scope has so many.
    pub fn insert(&mut self, record: KickRecord) {
        assert!(self.iter().count() < 12, "no scope has more than twelve kicks of an account on record");
        let before = self.iter().take_while(|other| *other < record);
        let behind = self.iter().skip_while(|other| *other < record);
        *self = before.chain([record]).chain(behind).collect();
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
            let code = u128::from(record.session.code()) | (record.reason as u128) << 8;
            word | code << (KickRecords::BITS * place)
        }))
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
    use crate::scope::MAX_INSTANCES;

    const OLD: Session = Session { seat: InstanceId(5), key: Key::Former, label: Label(7) };
    const NEW: Session = Session { seat: InstanceId(5), key: Key::Own, label: Label(1) };

    #[test]
    fn a_roster_keeps_login_order_and_one_session_a_key() {
        let mut roster = Roster::default();
        roster.admit(NEW);
        roster.admit(OLD);
        roster.admit(Session { label: Label(2), ..NEW });
        assert_eq!(roster.sessions().collect::<Vec<_>>(), [OLD, Session { label: Label(2), ..NEW }]);
    }

    #[test]
    fn a_roster_holds_a_session_of_every_seat() {
        let sessions = (0..MAX_INSTANCES as u8).map(|seat| Session { seat: InstanceId(seat), ..NEW });
        let mut roster = Roster::default();
        sessions.clone().for_each(|session| roster.admit(session));
        assert!(roster.sessions().eq(sessions));
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
