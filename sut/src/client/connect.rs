//! How a client reaches its server: whatever reads and writes bytes will do. It opens streams; it never retries.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::client_async_with_config;

use crate::link::{self, Link};

/// Where streams to the server come from.
pub trait Connect: Send + Sync + 'static {
    /// What reads and writes the bytes of one link.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Opens one stream. An error is a link that cannot be opened (2800).
    fn connect(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

/// Connects over TCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpConnector {
    address: String,
}

impl TcpConnector {
    /// A connector to `host:port`.
    pub fn new(address: impl Into<String>) -> TcpConnector {
        TcpConnector { address: address.into() }
    }
}

impl Connect for TcpConnector {
    type Stream = TcpStream;

    async fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Opens the WebSocket on a stream.
pub(crate) async fn open<S>(stream: S) -> io::Result<Link<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let address = format!("ws://server{}", link::PATH);
    let (socket, _) = client_async_with_config(address, stream, Some(link::config())).await.map_err(io::Error::other)?;
    Ok(Link::new(socket))
}
