//! One end of a link: a WebSocket over anything that reads and writes bytes. It is the link's one reader and one writer; it knows
//! no frame, and never ends a link by itself.

mod ahead;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

pub(crate) use ahead::Ahead;

use crate::client::machine::PeerClose;
use crate::protocol::{FrameError, MAX_FRAME_BYTES};

/// Where the server's WebSocket is.
pub const PATH: &str = "/v1/ws";

/// What a link's WebSocket takes at once of what [`Ahead`] has read. It makes room for a whole frame beside what it has taken by then, and
/// gives that back only if less is left of it than a frame's head may take, which is 14 bytes: so it takes no more than that and the head
/// of a login's frame, which is 8. The default is 128 KiB.
const READ_BUFFER_BYTES: usize = 20;

/// What a link keeps unwritten of its answers to a WebSocket's own pings, and of one message. Of the pings that come while there is no
/// more room only the last is answered, as RFC 6455 allows.
const WRITE_BUFFER_BYTES: usize = 2 * MAX_FRAME_BYTES;

/// With how many messages unwritten a guarded link reads nothing more, so that nobody can make it keep ever more answers.
const MAX_UNWRITTEN: usize = 64;

/// The code of a WebSocket close that names none (RFC 6455, section 7.4.1).
const NO_CODE: u16 = 1005;

/// How every link is set up: small buffers, each frame written at once, nothing longer than a frame may be.
pub fn config() -> WebSocketConfig {
    let mut config = WebSocketConfig::default();
    config.read_buffer_size = READ_BUFFER_BYTES;
    config.write_buffer_size = 0;
    config.max_write_buffer_size = WRITE_BUFFER_BYTES;
    config.max_message_size = Some(MAX_FRAME_BYTES);
    config.max_frame_size = Some(MAX_FRAME_BYTES);
    config
}

/// What came over a link.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A text message.
    Text(Utf8Bytes),
    /// Something that is no frame.
    Bad(FrameError),
    /// A WebSocket's own ping or pong, of so many bytes: the first is answered here, and neither is a frame.
    Control(usize),
    /// The link's end: the other side's WebSocket close, `None` if the link was lost or closed from here. Nothing comes after it.
    Closed(Option<PeerClose>),
}

impl Arrival {
    const fn text(&self) -> Option<&Utf8Bytes> {
        match self {
            Arrival::Text(text) => Some(text),
            Arrival::Bad(_) | Arrival::Control(_) | Arrival::Closed(_) => None,
        }
    }
}

/// Whether a link still takes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// It was closed from here; what was sent is still to be written.
    Closing,
    /// What arrives cannot be understood any more; whoever holds the link closes it.
    Deaf,
    /// Nothing can be written any more; what the other side wrote before is still to be read.
    Mute,
}

/// One end of a link.
#[derive(Debug)]
pub(crate) struct Link<S> {
    socket: WebSocketStream<Ahead<S>>,
    outgoing: VecDeque<Message>,
    /// What came last. While it is held, room for what comes next is made apart from its own, which is then given back; otherwise an
    /// idle link would keep as much as its longest frame took.
    last: Option<Utf8Bytes>,
    /// Whether something was written that may not have reached the stream.
    unflushed: bool,
    /// Whether answers to pings may stand in front of what is written next.
    pinged: bool,
    state: State,
    /// With how many messages unwritten it reads nothing more.
    most_unwritten: usize,
    /// Whether it reads nothing until told.
    paused: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    pub(crate) fn new(socket: WebSocketStream<Ahead<S>>) -> Link<S> {
        Link {
            socket,
            outgoing: VecDeque::new(),
            last: None,
            unflushed: false,
            pinged: false,
            state: State::Open,
            most_unwritten: usize::MAX,
            paused: false,
        }
    }

    /// One that does not listen to whoever does not listen to it. Of the two ends only one may be like that.
    pub(crate) fn guarded(socket: WebSocketStream<Ahead<S>>) -> Link<S> {
        Link { most_unwritten: MAX_UNWRITTEN, ..Link::new(socket) }
    }

    /// Sends a text message. It is written as the link is polled.
    pub(crate) fn send(&mut self, text: String) {
        self.queue(Message::text(text));
    }

    /// Closes the link once everything is written that was sent before. Nothing more arrives but [`Arrival::Closed`].
    pub(crate) fn close(&mut self, code: u16, reason: &str) {
        let code = CloseCode::from(code);
        self.queue(Message::Close(Some(CloseFrame { code, reason: close_reason(reason).into() })));
        self.state = State::Closing;
    }

    /// Reads nothing, or reads on; what was sent is written all the same.
    pub(crate) fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// Whether the link was closed from here.
    pub(crate) fn is_closing(&self) -> bool {
        self.state == State::Closing
    }

    /// How many messages wait to be written.
    pub(crate) fn unwritten(&self) -> usize {
        self.outgoing.len()
    }

