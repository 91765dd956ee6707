//! One link of a page as the proxy holds it. It reads exactly the pieces that the page says it has written, so that reading never has to
//! wait for anything that may not come.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::driver::frames::{Cutter, Piece};
use crate::driver::sockets::PATIENCE;

/// The first byte of a close frame.
const CLOSE: u8 = 0x88;

/// By which a page and the proxy know a socket: the page's number, and the socket's on that page.
pub(super) type Named = (u64, u64);

/// A connection of the proxy's with a page.
pub(super) struct PageLeg {
    stream: TcpStream,
    /// Which socket of which page it is.
    pub(super) socket: Named,
    cutter: Cutter,
    /// How many pieces were read.
    read: u64,
    fresh: Vec<u8>,
    /// What the page has to hear: whether its link opened, each text, its end.
    pub(super) sent: u64,
    /// Whether the proxy has said all.
    is_shut: bool,
    /// Whether the page writes nothing more.
    pub(super) is_over: bool,
}

impl PageLeg {
    /// Reads what a page that connects says first, and by it which socket it is.
    pub(super) fn greet(stream: TcpStream) -> io::Result<PageLeg> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let (cutter, fresh) = (Cutter::default(), Vec::new());
        let mut leg = PageLeg { stream, socket: (0, 0), cutter, read: 0, fresh, sent: 0, is_shut: false, is_over: false };
        leg.read_to(1)?;
        leg.socket = named(&leg.fresh).ok_or_else(|| io::Error::other("a stranger came to the proxy"))?;
        Ok(leg)
    }

    /// Reads until there were so many pieces.
    pub(super) fn read_to(&mut self, pieces: u64) -> io::Result<()> {
        while self.read < pieces {
            match self.cutter.next() {
                Some((_, raw)) => {
                    self.fresh.extend(raw);
                    self.read += 1;
                }
                None => self.read_some()?,
            }
        }
        Ok(())
    }

    /// Reads on up to the page's close, which its browser writes.
    pub(super) fn read_to_close(&mut self) -> io::Result<()> {
        while !self.is_over {
            match self.cutter.next() {
                Some((piece, raw)) => {
                    self.fresh.extend(raw);
                    self.is_over = matches!(piece, Piece::Close(_));
                }
                None => self.read_some()?,
            }
        }
        Ok(())
    }

    fn read_some(&mut self) -> io::Result<()> {
        let mut bytes = [0; 4096];
        match self.stream.read(&mut bytes)? {
            0 => Err(io::Error::other("the page's link has ended without a word")),
            read => {
                self.cutter.unread().extend_from_slice(&bytes[..read]);
                Ok(())
            }
        }
    }

    /// Writes a piece to the page. Behind a close nothing comes: a browser tells its page of one only when the connection ends.
    pub(super) fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        if self.is_shut {
            return Ok(());
        }
        self.stream.write_all(piece)?;
        self.sent += 1;
        if piece.first() == Some(&CLOSE) {
            self.is_shut = true;
            self.stream.shutdown(Shutdown::Write)?;
        }
        Ok(())
    }

    /// What the page has to hear once the proxy has ended it.
    pub(super) fn heard_at_end(&self) -> u64 {
        self.sent + u64::from(!self.is_shut)
    }

    /// Hands over what was read. Whether nothing more comes.
    pub(super) fn take(&mut self, into: &mut Cutter) -> bool {
        into.unread().append(&mut self.fresh);
        self.is_over
    }
}

/// The socket that the address names in the first line of a handshake.
fn named(head: &[u8]) -> Option<Named> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let address = std::str::from_utf8(line).ok()?.split(' ').nth(1)?;
    let (page, socket) = address.split_once('?')?.1.split_once('.')?;
    Some((page.parse().ok()?, socket.parse().ok()?))
}
