//! What SIGHUP does to a running server: the configuration, file and flags, is loaded anew (CONF-1), and the certificate with it. What is
//! wrong is said in one line of the log, and everything stays as it was (CONF-3).

use std::convert::Infallible;

use sut::config::{App, Front};
use sut::server::{Server, Tls};
use tokio::signal::unix::Signal;

use super::certificate;
use super::settings::{Flags, Settings};
use crate::command::Error;

/// A running server whose configuration may be loaded anew.
pub(super) struct Reloading<'a> {
    pub(super) flags: &'a Flags,
    pub(super) running: &'a Settings,
    pub(super) server: &'a Server,
    /// The certificate that it shows.
    pub(super) tls: Option<Tls>,
}

impl Reloading<'_> {
    /// Loads the configuration at every signal.
    pub(super) async fn at_hangups(self, mut hangups: Signal) -> Infallible {
        loop {
            match hangups.recv().await {
                Some(()) => match self.load().await {
                    Ok(()) => {}
                    Err(error) => tracing::error!("SIGHUP: nothing is changed: {error}"),
                },
                None => std::future::pending().await,
            }
        }
    }

    async fn load(&self) -> Result<(), Error> {
        let settings = self.flags.settings()?;
        if let (Some(tls), Some(files)) = (&self.tls, &settings.front.tls) {
            certificate::renew(tls, files)?;
            tracing::info!("SIGHUP: new connections are shown the certificate as it is now");
        }
        if with_what_changes_of(self.running, &settings) != *self.running {
            tracing::warn!(
                "SIGHUP: only the policy, the limits and the certificate change while the server runs; the rest does at the next start"
            );
        }
        let terms = settings.app.terms();
        self.server.load_terms(terms).await?;
        tracing::info!(?terms, after = ?self.running.change_period, "SIGHUP: these terms will take effect");
        Ok(())
    }
}

/// The loaded settings with what may change put back.
fn with_what_changes_of(running: &Settings, loaded: &Settings) -> Settings {
    let (mut app, mut front): (App, Front) = (loaded.app.clone(), loaded.front.clone());
    app.adopt(running.app.terms());
    if running.front.tls.is_some() && front.tls.is_some() {
        front.tls.clone_from(&running.front.tls);
    }
    Settings { app, front, ..loaded.clone() }
}
