//! How a server meets those outside, as a file or a command line states it: its certificate, the proxies before it, how it ends. It opens
//! no file that it names.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use hyper::Uri;
use ipnet::IpNet;

use super::ConfigError;
use crate::server::proxies::Proxies;

/// How long the links of a server are closed over that ends, unless it is configured.
const DEFAULT_DRAIN_S: u64 = 10;

/// How many connections may wait, unless it is configured: as many as Linux lets without being told otherwise.
const DEFAULT_BACKLOG: u64 = 4096;

/// The most that may.
const MOST_BACKLOG: u32 = 65_535;

/// How long a replaced secret key is good, unless it is configured: a day, in which backends take over the new one.
const DEFAULT_OVERLAP_S: u64 = 24 * 60 * 60;

/// The longest that they may be, in seconds.
const MOST_DRAIN_S: u64 = 60 * 60;

/// What a server is told of the outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Front {
    /// The certificate that it shows; `None` if it speaks no TLS.
    pub tls: Option<TlsFiles>,
    /// Whom it believes where a client comes from.
    pub trusted_proxies: Proxies,
    /// For how long its links are closed once it ends.
    pub drain: Duration,
    /// For how long a secret key is good after another one has replaced it.
    pub key_overlap: Duration,
    /// The origins of the pages from which administrators may call.
    pub allowed_origins: Vec<String>,
    /// How many connections may wait until they are accepted.
    pub backlog: u32,
}

/// Where a certificate and its key are, both in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain of certificates, the server's own first.
    pub certificate: PathBuf,
    /// The key of the server's own.
    pub key: PathBuf,
}

/// What one source says of it; `None`, or no entry of a list, is what it leaves to another.
#[derive(Clone, Debug, Default)]
pub struct FrontDraft {
    /// The file of the certificates.
    pub tls_cert: Option<PathBuf>,
    /// The file of the key.
    pub tls_key: Option<PathBuf>,
    /// The networks of the proxies that are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// For how many seconds links are closed.
    pub drain_s: Option<u64>,
    /// For how many seconds a replaced secret key is good.
    pub key_overlap_s: Option<u64>,
    /// The origins of pages.
    pub allow_origins: Vec<String>,
    /// How many connections may wait.
    pub backlog: Option<u64>,
}

/// A text that is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no network; one would be 10.0.0.0/8, fd00::/8 or the address of one proxy")]
pub struct NoNetwork(String);

/// A text that is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no origin; one would be https://admin.example, in lower case and without a path")]
pub struct NoOrigin(String);

impl FrontDraft {
    /// One of [`FrontDraft::trusted_proxies`] as it is written: an address, or a network as CIDR has it.
    ///
    /// # Errors
    /// It is neither.
    pub fn network(text: &str) -> Result<IpNet, NoNetwork> {
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map_err(|_| NoNetwork(text.to_owned()))
    }

    /// One of [`FrontDraft::allow_origins`] as a browser writes it.
    ///
    /// # Errors
    /// No browser writes it so.
    pub fn origin(text: &str) -> Result<String, NoOrigin> {
        let is_host = |rest: &str| !rest.is_empty() && !rest.contains(|letter: char| "/?#@*".contains(letter));
        let host = ["https://", "http://"].into_iter().find_map(|scheme| text.strip_prefix(scheme)).filter(|rest| is_host(rest));
        let written = host.and_then(|_| text.parse::<Uri>().ok()).filter(|_| text == text.to_ascii_lowercase());
        written.map(|_| text.to_owned()).ok_or_else(|| NoOrigin(text.to_owned()))
    }

    /// [`FrontDraft::backlog`] in its range.
    fn backlog(connections: u64) -> Result<u32, ConfigError> {
        let in_range = u32::try_from(connections).ok().filter(|backlog| (1..=MOST_BACKLOG).contains(backlog));
        in_range.ok_or(ConfigError::Backlog(connections))
    }

    /// What this draft says, and for what it leaves out what the other one says.
    #[must_use]
    pub fn or(self, other: FrontDraft) -> FrontDraft {
        FrontDraft {
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            trusted_proxies: if self.trusted_proxies.is_empty() { other.trusted_proxies } else { self.trusted_proxies },
            drain_s: self.drain_s.or(other.drain_s),
            key_overlap_s: self.key_overlap_s.or(other.key_overlap_s),
            allow_origins: if self.allow_origins.is_empty() { other.allow_origins } else { self.allow_origins },
            backlog: self.backlog.or(other.backlog),
        }
    }

    /// What it states, with the defaults for what it leaves out.
    pub(super) fn front(self) -> Result<Front, ConfigError> {
        let tls = match (self.tls_cert, self.tls_key) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            (Some(_), None) => return Err(ConfigError::TlsHalf { stated: "tls_cert", missing: "tls_key" }),
            (None, Some(_)) => return Err(ConfigError::TlsHalf { stated: "tls_key", missing: "tls_cert" }),
        };
        let drain_s = self.drain_s.unwrap_or(DEFAULT_DRAIN_S);
        if drain_s > MOST_DRAIN_S {
            return Err(ConfigError::Drain(drain_s));
        }
        let (trusted_proxies, drain) = (Proxies::of(self.trusted_proxies), Duration::from_secs(drain_s));
        let key_overlap = Duration::from_secs(self.key_overlap_s.unwrap_or(DEFAULT_OVERLAP_S));
        let backlog = FrontDraft::backlog(self.backlog.unwrap_or(DEFAULT_BACKLOG))?;
        Ok(Front { tls, trusted_proxies, drain, key_overlap, allowed_origins: self.allow_origins, backlog })
    }
}
