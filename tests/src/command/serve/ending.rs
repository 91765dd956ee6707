//! What SIGTERM and SIGINT say to a server. It ends nothing itself.

use std::future::Future;
use std::io;

use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::tell_supervisor;

/// Resolves at the first SIGTERM or SIGINT from now on, and at the moment at which nothing more is to be waited for: at a SIGINT, or at a
/// second SIGTERM.
pub(super) fn told_to_end() -> io::Result<(impl Future<Output = ()>, impl Future<Output = ()>)> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (tell, told) = oneshot::channel::<()>();
    let ends = async move {
        let drains = tokio::select! {
            _ = terminate.recv() => Some(tell),
            _ = interrupt.recv() => None,
        };
        tracing::info!("{}: the server ends", if drains.is_some() { "SIGTERM" } else { "SIGINT" });
        tell_supervisor(NotifyState::Stopping);
        let Some(tell) = drains else { return };
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => tracing::info!("SIGTERM again: the server ends at once"),
                _ = interrupt.recv() => tracing::info!("SIGINT: the server ends at once"),
            }
            drop(tell);
        });
    };
    Ok((ends, async move { drop(told.await) }))
}
