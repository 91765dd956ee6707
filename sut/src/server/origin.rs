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
}

impl Origin {
    /// Where a request with this head comes from.
    pub(super) fn of(&self, head: &HeaderMap) -> IpAddr {
        let said = head.get_all(FORWARDED_FOR).into_iter().map(|value| value.to_str().unwrap_or("?"));
        self.proxies.client(self.peer, said)
    }
}

impl From<IpAddr> for Origin {
    fn from(peer: IpAddr) -> Origin {
        Origin { peer, proxies: Proxies::default() }
    }
}

impl From<(IpAddr, Proxies)> for Origin {
    fn from((peer, proxies): (IpAddr, Proxies)) -> Origin {
        Origin { peer, proxies }
    }
}
