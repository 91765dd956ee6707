//! Where callbacks are sent: a URL, judged when the server starts. Plain HTTP only: TLS belongs to a proxy on the way.

use std::str::FromStr;

use hyper::Uri;
use hyper::http::uri::Scheme;

/// The longest URL, in bytes.
const MAX_BYTES: usize = 2048;

/// A URL that callbacks can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(String);

/// What is wrong with a URL, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{url:?} is no URL for callbacks: {why}; one would be http://127.0.0.1:9000/callbacks")]
pub struct BadTarget {
    url: String,
    why: String,
}

impl FromStr for Target {
    type Err = BadTarget;

    fn from_str(url: &str) -> Result<Target, BadTarget> {
        let bad = |why: &str| BadTarget { url: url.to_owned(), why: why.to_owned() };
        if url.len() > MAX_BYTES {
            return Err(bad(&format!("it has {} bytes; {MAX_BYTES} is the most", url.len())));
        }
        let uri: Uri = url.parse().map_err(|error| bad(&format!("{error}")))?;
        match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => {}
            Some(scheme) if *scheme == Scheme::HTTPS => return Err(bad("TLS is not spoken here, let a proxy do it")),
            Some(_) | None => return Err(bad("it must begin with http://")),
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(bad("it names no host"));
        }
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            return Err(bad("no name and password are sent to a receiver; a query can hold a secret"));
        }
        let behind_host = authority.strip_prefix(uri.host().unwrap_or_default()).unwrap_or_default();
        if !behind_host.is_empty() && uri.port_u16().is_none_or(|port| port == 0) {
            return Err(bad("its port is none; 1 to 65535 are"));
        }
        let joined = if uri.query().is_some() { '&' } else { '?' };
        Ok(Target(format!("{uri}{joined}")))
    }
}

impl Target {
    /// The URL with a further query.
    pub(super) fn with(&self, query: &str) -> String {
        let Target(url) = self;
        format!("{url}{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_added_to_what_the_url_says() {
        let rows = [
            ("http://backend:9000/hook", "http://backend:9000/hook?a=1"),
            ("http://backend", "http://backend/?a=1"),
            ("http://127.0.0.1/hook?key=x", "http://127.0.0.1/hook?key=x&a=1"),
            ("http://[::1]:9000/hook", "http://[::1]:9000/hook?a=1"),
            ("http://[::1]/hook", "http://[::1]/hook?a=1"),
        ];
        for (url, expected) in rows {
            assert_eq!(url.parse::<Target>().unwrap().with("a=1"), expected);
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_in_one_line() {
        let rows = [
            ("https://backend/hook", "TLS is not spoken here, let a proxy do it"),
            ("ftp://backend/hook", "it must begin with http://"),
            ("/hook", "it must begin with http://"),
            ("backend:9000", "it must begin with http://"),
            ("http://back end", "invalid uri character"),
            ("", "empty string"),
            ("http://user:word@backend/hook", "no name and password are sent to a receiver; a query can hold a secret"),
            ("http://backend:99999/hook", "its port is none; 1 to 65535 are"),
            ("http://[::1]:9x/hook", "its port is none; 1 to 65535 are"),
            ("http://127.0.0.1:9x/hook", "its port is none; 1 to 65535 are"),
            ("http://backend:/hook", "its port is none; 1 to 65535 are"),
            ("http://backend:0/hook", "its port is none; 1 to 65535 are"),
            (&format!("http://backend/{}", "x".repeat(2034)), "it has 2049 bytes; 2048 is the most"),
        ];
        for (url, why) in rows {
            let expected = format!("{url:?} is no URL for callbacks: {why}; one would be http://127.0.0.1:9000/callbacks");
            assert_eq!(url.parse::<Target>().unwrap_err().to_string(), expected);
        }
    }
}
