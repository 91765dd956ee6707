//! A registry as a server with a webhook sees it, and as one without sees it. Neither stores anything itself.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::callback::CallbackId;
use crate::registry::{Commit, Layer, Registry, Unreachable, Write};

/// A registry whose commits name their callbacks, and tell the deliverer which account is owed something since.
#[derive(Debug)]
pub struct Announced<R> {
    registry: Arc<R>,
    announce: mpsc::UnboundedSender<String>,
}

impl<R> Announced<R> {
    pub(super) fn new(registry: Arc<R>, announce: mpsc::UnboundedSender<String>) -> Announced<R> {
        Announced { registry, announce }
    }
}

impl<R: Registry> Layer for Announced<R> {
    type Within = R;

    fn within(&self) -> &R {
        &self.registry
    }

    /// A commit that failed may be stored all the same; asking after nothing costs little.
    async fn store(&self, user_id: &str, mut write: Write) -> Result<Commit, Unreachable> {
        write.callbacks.iter_mut().for_each(|callback| callback.id = CallbackId(rand::random()));
        let owed = !write.callbacks.is_empty();
        let commit = self.within().store(user_id, write).await;
        if owed && commit != Ok(Commit::Conflict) {
            let _ = self.announce.send(user_id.to_owned());
        }
        commit
    }
}

/// A registry of a server without a webhook: nobody will ever take its callbacks, so none is stored.
#[derive(Debug)]
pub struct Unheard<R>(pub R);

impl<R: Registry> Layer for Unheard<R> {
    type Within = R;

    fn within(&self) -> &R {
        &self.0
    }

    async fn store(&self, user_id: &str, write: Write) -> Result<Commit, Unreachable> {
        self.within().store(user_id, Write { callbacks: Vec::new(), ..write }).await
    }
}
