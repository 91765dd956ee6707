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

/// A connection that counts until this is dropped.
#[derive(Debug)]
#[must_use = "it counts until it is dropped"]
pub(super) struct Guest {
    crowd: Crowd,
    address: Option<IpAddr>,
}

impl Crowd {
    /// Counts a connection of that address, if it is one client's; `None` if there are as many as may be.
    pub(super) fn enter(&self, address: Option<IpAddr>, bounds: &Bounds) -> Option<Guest> {
        let mut counted = self.counted();
        let of_address = address.and_then(|address| counted.of.get(&address)).copied().unwrap_or_default();
        let has_room = counted.all < bounds.connections && of_address < bounds.connections_of_address;
        has_room.then(|| {
            counted.all += 1;
            counted.of.extend(address.map(|address| (address, of_address + 1)));
            Guest { crowd: self.clone(), address }
        })
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut counted = self.crowd.counted();
        counted.all -= 1;
        let Some(address) = self.address else { return };
        let of_address = counted.of.remove(&address).unwrap_or_default();
        if of_address > 1 {
            counted.of.insert(address, of_address - 1);
        }
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
    fn who_left_counts_no_more_and_its_address_is_forgotten() {
        let crowd = Crowd::default();
        let guests = [crowd.enter(address(1), &BOUNDS), crowd.enter(address(1), &BOUNDS)];
        drop(guests);
        assert!(crowd.counted().of.is_empty());
        let again = crowd.enter(address(1), &BOUNDS);
        assert_eq!((again.is_some(), crowd.counted().all), (true, 1));
    }
}
