//! The one thread that writes: all jobs that wait are done in one transaction, which is synced before any of them is answered. It
//! never answers a job whose change may be lost.

use redb::WriteTransaction;
use tokio::sync::{mpsc, oneshot};

use super::error::Fault;
use super::store::{self, Store};
use crate::callback::{Callback, CallbackId};
use crate::config::TermsChange;
use crate::registry::{Commit, Unreachable, Version};
use crate::session::{Record, SessionDigest};

/// The most jobs of one transaction.
const MOST_JOBS: usize = 1024;

/// Who waits for the end of a job.
pub(super) type Answer<T> = oneshot::Sender<Result<T, Unreachable>>;

/// What a commit stores.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) user_id: String,
    pub(super) expected: Version,
    pub(super) record: Record,
    pub(super) callbacks: Vec<Callback>,
}

/// What the writer is asked for.
#[derive(Debug)]
pub(super) enum Job {
    /// Compare and set.
    Commit(Write, Answer<Commit>),
    /// Take a callback out.
    Delivered(String, CallbackId, Answer<()>),
    /// Set or forget what administrators changed.
    SetChanged(Option<TermsChange>, Answer<()>),
    /// Note which sessions are owed nothing as the node stops.
    NoteStop(Vec<(String, SessionDigest)>, Answer<()>),
    /// Take that note out.
    TakeStop(Answer<Vec<(String, SessionDigest)>>),
}

/// A job that is done once its transaction is synced.
enum Done {
    Commit(Commit, Answer<Commit>),
    Plain(Answer<()>),
    Taken(Vec<(String, SessionDigest)>, Answer<Vec<(String, SessionDigest)>>),
}

/// Does jobs until nobody can ask for one any more.
pub(super) fn run(store: &Store, mut waiting: mpsc::UnboundedReceiver<Job>) {
    let mut jobs = Vec::new();
    while waiting.blocking_recv_many(&mut jobs, MOST_JOBS) > 0 {
        write(store, jobs.drain(..));
    }
}

/// Jobs that cannot be stored are answered as out of reach, the conflicts among them too; the store is fit for the next ones.
fn write(store: &Store, jobs: impl Iterator<Item = Job>) {
    let mut done = Vec::new();
    let stored = transact(store, jobs, &mut done);
    if let Err(Unreachable(why)) = &stored {
        tracing::warn!(why, "what was to be stored is not; the store is opened anew for what comes next");
        store.close();
    }
    for job in done {
        match job {
            Done::Commit(commit, answer) => drop(answer.send(stored.clone().map(|()| commit))),
            Done::Plain(answer) => drop(answer.send(stored.clone())),
            Done::Taken(note, answer) => drop(answer.send(stored.clone().map(|()| note))),
        }
    }
}

/// The jobs that a fault kept from being tried are answered by being dropped.
fn transact(store: &Store, jobs: impl Iterator<Item = Job>, done: &mut Vec<Done>) -> Result<(), Unreachable> {
    let transaction = store.write()?;
    for job in jobs {
        done.push(perform(&transaction, job)?);
    }
    transaction.commit().map_err(Fault::from)?;
    Ok(())
}

fn perform(transaction: &WriteTransaction, job: Job) -> Result<Done, Fault> {
    Ok(match job {
        Job::Commit(write, answer) => Done::Commit(store::commit(transaction, write)?, answer),
        Job::Delivered(user_id, id, answer) => {
            store::deliver(transaction, &user_id, id)?;
            Done::Plain(answer)
        }
        Job::SetChanged(changed, answer) => {
            store::set_changed(transaction, changed)?;
            Done::Plain(answer)
        }
        Job::NoteStop(owed_nothing, answer) => {
            store::note_stop(transaction, &owed_nothing)?;
            Done::Plain(answer)
        }
        Job::TakeStop(answer) => Done::Taken(store::take_stop(transaction)?, answer),
    })
}
