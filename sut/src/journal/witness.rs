//! A registry whose commits are written down, if there is a journal. It stores nothing itself.

use std::sync::{Arc, Mutex};

use super::NodeScribe;
use crate::callback::Callback;
use crate::registry::{Commit, Registry, Unreachable, Version};
use crate::session::{Record, SessionDigest};

/// A registry, and the journal of the one node that asks it.
pub(crate) struct Witness<R> {
    registry: R,
    scribe: Option<Arc<Mutex<NodeScribe>>>,
}

impl<R> Witness<R> {
    pub(crate) const fn new(registry: R, scribe: Option<Arc<Mutex<NodeScribe>>>) -> Witness<R> {
        Witness { registry, scribe }
    }
}

impl<R: Registry> Registry for Witness<R> {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        self.registry.load(user_id).await
    }

    /// What stood before is loaded once more: nobody else commits while the node's one task does.
    async fn commit(
        &self,
        user_id: &str,
        expected: Version,
        record: Record,
        callbacks: Vec<Callback>,
    ) -> Result<Commit, Unreachable> {
        let Some(scribe) = &self.scribe else {
            return self.registry.commit(user_id, expected, record, callbacks).await;
        };
        let ((before, _), after) = (self.registry.load(user_id).await?, record.clone());
        let commit = self.registry.commit(user_id, expected, record, callbacks).await?;
        if let Commit::Done(version) = commit {
            scribe.lock().expect("nothing panics while it holds the lock").committed(user_id, version, &before, &after);
        }
        Ok(commit)
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        self.registry.accounts().await
    }

    async fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> Result<(), Unreachable> {
        self.registry.note_stop(owed_nothing).await
    }

    async fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Unreachable> {
        self.registry.take_stop().await
    }
}
