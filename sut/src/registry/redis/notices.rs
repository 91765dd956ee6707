//! What is committed in a Redis server, as whoever subscribes there hears it: at most once. What is published while the link is down is gone.

use std::ops::ControlFlow;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::PubSub;
use redis::{Client, Msg, RedisResult};
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::primaries::Primaries;
use super::{Ear, Notice, Version, bucket};

/// How long a link, its subscription or an answer over it may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long nothing is heard until the link is asked whether it lives.
const SILENCE: Duration = Duration::from_secs(2);

/// Tells the ear what is published on such channels until it breaks or the registry is gone: at the primary of what is of no account,
/// whichever that is, where all that is published in its cluster is heard. `begun` is answered once the first can be heard, or dropped.
pub(super) async fn hear(primaries: Weak<Primaries>, channels: String, mut ear: Ear, begun: oneshot::Sender<()>) {
    let Some(mut reached) = primaries.upgrade().map(|primaries| primaries.app.reached()) else { return };
    let mut begun = Some(begun);
    loop {
        let server = reached.borrow_and_update().clone().map(|(_, server)| server);
        match subscribed(server.as_ref(), &channels).await {
            Some(link) => {
                if let Some(begun) = begun.take() {
                    let _ = begun.send(());
                }
                let listened = tokio::select! {
                    listened = listen(link, &mut ear, &primaries) => listened,
                    moved = reached.changed() => if moved.is_err() { ControlFlow::Break(()) } else { continue },
                };
                if listened.is_break() {
                    return;
                }
                tracing::warn!("what other nodes commit is heard late: the link over which it is told was lost");
            }
            None => tracing::debug!("what other nodes commit is not told: the server does not answer"),
        }
        drop(begun.take());
        sleep(PATIENCE).await;
    }
}

/// A link that hears, unless the server takes too long.
async fn subscribed(server: Option<&Client>, channels: &str) -> Option<PubSub> {
    let server = server?;
    let subscribe = async {
        let mut link = server.get_async_pubsub().await?;
        link.psubscribe(channels).await?;
        RedisResult::Ok(link)
    };
    timeout(PATIENCE, subscribe).await.ok()?.ok()
}

/// Goes on until the link is lost or silent, or the ear breaks.
async fn listen(link: PubSub, ear: &mut Ear, primaries: &Weak<Primaries>) -> ControlFlow<()> {
    let (mut asks, mut messages) = link.split();
    loop {
        match timeout(SILENCE, messages.next()).await {
            Ok(Some(message)) => {
                let Some(primaries) = primaries.upgrade() else { return ControlFlow::Break(()) };
                notice(&message, &primaries).await.map_or(ControlFlow::Continue(()), &mut *ear)?;
            }
            Ok(None) => return ControlFlow::Continue(()),
            Err(_) => match timeout(PATIENCE, asks.ping::<()>()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return ControlFlow::Continue(()),
            },
        }
    }
}

/// What is told of a primary that is not known is nobody's; the poll finds out.
async fn notice(message: &Msg, primaries: &Primaries) -> Option<Notice> {
    let mut lines = std::str::from_utf8(message.get_payload_bytes()).ok()?.split('\n');
    let mut words = lines.next()?.splitn(3, ' ');
    let (primary, version, user_id) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
    let (record, passed) = (told(lines.next()?)?.map(Arc::new), told(lines.next()?)?);
    let reign = primaries.of(bucket(user_id)).reign_of(primary).await?;
    Some(Notice { user_id: user_id.into(), version: Version(version).under(reign), record, passed })
}

/// What a line holds in JSON, if it holds anything; `None` if it cannot be read.
fn told<T: DeserializeOwned>(line: &str) -> Option<Option<T>> {
    if line.is_empty() { Some(None) } else { serde_json::from_str(line).ok().map(Some) }
}
