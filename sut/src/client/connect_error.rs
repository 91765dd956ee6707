//! Why a link could not be opened: typed, for whoever has to do something about it. It decides nothing; a login that fails for it is
//! refused with 2800 whatever it is.

use std::io::{self, ErrorKind};

use tokio_tungstenite::tungstenite;

use crate::code::one_line;

/// Why a link could not be opened, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The host is there, and nobody listens at the port.
    #[error("connection refused: nobody listens at that port")]
    Refused,
    /// The host's name leads to no address.
    #[error("no such name: {0}")]
    NoSuchName(String),
    /// Neither a link nor a refusal came in time, from the network or from what listens there.
    #[error("timed out: nothing answered in time")]
    TimedOut,
    /// The server's certificate is of an authority that is not trusted.
    #[error("TLS: the certificate is of an unknown authority; a root certificate of one's own can be given")]
    UnknownAuthority,
    /// The server's certificate is for other names than the address's.
    #[error("TLS: the certificate is for another name")]
    OtherName,
    /// The server shows the certificate of an authority as its own: what `openssl req -x509` makes unless it is told otherwise.
    #[error(
        "TLS: the certificate is an authority's (CA:TRUE) and no server's; one made with basicConstraints=CA:FALSE would be right"
    )]
    AuthoritysOwn,
    /// TLS failed otherwise: an expired certificate, or a port where no TLS is spoken.
    #[error("TLS: {0}")]
    Tls(String),
    /// The answer is HTTP, and no WebSocket: a wrong path, or a proxy that cannot reach the server.
    #[error("HTTP {0} instead of a WebSocket")]
    NoUpgrade(u16),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl ConnectError {
    /// What an error says that opening a stream or a WebSocket ended with. One that holds a `ConnectError` says just that.
    pub(super) fn of(error: &io::Error) -> ConnectError {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<ConnectError>()) {
            Some(said) => said.clone(),
            None => ConnectError::by_kind(error),
        }
    }

    fn by_kind(error: &io::Error) -> ConnectError {
        match error.kind() {
            ErrorKind::ConnectionRefused => ConnectError::Refused,
            ErrorKind::TimedOut => ConnectError::TimedOut,
            _ => ConnectError::Other(one_line(&error.to_string())),
        }
    }

    pub(super) fn of_name(error: &io::Error) -> ConnectError {
        ConnectError::NoSuchName(one_line(&error.to_string()))
    }

    pub(super) fn of_upgrade(error: tungstenite::Error) -> ConnectError {
        match error {
            tungstenite::Error::Http(answer) => ConnectError::NoUpgrade(answer.status().as_u16()),
            tungstenite::Error::Io(error) => ConnectError::of(&error),
            other => ConnectError::Other(one_line(&format!("no WebSocket is spoken there: {other}"))),
        }
    }
}

/// What a connector gives back.
impl From<ConnectError> for io::Error {
    fn from(error: ConnectError) -> io::Error {
        io::Error::other(error)
    }
}
