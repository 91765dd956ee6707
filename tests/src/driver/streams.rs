//! The harness's ends of in-memory streams, read and written without waiting. It knows bytes only.

use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

/// Reads what is there, without waiting. Whether the stream has ended.
pub(super) fn read(stream: &mut DuplexStream, into: &mut Vec<u8>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    let mut bytes = [MaybeUninit::uninit(); 4096];
    loop {
        let mut buffer = ReadBuf::uninit(&mut bytes);
        match Pin::new(&mut *stream).poll_read(&mut context, &mut buffer) {
            Poll::Ready(Ok(())) if !buffer.filled().is_empty() => into.extend_from_slice(buffer.filled()),
            Poll::Ready(_) => return true,
            Poll::Pending => return false,
        }
    }
}

/// Writes all of it, without waiting. Whether the stream took it.
pub(super) fn write(stream: &mut DuplexStream, bytes: &[u8]) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    matches!(Pin::new(stream).poll_write(&mut context, bytes), Poll::Ready(Ok(written)) if written == bytes.len())
}
