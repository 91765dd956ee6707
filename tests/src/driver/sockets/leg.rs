//! One end of a link as the proxy holds it: a TCP connection to the client or to the server. It reads exactly what the other end says
//! that it has written, so that reading never has to wait for anything that may not come.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use sut::timers::quiet::{Flow, Heard, Port, Sent};

use super::node::PATIENCE;
use crate::driver::frames::Cutter;

/// A connection of the proxy's.
pub(super) struct Leg {
    stream: TcpStream,
    /// By which the other end knows it.
    pub(super) port: Port,
    sent: u64,
    read: u64,
    fresh: Vec<u8>,
    flow: Flow,
}

impl Leg {
    fn new(stream: TcpStream, port: u16) -> io::Result<Leg> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Leg { stream, port: Port(port), sent: 0, read: 0, fresh: Vec::new(), flow: Flow::Open })
    }

    /// A connection to the server.
    pub(super) fn to(server: std::net::SocketAddr) -> io::Result<Leg> {
        let stream = TcpStream::connect(server)?;
        let port = stream.local_addr()?.port();
        Leg::new(stream, port)
    }

    /// A connection from a client, with the client's end.
    pub(super) fn from(proxy: &TcpListener) -> io::Result<(Leg, TcpStream)> {
        let client = TcpStream::connect(proxy.local_addr()?)?;
        let (stream, peer) = proxy.accept()?;
        if client.local_addr()? != peer {
            return Err(io::Error::other(format!("a stranger came to the proxy: {peer}")));
        }
        client.set_nodelay(true)?;
        client.set_nonblocking(true)?;
        Ok((Leg::new(stream, peer.port())?, client))
    }

    /// What was sent over it up to now.
    pub(super) const fn sent(&self) -> Sent {
        Sent::Bytes(self.sent)
    }

    /// Whether the other end has dropped it.
    pub(super) fn is_gone(&self) -> bool {
        self.flow == Flow::Gone
    }

    /// Writes to the other end.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_gone() {
            return Err(io::Error::other("it takes no more bytes"));
        }
        self.stream.write_all(bytes)?;
        self.sent += bytes.len() as u64;
        Ok(())
    }

    /// Reads all that the other end has written.
    pub(super) fn hear(&mut self, heard: Heard) -> io::Result<()> {
        self.flow = heard.flow;
        let fresh = heard.bytes.checked_sub(self.read).and_then(|fresh| usize::try_from(fresh).ok());
        let fresh = fresh.ok_or_else(|| io::Error::other("less was written than was read"))?;
        let before = self.fresh.len();
        self.fresh.resize(before + fresh, 0);
        self.stream.read_exact(&mut self.fresh[before..])?;
        self.read = heard.bytes;
        Ok(())
    }

    /// Hands over what was read. Whether nothing more comes.
    pub(super) fn take(&mut self, into: &mut Cutter) -> bool {
        into.unread().extend_from_slice(&self.fresh);
        self.fresh.clear();
        self.flow != Flow::Open
    }

    /// All that was read, as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.fresh).into_owned()
    }
}
