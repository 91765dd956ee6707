//! The one task of a link. It reads, writes and closes as the node says, no faster than the link's bounds, and decides nothing.

use std::future::{Future, poll_fn};
use std::mem;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_channel::mpsc as light;
use futures_util::StreamExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::actor::{Command, NodeMessage};
use super::host::Host;
use super::machine::{Input, LinkId};
use super::pace::Pace;
use super::secrets::Secrets;
use crate::config::Bounds;
use crate::kick_log::Spoken;
use crate::link::{Arrival, Link};
use crate::protocol::close_code::{GOING_AWAY, INTERNAL_ERROR};
use crate::protocol::{decode_client, encode};
use crate::timers::{HEARTBEAT, UnixMillis, Wait};

/// How much of a link may wait for the node. It reads nothing more until some of it is taken: whoever asks for more than the node can
/// do keeps nobody else waiting for all of it.
pub(super) const MAX_WAITING: usize = 64;

/// How fast a link has asked for something so far.
#[derive(Default)]
struct Pacing {
    frames: Pace,
    bytes: Pace,
}

impl Pacing {
    /// How long nothing more is read, with this arrival; it has come all the same.
    fn took(&mut self, arrival: &Arrival, bounds: Bounds, now: UnixMillis) -> Duration {
        let bytes = match arrival {
            Arrival::Text(text) => text.len(),
            Arrival::Control(bytes) => *bytes,
            Arrival::Bad(_) | Arrival::Closed(_) => return Duration::ZERO,
        };
        self.frames.take(1, bounds.frames_per_s, now).max(self.bytes.take(bytes, bounds.bytes_per_s, now))
    }
}

/// A place among what waits for the node, for what arrives next.
enum Permit {
    /// It is asked for, once there is room to.
    None,
    Coming(Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>),
    Held(OwnedSemaphorePermit),
}

/// A link, and what its task knows of it: all of it is here, and little is on the task, which is as large as what it ever waits for.
pub(super) struct Carrier<S> {
    link: Link<S>,
    id: LinkId,
    host: Arc<Host>,
    commands: light::UnboundedReceiver<Box<Command>>,
    places: Arc<Semaphore>,
    place: Permit,
    /// What notes whom it speaks for, if it is known where it comes from.
    spoken: Option<Spoken>,
    secrets: Secrets,
    pacing: Pacing,
    /// The end of the time in which the link is not read or, once it is closed, in which it may still be written.
    wait: Option<Wait>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Carrier<S> {
    /// The carrier of a link that has opened, of which the node is told.
    pub(super) fn up(link: Link<S>, id: LinkId, address: Option<IpAddr>, host: Arc<Host>) -> Carrier<S> {
        let (sender, commands) = light::unbounded();
        host.tell(NodeMessage::Up { link: id, address, commands: sender });
        let spoken = address.map(|address| host.addresses.link(id, address));
        let places = Arc::new(Semaphore::new(MAX_WAITING));
        let (place, secrets, pacing) = (Permit::None, Secrets::default(), Pacing::default());
        Carrier { link, id, host, commands, places, place, spoken, secrets, pacing, wait: None }
    }

    /// Serves the link until it ends.
    pub(super) async fn carry(&mut self) {
        poll_fn(|cx| self.poll_carry(cx)).await;
    }

    fn poll_carry(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.link.is_closing() {
            if let Poll::Ready(command) = self.commands.poll_next_unpin(cx) {
                self.apply(command);
                continue;
            }
            if self.poll_wait(cx).is_ready() {
                self.link.pause(false);
            }
            let (place, arrival) = ready!(self.poll_arrival(cx));
            self.pause(&arrival);
            if self.heard(arrival, place).is_break() {
                return Poll::Ready(());
            }
        }
        if let Poll::Ready(_end) = self.link.poll_next(cx) {
            return Poll::Ready(());
        }
        self.poll_wait(cx)
    }

    /// Ready when the wait ends; pending without one.
    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(wait) = &mut self.wait else { return Poll::Pending };
        ready!(wait.as_mut().poll(cx));
        self.wait = None;
        Poll::Ready(())
    }

