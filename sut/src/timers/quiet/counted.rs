//! A runtime's end of a connection, which counts the bytes that pass. It changes none of them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Flow, Port, Quiet, Write};

/// A stream whose bytes are counted until it is dropped.
#[derive(Debug)]
pub struct Counted<S> {
    quiet: Quiet,
    port: Port,
    stream: S,
}

impl<S> Counted<S> {
    pub(super) fn new(quiet: Quiet, port: Port, stream: S) -> Counted<S> {
        Counted { quiet, port, stream }
    }
}

impl<S> Drop for Counted<S> {
    fn drop(&mut self) {
        self.quiet.note(self.port, |counts| counts.heard.flow = Flow::Gone);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, into));
        let bytes = (into.filled().len() - before) as u64;
        self.quiet.note(self.port, |counts| counts.read += bytes);
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.quiet.note(self.port, |counts| match &written {
            Poll::Pending => counts.write = Write::Waits,
            Poll::Ready(written) => {
                counts.write = Write::Done;
                counts.heard.bytes += written.as_ref().map_or(0, |bytes| *bytes as u64);
            }
        });
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = ready!(Pin::new(&mut self.stream).poll_shutdown(cx));
        self.quiet.note(self.port, |counts| counts.heard.flow = Flow::Shut);
        Poll::Ready(shut)
    }
}
