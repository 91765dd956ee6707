//! `kickproof serve --manual-time`: the server whose time an administrator moves. It serves nobody outside of this machine.

use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use sut::config::{App, DEFAULT_PERIOD, Front};
use sut::registry::{Registry, TermsStore, with_stored_terms};
use sut::server::Server;
use sut::server::manual::{Manual, PATH};
use sut::server::proxies::Proxies;
use sut::timers::UnixMillis;
use sut::webhook::Unheard;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::{LISTEN, Settings, bind, on_registry, runtime, say_where, stop, told_to_end};
use crate::command::Error;

/// Serves until a signal or the end of the standard input ends it. One thread runs everything, in tasks, so that it is known when the
/// server is idle; what the thread of a data folder does is counted as the node's question to its registry.
pub(super) fn serve(settings: Settings, now: UnixMillis) -> Result<(), Error> {
    let address = settings.listen.unwrap_or(LISTEN);
    if !address.ip().is_loopback() {
        return Err(Error::ManualTimeInPublic(address));
    }
    let Front { tls, trusted_proxies, .. } = &settings.front;
    let is_plain = tls.is_none() && *trusted_proxies == Proxies::default();
    if settings.webhook.is_some() || settings.change_period != DEFAULT_PERIOD || !is_plain {
        return Err(Error::ManualTimeWithMore);
    }
    warn();
    let manual = Manual::at(now);
    let quiet = manual.quiet.clone();
    let runtime = runtime(Builder::new_current_thread().on_thread_park(move || quiet.parks()))?;
    let Settings { app, registry, front, .. } = settings;
    let sdk_app_id = app.sdk_app_id;
    let at = (address, front.backlog);
    let task = runtime
        .spawn(async move { on_registry!(&registry, sdk_app_id, |registry, _shared| serve_from(app, at, registry, manual).await) });
    runtime.block_on(task).map_err(|error| Error::Runtime(io::Error::other(error)))?
}

async fn serve_from(
    app: App,
    at: (SocketAddr, u32),
    registry: Arc<impl Registry + TermsStore>,
    manual: Manual,
) -> Result<(), Error> {
    let (told_to_end, _) = told_to_end().map_err(Error::Runtime)?;
    let told_to_end = async move {
        tokio::select! {
            () = told_to_end => {}
            () = input_ends() => tracing::info!("the standard input has ended: the server ends"),
        }
    };
    let (listener, bound) = bind(at)?;
    let app = with_stored_terms(app, &*registry).await?;
    let server = Server::on_manual_time(app.clone(), Unheard(Arc::clone(&registry)), Arc::clone(&registry), manual);
    server.restore_all(&*registry).await?;
    say_where(&app, bound)?;
    server.listen(listener, told_to_end).await;
    stop(&server).await;
    Ok(())
}

/// Said whatever the filter of the log is.
fn warn() {
    let warning = format!("warning: time stands still, and administrators move it at {PATH}; this is for tests only");
    let _ = writeln!(io::stderr(), "{warning}");
}

/// Whoever started the server holds its standard input, and takes the server along however it ends.
fn input_ends() -> impl Future<Output = ()> {
    let (tell, told) = oneshot::channel::<()>();
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        drop(tell);
    });
    async move { drop(told.await) }
}
