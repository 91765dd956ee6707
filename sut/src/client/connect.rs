//! How a client reaches its server: whatever reads and writes bytes will do. It opens streams; it never retries.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_tungstenite::client_async_with_config;

use super::address::{Address, BadAddress, Scheme};
use super::connect_error::ConnectError;
#[cfg(feature = "tls")]
use super::tls::BadRoots;
use super::tls::Tls;
use crate::link::{self, Ahead, Link};

/// Where streams to the server come from.
pub trait Connect: Send + Sync + 'static {
    /// What reads and writes the bytes of one link.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Opens one stream. An error is a link that cannot be opened (2800); one made of a [`ConnectError`] is told as that.
    fn connect(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// The URL of the WebSocket that is asked for on a stream, for the path and the header `Host`.
    fn url(&self) -> String {
        format!("ws://server{}", link::PATH)
    }
}

/// What reads and writes bytes, with TLS or without.
pub trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for S {}

/// Connects over TCP, with TLS where the address says so.
#[derive(Clone, Debug)]
pub struct TcpConnector {
    address: Address,
    tls: Option<Tls>,
}

impl TcpConnector {
    /// A connector to an [`Address`]: `host:port`, `ws://host:port/path`, or `wss://host:port/path` with TLS, for which this crate's feature
    /// `tls` must be on. With TLS the authorities that Mozilla trusts are trusted.
    ///
    /// # Errors
    /// The text is no address, or needs TLS where this crate has none.
    pub fn new(address: &str) -> Result<TcpConnector, BadAddress> {
        let read: Address = address.parse()?;
        let tls = match read.scheme() {
            Scheme::Ws => None,
            Scheme::Wss => Some(Tls::with(read.host()).map_err(|why| BadAddress::new(address, why))?),
        };
        Ok(TcpConnector { address: read, tls })
    }

    /// The same, trusting these authorities as well: one or more certificates in PEM. Refused without TLS, where they would be for nothing.
    ///
    /// # Errors
    /// The text holds no certificate, or the address has no TLS.
    #[cfg(feature = "tls")]
    pub fn trusting(self, pem: &[u8]) -> Result<TcpConnector, BadRoots> {
        let without_tls = BadRoots("nothing is verified without TLS, where the address begins with wss://");
        let tls = self.tls.ok_or(without_tls)?.trusting(pem)?;
        Ok(TcpConnector { tls: Some(tls), ..self })
    }
}

impl Connect for TcpConnector {
    type Stream = Box<dyn ByteStream>;

    async fn connect(&self) -> io::Result<Box<dyn ByteStream>> {
        let named = lookup_host((self.address.host(), self.address.port())).await;
        let found: Vec<_> = named.map_err(|error| ConnectError::of_name(&error))?.collect();
        let stream = TcpStream::connect(&found[..]).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            Some(tls) => Box::new(tls.on(stream).await?),
            None => Box::new(stream),
        })
    }

    fn url(&self) -> String {
        self.address.url().to_owned()
    }
}

/// Opens the WebSocket of that URL on a stream.
pub(crate) async fn open<S>(stream: S, url: &str) -> io::Result<Link<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let opened = client_async_with_config(url, Ahead::new(stream), Some(link::config())).await;
    let (socket, _) = opened.map_err(ConnectError::of_upgrade)?;
    Ok(Link::new(socket))
}
