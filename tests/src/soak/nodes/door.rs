//! The way of one instance to the nodes, as a load balancer gives it: each link leads to any node that is open. It can be cut, and shut.

use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use rand::RngExt;
use rand::rngs::StdRng;
use sut::client::Connect;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The nodes to which new links are led, each with its number.
#[derive(Debug, Default)]
pub(super) struct Nodes(Vec<(usize, String)>);

impl Nodes {
    pub(super) fn open(&mut self, number: usize, address: String) {
        self.close(number);
        self.0.push((number, address));
    }

    pub(super) fn close(&mut self, number: usize) {
        self.0.retain(|(open, _)| *open != number);
    }

    pub(super) fn any(&self, random: &mut StdRng) -> Option<(usize, String)> {
        (!self.0.is_empty()).then(|| self.0[random.random_range(0..self.0.len())].clone())
    }
}

struct Hinge {
    random: StdRng,
    is_shut: bool,
    /// The link that is there, and the node that it leads to.
    link: Option<(usize, std::net::TcpStream)>,
}

/// The way of one instance.
#[derive(Clone)]
pub(super) struct Door {
    nodes: Arc<Mutex<Nodes>>,
    hinge: Arc<Mutex<Hinge>>,
}

impl Door {
    pub(super) fn to(nodes: Arc<Mutex<Nodes>>, random: StdRng) -> Door {
        Door { nodes, hinge: Arc::new(Mutex::new(Hinge { random, is_shut: false, link: None })) }
    }

    fn hinge(&self) -> MutexGuard<'_, Hinge> {
        self.hinge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The link that is there breaks.
    pub(super) fn cut(&self) {
        if let Some((_, link)) = self.hinge().link.take() {
            let _ = link.shutdown(Shutdown::Both);
        }
    }

    /// From now on no link opens, or again.
    pub(super) fn shut(&self, is_shut: bool) {
        self.hinge().is_shut = is_shut;
    }

    /// Whether the last link leads to that node.
    pub(super) fn leads_to(&self, node: usize) -> bool {
        self.hinge().link.as_ref().is_some_and(|(number, _)| *number == node)
    }

    /// A node that is open, unless the door is shut.
    fn chosen(&self) -> Option<(usize, String)> {
        let mut hinge = self.hinge();
        let nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if hinge.is_shut { None } else { nodes.any(&mut hinge.random) }
    }
}

impl Connect for Door {
    type Stream = Stream;

    async fn connect(&self) -> io::Result<Stream> {
        let (number, address) = self.chosen().ok_or(io::ErrorKind::ConnectionRefused)?;
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let stream = stream.into_std()?;
        let [cut, end] = [stream.try_clone()?, stream.try_clone()?];
        self.hinge().link = Some((number, cut));
        Ok(Stream { stream: TcpStream::from_std(stream)?, end })
    }
}

/// A stream that ends for both when it is dropped, whoever else could cut it.
pub(super) struct Stream {
    stream: TcpStream,
    end: std::net::TcpStream,
}

impl Drop for Stream {
    fn drop(&mut self) {
        let _ = self.end.shutdown(Shutdown::Both);
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
