//! Where a server is, as an application writes it. It is judged when it is read, and opens nothing.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use hyper::Uri;
use strum::IntoStaticStr;

use crate::link;

/// Where a server is: `host:port`, or a URL, `ws://host:port/path`, or `wss://host:port/path` with TLS.
///
/// Without a path the server's own is meant, [`link::PATH`]; a URL without a port means 80, with TLS 443. An IPv6 address stands in
/// brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    scheme: Scheme,
    /// A name, or an IP address without brackets.
    host: String,
    port: u16,
    url: String,
}

/// What is spoken below HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(super) enum Scheme {
    Ws,
    /// TLS.
    Wss,
}

/// What is wrong with an address, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no address of a server: {why}; one would be 127.0.0.1:8080, ws://server.example:8080/v1/ws or wss://server.example/v1/ws"
)]
pub struct BadAddress {
    text: String,
    why: &'static str,
}

impl BadAddress {
    pub(super) fn new(text: impl Into<String>, why: &'static str) -> BadAddress {
        BadAddress { text: text.into(), why }
    }
}

impl Scheme {
    fn name(self) -> &'static str {
        self.into()
    }

    /// The port that is not written.
    const fn port(self) -> u16 {
        match self {
            Scheme::Ws => 80,
            Scheme::Wss => 443,
        }
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Address, BadAddress> {
        read(text).map_err(|why| BadAddress::new(text, why))
    }
}

impl Address {
    pub(super) const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The name or the IP address.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// What the upgrade asks for: its host has a port only where that is not the scheme's.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

/// A URL that means the same.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

fn read(text: &str) -> Result<Address, &'static str> {
    let (scheme, rest) = scheme(text)?;
    let (authority, asked) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, port) = host_and_port(authority)?;
    let port = match (port, scheme) {
        (Some(port), _) => port,
        (None, Some(scheme)) => scheme.port(),
        (None, None) => return Err("it names no port"),
    };
    let scheme = scheme.unwrap_or(Scheme::Ws);
    let url = url(scheme, (host, port), asked)?;
    Ok(Address { scheme, host: host.trim_matches(['[', ']']).to_owned(), port, url })
}

/// The scheme, if the text is a URL, and what is behind it.
fn scheme(text: &str) -> Result<(Option<Scheme>, &str), &'static str> {
    match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("ws") => Ok((Some(Scheme::Ws), rest)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("wss") => Ok((Some(Scheme::Wss), rest)),
        Some(_) => Err("it begins with neither ws:// nor wss://"),
        None if text.contains(['/', '?', '#']) => Err("in front of a path stands ws:// or wss://"),
        None => Ok((None, text)),
    }
}

/// The host as it is written in a URL, and the port behind it.
fn host_and_port(authority: &str) -> Result<(&str, Option<u16>), &'static str> {
    if authority.contains('@') {
        return Err("no name and password are sent to a server");
    }
    let brackets = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority[brackets..].rfind(':') {
        Some(colon) => (&authority[..brackets + colon], Some(port(&authority[brackets + colon + 1..])?)),
        None => (authority, None),
    };
    judge_host(host)?;
    Ok((host, port))
}

fn port(text: &str) -> Result<u16, &'static str> {
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let port = digits.and_then(|digits| digits.parse().ok()).filter(|port| *port > 0);
    port.ok_or("its port is none; 1 to 65535 are")
}

fn judge_host(host: &str) -> Result<(), &'static str> {
    let is_name = |host: &str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(ip) => ip.parse::<Ipv6Addr>().map(drop).map_err(|_| "in its brackets stands no IPv6 address"),
        None if host.is_empty() => Err("it names no host"),
        None if host.contains(':') => Err("an IPv6 address stands in brackets, as in [::1]:8080"),
        None if is_name(host) => Ok(()),
        None => Err("its host is neither a name nor an IP address"),
    }
}

fn url(scheme: Scheme, (host, port): (&str, u16), asked: &str) -> Result<String, &'static str> {
    let port = if port == scheme.port() { String::new() } else { format!(":{port}") };
    let path = if asked.starts_with('/') { "" } else { link::PATH };
    let url = format!("{}://{host}{port}{path}{asked}", scheme.name());
    if asked.contains('#') {
        return Err("what stands behind # is never sent");
    }
    url.parse::<Uri>().map_err(|_| "its path has a character that must be escaped")?;
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, host_and_port: (&str, u16), url: &str) {
        let address: Address = text.parse().unwrap();
        assert_eq!(((address.host(), address.port()), address.url()), (host_and_port, url), "{text}");
    }

    #[test]
    fn an_address_is_a_host_and_a_port_or_a_url() {
        check("127.0.0.1:8080", ("127.0.0.1", 8080), "ws://127.0.0.1:8080/v1/ws");
        check("[::1]:8080", ("::1", 8080), "ws://[::1]:8080/v1/ws");
        check("server.example:80", ("server.example", 80), "ws://server.example/v1/ws");
        check("ws://server.example", ("server.example", 80), "ws://server.example/v1/ws");
        check("ws://server.example:8080/", ("server.example", 8080), "ws://server.example:8080/");
        check("WS://[::1]:80/chat/ws?room=1", ("::1", 80), "ws://[::1]/chat/ws?room=1");
        check("wss://server.example", ("server.example", 443), "wss://server.example/v1/ws");
        check("wss://server.example:80/a", ("server.example", 80), "wss://server.example:80/a");
        check("ws://server.example?room=1", ("server.example", 80), "ws://server.example/v1/ws?room=1");
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said_in_one_line() {
        let rows = [
            ("", "it names no host"),
            ("server.example", "it names no port"),
            (":8080", "it names no host"),
            ("ws://:8080/v1/ws", "it names no host"),
            ("server.example:", "its port is none; 1 to 65535 are"),
            ("server.example:0", "its port is none; 1 to 65535 are"),
            ("ws://server.example:+80/", "its port is none; 1 to 65535 are"),
            ("ws://server.example:65536/", "its port is none; 1 to 65535 are"),
            ("http://server.example/v1/ws", "it begins with neither ws:// nor wss://"),
            ("server.example:8080/v1/ws", "in front of a path stands ws:// or wss://"),
            ("::1:8080", "an IPv6 address stands in brackets, as in [::1]:8080"),
            ("[::g]:8080", "in its brackets stands no IPv6 address"),
            ("ws://user:word@server.example", "no name and password are sent to a server"),
            ("ser ver:8080", "its host is neither a name nor an IP address"),
            ("sérver:8080", "its host is neither a name nor an IP address"),
            ("[::1]x:8080", "an IPv6 address stands in brackets, as in [::1]:8080"),
            ("ws://server.example/a b", "its path has a character that must be escaped"),
            ("ws://server.example/#a", "what stands behind # is never sent"),
        ];
        for (text, why) in rows {
            let error = text.parse::<Address>().unwrap_err();
            assert_eq!(error, BadAddress::new(text, why));
            assert_eq!(error.to_string().lines().count(), 1);
        }
    }
}
