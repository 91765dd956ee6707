//! A registry that marks each question as work under way, so that a node which waits for an answer does not count as idle. It stores
//! nothing itself.

use std::sync::Arc;

use super::{Ready, Records};
use crate::config::TermsChange;
use crate::registry::{Commit, Registry, TermsStore, Unreachable, Version, Write};
use crate::session::{Record, Reign, SessionDigest};
use crate::timers::quiet::Quiet;

/// A registry whose questions are seen.
pub(in crate::server) struct Watched<R> {
    registry: Arc<R>,
    quiet: Quiet,
}

impl<R> Clone for Watched<R> {
    fn clone(&self) -> Watched<R> {
        Watched { registry: Arc::clone(&self.registry), quiet: self.quiet.clone() }
    }
}

impl<R> Watched<R> {
    pub(in crate::server) fn new(registry: R, quiet: Quiet) -> Watched<R> {
        Watched::sharing(Arc::new(registry), quiet)
    }

    pub(in crate::server) fn sharing(registry: Arc<R>, quiet: Quiet) -> Watched<R> {
        Watched { registry, quiet }
    }
}

impl<R: Registry> Registry for Watched<R> {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        let _working = self.quiet.work();
        self.registry.load(user_id).await
    }

    async fn store(&self, user_id: &str, write: Write) -> Result<Commit, Unreachable> {
        let _working = self.quiet.work();
        self.registry.store(user_id, write).await
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        let _working = self.quiet.work();
        self.registry.accounts().await
    }

    async fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> Result<(), Unreachable> {
        let _working = self.quiet.work();
        self.registry.note_stop(owed_nothing).await
    }

    async fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Unreachable> {
        let _working = self.quiet.work();
        self.registry.take_stop().await
    }
}

impl<R: TermsStore> TermsStore for Watched<R> {
    async fn changed(&self) -> Result<Option<TermsChange>, Unreachable> {
        let _working = self.quiet.work();
        self.registry.changed().await
    }

    async fn set_changed(&self, changed: Option<TermsChange>) -> Result<(), Unreachable> {
        let _working = self.quiet.work();
        self.registry.set_changed(changed).await
    }

    fn reign(&self) -> Reign {
        self.registry.reign()
    }

    async fn keep(&self, since: Reign) -> Result<(), Unreachable> {
        let _working = self.quiet.work();
        self.registry.keep(since).await
    }
}

impl<R: Registry> Records for Watched<R> {
    fn record(&self, user_id: String) -> Ready<'_, Record> {
        Box::pin(async move { Ok(self.load(&user_id).await?.0) })
    }

    fn forget(&self, user_id: String) -> Ready<'_, ()> {
        Box::pin(async move {
            let (_, version) = self.load(&user_id).await?;
            match self.commit(&user_id, version, Record::default(), Vec::new()).await? {
                Commit::Done(_) => Ok(()),
                Commit::Conflict | Commit::Unknown => Err(Unreachable("the account is in use".to_owned())),
            }
        })
    }
}
