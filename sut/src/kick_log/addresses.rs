//! From which address each session's link comes, as long as it has one: what a log of kicks and the lines for an
//! operator tell beside the record, which holds none. It decides nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::server::machine::LinkId;
use crate::session::SessionDigest;

/// The addresses of the sessions that have a link to this node; its clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Addresses(Arc<Mutex<HashMap<SessionDigest, (LinkId, IpAddr)>>>);

/// What a link speaks for; forgotten with it.
#[derive(Debug)]
pub(crate) struct Spoken {
    addresses: Addresses,
    from: (LinkId, IpAddr),
    session: Option<SessionDigest>,
}

impl Addresses {
    /// That of a session's newest link.
    pub(crate) fn of(&self, session: SessionDigest) -> Option<IpAddr> {
        self.known().get(&session).map(|(_, address)| *address)
    }

    /// A link that comes from there, and speaks for no session yet.
    pub(crate) fn link(&self, link: LinkId, address: IpAddr) -> Spoken {
        Spoken { addresses: self.clone(), from: (link, address), session: None }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<SessionDigest, (LinkId, IpAddr)>> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }
}

impl Spoken {
    /// The link speaks for this session, and for no other any more.
    pub(crate) fn speaks_for(&mut self, session: SessionDigest) {
        if self.session != Some(session) {
            self.forget();
            self.session = Some(session);
            self.addresses.known().insert(session, self.from);
        }
    }

    /// A later link of the session stays.
    fn forget(&mut self) {
        if let Some(session) = self.session.take() {
            let mut known = self.addresses.known();
            if known.get(&session) == Some(&self.from) {
                known.remove(&session);
            }
        }
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: SessionDigest = SessionDigest(1);

    fn from(host: u8) -> IpAddr {
        [192, 0, 2, host].into()
    }

    #[test]
    fn a_session_comes_from_where_its_newest_link_does_until_that_ends() {
        let addresses = Addresses::default();
        let (mut old, mut new) = (addresses.link(LinkId(1), from(1)), addresses.link(LinkId(2), from(2)));
        assert_eq!(addresses.of(SESSION), None);
        old.speaks_for(SESSION);
        assert_eq!(addresses.of(SESSION), Some(from(1)));
        new.speaks_for(SESSION);
        drop(old);
        assert_eq!(addresses.of(SESSION), Some(from(2)));
        drop(new);
        assert_eq!(addresses.of(SESSION), None);
    }

    #[test]
    fn a_link_holds_one_address_whatever_it_says() {
        let addresses = Addresses::default();
        let mut link = addresses.link(LinkId(1), from(1));
        for n in 0..100 {
            link.speaks_for(SessionDigest(n));
        }
        assert_eq!(addresses.known().len(), 1);
        assert_eq!(addresses.of(SessionDigest(99)), Some(from(1)));
    }
}
