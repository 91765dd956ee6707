//! Where a client comes from whose connection comes through proxies: what those say that are trusted, and nothing that anybody else says.
//! Pure: it reads bytes that are there, and no socket.
//!
//! A trusted proxy says it before all other bytes by the PROXY protocol, version 1 or 2, or in the head of a request by
//! `X-Forwarded-For`; a chain of proxies may do both.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use ppp::{v1, v2};

/// The most bytes of a header of the PROXY protocol: a text of version 1 is no longer than 107, and a binary one has little to add.
pub const MAX_PREAMBLE_BYTES: usize = 1024;

/// The most bytes of a line of version 1, its end included.
const MAX_LINE_BYTES: usize = 107;

/// What a line of version 1 begins with.
const LINE: &[u8] = b"PROXY ";

/// The proxies that are trusted; its clones are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Arc<[IpNet]>);

/// What stands before a connection's own bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preamble {
    /// Nothing.
    None,
    /// Perhaps a header; more bytes would tell.
    Part,
    /// A header.
    Header {
        /// How long it is.
        bytes: usize,
        /// Whom it speaks for; `None` if for the proxy itself, or for nobody with an IP address.
        client: Option<IpAddr>,
    },
    /// What begins as a header and is none.
    Bad,
}

impl Proxies {
    /// Trusts what these networks hold.
    pub fn of(networks: Vec<IpNet>) -> Proxies {
        Proxies(networks.into())
    }

    /// Whether what comes from this address is believed.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Where a request comes from that this peer passes on: the last address in `X-Forwarded-For` that is no trusted proxy's, or the first
    /// if all are. What stands left of that, or of something that is no address, could be written by anybody.
    pub fn client<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut client = peer.to_canonical();
        for said in forwarded.rev().flat_map(|header| header.rsplit(',')) {
            match address(said.trim()).filter(|_| self.trusts(client)) {
                Some(address) => client = address,
                None => break,
            }
        }
        client
    }
}

/// An address as proxies write it, with its port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// What the first bytes of a connection are.
pub fn preamble(bytes: &[u8]) -> Preamble {
    if begins(bytes, v2::PROTOCOL_PREFIX) {
        binary(bytes)
    } else if begins(bytes, LINE) {
        line(bytes)
    } else {
        Preamble::None
    }
}

/// Whether the bytes begin with the mark, or are the beginning of it.
fn begins(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.iter().zip(mark).all(|(byte, mark)| byte == mark)
}

fn line(bytes: &[u8]) -> Preamble {
    let within = &bytes[..bytes.len().min(MAX_LINE_BYTES)];
    let Some(end) = within.iter().position(|byte| *byte == b'\n') else {
        return if bytes.len() < MAX_LINE_BYTES { Preamble::Part } else { Preamble::Bad };
    };
    match v1::Header::try_from(&within[..=end]) {
        Ok(header) if header.header.len() == end + 1 => {
            let client = match header.addresses {
                v1::Addresses::Tcp4(between) => Some(IpAddr::V4(between.source_address)),
                v1::Addresses::Tcp6(between) => Some(IpAddr::V6(between.source_address)),
                v1::Addresses::Unknown => None,
            };
            Preamble::Header { bytes: end + 1, client: client.map(|client| client.to_canonical()) }
        }
        Ok(_) | Err(_) => Preamble::Bad,
    }
}

