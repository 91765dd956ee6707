//! Whose turn it is to post: of several nodes one at a time does, for as long as its lease holds (NODE-6). A node that is alone always does.

use std::sync::{Arc, OnceLock, RwLock};

use tokio::sync::mpsc::{UnboundedSender, WeakUnboundedSender};
use tokio::time::Instant;

use super::UNPOISONED;

/// The turn of one node; its clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn {
    until: Arc<RwLock<Until>>,
    announce: Arc<OnceLock<WeakUnboundedSender<String>>>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Until {
    #[default]
    Always,
    Then(Instant),
}

impl Turn {
    /// It is this node's turn until then.
    pub(super) fn take(&self, until: Instant) {
        *self.until.write().expect(UNPOISONED) = Until::Then(until);
    }

    pub(super) fn is_on(&self) -> bool {
        match *self.until.read().expect(UNPOISONED) {
            Until::Always => true,
            Until::Then(until) => Instant::now() < until,
        }
    }

    /// Accounts are announced there.
    pub(super) fn announces(&self, announce: &UnboundedSender<String>) {
        let _ = self.announce.set(announce.downgrade());
    }

    /// The account may be owed something, if it is anybody's turn here to send it.
    pub(super) fn announce(&self, user_id: &str) {
        if self.is_on()
            && let Some(announce) = self.announce.get().and_then(WeakUnboundedSender::upgrade)
        {
            let _ = announce.send(user_id.to_owned());
        }
    }
}
