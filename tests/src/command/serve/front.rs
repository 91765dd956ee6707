//! The flags of `kickproof serve` that are about the outside: each wins over what the file says. What is right the system's
//! configuration says.

use std::path::PathBuf;

use clap::Args;
use ipnet::IpNet;
use sut::config::FrontDraft;

use crate::command::values;

/// How the server meets those outside.
#[derive(Args)]
pub(super) struct FrontFlags {
    /// A PEM file with the chain of certificates to show, the server's own first: it speaks TLS, and needs --tls-key
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// A PEM file with the private key of the server's own certificate
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// A proxy that is believed where a client comes from; may be given several times, then in place of the file's
    ///
    /// It says so by X-Forwarded-For, or by the PROXY protocol, version 1 or 2. Refused logins are counted by that address.
    #[arg(long = "trusted-proxy", value_name = "CIDR", value_parser = network)]
    trusted_proxies: Vec<IpNet>,
    /// Over how long the links are closed after SIGTERM: 10 unless told, 0 for all at once
    #[arg(long, value_name = "SECONDS", value_parser = values::whole::<u64>(0..=3600))]
    drain_s: Option<u64>,
    /// How long UserSigs signed with the old key are good once SIGHUP has loaded another: 86400 unless told, 0 for not at all
    #[arg(long, value_name = "SECONDS", value_parser = values::whole::<u64>(0..=u64::MAX))]
    key_overlap_s: Option<u64>,
    /// An origin from whose pages administrators may call, as a browser writes it; may be given several times, then in place of the file's
    #[arg(long = "allow-origin", value_name = "ORIGIN", value_parser = origin)]
    allow_origins: Vec<String>,
    /// How many connections may wait until they are accepted: 4096 unless told; Linux cuts it to net.core.somaxconn
    #[arg(long, value_name = "N", value_parser = values::whole::<u64>(1..=65_535))]
    backlog: Option<u64>,
}

impl FrontFlags {
    /// What they say.
    pub(super) fn draft(&self) -> FrontDraft {
        let FrontFlags { tls_cert, tls_key, trusted_proxies, drain_s, key_overlap_s, allow_origins, backlog } = self;
        FrontDraft {
            tls_cert: tls_cert.clone(),
            tls_key: tls_key.clone(),
            trusted_proxies: trusted_proxies.clone(),
            drain_s: *drain_s,
            key_overlap_s: *key_overlap_s,
            allow_origins: allow_origins.clone(),
            backlog: *backlog,
        }
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    FrontDraft::network(text).map_err(|error| error.to_string())
}

fn origin(text: &str) -> Result<String, String> {
    FrontDraft::origin(text).map_err(|error| error.to_string())
}
