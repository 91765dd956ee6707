//! The one task of a connection: HTTP first, then the link. It reads, writes and closes as the node says, and decides nothing.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt;
use hyper::{HeaderMap, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::actor::{Order, Told};
use super::http::{self, Late, kept_open};
use super::machine::{Input, LinkId};
use super::metrics::Metrics;
use super::origin::Origin;
use super::rest::Rest;
use super::secrets::Secrets;
use super::stopping::{Gate, Stopping};
use crate::kick_log::{Addresses, Spoken};
use crate::link::{Arrival, Link};
use crate::protocol::close_code::{GOING_AWAY, INTERNAL_ERROR};
use crate::protocol::{decode_client, encode};
use crate::timers::{HEARTBEAT, Time};

/// How much of a link may wait for the node. It reads nothing more until some of it is taken: whoever asks for more than the node can
/// do keeps nobody else waiting for all of it.
pub(super) const MAX_WAITING: usize = 64;

/// How many requests a connection may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Requests {
    /// One that is answered, unless the answer says otherwise.
    One,
    /// One after the other, as long as they are done rightly.
    Many,
}

/// One connection, before anything was said on it.
pub(super) struct Connection<S> {
    pub(super) stream: S,
    pub(super) id: LinkId,
    /// Where it comes from; `None` if nobody can tell.
    pub(super) origin: Option<Origin>,
    pub(super) requests: Requests,
    /// What notes whom a link speaks for.
    pub(super) addresses: Addresses,
    pub(super) rest: Rest,
    pub(super) told: mpsc::UnboundedSender<Told>,
    pub(super) time: Arc<dyn Time>,
    pub(super) metrics: Metrics,
    pub(super) gate: Gate,
}

impl<S> Connection<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    /// Serves the stream until it ends, or until it is stopping, which closes a link with 1001. One that does not become a link within
    /// the heartbeat time ends; a call that it has brought by then, or a part of one, is answered.
    pub(super) async fn serve(self, mut stopping: Stopping) {
        let Connection { stream, id, origin, requests, addresses, rest, told, time, metrics, gate } = self;
        let link = tokio::select! {
            biased;
            // What HTTP takes is given back before the link idles.
            link = Box::pin(opened(stream, (id, requests), (origin, gate), &rest, &time)) => link,
            () = stopping.ends() => None,
        };
        if let Some((mut link, address)) = link {
            let _open = stopping.open();
            let spoken = address.map(|address| addresses.link(id, address));
            let stop = pin!(stopping.closes(format!("drain {}", id.0), time.as_ref()));
            carry(&mut link, (id, address, spoken), (&told, &metrics), stop).await;
            end(&mut link, id, time.as_ref()).await;
        }
    }
}

/// The link that a stream becomes, and where it comes from. One that is late is told so, and has the heartbeat time once more to take
/// what it is answered.
async fn opened<S>(
    stream: S,
    (id, requests): (LinkId, Requests),
    (origin, gate): (Option<Origin>, Gate),
    rest: &Rest,
    time: &Arc<dyn Time>,
) -> Option<(Link<S>, Option<IpAddr>)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let asked = Arc::new(AtomicUsize::new(0));
    let late = late(id, time, requests, Arc::clone(&asked));
    let taken = late.clone().then(|()| time.wait(format!("close {}", id.0), HEARTBEAT));
    let address = OnceLock::new();
    let lets_in = |head: &HeaderMap| {
        if let Some(origin) = &origin {
            let _ = address.set(origin.of(head));
        }
        !gate.is_closed()
    };
    let answer = |request| {
        asked.fetch_add(1, Ordering::Relaxed);
        let stays = requests == Requests::Many && !gate.is_closed();
        let keep = move |answer: Response<String>| if stays && answer.status().is_success() { kept_open(answer) } else { answer };
        rest.clone().answer(request, late.clone()).map(keep)
    };
    let link = tokio::select! {
        biased;
        link = http::upgrade(stream, late.clone(), lets_in, answer) => link,
        () = taken => None,
    };
    link.map(|link| (link, address.get().copied()))
}

