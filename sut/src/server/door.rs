//! What a connection of a port passes before HTTP: the header of a proxy that is trusted, then TLS. It speaks no HTTP, and decides nothing
//! about a link.

use std::io::{self, Cursor};
use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, join};
use tokio::net::TcpStream;

use super::proxies::{MAX_PREAMBLE_BYTES, Preamble, Proxies, preamble};
use super::tls::Tls;

/// How a port lets connections in, and how it ends.
#[derive(Clone, Debug, Default)]
pub struct Door {
    /// The certificate that it shows; without one it speaks no TLS.
    pub tls: Option<Tls>,
    /// Whom it believes where a client comes from.
    pub proxies: Proxies,
    /// For how long its links are closed once it ends, each at a moment of its own.
    pub drain: Duration,
}

/// What is behind the door.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Door {
    /// Whether a peer's stream passes as it is.
    pub(super) fn is_open_to(&self, peer: IpAddr) -> bool {
        self.tls.is_none() && !self.proxies.trusts(peer)
    }

    /// The stream behind the door, and where it comes from.
    pub(super) async fn enter(&self, mut stream: TcpStream, peer: IpAddr) -> io::Result<(Box<dyn Stream>, IpAddr)> {
        if !self.proxies.trusts(peer) {
            return Ok((self.secured(stream).await?, peer));
        }
        let (client, read) = introduced(&mut stream).await?;
        let (reader, writer) = stream.into_split();
        let stream = join(Cursor::new(read).chain(reader), writer);
        Ok((self.secured(stream).await?, client.unwrap_or(peer)))
    }

    async fn secured(&self, stream: impl Stream + 'static) -> io::Result<Box<dyn Stream>> {
        match &self.tls {
            Some(tls) => Ok(Box::new(tls.on(stream).await?)),
            None => Ok(Box::new(stream)),
        }
    }
}

/// Whom a proxy speaks for, if it says so, and what was read behind that.
async fn introduced(stream: &mut TcpStream) -> io::Result<(Option<IpAddr>, Vec<u8>)> {
    let mut read = Vec::with_capacity(MAX_PREAMBLE_BYTES);
    loop {
        match preamble(&read) {
            Preamble::Part => {
                if stream.take((MAX_PREAMBLE_BYTES - read.len()) as u64).read_buf(&mut read).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            Preamble::None => return Ok((None, read)),
            Preamble::Header { bytes, client } => return Ok((client, read.split_off(bytes))),
            Preamble::Bad => return Err(io::Error::new(io::ErrorKind::InvalidData, "no header of the PROXY protocol")),
        }
    }
}
