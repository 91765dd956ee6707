//! Where a connection comes from, as far as anybody can tell. It opens nothing.

use std::net::IpAddr;

use hyper::HeaderMap;

use super::proxies::Proxies;

/// Where the chain of proxies in front of a server says that a request comes from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of whoever is at the other end of a connection, and which proxies may say that a client is behind it.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    peer: IpAddr,
    proxies: Proxies,
    /// Whether a proxy that is believed opened the connection.
    through_a_proxy: bool,
}

impl Origin {
    /// Of what passed a door: `connected` opened the connection, and `peer` is whom it speaks for, as far as that is known by then.
    pub(super) fn behind_a_door(connected: IpAddr, peer: IpAddr, proxies: Proxies) -> Origin {
        Origin { peer, through_a_proxy: proxies.trusts(connected), proxies }
    }

    /// Whether many clients' connections come from there.
    pub(super) const fn is_a_proxy(&self) -> bool {
        self.through_a_proxy
    }

    /// Where a request with this head comes from.
    pub(super) fn of(&self, head: &HeaderMap) -> IpAddr {
        let said = head.get_all(FORWARDED_FOR).into_iter().map(|value| value.to_str().unwrap_or("?"));
        self.proxies.client(self.peer, said)
    }
}

impl From<IpAddr> for Origin {
    fn from(peer: IpAddr) -> Origin {
        Origin { peer, proxies: Proxies::default(), through_a_proxy: false }
    }
}
