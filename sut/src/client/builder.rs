//! How an instance is started: who it is, where its server is, and what else an application may want to say. It decides nothing.

use std::sync::Arc;

use super::machine::Options;
use super::{BadAddress, Client, Connect, Events, TcpConnector};
use crate::journal::{InstanceScribe, Journal};
use crate::timers::{SystemTime, Time};

/// An instance that is about to start, on the system's time and without a journal unless it is told otherwise.
#[must_use = "it starts once it is told where its server is"]
pub struct Builder {
    options: Options,
    time: Arc<dyn Time>,
    journal: Option<Journal>,
}

impl Builder {
    pub(super) fn of(options: Options) -> Builder {
        Builder { options, time: Arc::new(SystemTime), journal: None }
    }

    /// Its clock and its timers are these.
    pub fn time(self, time: Arc<dyn Time>) -> Builder {
        Builder { time, ..self }
    }

    /// Everything that it does is written down in this journal.
    pub fn journal(self, journal: Journal) -> Builder {
        Builder { journal: Some(journal), ..self }
    }

    /// Starts it, logged out and without a link; its links will lead to the server at that address, as [`TcpConnector::new`] reads it.
    ///
    /// # Errors
    ///
    /// If that is no address. Nothing is started then.
    ///
    /// # Panics
    ///
    /// If called outside of a tokio runtime.
    pub fn connect(self, address: &str) -> Result<(Client, Events), BadAddress> {
        Ok(self.connector(TcpConnector::new(address)?))
    }

    /// The same with links that are opened so.
    ///
    /// # Panics
    ///
    /// If called outside of a tokio runtime.
    pub fn connector(self, connector: impl Connect) -> (Client, Events) {
        let Builder { options, time, journal } = self;
        let scribe = journal.map(|journal| InstanceScribe::start(journal, options.key, options.platform, options.epoch));
        Client::start(options, connector, time, scribe)
    }
}
