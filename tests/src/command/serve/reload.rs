//! What SIGHUP does to a running server: the configuration, file and flags, is loaded anew (CONF-1). What is wrong with it is said in one line of the
//! log, and everything stays as it was (CONF-3).

use std::convert::Infallible;

use sut::config::App;
use sut::server::Server;
use tokio::signal::unix::Signal;

use super::settings::{Flags, Settings};

/// Loads the configuration at every signal.
pub(super) async fn at_hangups(mut hangups: Signal, flags: &Flags, running: &Settings, server: &Server) -> Infallible {
    loop {
        match hangups.recv().await {
            Some(()) => load(flags, running, server).await,
            None => std::future::pending().await,
        }
    }
}

async fn load(flags: &Flags, running: &Settings, server: &Server) {
    let settings = match flags.settings() {
        Ok(settings) => settings,
        Err(error) => return tracing::error!("SIGHUP: nothing is changed: {error}"),
    };
    if with_terms_of(running, &settings) != *running {
        tracing::warn!("SIGHUP: only the policy and the limits change while the server runs; the rest does at the next start");
    }
    let terms = settings.app.terms();
    match server.load_terms(terms).await {
        Ok(()) => tracing::info!(?terms, after = ?running.change_period, "SIGHUP: these terms will take effect"),
        Err(error) => tracing::error!("SIGHUP: nothing is changed: {error}"),
    }
}

/// The loaded settings with what may change put back.
fn with_terms_of(running: &Settings, loaded: &Settings) -> Settings {
    let mut app: App = loaded.app.clone();
    app.adopt(running.app.terms());
    Settings { app, ..loaded.clone() }
}
