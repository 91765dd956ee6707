//! The registry of one machine: an embedded store in a file of a data folder. What a commit was told to be stored is there after a
//! SIGKILL and a loss of power. It knows no rule, and never lets two processes at one folder.
//!
//! ```text
//!  load, accounts, owed, oldest, changed ──────────────────────────────▶ read from the last commit, where they are asked
//!  commit, delivered, set_changed, ──▶ writer's thread ──▶ all that wait, in one transaction ──▶ synced ──▶ all are answered
//!    note_stop, take_stop
//! ```
//!
//! Grouping is sound, since nobody is answered before the transaction that holds his change is synced, the changes in it are made
//! one after the other, each on what the one before left, and a transaction that fails is answered to all as out of reach.

mod accounts;
mod disk;
mod error;
mod layout;
mod rows;
mod store;
mod writer;

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::{Commit, Outbox, Registry, TermsStore, Unreachable, Version, Write};
use crate::callback::Queued;
use crate::config::TermsChange;
use crate::session::{Record, SessionDigest};
use store::Store;
use writer::{Job, Reply};

pub use disk::{Disk, Hung};
pub use error::CannotOpen;

/// The one file of a data folder.
const FILE: &str = "registry.redb";

/// Records, callbacks and terms in a file. Dropping it waits for what was asked of it and frees the folder.
#[derive(Debug)]
pub struct Durable {
    store: Arc<Store>,
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
}

impl Durable {
    /// Opens an app's registry in a data folder, both of which are made if they are missing, but no folder above; a registry stays that
    /// app's for good. A file that is made can be read by its owner only. It is read whole once, so that damage is found now and not later.
    ///
    /// # Errors
    /// The folder cannot be used, another process uses it, or what it holds is damaged or another app's.
    pub fn open(folder: &Path, sdk_app_id: u64) -> Result<Durable, CannotOpen> {
        Durable::open_with(folder, sdk_app_id, None)
    }

    /// The same on a disk that a test or a bench slows down and counts.
    ///
    /// # Errors
    /// As [`Durable::open`].
    pub fn open_on(disk: Arc<Disk>, folder: &Path, sdk_app_id: u64) -> Result<Durable, CannotOpen> {
        Durable::open_with(folder, sdk_app_id, Some(disk))
    }

    fn open_with(folder: &Path, sdk_app_id: u64, disk: Option<Arc<Disk>>) -> Result<Durable, CannotOpen> {
        let unusable = |error| CannotOpen::Folder { folder: folder.to_owned(), error };
        make(folder)?;
        let store = Arc::new(Store::open(&folder.join(FILE), sdk_app_id, disk)?);
        File::open(folder).and_then(|made| made.sync_all()).map_err(unusable)?;
        let (jobs, waiting) = mpsc::channel();
        let writing = Arc::clone(&store);
        let thread = std::thread::Builder::new().name("registry".to_owned());
        let writer = thread.spawn(move || writer::run(&writing, &waiting)).map_err(unusable)?;
        Ok(Durable { store, jobs: Some(jobs), writer: Some(writer) })
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, Unreachable> {
        let not_stored = || Unreachable("the change was not stored".to_owned());
        let (answer, answered) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(not_stored)?;
        jobs.send(job(answer)).map_err(|_| not_stored())?;
        answered.await.unwrap_or_else(|_| Err(not_stored()))
    }
}

/// A misspelt path makes no folders: only the last part of it may be missing.
fn make(folder: &Path) -> Result<(), CannotOpen> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(CannotOpen::Nowhere { folder: folder.to_owned() }),
        made => made.map_err(|error| CannotOpen::Folder { folder: folder.to_owned(), error }),
    }
}

impl Drop for Durable {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Registry for Durable {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        Ok(self.store.load(user_id)?)
    }

    async fn store(&self, user_id: &str, write: Write) -> Result<Commit, Unreachable> {
        let user_id = user_id.to_owned();
        self.ask(|answer| Job::Commit(user_id, write, answer)).await
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        Ok(self.store.accounts()?)
    }

    async fn note_stop(&self, owed_nothing: Vec<(String, SessionDigest)>) -> Result<(), Unreachable> {
        self.ask(|answer| Job::NoteStop(owed_nothing, answer)).await
    }

    async fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Unreachable> {
        self.ask(Job::TakeStop).await
    }
}

impl Outbox for Durable {
    async fn owed(&self) -> Result<Vec<String>, Unreachable> {
        Ok(self.store.owed()?)
    }

    async fn oldest(&self, user_id: &str) -> Result<Option<Queued>, Unreachable> {
        Ok(self.store.oldest(user_id)?)
    }

    async fn delivered(&self, user_id: &str, queued: &Queued) -> Result<(), Unreachable> {
        let user_id = user_id.to_owned();
        let place = queued.place;
        self.ask(|answer| Job::Delivered(user_id, place, answer)).await
    }
}

impl TermsStore for Durable {
    async fn changed(&self) -> Result<Option<TermsChange>, Unreachable> {
        Ok(self.store.changed()?)
    }

    async fn set_changed(&self, changed: Option<TermsChange>) -> Result<(), Unreachable> {
        self.ask(|answer| Job::SetChanged(changed, answer)).await
    }
}
