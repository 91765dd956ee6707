//! What SIGHUP does to a running server: the configuration, file and flags, is loaded anew (CONF-1), and the certificate with it. What is
//! wrong is said in one line of the log, and everything stays as it was (CONF-3).

use std::convert::Infallible;

use sut::server::{Server, Tls};
use sut::webhook::Destination;
use tokio::signal::unix::Signal;

use super::certificate;
use super::settings::{Flags, Settings};
use crate::command::Error;

/// A running server whose configuration may be loaded anew.
pub(super) struct Reloading<'a> {
    pub(super) flags: &'a Flags,
    /// What was loaded last.
    pub(super) running: Settings,
    pub(super) server: &'a Server,
    /// The certificate that it shows.
    pub(super) tls: Option<Tls>,
    /// Where its callbacks go.
    pub(super) webhook: Option<Destination>,
}

impl Reloading<'_> {
    /// Loads the configuration at every signal.
    pub(super) async fn at_hangups(mut self, mut hangups: Signal) -> Infallible {
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

    /// What cannot be taken whole is not taken.
    async fn load(&mut self) -> Result<(), Error> {
        let file = self.flags.file()?;
        let hides_key = self.flags.hides_key_of(&file);
        let loaded = self.flags.settings_over(file)?;
        let renewed = loaded.front.tls.as_ref().map(certificate::load).transpose()?;
        let terms = loaded.app.terms();
        self.server.load_terms(terms).await?;
        let changed = self.take(&loaded, renewed).join(", ");
        tracing::info!(?terms, after = ?self.running.change_period, at_once = changed, "SIGHUP: these terms will take effect");
        let waits = self.waits(&loaded).join(", ");
        if !waits.is_empty() {
            tracing::warn!("SIGHUP: until the next start these stay as they were: {waits}");
        }
        if hides_key {
            tracing::warn!("SIGHUP: the file states another secret_key, which stays hidden by --key or KICKPROOF_KEY");
        }
        Ok(())
    }

    /// Takes what may change at once; what did.
    fn take(&mut self, loaded: &Settings, renewed: Option<Tls>) -> Vec<&'static str> {
        let mut changed = Vec::new();
        if let (Some(tls), Some(renewed)) = (&self.tls, &renewed) {
            tls.renew(renewed);
            changed.push("certificate");
        }
        let (app, running) = (&loaded.app, &mut self.running);
        if running.app.secret_key != app.secret_key {
            running.app.secret_key = app.secret_key.clone();
            changed.push("secret_key");
        }
        if running.app.administrators != app.administrators {
            running.app.administrators.clone_from(&app.administrators);
            changed.push("administrators");
        }
        self.server.let_in(app.secret_key.current(), loaded.front.key_overlap, app.administrators.clone());
        if let (Some(to), Some(target)) = (&self.webhook, &loaded.webhook)
            && running.webhook != loaded.webhook
        {
            to.set(target.clone());
            running.webhook = Some(target.clone());
            changed.push("webhook");
        }
        changed
    }

    /// What the file states otherwise than the server does.
    fn waits(&self, loaded: &Settings) -> Vec<&'static str> {
        let (running, front) = (&self.running, &self.running.front);
        let states = [
            ("sdk_app_id", running.app.sdk_app_id != loaded.app.sdk_app_id),
            ("listen", running.listen != loaded.listen),
            ("data or registry", running.registry != loaded.registry),
            ("node", running.node != loaded.node),
            ("poll_ms", running.poll != loaded.poll),
            ("webhook", running.webhook != loaded.webhook),
            ("change_period_s", running.change_period != loaded.change_period),
            ("usersig_ahead_s", running.app.usersig_ahead_s != loaded.app.usersig_ahead_s),
            ("buffers", running.app.buffers != loaded.app.buffers),
            ("tls_cert and tls_key", front.tls.is_some() != loaded.front.tls.is_some()),
            ("trusted_proxies", front.trusted_proxies != loaded.front.trusted_proxies),
            ("drain_s", front.drain != loaded.front.drain),
            ("allow_origins", front.allowed_origins != loaded.front.allowed_origins),
            ("backlog", front.backlog != loaded.front.backlog),
        ];
        states.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
    }
}
