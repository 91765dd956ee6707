//! One end of a link as it costs the least: a WebSocket whose frames are masked with zeros and are whole. It judges nothing that it reads.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Asks for the WebSocket; more headers, each with the end of its line, and an empty line follow.
const ASK: &str = "GET /v1/ws HTTP/1.1\r\nhost: server\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// What a frame is (RFC 6455, section 5.2).
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;

/// A length that follows in two bytes.
const TWO_BYTES: u8 = 126;

/// A connection to a server.
pub(crate) struct Link {
    stream: TcpStream,
    /// What was read and is not taken yet.
    read: Vec<u8>,
}

impl Link {
    /// A connection on which nothing was said.
    pub(crate) async fn connect(server: SocketAddr) -> io::Result<Link> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Link { stream, read: Vec::new() })
    }

    /// A WebSocket, asked for with these further headers.
    pub(crate) async fn open(server: SocketAddr, headers: &str) -> io::Result<Link> {
        let mut link = Link::connect(server).await?;
        link.write(format!("{ASK}{headers}\r\n").as_bytes()).await?;
        let head = link.take(|read| read.windows(4).position(|end| end == b"\r\n\r\n").map(|at| (0, at + 4))).await?;
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        Ok(link)
    }

    /// Writes bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Writes one frame of less than 64 KiB.
    pub(crate) async fn say(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        let mut frame = vec![FIN | opcode];
        match u8::try_from(payload.len()) {
            Ok(length) if length < TWO_BYTES => frame.push(MASKED | length),
            _ => {
                frame.push(MASKED | TWO_BYTES);
                frame.extend(u16::try_from(payload.len()).expect("it is short").to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.write(&frame).await
    }

    /// The next frame's opcode and payload.
    pub(crate) async fn hear(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut opcode = 0;
        let payload = self.take(|read| {
            opcode = read.first()? & !FIN;
            frame(read)
        });
        let payload = payload.await?;
        Ok((opcode, payload))
    }

    /// So many bytes as they are.
    pub(crate) async fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        self.take(|read| (read.len() >= count).then_some((0, count))).await
    }

    /// Reads until these bytes are there, from and to, and takes them and all before.
    async fn take(&mut self, mut wanted: impl FnMut(&[u8]) -> Option<(usize, usize)>) -> io::Result<Vec<u8>> {
        loop {
            if let Some((from, to)) = wanted(&self.read) {
                let taken = self.read[from..to].to_vec();
                self.read.drain(..to);
                return Ok(taken);
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// Where a frame's payload begins and ends, once all of it is there.
fn frame(read: &[u8]) -> Option<(usize, usize)> {
    let (from, length) = match *read.get(1)? {
        TWO_BYTES => (4, usize::from(u16::from_be_bytes([*read.get(2)?, *read.get(3)?]))),
        length => (2, usize::from(length)),
    };
    (read.len() >= from + length).then_some((from, from + length))
}
