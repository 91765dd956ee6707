//! How a client reaches its server: whatever reads and writes bytes will do. It opens streams; it never retries.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::client_async_with_config;

use super::address::{Address, BadAddress};
use crate::link::{self, Link};

/// Where streams to the server come from.
pub trait Connect: Send + Sync + 'static {
    /// What reads and writes the bytes of one link.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Opens one stream. An error is a link that cannot be opened (2800).
    fn connect(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// The URL of the WebSocket that is asked for on a stream, for the path and the header `Host`.
    fn url(&self) -> String {
        format!("ws://server{}", link::PATH)
    }
}

/// Connects over TCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpConnector {
    address: Address,
}

impl TcpConnector {
    /// A connector to an [`Address`]: `host:port`, or `ws://host:port/path`.
    pub fn new(address: &str) -> Result<TcpConnector, BadAddress> {
        Ok(TcpConnector { address: address.parse()? })
    }
}

impl Connect for TcpConnector {
    type Stream = TcpStream;

    async fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect((self.address.host(), self.address.port())).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
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
    let (socket, _) = client_async_with_config(url, stream, Some(link::config())).await.map_err(io::Error::other)?;
    Ok(Link::new(socket))
}
