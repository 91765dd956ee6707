//! What is committed in a Redis server, as whoever subscribes there hears it: at most once. What is published while the link is down is gone.

use std::ops::ControlFlow;
use std::sync::Weak;
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::PubSub;
use redis::{Client, Msg, RedisResult};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::primary::Primary;
use super::{Ear, Notice, Reign, Version};

/// How long a link, its subscription or an answer over it may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long nothing is heard until the link is asked whether it lives.
const SILENCE: Duration = Duration::from_secs(2);

/// Tells the ear what is published on such channels at the primary, whichever that is, until it breaks or the registry is gone. `begun` is
/// answered once the first can be heard, or dropped.
pub(super) async fn hear(primary: Weak<Primary>, channels: String, mut ear: Ear, begun: oneshot::Sender<()>) {
    let Some(mut reached) = primary.upgrade().map(|primary| primary.reached()) else { return };
    let mut begun = Some(begun);
    loop {
        let server = reached.borrow_and_update().clone().map(|(_, server)| server);
        match subscribed(server.as_ref(), &channels).await {
            Some(link) => {
                if let Some(begun) = begun.take() {
                    let _ = begun.send(());
                }
                let listened = tokio::select! {
                    listened = listen(link, &mut ear, &primary) => listened,
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
async fn listen(link: PubSub, ear: &mut Ear, primary: &Weak<Primary>) -> ControlFlow<()> {
    let (mut asks, mut messages) = link.split();
    loop {
        match timeout(SILENCE, messages.next()).await {
            Ok(Some(message)) => {
                let Some(reign) = primary.upgrade().map(|primary| primary.engine().reign) else { return ControlFlow::Break(()) };
                notice(&message, reign).map_or(ControlFlow::Continue(()), &mut *ear)?;
            }
            Ok(None) => return ControlFlow::Continue(()),
            Err(_) => match timeout(PATIENCE, asks.ping::<()>()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return ControlFlow::Continue(()),
            },
        }
    }
}

fn notice(message: &Msg, reign: Reign) -> Option<Notice> {
    let mut parts = std::str::from_utf8(message.get_payload_bytes()).ok()?.splitn(3, ' ');
    let (version, user_id) = (parts.next()?.parse().ok()?, parts.next()?);
    let passed = parts.next().map(serde_json::from_str).transpose().ok()?;
    Some(Notice { passed, ..Notice::of(user_id, Version(version).under(reign)) })
}
