//! `kickproof serve --manual-time`: the server whose time an administrator moves. It serves nobody outside of this machine.

use std::future::Future;
use std::io::{self, Write};
use std::thread;

use sut::registry::memory::Memory;
use sut::server::Server;
use sut::server::manual::{Manual, PATH};
use sut::timers::UnixMillis;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::{LISTEN, Settings, listen_as, runtime, told_to_end};
use crate::command::Error;

/// Serves until a signal or the end of the standard input ends it. One thread runs everything, in tasks, so that it is known when the
/// server is idle.
pub(super) fn serve(Settings { app, listen }: Settings, now: UnixMillis) -> Result<(), Error> {
    let address = listen.unwrap_or(LISTEN);
    if !address.ip().is_loopback() {
        return Err(Error::ManualTimeInPublic(address));
    }
    warn();
    let manual = Manual::at(now);
    let quiet = manual.quiet.clone();
    let runtime = runtime(Builder::new_current_thread().on_thread_park(move || quiet.parks()))?;
    runtime.block_on(async {
        let told_to_end = told_to_end().map_err(Error::Runtime)?;
        let told_to_end = async move {
            tokio::select! {
                () = told_to_end => {}
                () = input_ends() => tracing::info!("the standard input has ended: the server ends"),
            }
        };
        let server = |app| Server::on_manual_time(app, Memory::default(), manual);
        let task = tokio::spawn(listen_as(app, Some(address), server, told_to_end));
        task.await.map_err(|error| Error::Runtime(io::Error::other(error)))?
    })
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
