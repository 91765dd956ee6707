//! Who is connected, by address: it counts, and says when there are too many. It knows nothing of what a connection is for.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::config::Bounds;

/// The connections of one node; its clones count the same ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd(Arc<Mutex<Counted>>);

#[derive(Debug, Default)]
struct Counted {
    all: usize,
    of: HashMap<IpAddr, usize>,
}

impl Counted {
    fn of(&self, address: IpAddr) -> usize {
        self.of.get(&address).copied().unwrap_or_default()
    }

    fn add(&mut self, address: IpAddr) {
        *self.of.entry(address).or_default() += 1;
    }

    fn take(&mut self, address: IpAddr) {
        let left = self.of.remove(&address).unwrap_or_default().saturating_sub(1);
        self.of.extend((left > 0).then_some((address, left)));
    }
}

/// A connection that counts until this is dropped.
#[derive(Debug)]
#[must_use = "it counts until it is dropped"]
pub(super) struct Guest {
    crowd: Crowd,
    address: Option<IpAddr>,
    /// 0 if its connection has a guest of its own.
    connections: usize,
}

impl Crowd {
    /// Counts a connection of that address, if it is one client's; `None` if there are as many as may be.
    pub(super) fn enter(&self, address: Option<IpAddr>, bounds: &Bounds) -> Option<Guest> {
        let mut counted = self.counted();
        let of_address = address.map_or(0, |address| counted.of(address));
        let has_room = counted.all < bounds.connections && of_address < bounds.connections_of_address;
        has_room.then(|| {
            counted.all += 1;
            address.into_iter().for_each(|address| counted.add(address));
            Guest { crowd: self.clone(), address, connections: 1 }
        })
    }

    /// Counts a client whose connection, a proxy's, is counted already; `None` if there are as many of that address as may be.
    pub(super) fn enter_through_a_proxy(&self, address: IpAddr, bounds: &Bounds) -> Option<Guest> {
        let mut counted = self.counted();
        (counted.of(address) < bounds.connections_of_address).then(|| {
            counted.add(address);
            Guest { crowd: self.clone(), address: Some(address), connections: 0 }
        })
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut counted = self.crowd.counted();
        counted.all -= self.connections;
        self.address.into_iter().for_each(|address| counted.take(address));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { connections: 3, connections_of_address: 2, ..Bounds::NONE };

    fn address(n: u8) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, n]))
    }

    #[test]
    fn an_address_has_so_many_connections_and_all_together_have_so_many() {
        let crowd = Crowd::default();
        let of_one: Vec<_> = (0..3).map(|_| crowd.enter(address(1), &BOUNDS)).collect();
        assert_eq!(of_one.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
        let others = [address(2), address(3), None].map(|address| crowd.enter(address, &BOUNDS));
        assert_eq!(others.map(|guest| guest.is_some()), [true, false, false]);
    }

    #[test]
    fn clients_of_one_address_behind_a_proxy_are_so_many_and_no_further_connections() {
        let crowd = Crowd::default();
        let proxy = crowd.enter(None, &BOUNDS);
        let clients = [1, 1, 1, 2].map(|n| crowd.enter_through_a_proxy(IpAddr::from([10, 0, 0, n]), &BOUNDS));
        assert_eq!(clients.each_ref().map(Option::is_some), [true, true, false, true]);
        assert!(crowd.enter(address(1), &BOUNDS).is_none());
        drop(clients);
        assert!(crowd.counted().of.is_empty());
        assert_eq!(crowd.counted().all, 1);
        drop(proxy);
        assert_eq!(crowd.counted().all, 0);
    }

    #[test]
    fn who_left_counts_no_more_and_its_address_is_forgotten() {
        let crowd = Crowd::default();
        let guests = [crowd.enter(address(1), &BOUNDS), crowd.enter(address(1), &BOUNDS)];
        drop(guests);
        assert!(crowd.counted().of.is_empty());
        let again = crowd.enter(address(1), &BOUNDS);
        assert_eq!((again.is_some(), crowd.counted().all), (true, 1));
    }
}
