//! The one task of a link. It reads, writes and closes as the node says, no faster than the link's bounds, and decides nothing.

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use futures_channel::mpsc as light;
use futures_util::StreamExt;
use futures_util::future::OptionFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::actor::{Order, Told};
use super::machine::{Input, LinkId};
use super::metrics::Metrics;
use super::pace::Pace;
use super::secrets::Secrets;
use super::stopping::Closes;
use crate::config::Bounds;
use crate::kick_log::Spoken;
use crate::link::{Arrival, Link};
use crate::protocol::close_code::{GOING_AWAY, INTERNAL_ERROR};
use crate::protocol::{decode_client, encode};
use crate::timers::{HEARTBEAT, Time, Wait};

/// How much of a link may wait for the node. It reads nothing more until some of it is taken: whoever asks for more than the node can
/// do keeps nobody else waiting for all of it.
pub(super) const MAX_WAITING: usize = 64;

/// What a link may ask for: how fast it has asked so far, and what that costs it.
pub(super) struct Pacing {
    bounds: Bounds,
    frames: Pace,
    bytes: Pace,
    time: Arc<dyn Time>,
}

impl Pacing {
    /// Of a link that has asked for nothing yet.
    pub(super) fn new(bounds: Bounds, time: Arc<dyn Time>) -> Pacing {
        Pacing { bounds, frames: Pace::default(), bytes: Pace::default(), time }
    }

    /// How long nothing more is read, with this arrival; it has come all the same.
    fn took(&mut self, arrival: &Arrival) -> Duration {
        let bytes = match arrival {
            Arrival::Text(text) => text.len(),
            Arrival::Control(bytes) => *bytes,
            Arrival::Bad(_) | Arrival::Closed(_) => return Duration::ZERO,
        };
        let (Bounds { frames_per_s, bytes_per_s, .. }, now) = (self.bounds, self.time.now());
        self.frames.take(1, frames_per_s, now).max(self.bytes.take(bytes, bytes_per_s, now))
    }
}

/// A link, and what its task knows of it. It is kept in a box of its own: a task is no smaller than all that it ever moves.
pub(super) struct Carrier<S> {
    link: Link<S>,
    id: LinkId,
    address: Option<IpAddr>,
    /// What notes whom it speaks for, if anything does.
    spoken: Option<Spoken>,
    secrets: Secrets,
    told: mpsc::UnboundedSender<Told>,
    metrics: Metrics,
    pacing: Pacing,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Carrier<S> {
    pub(super) fn new(
        link: Link<S>,
        (id, address, spoken): (LinkId, Option<IpAddr>, Option<Spoken>),
        told: mpsc::UnboundedSender<Told>,
        metrics: Metrics,
        pacing: Pacing,
    ) -> Carrier<S> {
        Carrier { link, id, address, spoken, secrets: Secrets::default(), told, metrics, pacing }
    }

    /// Serves the link until it ends, or until `closes` resolves, which closes it with 1001.
    pub(super) async fn carry(&mut self, mut closes: Closes) {
        let (sender, mut orders) = light::unbounded();
        let places = Arc::new(Semaphore::new(MAX_WAITING));
        let mut pause = OptionFuture::default();
        self.tell(Told::Up { link: self.id, address: self.address, orders: sender });
        while !self.link.is_closing() {
            tokio::select! {
                biased;
                order = orders.next() => self.take(order),
                Some(()) = &mut pause => {
                    pause = OptionFuture::default();
                    self.link.pause(false);
                }
                (place, arrival) = next(&mut self.link, &places) => {
                    pause = self.pause(&arrival).into();
                    if self.heard(arrival, place).is_break() {
                        return;
                    }
                }
                () = &mut closes => self.close(GOING_AWAY, "the server stops"),
            }
        }
        self.end().await;
    }

    /// Writes what is left, for no longer than the heartbeat time: a peer that never reads cannot keep the connection.
    async fn end(&mut self) {
        let late = self.pacing.time.wait(&format_args!("close {}", self.id.0), HEARTBEAT);
        tokio::select! {
            biased;
            _ = self.link.next() => {}
            () = late => {}
        }
    }

    /// The end of the time in which the link is not read, if it is too fast.
    fn pause(&mut self, arrival: &Arrival) -> Option<Wait> {
        let wait = self.pacing.took(arrival);
        (wait > Duration::ZERO).then(|| {
            self.metrics.paused();
            self.link.pause(true);
            self.pacing.time.wait(&format_args!("pace {}", self.id.0), wait)
        })
    }

    /// Tells the node what came; a break is the link's end.
    fn heard(&mut self, arrival: Arrival, place: OwnedSemaphorePermit) -> ControlFlow<()> {
        let input = match arrival {
            Arrival::Text(text) => {
                self.metrics.received(text.len());
                self.said(text)
            }
            Arrival::Bad(error) => Input::BadFrame { link: self.id, error },
            Arrival::Control(_) => return ControlFlow::Continue(()),
            Arrival::Closed(close) => {
                self.tell(Told::Input(Input::LinkDown { link: self.id, close: close.map(|close| close.code) }));
                return ControlFlow::Break(());
            }
        };
        self.tell(Told::Arrived { input, place });
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
    fn take(&mut self, order: Option<Box<Order>>) {
        match order.map(|order| *order) {
            Some(Order::Send(said)) => match self.secrets.reveal(said) {
                Some(frame) => {
                    let text = encode(&frame);
                    self.metrics.sent(text.len());
                    self.link.send(text);
                }
                None => self.close(INTERNAL_ERROR, "an answer to a session that was not named here"),
            },
            Some(Order::Close { code, reason }) => self.link.close(code, &reason),
            None => self.link.close(GOING_AWAY, "the server is gone"),
        }
    }

    /// Closes the link; the node has not said so, and is told.
    fn close(&mut self, code: u16, reason: &str) {
        self.link.close(code, reason);
        self.tell(Told::Input(Input::LinkDown { link: self.id, close: None }));
    }

    /// A node that is gone needs to be told nothing.
    fn tell(&self, what: Told) {
        let _ = self.told.send(what);
    }
}

/// The next arrival, once there is a place for it. Dropping the future loses nothing.
async fn next<S: AsyncRead + AsyncWrite + Unpin>(link: &mut Link<S>, places: &Arc<Semaphore>) -> (OwnedSemaphorePermit, Arrival) {
    let place = Arc::clone(places).acquire_owned().await.expect("it is never closed");
    (place, link.next().await)
}

#[cfg(test)]
mod tests;
