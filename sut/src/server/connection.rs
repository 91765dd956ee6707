//! The one task of a connection: HTTP first, then the link. It reads, writes and closes as the node says, and decides nothing.

use std::pin::pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use super::actor::{Order, Told};
use super::http;
use super::machine::{GOING_AWAY, Input, LinkId};
use super::rest::Rest;
use crate::link::{Arrival, Link};
use crate::protocol::{decode_client, encode};

/// Serves a stream until it ends, or until `stop` resolves, which closes it with 1001.
pub(super) async fn serve<S>(stream: S, id: LinkId, rest: Rest, told: mpsc::UnboundedSender<Told>, stop: impl Future<Output = ()>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut stop = pin!(stop);
    let link = tokio::select! {
        biased;
        link = http::upgrade(stream, |request| rest.clone().answer(request)) => link,
        () = &mut stop => None,
    };
    if let Some(link) = link {
        carry(link, id, &told, stop).await;
    }
}

async fn carry<S>(
    mut link: Link<S>,
    id: LinkId,
    told: &mpsc::UnboundedSender<Told>,
    mut stop: std::pin::Pin<&mut impl Future<Output = ()>>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (sender, mut orders) = mpsc::unbounded_channel();
    tell(told, Told::Up { link: id, orders: sender });
    while !link.is_closing() {
        tokio::select! {
            biased;
            order = orders.recv() => obey(&mut link, order),
            arrival = link.next() => match input(id, arrival) {
                input @ Input::LinkDown { .. } => return tell(told, Told::Input(input)),
                input => tell(told, Told::Input(input)),
            },
            () = &mut stop => {
                link.close(GOING_AWAY, "the server stops");
                tell(told, Told::Input(Input::LinkDown { link: id, close: None }));
            }
        }
    }
    drop(link.next().await);
}

fn obey<S: AsyncRead + AsyncWrite + Unpin>(link: &mut Link<S>, order: Option<Order>) {
    match order {
        Some(Order::Send(frame)) => link.send(encode(&frame)),
        Some(Order::Close { code, reason }) => link.close(code, &reason),
        None => link.close(GOING_AWAY, "the server is gone"),
    }
}

fn input(link: LinkId, arrival: Arrival) -> Input {
    match arrival {
        Arrival::Text(text) => match decode_client(text) {
            Ok(frame) => Input::Frame { link, frame },
            Err(error) => Input::BadFrame { link, error },
        },
        Arrival::Bad(error) => Input::BadFrame { link, error },
        Arrival::Closed(close) => Input::LinkDown { link, close },
    }
}

/// A node that is gone needs to be told nothing.
fn tell(told: &mpsc::UnboundedSender<Told>, what: Told) {
    let _ = told.send(what);
}
