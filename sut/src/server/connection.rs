//! The one task of a connection: HTTP first, then the link. It reads, writes and closes as the node says, and decides nothing.

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::OptionFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::actor::{Order, Told};
use super::http;
use super::machine::{Input, LinkId};
use super::metrics::Metrics;
use super::pace::Pace;
use super::rest::Rest;
use super::secrets::Secrets;
use crate::config::Bounds;
use crate::kick_log::Spoken;
use crate::link::{Arrival, Link};
use crate::protocol::close_code::{GOING_AWAY, INTERNAL_ERROR};
use crate::protocol::{decode_client, encode};
use crate::timers::{HEARTBEAT, Time};

/// How much of a link may wait for the node. It reads nothing more until some of it is taken: whoever asks for more than the node can
/// do keeps nobody else waiting for all of it.
pub(super) const MAX_WAITING: usize = 64;

/// The end of a wait.
type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One connection, before anything was said on it.
pub(super) struct Connection<S> {
    pub(super) stream: S,
    pub(super) id: LinkId,
    /// Where it comes from; `None` if nobody can tell.
    pub(super) address: Option<IpAddr>,
    /// What notes whom it speaks for, if anything does.
    pub(super) spoken: Option<Spoken>,
    pub(super) rest: Rest,
    pub(super) told: mpsc::UnboundedSender<Told>,
    pub(super) time: Arc<dyn Time>,
    pub(super) metrics: Metrics,
    pub(super) bounds: Bounds,
}

impl<S> Connection<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    /// Serves the stream until it ends, or until `stop` resolves, which closes it with 1001. One that does not become a link within
    /// the heartbeat time ends; a call that it has brought by then, or a part of one, is answered.
    pub(super) async fn serve(self, stop: impl Future<Output = ()>) {
        let Connection { stream, id, address, spoken, rest, told, time, metrics, bounds } = self;
        let mut stop = pin!(stop);
        let link = tokio::select! {
            biased;
            // What HTTP takes is given back before the link idles.
            link = Box::pin(opened(stream, id, &rest, time.as_ref())) => link,
            () = &mut stop => None,
        };
        if let Some(mut link) = link {
            let pacing = Pacing { bounds, frames: Pace::default(), bytes: Pace::default(), time: time.as_ref() };
            let (told, metrics) = (&told, &metrics);
            let carrier = Carrier { id, spoken, secrets: Secrets::default(), told, metrics, pacing };
            carrier.carry(&mut link, address, stop).await;
            end(&mut link, id, time.as_ref()).await;
        }
    }
}

/// The link that a stream becomes. One that is late is told so, and has the heartbeat time once more to take what it is answered.
async fn opened<S>(stream: S, id: LinkId, rest: &Rest, time: &dyn Time) -> Option<Link<S>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let late = time.wait(format!("upgrade {}", id.0), HEARTBEAT).shared();
    let taken = late.clone().then(|()| time.wait(format!("close {}", id.0), HEARTBEAT));
    tokio::select! {
        biased;
        link = http::upgrade(stream, late.clone(), |request| rest.clone().answer(request, late.clone())) => link,
        () = taken => None,
    }
}

/// What a link may ask for: how fast it has asked so far, and what that costs it.
struct Pacing<'a> {
    bounds: Bounds,
    frames: Pace,
    bytes: Pace,
    time: &'a dyn Time,
}

impl Pacing<'_> {
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

/// What a connection knows of its link beside the link itself.
struct Carrier<'a> {
    id: LinkId,
    spoken: Option<Spoken>,
    secrets: Secrets,
    told: &'a mpsc::UnboundedSender<Told>,
    metrics: &'a Metrics,
    pacing: Pacing<'a>,
}

impl Carrier<'_> {
    async fn carry<S>(mut self, link: &mut Link<S>, address: Option<IpAddr>, mut stop: Pin<&mut impl Future<Output = ()>>)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (sender, mut orders) = mpsc::unbounded_channel();
        let places = Arc::new(Semaphore::new(MAX_WAITING));
        let mut pause = OptionFuture::default();
        self.tell(Told::Up { link: self.id, address, orders: sender });
        while !link.is_closing() {
            tokio::select! {
                biased;
                order = orders.recv() => if !self.obey(link, order) {
                    link.close(INTERNAL_ERROR, "an answer to a session that was not named here");
                    self.tell(Told::Input(Input::LinkDown { link: self.id, close: None }));
                },
                Some(()) = &mut pause => {
                    pause = OptionFuture::default();
                    link.pause(false);
                }
                (place, arrival) = next(link, &places) => {
                    pause = self.pause(link, &arrival).into();
                    if self.heard(arrival, place).is_break() {
                        return;
                    }
                }
                () = &mut stop => {
                    link.close(GOING_AWAY, "the server stops");
                    self.tell(Told::Input(Input::LinkDown { link: self.id, close: None }));
                }
            }
        }
    }

    /// The end of the time in which the link is not read, if it is too fast.
    fn pause<S: AsyncRead + AsyncWrite + Unpin>(&mut self, link: &mut Link<S>, arrival: &Arrival) -> Option<Wait> {
        let wait = self.pacing.took(arrival);
        (wait > Duration::ZERO).then(|| {
            self.metrics.paused();
            link.pause(true);
            self.pacing.time.wait(format!("pace {}", self.id.0), wait)
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

    /// Whether it could be done: what is said to a session is written only where its secret was shown.
    fn obey<S: AsyncRead + AsyncWrite + Unpin>(&self, link: &mut Link<S>, order: Option<Box<Order>>) -> bool {
        match order.map(|order| *order) {
            Some(Order::Send(said)) => match self.secrets.reveal(said) {
                Some(frame) => {
                    let text = encode(&frame);
                    self.metrics.sent(text.len());
                    link.send(text);
                }
                None => return false,
            },
            Some(Order::Close { code, reason }) => link.close(code, &reason),
            None => link.close(GOING_AWAY, "the server is gone"),
        }
        true
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

/// Writes what is left, for no longer than the heartbeat time: a peer that never reads cannot keep the connection.
async fn end<S: AsyncRead + AsyncWrite + Unpin>(link: &mut Link<S>, id: LinkId, time: &dyn Time) {
    if link.is_closing() {
        tokio::select! {
            biased;
            _ = link.next() => {}
            () = time.wait(format!("close {}", id.0), HEARTBEAT) => {}
        }
    }
}

#[cfg(test)]
mod tests;