fn binary(bytes: &[u8]) -> Preamble {
    let is_proxied = |header: &v2::Header<'_>| header.command == v2::Command::Proxy;
    match v2::Header::try_from(bytes) {
        Ok(header) if header.len() <= MAX_PREAMBLE_BYTES => {
            let client = match header.addresses {
                v2::Addresses::IPv4(between) => Some(IpAddr::V4(between.source_address)),
                v2::Addresses::IPv6(between) => Some(IpAddr::V6(between.source_address)),
                v2::Addresses::Unix(_) | v2::Addresses::Unspecified => None,
            };
            let client = client.filter(|_| is_proxied(&header)).map(|client| client.to_canonical());
            Preamble::Header { bytes: header.len(), client }
        }
        Err(v2::ParseError::Incomplete(_) | v2::ParseError::Partial(..)) if bytes.len() < MAX_PREAMBLE_BYTES => Preamble::Part,
        Ok(_) | Err(_) => Preamble::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINARY: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x07\x7f\0\0\x01\x10\x00\x01\xbb";

    fn proxies() -> Proxies {
        Proxies::of(["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap()).into())
    }

    fn client(peer: &str, forwarded: &[&str]) -> String {
        proxies().client(peer.parse().unwrap(), forwarded.iter().copied()).to_string()
    }

    #[test]
    fn a_trusted_proxy_says_where_a_client_comes_from() {
        let rows: [(&[&str], &str); 9] = [
            (&[], "10.0.0.1"),
            (&["198.51.100.7"], "198.51.100.7"),
            (&["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            (&["203.0.113.9", "198.51.100.7,10.0.0.2"], "198.51.100.7"),
            (&["198.51.100.7", "10.0.0.3 , fd00::1"], "198.51.100.7"),
            (&["10.0.0.4, 10.0.0.3"], "10.0.0.4"),
            (&["[2001:db8::7]:4711"], "2001:db8::7"),
            (&["198.51.100.7:4711, ::ffff:10.0.0.2"], "198.51.100.7"),
            (&["198.51.100.7, unknown, 10.0.0.2"], "10.0.0.2"),
        ];
        for (forwarded, expected) in rows {
            assert_eq!(client("10.0.0.1", forwarded), expected, "{forwarded:?}");
        }
    }

    #[test]
    fn whoever_is_not_trusted_speaks_for_nobody_but_himself() {
        for peer in ["192.0.2.1", "2001:db8::1", "127.0.0.1"] {
            assert_eq!(client(peer, &["198.51.100.7"]), peer);
        }
        assert_eq!(client("::ffff:192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("::ffff:10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
    }

    fn header(bytes: usize, client: Option<&str>) -> Preamble {
        Preamble::Header { bytes, client: client.map(|client| client.parse().unwrap()) }
    }

    #[test]
    fn a_header_says_whom_it_speaks_for_and_ends_before_the_clients_own_bytes() {
        let rows: [(&[u8], Preamble); 7] = [
            (b"PROXY TCP4 198.51.100.7 10.0.0.1 4711 443\r\nGET /", header(43, Some("198.51.100.7"))),
            (b"PROXY TCP6 2001:db8::7 fd00::1 4711 443\r\n\x16\x03", header(41, Some("2001:db8::7"))),
            (b"PROXY UNKNOWN\r\nGET /", header(15, None)),
            (BINARY, header(28, Some("198.51.100.7"))),
            (&[BINARY, b"GET /"].concat(), header(28, Some("198.51.100.7"))),
            (b"\r\n\r\n\0\r\nQUIT\n\x20\x00\0\0", header(16, None)),
            (b"\r\n\r\n\0\r\nQUIT\n\x20\x11\0\x0c\xc6\x33\x64\x07\x7f\0\0\x01\x10\x00\x01\xbb", header(28, None)),
        ];
        for (bytes, expected) in rows {
            assert_eq!(preamble(bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_header_that_has_not_come_whole_is_waited_for() {
        for whole in [b"PROXY TCP4 198.51.100.7 10.0.0.1 4711 443\r\n".as_slice(), BINARY] {
            for cut in 0..whole.len() {
                assert_eq!(preamble(&whole[..cut]), Preamble::Part, "{}", whole[..cut].escape_ascii());
            }
        }
    }

    #[test]
    fn what_begins_otherwise_is_no_header() {
        for bytes in [b"GET / HTTP/1.1\r\n".as_slice(), b"POST /", b"\x16\x03\x01", b"\r\n\r\nGET", b"proxy TCP4"] {
            assert_eq!(preamble(bytes), Preamble::None, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_begins_as_a_header_and_is_none_is_bad() {
        let long = [b"PROXY TCP4 ".as_slice(), &[b'1'; 100]].concat();
        let huge = [&BINARY[..14], b"\xff\xff", &[0; MAX_PREAMBLE_BYTES]].concat();
        let rows: [&[u8]; 7] = [
            b"PROXY TCP4 nobody 10.0.0.1 4711 443\r\n",
            b"PROXY TCP4 198.51.100.7 10.0.0.1 4711 443\n",
            b"PROXY TCP4 198.51.100.7 10.0.0.1 4711 443\rX\n",
            b"PROXY SCTP 198.51.100.7 10.0.0.1 4711 443\r\n",
            b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c",
            &long,
            &huge,
        ];
        for bytes in rows {
            assert_eq!(preamble(bytes), Preamble::Bad, "{}", bytes.escape_ascii());
        }
    }
}
