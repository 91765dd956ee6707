//! What ends a command early, in one line: what was wrong, where, and what would be right. It prints nothing.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use model::scopes::UnknownScope;
use sut::code::Refusal;
use sut::config::ConfigError;
use sut::registry::Unreachable;
use sut::registry::durable::CannotOpen;
use sut::server::BadPair;

use crate::driver::{CannotDrive, DriverKind};
use crate::explore::CannotServe;
use crate::foreign::Trouble;
use crate::soak::nodes::Broken;
use crate::token::BadTrace;
use crate::validate::CannotRead;

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The arguments are not understood.
    #[error("{0}; see --help")]
    Arguments(String),
    /// A file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    /// A configuration file is wrong.
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: ConfigError },
    /// The file and the flags together are no configuration.
    #[error("{0}; state it in the --config file or by a flag")]
    Settings(ConfigError),
    /// The file and the flags state what does not go together.
    #[error("{0}")]
    Contradiction(ConfigError),
    /// A certificate or its key is not taken.
    #[error("{}: {error}", path.display())]
    Pair { path: PathBuf, error: BadPair },
    /// The filter of the log is none.
    #[error("KICKPROOF_LOG is no filter: {0}; one would be `info` or `sut=debug`")]
    LogFilter(String),
    /// The address cannot be listened at.
    #[error("cannot listen on {address}: {error}; --listen names another address, port 0 any free one")]
    CannotListen { address: SocketAddr, error: io::Error },
    /// Manual time is asked for where others could move it.
    #[error("--manual-time serves on loopback only, not at {0}; leave --listen out, or name 127.0.0.1")]
    ManualTimeInPublic(SocketAddr),
    /// Manual time is asked for together with what it does not do.
    #[error(
        "--manual-time posts no callbacks, changes terms after 300 s and speaks plain HTTP; leave out webhook, change_period_s, tls_cert, tls_key and trusted_proxies"
    )]
    ManualTimeWithMore,
    /// A page that logs in as anybody is asked for where others could use it.
    #[error("--page logs in as anybody, so that page and server are on loopback only, not at {0}; name 127.0.0.1")]
    PageInPublic(SocketAddr),
    /// A page is asked for that browsers would not let call a server with another's certificate.
    #[error("--page calls the server without TLS; leave out tls_cert and tls_key")]
    PageWithTls,
    /// The files of the page cannot be read.
    #[error("{}: no package for the page: {error}; sut/web/build makes it, and --package names its folder", package.display())]
    NoPackage { package: PathBuf, error: io::Error },
    /// The page cannot be served there.
    #[error("cannot show the page at {address}: {error}; --page names another address, port 0 any free one")]
    CannotShow { address: SocketAddr, error: String },
    /// The data folder cannot be opened.
    #[error("{0}; --data names another folder")]
    DataFolder(#[from] CannotOpen),
    /// The log of kicks cannot be written.
    #[error("{} cannot be written: {error}; --log names another file", path.display())]
    KickLog { path: PathBuf, error: io::Error },
    /// A picture cannot be written.
    #[error("{} cannot be written: {error}; --svg names another file", path.display())]
    CannotDraw { path: PathBuf, error: io::Error },
    /// The journal cannot be made.
    #[error("{} cannot be made: {error}; --journal names a file that is not there yet", path.display())]
    Journaling { path: PathBuf, error: io::Error },
    /// A journal is asked for of a server that goes on from what stands on record.
    #[error(
        "--journal begins with the server, and sessions that stood in the registry would have no lines; leave one of the two out"
    )]
    JournalOfAPart,
    /// A driver that does not see what the trace is about.
    #[error("{}, and scope {scope} is about more; the stack sees it", driver.blind_spot())]
    NothingToSee { driver: DriverKind, scope: &'static str },
    /// The registry cannot be read at the start.
    #[error(transparent)]
    Registry(#[from] Unreachable),
    /// The runtime or its signals are not to be had.
    #[error("the server cannot run: {0}")]
    Runtime(io::Error),
    /// The app's key was not given.
    #[error("the app's key is missing; it would be in the variable KICKPROOF_KEY, or behind --key")]
    NoKey,
    /// A UserSig was judged and refused.
    #[error("refused with {0}")]
    Refused(Refusal),
    /// What would be replayed is no trace.
    #[error(transparent)]
    Trace(#[from] BadTrace),
    /// The output cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(io::Error),
    /// Not everything is verified, replayed and equal.
    #[error("not green: {0}")]
    NotGreen(String),
    /// This build can plant no bugs.
    #[error("a release build has no planted bugs; `cargo run -- mutants` builds one that has them, and runs them")]
    NoPlantedBugs,
    /// A mutant names no scope.
    #[error(transparent)]
    UnknownScope(#[from] UnknownScope),
    /// The server or the browser that would be replayed on does not start.
    #[error(transparent)]
    CannotDrive(#[from] CannotDrive),
    /// The child that would be held against the rules cannot be talked to.
    #[error(transparent)]
    Foreign(#[from] Trouble),
    /// A journal cannot be read.
    #[error(transparent)]
    Journal(#[from] CannotRead),
    /// A line of a journal is not explained by any run of the model.
    #[error("no run of the model explains the journals")]
    NotExplained,
    /// A line of a journal is more than the model has room for.
    #[error("the model has no room for the journals; fewer instances and accounts at once can be decided")]
    NotDecided,
    /// Journals lack a part that others speak of.
    #[error("the journals are not whole; give the server's and every client's, each to its end")]
    NotWhole,
    /// What a soak has written is not explained.
    #[error("{why}; the journals stay in {}", path.display())]
    Soaked { path: PathBuf, why: Box<Error> },
    /// A soak cannot be done.
    #[error("no soak in {}: {error}; name a folder that can be written and has no journals yet", path.display())]
    Soak { path: PathBuf, error: io::Error },
    /// A soak of several nodes has shown something that must not be.
    #[error(transparent)]
    Rounds(#[from] Broken),
    /// The Explorer cannot be served.
    #[error(transparent)]
    CannotServe(#[from] CannotServe),
}

impl Error {
    /// A mistake in the arguments, brought down to one line.
    pub(super) fn arguments(mistake: &clap::Error) -> Error {
        let text = mistake.render().to_string();
        let text = text.split("\n\nUsage:").next().unwrap_or_default();
        let text = text.split("\n\nFor more information").next().unwrap_or_default();
        let words: Vec<_> = text.split_whitespace().collect();
        let line = words.join(" ");
        Error::Arguments(line.strip_prefix("error: ").unwrap_or(&line).to_owned())
    }

    /// What the flags and the file together lack or have too much of.
    pub(super) fn settings(error: ConfigError) -> Error {
        match error {
            ConfigError::MissingSecretKey => Error::NoKey,
            ConfigError::Limits => Error::Contradiction(error),
            error => Error::Settings(error),
        }
    }

    /// 2 for bad input, 1 for a failure.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Error::Soaked { path: _, why } => why.exit_code(),
            Error::Arguments(_)
            | Error::Unreadable { .. }
            | Error::File { .. }
            | Error::Pair { .. }
            | Error::Settings(_)
            | Error::Contradiction(_)
            | Error::LogFilter(_)
            | Error::NoKey
            | Error::Trace(_)
            | Error::Journal(_)
            | Error::NotDecided
            | Error::NotWhole
            | Error::ManualTimeInPublic(_)
            | Error::ManualTimeWithMore
            | Error::PageInPublic(_)
            | Error::PageWithTls
            | Error::JournalOfAPart
            | Error::NothingToSee { .. } => ExitCode::from(2),
            Error::CannotListen { .. }
            | Error::NoPackage { .. }
            | Error::CannotShow { .. }
            | Error::DataFolder(_)
            | Error::KickLog { .. }
            | Error::CannotDraw { .. }
            | Error::Journaling { .. }
            | Error::Registry(_)
            | Error::Runtime(_)
            | Error::Refused(_)
            | Error::Output(_)
            | Error::NotGreen(_)
            | Error::NoPlantedBugs
            | Error::UnknownScope(_)
            | Error::CannotDrive(_)
            | Error::Foreign(_)
            | Error::NotExplained
            | Error::Soak { .. }
            | Error::Rounds(_)
            | Error::CannotServe(_) => ExitCode::FAILURE,
        }
    }
}
