//! The bytes of what stands in a row, each thing as many as ever. It knows no row.

use crate::session::{Accepted, Epoch, EpochEntry, KeyDigest, KickReason, KickRecord, MessageId, Platform, Session, SessionDigest};
use crate::timers::UnixMillis;

/// What is left to be read. Each read is `None` if the bytes are too few or say nothing.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    pub(super) const fn is_at_its_end(&self) -> bool {
        self.0.is_empty()
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, left) = self.0.split_first_chunk()?;
        self.0 = left;
        Some(*taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take().map(|[byte]| byte)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    /// The last number, which may be missing.
    pub(super) fn number_if_any(&mut self) -> Option<Option<u64>> {
        if self.is_at_its_end() { Some(None) } else { self.number().map(Some) }
    }

    fn bits(&mut self) -> Option<u128> {
        self.take().map(u128::from_be_bytes)
    }

    fn moment(&mut self) -> Option<UnixMillis> {
        self.number().map(UnixMillis)
    }

    pub(super) fn instance(&mut self) -> Option<KeyDigest> {
        self.bits().map(KeyDigest)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::from(self.byte()?)).copied()
    }

    /// One of the rulebook's by its place, or behind the number of these the length and the letters of a name.
    fn platform(&mut self) -> Option<Platform> {
        let place = usize::from(self.byte()?);
        if place != Platform::ALL.len() {
            return Platform::ALL.get(place).copied();
        }
        let length = usize::from(self.byte()?);
        let (name, left) = self.0.split_at_checked(length)?;
        self.0 = left;
        str::from_utf8(name).ok()?.parse().ok()
    }

    pub(super) fn session(&mut self) -> Option<Session> {
        Some(Session {
            key: self.instance()?,
            digest: self.bits().map(SessionDigest)?,
            epoch: self.number().map(Epoch)?,
            platform: self.platform()?,
            expires_at: self.moment()?,
            issued_s: self.number()?,
            node: None,
            admitted_at: None,
        })
    }

    pub(super) fn kick(&mut self) -> Option<KickRecord> {
        Some(KickRecord { key: self.instance()?, digest: self.bits().map(SessionDigest)?, reason: self.one_of(&KickReason::ALL)? })
    }

    pub(super) fn epoch(&mut self) -> Option<EpochEntry> {
        Some(EpochEntry { epoch: self.number().map(Epoch)?, raised_at: self.moment()? })
    }

    /// All that is left.
    pub(super) fn messages(&mut self) -> Option<Vec<Accepted>> {
        let mut messages = Vec::with_capacity(self.0.len() / 24);
        while !self.is_at_its_end() {
            messages.push(Accepted { id: self.bits().map(MessageId)?, at: self.moment()? });
        }
        Some(messages)
    }
}

/// What was written.
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    fn put(&mut self, bytes: &[u8]) -> &mut Writer {
        self.0.extend(bytes);
        self
    }

    pub(super) fn byte(&mut self, byte: u8) -> &mut Writer {
        self.put(&[byte])
    }

    pub(super) fn number(&mut self, number: u64) -> &mut Writer {
        self.put(&number.to_be_bytes())
    }

    pub(super) fn bits(&mut self, bits: u128) -> &mut Writer {
        self.put(&bits.to_be_bytes())
    }

    fn one_of<T: PartialEq>(&mut self, all: &[T], one: &T) -> &mut Writer {
        let index = all.iter().position(|other| other == one).and_then(|index| u8::try_from(index).ok());
        self.byte(index.expect("all are there, and they are few"))
    }

    pub(super) fn session(&mut self, session: &Session) -> &mut Writer {
        let Session { key, digest, epoch, platform, expires_at, issued_s, node: _, admitted_at: _ } = session;
        self.bits(key.0).bits(digest.0).number(epoch.0).platform(*platform).number(expires_at.0).number(*issued_s)
    }

    fn platform(&mut self, platform: Platform) -> &mut Writer {
        let Platform::Own(_) = platform else { return self.one_of(&Platform::ALL, &platform) };
        let (mark, name) = (Platform::ALL.len(), platform.name());
        let [mark, length] = [mark, name.len()].map(|number| u8::try_from(number).expect("they are few"));
        self.byte(mark).byte(length).put(name.as_bytes())
    }

    pub(super) fn kick(&mut self, kick: &KickRecord) -> &mut Writer {
        let KickRecord { key, digest, reason } = kick;
        self.bits(key.0).bits(digest.0).one_of(&KickReason::ALL, reason)
    }

    pub(super) fn epoch(&mut self, entry: EpochEntry) -> &mut Writer {
        let EpochEntry { epoch, raised_at } = entry;
        self.number(epoch.0).number(raised_at.0)
    }

    pub(super) fn messages(&mut self, messages: &[Accepted]) -> &mut Writer {
        messages.iter().fold(self, |writer, Accepted { id, at }| writer.bits(id.0).number(at.0))
    }
}
