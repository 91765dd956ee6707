//! A stream that is read ahead: with one call of the system for what comes in small parts. It keeps room for what was read and is not
//! taken yet, and for nothing else.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most that is read at once: more than a login takes.
const AHEAD_BYTES: usize = 1024;

/// A stream, and what was read of it ahead.
#[derive(Debug)]
pub(crate) struct Ahead<S> {
    stream: S,
    kept: Vec<u8>,
    /// How much of it is taken.
    taken: usize,
}

impl<S> Ahead<S> {
    /// One of which nothing was read.
    pub(crate) fn new(stream: S) -> Ahead<S> {
        Ahead { stream, kept: Vec::new(), taken: 0 }
    }

    fn take(&mut self, buf: &mut ReadBuf<'_>) {
        let left = &self.kept[self.taken..];
        let part = left.len().min(buf.remaining());
        buf.put_slice(&left[..part]);
        self.taken += part;
        if self.taken == self.kept.len() {
            (self.kept, self.taken) = (Vec::new(), 0);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Ahead<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.kept.is_empty() {
            let mut room = [MaybeUninit::uninit(); AHEAD_BYTES];
            let mut ahead = ReadBuf::uninit(&mut room);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut ahead))?;
            let (now, later) = ahead.filled().split_at(ahead.filled().len().min(buf.remaining()));
            buf.put_slice(now);
            self.kept = later.to_vec();
        } else {
            self.take(buf);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Ahead<S> {
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn what_is_read_ahead_is_taken_in_its_order_and_leaves_no_room_behind() {
        let (mut near, far) = duplex(4096);
        let sent: Vec<u8> = (0..=255).cycle().take(2 * AHEAD_BYTES + 7).collect();
        near.write_all(&sent).await.unwrap();
        let (mut ahead, mut read, mut kept, mut left_behind) = (Ahead::new(far), Vec::new(), 0, 0);
        while read.len() < sent.len() {
            let mut part = [0; 100];
            let bytes = ahead.read(&mut part).await.unwrap();
            read.extend(&part[..bytes]);
            kept = kept.max(ahead.kept.len());
            left_behind += if ahead.kept.is_empty() { ahead.kept.capacity() } else { 0 };
        }
        assert_eq!((read, left_behind, kept), (sent, 0, AHEAD_BYTES - 100));
        drop(near);
        assert_eq!(ahead.read(&mut [0; 100]).await.unwrap(), 0);
    }
}
