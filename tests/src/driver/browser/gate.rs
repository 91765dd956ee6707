//! The port of the proxy at which pages ask for links. A handshake that nobody has taken is held: its page waits.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use super::leg::{Named, PageLeg};
use crate::driver::sockets::PATIENCE;

/// A port that is open as long as this is there.
pub(super) struct Gate {
    address: SocketAddr,
    comes: Option<Receiver<TcpStream>>,
    held: BTreeMap<Named, PageLeg>,
}

impl Gate {
    /// Opens it.
    pub(super) fn open() -> io::Result<Gate> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (tell, comes) = mpsc::channel();
        thread::spawn(move || while listener.accept().is_ok_and(|(stream, _)| tell.send(stream).is_ok()) {});
        Ok(Gate { address, comes: Some(comes), held: BTreeMap::new() })
    }

    /// What a page is told as its server.
    pub(super) fn server(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// The link that a socket asks for.
    pub(super) fn take(&mut self, socket: Named) -> Result<PageLeg, String> {
        loop {
            if let Some(leg) = self.held.remove(&socket) {
                return Ok(leg);
            }
            let stream = self.comes.as_ref().and_then(|comes| comes.recv_timeout(PATIENCE).ok());
            let stream = stream.ok_or_else(|| format!("the link that a page asks for has not come in {} s", PATIENCE.as_secs()))?;
            // A page that has given its link up meanwhile says nothing.
            if let Ok(leg) = PageLeg::greet(stream) {
                self.held.insert(leg.socket, leg);
            }
        }
    }

    /// Lets go of all that was asked for.
    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.comes.iter().for_each(|comes| comes.try_iter().for_each(drop));
    }
}

impl Drop for Gate {
    /// Whoever waits at the port learns that nobody listens.
    fn drop(&mut self) {
        self.comes = None;
        let _ = TcpStream::connect(self.address);
    }
}