    /// The next arrival, once there is a place for it.
    fn poll_arrival(&mut self, cx: &mut Context<'_>) -> Poll<(OwnedSemaphorePermit, Arrival)> {
        loop {
            self.place = match mem::replace(&mut self.place, Permit::None) {
                Permit::None => match Arc::clone(&self.places).try_acquire_owned() {
                    Ok(place) => Permit::Held(place),
                    Err(_) => Permit::Coming(Box::pin(Arc::clone(&self.places).acquire_owned())),
                },
                Permit::Coming(mut coming) => match coming.as_mut().poll(cx) {
                    Poll::Ready(place) => Permit::Held(place.expect("it is never closed")),
                    Poll::Pending => {
                        self.place = Permit::Coming(coming);
                        return Poll::Pending;
                    }
                },
                Permit::Held(place) => match self.link.poll_next(cx) {
                    Poll::Ready(arrival) => return Poll::Ready((place, arrival)),
                    Poll::Pending => {
                        self.place = Permit::Held(place);
                        return Poll::Pending;
                    }
                },
            }
        }
    }

    /// Reads nothing for a while, if the link is too fast.
    fn pause(&mut self, arrival: &Arrival) {
        let Host { time, metrics, bounds, .. } = &*self.host;
        let wait = self.pacing.took(arrival, *bounds, time.now());
        if wait > Duration::ZERO {
            metrics.paused();
            self.link.pause(true);
            self.wait = Some(time.wait(&format_args!("pace {}", self.id.0), wait));
        }
    }

    /// Tells the node what came; a break is the link's end.
    fn heard(&mut self, arrival: Arrival, place: OwnedSemaphorePermit) -> ControlFlow<()> {
        let input = match arrival {
            Arrival::Text(text) => {
                self.host.metrics.received(text.len());
                self.said(text)
            }
            Arrival::Bad(error) => Input::BadFrame { link: self.id, error },
            Arrival::Control(_) => return ControlFlow::Continue(()),
            Arrival::Closed(close) => {
                self.host.tell(NodeMessage::Input(Input::LinkDown { link: self.id, close: close.map(|close| close.code) }));
                return ControlFlow::Break(());
            }
        };
        self.host.tell(NodeMessage::Arrived { input, place });
        ControlFlow::Continue(())
    }

    /// Every frame names the session that it speaks for.
    fn said(&mut self, text: Utf8Bytes) -> Input {
        match decode_client(text) {
            Ok(said) => {
                let frame = self.secrets.conceal(said);
                if let Some(spoken) = &mut self.spoken {
                    spoken.speaks_for(frame.session);
                }
                Input::Frame { link: self.id, frame }
            }
            Err(error) => Input::BadFrame { link: self.id, error },
        }
    }

    /// Does what the node says. What is said to a session is written only where its secret was shown.
    fn apply(&mut self, command: Option<Box<Command>>) {
        match command.map(|command| *command) {
            Some(Command::Send(said)) => match self.secrets.reveal(said) {
                Some(frame) => {
                    let text = encode(&frame);
                    self.host.metrics.sent(text.len());
                    self.link.send(text);
                }
                None => self.close(INTERNAL_ERROR, "an answer to a session that was not named here"),
            },
            Some(Command::Close { code, reason }) => self.end(code, &reason),
            None => self.end(GOING_AWAY, "the server is gone"),
        }
    }

    /// Closes the link; the node has not said so, and is told.
    fn close(&mut self, code: u16, reason: &str) {
        self.end(code, reason);
        self.host.tell(NodeMessage::Input(Input::LinkDown { link: self.id, close: None }));
    }

    /// Closes the link. What is left is written for no longer than the heartbeat time: a peer that never reads cannot keep the connection.
    fn end(&mut self, code: u16, reason: &str) {
        self.link.close(code, reason);
        self.wait = Some(self.host.time.wait(&format_args!("close {}", self.id.0), HEARTBEAT));
    }
}

#[cfg(test)]
mod tests;
