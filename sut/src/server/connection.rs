//! A connection before it is a link: HTTP, and nothing for as long as may be. It decides nothing.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt;
use hyper::{HeaderMap, Response};
use tokio::io::{AsyncRead, AsyncWrite};

use super::carrier::Carrier;
use super::crowd::Guest;
use super::host::Host;
use super::http::{self, Late, Shut, kept_open};
use super::machine::LinkId;
use super::origin::Origin;
use super::rest::Rest;
use super::stopping::{Gate, Member, Stopping};
use crate::link::Link;
use crate::timers::{HEARTBEAT, Time};

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
    pub(super) host: Arc<Host>,
    pub(super) rest: Rest,
    pub(super) gate: Gate,
}

impl<S> Connection<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    /// Serves the stream until it ends, or until it is stopping, which closes a link with 1001. One that does not become a link within
    /// the heartbeat time ends; a call that it has brought by then, or a part of one, is answered. What HTTP takes is given back before
    /// the link idles.
    pub(super) fn serve(self, stopping: Stopping) -> impl Future<Output = ()> + Send {
        let opening = Box::pin(self.open(stopping));
        async move {
            if let Some((mut carrier, _member, _guest)) = opening.await {
                carrier.carry().await;
            }
        }
    }

    /// The link that comes of it, which is up, what its port knows it by, and what counts it for its address.
    async fn open(self, mut stopping: Stopping) -> Option<(Box<Carrier<S>>, Option<Member>, Option<Box<Guest>>)> {
        let Connection { stream, id, origin, requests, host, rest, gate } = self;
        let (link, known) = tokio::select! {
            biased;
            link = opened(stream, (id, requests), (origin, gate), &rest, &host) => link?,
            () = stopping.ends() => return None,
        };
        let (address, guest) = known.map_or((None, None), |known| (Some(known.address), known.guest));
        let carrier = Box::new(Carrier::up(link, id, address, host));
        Some((carrier, stopping.joins(id), guest))
    }
}

/// Where a link comes from, and what counts it there if its connection does not.
struct Known {
    address: IpAddr,
    guest: Option<Box<Guest>>,
}

impl Known {
    fn by(origin: &Origin, head: &HeaderMap, host: &Host) -> Result<Known, Shut> {
        let address = origin.of(head);
        if !origin.is_a_proxy() {
            return Ok(Known { address, guest: None });
        }
        let guest = host.crowd.enter_through_a_proxy(address, &host.bounds);
        if guest.is_none() {
            host.metrics.refused_connection();
        }
        Ok(Known { address, guest: Some(Box::new(guest.ok_or(Shut::Crowded)?)) })
    }
}

/// The link that a stream becomes, and where it comes from. One that is late is told so, and has the heartbeat time once more to take
/// what it is answered.
async fn opened<S>(
    stream: S,
    (id, requests): (LinkId, Requests),
    (origin, gate): (Option<Origin>, Gate),
    rest: &Rest,
    host: &Host,
) -> Option<(Link<S>, Option<Known>)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let time = &host.time;
    let asked = Arc::new(AtomicUsize::new(0));
    let late = late(id, time, requests, Arc::clone(&asked));
    let taken = late.clone().then(|()| time.wait(&format_args!("close {}", id.0), HEARTBEAT));
    let known = OnceLock::new();
    let lets_in = |head: &HeaderMap| {
        if gate.is_closed() {
            return Err(Shut::Ending);
        }
        if let Some(origin) = &origin {
            let _ = known.set(Known::by(origin, head, host)?);
        }
        Ok(())
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
    link.map(|link| (link, known.into_inner()))
}

/// Resolves after the heartbeat time, of which a connection that has asked again meanwhile gets another.
fn late(id: LinkId, time: &Arc<dyn Time>, requests: Requests, asked: Arc<AtomicUsize>) -> Late {
    let wait = move |time: &dyn Time| time.wait(&format_args!("upgrade {}", id.0), HEARTBEAT);
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
