//! What all connections of a node share. It does nothing.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::actor::NodeMessage;
use super::crowd::Crowd;
use super::metrics::Metrics;
use crate::config::Bounds;
use crate::kick_log::Addresses;
use crate::timers::Time;

/// Where a connection's words go, and what it is held to.
pub(super) struct Host {
    pub(super) told: mpsc::UnboundedSender<NodeMessage>,
    pub(super) time: Arc<dyn Time>,
    pub(super) metrics: Metrics,
    /// What notes whom a link speaks for.
    pub(super) addresses: Addresses,
    pub(super) bounds: Bounds,
    /// Who is connected.
    pub(super) crowd: Crowd,
}

impl Host {
    /// A node that is gone needs to be told nothing.
    pub(super) fn tell(&self, what: NodeMessage) {
        let _ = self.told.send(what);
    }
}
