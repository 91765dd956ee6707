//! The way of one instance to the server, which can be cut: its stream then ends for the client, and what the server wrote is lost. It
//! counts what the server has not noticed yet, and opens nothing new before.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use sut::client::Connect;
use sut::timers::{SystemTime, Time};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// What a browser writes for a page that goes: a close frame with 1001, under a mask of zeros.
const GOING_AWAY: [u8; 8] = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9];

#[derive(Default)]
struct FaultSwitch {
    /// Until when no stream opens.
    blocked: Option<Instant>,
    /// Which stream is there, by its number.
    present: u64,
    cut: Option<u64>,
    /// Whether the page is closed.
    gone: bool,
    /// What resolves when the client hears something again.
    paused: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    waker: Option<Waker>,
}

impl FaultSwitch {
    /// Whoever reads or writes looks again.
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// The way to a server.
#[derive(Clone)]
pub(super) struct FlakyConnector {
    address: String,
    faults: Arc<Mutex<FaultSwitch>>,
    /// How many streams were left and not noticed by the server yet, by who ended them.
    left: watch::Sender<[usize; 2]>,
}

impl FlakyConnector {
    pub(super) fn to(address: &str) -> FlakyConnector {
        FlakyConnector { address: address.to_owned(), faults: Arc::default(), left: watch::Sender::default() }
    }

    fn faults(&self) -> MutexGuard<'_, FaultSwitch> {
        self.faults.lock().expect("nothing panics while it holds the lock")
    }

    /// What is written to the client is not read for so long.
    pub(super) fn pause_reads(&self, how_long: Duration) {
        let mut faults = self.faults();
        faults.paused = Some(SystemTime.wait(&"", how_long));
        faults.wake();
    }

    /// The page is closed: the browser says so at the end of the stream that is there.
    pub(super) fn end(&self) {
        self.faults().gone = true;
    }

    /// Cuts the stream that is there; for so long no other opens.
    pub(super) fn cut(&self, how_long: Duration) {
        let mut faults = self.faults();
        (faults.blocked, faults.cut) = (Some(Instant::now() + how_long), Some(faults.present));
        faults.wake();
    }
}

impl Connect for FlakyConnector {
    type Stream = Stream;

    async fn connect(&self) -> io::Result<Stream> {
        let few = |left: &[usize; 2]| left[End::Cut as usize] == 0 && left[End::Closed as usize] <= 1;
        self.left.subscribe().wait_for(few).await.map_err(io::Error::other)?;
        let blocked = self.faults().blocked.map(|until| until.saturating_duration_since(Instant::now()));
        SystemTime.wait(&"", blocked.unwrap_or_default()).await;
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let mut faults = self.faults();
        faults.present += 1;
        Ok(Stream { number: faults.present, stream: Some(stream), connector: self.clone() })
    }
}

/// A stream that can be cut.
pub(super) struct Stream {
    number: u64,
    stream: Option<TcpStream>,
    connector: FlakyConnector,
}

/// Who ended a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Cut,
    Closed,
}

impl Stream {
    /// The stream, unless it is cut.
    fn there(&mut self, cx: &Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        let cut = {
            let mut faults = self.connector.faults();
            faults.waker = Some(cx.waker().clone());
            faults.cut == Some(self.number)
        };
        if cut {
            self.leave(End::Cut);
        }
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::ConnectionReset.into())
    }

    /// Whether the client hears nothing for now; a cut is noticed all the same.
    fn is_deaf(&mut self, cx: &mut Context<'_>) -> bool {
        let mut faults = self.connector.faults();
        let paused =
            faults.cut != Some(self.number) && faults.paused.as_mut().is_some_and(|paused| paused.as_mut().poll(cx).is_pending());
        if paused {
            faults.waker = Some(cx.waker().clone());
        } else {
            faults.paused = None;
        }
        paused
    }

    /// Lets the server read what was written, and waits until it has noticed the end.
    fn leave(&mut self, end: End) {
        let Some(mut stream) = self.stream.take() else { return };
        let left = self.connector.left.clone();
        left.send_modify(|left| left[end as usize] += 1);
        let is_gone = end == End::Closed && {
            let faults = self.connector.faults();
            faults.gone && faults.present == self.number
        };
        Handle::current().spawn(async move {
            if is_gone {
                let _ = stream.write_all(&GOING_AWAY).await;
            }
            let _ = stream.shutdown().await;
            let mut lost = [0; 4096];
            while stream.read(&mut lost).await.is_ok_and(|read| read > 0) {}
            left.send_modify(|left| left[end as usize] -= 1);
        });
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if Handle::try_current().is_ok() {
            self.leave(End::Closed);
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        if stream.is_deaf(cx) {
            return Poll::Pending;
        }
        match stream.there(cx) {
            Ok(stream) => stream.poll_read(cx, buffer),
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut().there(cx) {
            Ok(stream) => stream.poll_write(cx, bytes),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut().there(cx) {
            Ok(stream) => stream.poll_flush(cx),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut().there(cx) {
            Ok(stream) => stream.poll_shutdown(cx),
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}