/// Resolves after the heartbeat time, of which a connection that has asked again meanwhile gets another.
fn late(id: LinkId, time: &Arc<dyn Time>, requests: Requests, asked: Arc<AtomicUsize>) -> Late {
    let wait = move |time: &dyn Time| time.wait(format!("upgrade {}", id.0), HEARTBEAT);
    if requests == Requests::One {
        return wait(&**time).shared();
    }
    let time = Arc::clone(time);
    let waits = async move {
        let mut known = 1;
        loop {
            wait(&*time).await;
            match asked.load(Ordering::Relaxed) {
                more if more > known => known = more,
                _ => return,
            }
        }
    };
    waits.boxed().shared()
}

async fn carry<S>(
    link: &mut Link<S>,
    (id, address, mut spoken): (LinkId, Option<IpAddr>, Option<Spoken>),
    (told, metrics): (&mpsc::UnboundedSender<Told>, &Metrics),
    mut stop: std::pin::Pin<&mut impl Future<Output = ()>>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (sender, mut orders) = mpsc::unbounded_channel();
    let (places, mut secrets) = (Arc::new(Semaphore::new(MAX_WAITING)), Secrets::default());
    tell(told, Told::Up { link: id, address, orders: sender });
    while !link.is_closing() {
        tokio::select! {
            biased;
            order = orders.recv() => if !obey(link, &secrets, metrics, order) {
                link.close(INTERNAL_ERROR, "an answer to a session that was not named here");
                tell(told, Told::Input(Input::LinkDown { link: id, close: None }));
            },
            (place, arrival) = next(link, &places) => {
                count(metrics, &arrival);
                match input(id, arrival, &mut secrets) {
                    input @ Input::LinkDown { .. } => return tell(told, Told::Input(input)),
                    input => {
                        note(&input, spoken.as_mut());
                        tell(told, Told::Arrived { input, place });
                    }
                }
            }
            () = &mut stop => {
                link.close(GOING_AWAY, "the server stops");
                tell(told, Told::Input(Input::LinkDown { link: id, close: None }));
            }
        }
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

/// Whether it could be done: what is said to a session is written only where its secret was shown.
fn obey<S: AsyncRead + AsyncWrite + Unpin>(
    link: &mut Link<S>,
    secrets: &Secrets,
    metrics: &Metrics,
    order: Option<Box<Order>>,
) -> bool {
    match order.map(|order| *order) {
        Some(Order::Send(said)) => match secrets.reveal(said) {
            Some(frame) => {
                let text = encode(&frame);
                metrics.sent(text.len());
                link.send(text);
            }
            None => return false,
        },
        Some(Order::Close { code, reason }) => link.close(code, &reason),
        None => link.close(GOING_AWAY, "the server is gone"),
    }
    true
}

fn count(metrics: &Metrics, arrival: &Arrival) {
    if let Arrival::Text(text) = arrival {
        metrics.received(text.len());
    }
}

fn input(link: LinkId, arrival: Arrival, secrets: &mut Secrets) -> Input {
    match arrival {
        Arrival::Text(text) => match decode_client(text) {
            Ok(said) => Input::Frame { link, frame: secrets.conceal(said) },
            Err(error) => Input::BadFrame { link, error },
        },
        Arrival::Bad(error) => Input::BadFrame { link, error },
        Arrival::Closed(close) => Input::LinkDown { link, close: close.map(|close| close.code) },
    }
}

/// Every frame names the session that it speaks for.
fn note(input: &Input, spoken: Option<&mut Spoken>) {
    if let (Input::Frame { frame, .. }, Some(spoken)) = (input, spoken) {
        spoken.speaks_for(frame.session);
    }
}

/// A node that is gone needs to be told nothing.
fn tell(told: &mpsc::UnboundedSender<Told>, what: Told) {
    let _ = told.send(what);
}

#[cfg(test)]
mod tests;
