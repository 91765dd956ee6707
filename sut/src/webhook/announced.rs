//! A registry as a server with a webhook sees it, and as one without sees it. Neither stores anything itself.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::callback::Callback;
use crate::registry::{Commit, Registry, Unreachable, Version};
use crate::session::{Record, SessionDigest};

/// A registry whose commits tell the deliverer which account is owed something since.
#[derive(Debug)]
pub struct Announced<R> {
    registry: Arc<R>,
    announce: mpsc::UnboundedSender<String>,
}

impl<R> Announced<R> {
    pub(super) fn new(registry: Arc<R>, announce: mpsc::UnboundedSender<String>) -> Announced<R> {
        Announced { registry, announce }
    }

    /// A commit that failed may be stored all the same; asking after nothing costs little.
    fn announce(&self, user_id: &str, owed: bool, commit: Result<Commit, Unreachable>) -> Result<Commit, Unreachable> {
        if owed && commit != Ok(Commit::Conflict) {
            let _ = self.announce.send(user_id.to_owned());
        }
        commit
    }
}

impl<R: Registry> Registry for Announced<R> {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        self.registry.load(user_id).await
    }

    async fn commit(
        &self,
        user_id: &str,
        expected: Version,
        record: Record,
        callbacks: Vec<Callback>,
    ) -> Result<Commit, Unreachable> {
        let owed = !callbacks.is_empty();
        let commit = self.registry.commit(user_id, expected, record, callbacks).await;
        self.announce(user_id, owed, commit)
    }

    async fn commit_at_leisure(
        &self,
        user_id: &str,
        expected: Version,
        record: Record,
        callbacks: Vec<Callback>,
    ) -> Result<Commit, Unreachable> {
        let owed = !callbacks.is_empty();
        let commit = self.registry.commit_at_leisure(user_id, expected, record, callbacks).await;
        self.announce(user_id, owed, commit)
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

/// A registry of a server without a webhook: nobody will ever take its callbacks, so none is stored.
#[derive(Debug)]
pub struct Unheard<R>(pub R);

impl<R: Registry> Registry for Unheard<R> {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        self.0.load(user_id).await
    }

    async fn commit(&self, user_id: &str, expected: Version, record: Record, _: Vec<Callback>) -> Result<Commit, Unreachable> {
        self.0.commit(user_id, expected, record, Vec::new()).await
    }

    async fn commit_at_leisure(
        &self,
        user_id: &str,
        expected: Version,
        record: Record,
        _: Vec<Callback>,
    ) -> Result<Commit, Unreachable> {
        self.0.commit_at_leisure(user_id, expected, record, Vec::new()).await
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        self.0.accounts().await
    }

    async fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> Result<(), Unreachable> {
        self.0.note_stop(owed_nothing).await
    }

    async fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Unreachable> {
        self.0.take_stop().await
    }
}