    /// Writes what can be written, then reads: the next arrival.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Arrival> {
        let written = self.poll_write(cx);
        match self.state {
            State::Open if self.paused || self.outgoing.len() > self.most_unwritten => Poll::Pending,
            State::Open | State::Mute => self.poll_read(cx),
            State::Deaf => Poll::Pending,
            State::Closing => {
                if ready!(written).is_ok() {
                    let _ = ready!(Pin::new(self.socket.get_mut()).poll_shutdown(cx));
                }
                Poll::Ready(Arrival::Closed(None))
            }
        }
    }

    fn queue(&mut self, message: Message) {
        match self.state {
            State::Open | State::Deaf => {
                self.outgoing.reserve_exact(usize::from(self.outgoing.is_empty()));
                self.outgoing.push_back(message);
            }
            State::Closing | State::Mute => {}
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let written = self.poll_write_all(cx);
        if let Poll::Ready(Err(_)) = &written {
            self.outgoing.clear();
            if self.state == State::Open {
                self.state = State::Mute;
            }
        }
        written
    }

    fn poll_write_all(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.state == State::Mute {
            return Poll::Ready(Ok(()));
        }
        if self.pinged {
            ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
            self.pinged = false;
        }
        while !self.outgoing.is_empty() {
            ready!(Pin::new(&mut self.socket).poll_ready(cx))?;
            if let Some(message) = self.outgoing.pop_front() {
                Pin::new(&mut self.socket).start_send(message)?;
                self.unflushed = true;
            }
        }
        self.outgoing = VecDeque::new();
        if self.unflushed {
            ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Arrival> {
        let next = Pin::new(&mut self.socket).poll_next(cx);
        self.last = None;
        let arrival = match ready!(next) {
            Some(Ok(message)) => {
                self.pinged |= message.is_ping();
                let arrival = arrival(message);
                self.last = arrival.text().cloned();
                arrival
            }
            Some(Err(error)) => self.failure(&error),
            None => Arrival::Closed(None),
        };
        if let Arrival::Closed(Some(_)) = &arrival {
            self.echo_close(cx);
        }
        Poll::Ready(arrival)
    }

    /// A close is answered with a close (RFC 6455, section 5.5.1), if that can be written without waiting.
    fn echo_close(&mut self, cx: &mut Context<'_>) {
        let _ = Pin::new(&mut self.socket).poll_flush(cx);
    }

    /// What cannot be read is a bad frame; any other failure is a lost link. Nothing more is read, but a close can still be written.
    fn failure(&mut self, error: &Error) -> Arrival {
        let bad = match error {
            Error::Capacity(CapacityError::MessageTooLong { size, max_size: _ }) => FrameError::TooLong { bytes: *size },
            Error::Utf8(what) => FrameError::Malformed(format!("not UTF-8: {what}")),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake | ProtocolError::ReceivedAfterClosing) => {
                return Arrival::Closed(None);
            }
            Error::Protocol(what) => FrameError::Protocol(what.to_string()),
            _ => return Arrival::Closed(None),
        };
        self.state = State::Deaf;
        Arrival::Bad(bad)
    }
}

/// What a message is to the layer above; the WebSocket's own pings it answers itself.
fn arrival(message: Message) -> Arrival {
    match message {
        Message::Text(text) => Arrival::Text(text),
        Message::Binary(_) => Arrival::Bad(FrameError::Binary),
        Message::Close(close) => Arrival::Closed(Some(peer_close(close))),
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Arrival::Control(message.len()),
    }
}

fn peer_close(close: Option<CloseFrame>) -> PeerClose {
    let without_code = || PeerClose { code: NO_CODE, reason: String::new() };
    close.map_or_else(without_code, |close| PeerClose { code: close.code.into(), reason: close.reason.to_string() })
}

/// A close carries at most 123 bytes of reason (RFC 6455, section 5.5).
fn close_reason(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(123)]
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;
    use crate::client::open;
    use crate::server::{not_found, upgrade};
    use futures_util::FutureExt;

    /// The configuration is what each end of a link runs with, not only what it was asked for.
    #[tokio::test]
    async fn an_idle_link_holds_little_memory() {
        let (near, far) = tokio::io::duplex(4096);
        let never = pending().boxed().shared();
        let (client, server) =
            tokio::join!(open(near, "ws://server/v1/ws"), upgrade(far, never, |_| Ok(()), |_| ready(not_found())));
        for link in [client.unwrap(), server.unwrap()] {
            let config = link.socket.get_config();
            assert_eq!((config.read_buffer_size, config.write_buffer_size), (READ_BUFFER_BYTES, 0));
            assert_eq!(config.max_write_buffer_size, WRITE_BUFFER_BYTES);
            assert_eq!(config.max_message_size, Some(MAX_FRAME_BYTES));
            assert_eq!(config.max_frame_size, Some(MAX_FRAME_BYTES));
        }
    }

    #[test]
    fn a_long_close_reason_is_cut_between_characters() {
        assert_eq!(close_reason(&"ä".repeat(100)), "ä".repeat(61));
        assert_eq!(close_reason("kicked"), "kicked");
    }
}
