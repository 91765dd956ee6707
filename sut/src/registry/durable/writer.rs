//! The one thread that writes: all jobs that wait are done in one transaction, which is synced before any of them is answered. It
//! never answers a job whose change may be lost.

use std::collections::VecDeque;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::Fault;
use super::store::{Changes, Store};
use crate::callback::Place;
use crate::config::TermsChange;
use crate::registry::{Commit, Pace, Unreachable, Write};
use crate::session::SessionDigest;

/// The most jobs of one transaction.
const MOST_JOBS: usize = 1024;

/// The most of them that are done at leisure, if no other is there: whoever comes meanwhile waits for them.
const MOST_AT_LEISURE: usize = 64;

/// The same beside others.
const MOST_BESIDE: usize = 32;

/// It is not waited for more of them if that were shorter: on such a disk there is little to share.
const SHORTEST_WAIT: Duration = Duration::from_micros(100);

/// How long it is waited for more of them at most.
const LONGEST_WAIT: Duration = Duration::from_millis(1);

/// Who waits for the end of a job.
pub(super) type Reply<T> = oneshot::Sender<Result<T, Unreachable>>;

/// What the writer is asked for.
#[derive(Debug)]
pub(super) enum Job {
    /// Compare and set the account's record; at leisure, behind all others.
    Commit(String, Write, Reply<Commit>),
    /// Take a callback out.
    Delivered(String, Place, Reply<()>),
    /// Set or forget what administrators changed.
    SetChanged(Option<TermsChange>, Reply<()>),
    /// Note which sessions are owed nothing as the node stops.
    NoteStop(Vec<(String, SessionDigest)>, Reply<()>),
    /// Take that note out.
    TakeStop(Reply<Vec<(String, SessionDigest)>>),
}

impl Job {
    const fn is_at_leisure(&self) -> bool {
        matches!(self, Job::Commit(_, Write { pace: Pace::AtLeisure, .. }, _))
    }
}

/// A job that is done once its transaction is synced.
enum Done {
    Commit(Commit, Reply<Commit>),
    Plain(Reply<()>),
    Taken(Vec<(String, SessionDigest)>, Reply<Vec<(String, SessionDigest)>>),
}

/// The jobs that wait, in two lanes.
struct Lanes<'a> {
    waiting: &'a mpsc::Receiver<Job>,
    at_once: VecDeque<Job>,
    at_leisure: VecDeque<Job>,
}

/// What the last transaction did at once, and how long it took.
#[derive(Default)]
struct Last {
    at_once: usize,
    took: Duration,
}

/// Does jobs until nobody can ask for one any more.
pub(super) fn run(store: &Store, waiting: &mpsc::Receiver<Job>) {
    let (mut lanes, mut last) = (Lanes::new(waiting), Last::default());
    while lanes.wait() {
        lanes.wait_for_more(&last);
        let (at_once, jobs) = lanes.take();
        let begun = Instant::now();
        write(store, jobs.into_iter());
        last = Last { at_once, took: begun.elapsed() };
    }
}

impl Lanes<'_> {
    fn new(waiting: &mpsc::Receiver<Job>) -> Lanes<'_> {
        Lanes { waiting, at_once: VecDeque::new(), at_leisure: VecDeque::new() }
    }

    /// Until a job waits; false if none ever will.
    fn wait(&mut self) -> bool {
        if self.at_once.is_empty() && self.at_leisure.is_empty() {
            let Ok(job) = self.waiting.recv() else { return false };
            self.put(job);
        }
        self.put_all();
        true
    }

    /// Whoever was just answered together may ask again together: if fewer wait than were answered last, it is waited for a part of the time
    /// that a transaction takes, in which a few more share the pages that each one writes.
    fn wait_for_more(&mut self, last: &Last) {
        let wait = (last.took / 2).min(LONGEST_WAIT);
        if self.at_once.len() < last.at_once && wait >= SHORTEST_WAIT {
            thread::sleep(wait);
            self.put_all();
        }
    }

    fn put_all(&mut self) {
        while let Ok(job) = self.waiting.try_recv() {
            self.put(job);
        }
    }

    fn put(&mut self, job: Job) {
        let lane = if job.is_at_leisure() { &mut self.at_leisure } else { &mut self.at_once };
        lane.push_back(job);
    }

    /// The jobs of the next transaction, and how many of them are done at once. The others are fewer if somebody waits for it.
    fn take(&mut self) -> (usize, Vec<Job>) {
        let at_once = self.at_once.len().min(MOST_JOBS);
        let most = if at_once == 0 { MOST_AT_LEISURE } else { MOST_BESIDE };
        let at_leisure = self.at_leisure.len().min(most);
        (at_once, self.at_once.drain(..at_once).chain(self.at_leisure.drain(..at_leisure)).collect())
    }
}

/// How a transaction failed.
enum Failure {
    /// Nothing of it is stored.
    Undone(Unreachable),
    /// All of it is stored, or nothing.
    Unknown(Unreachable),
}

/// Jobs that cannot be stored are answered as out of reach, the conflicts among them too; but for commits of which nobody knows. The store
/// is fit for the next ones.
fn write(store: &Store, jobs: impl Iterator<Item = Job>) {
    let mut done = Vec::new();
    let (stored, unknown) = match transact(store, jobs, &mut done) {
        Ok(()) => (Ok(()), false),
        Err(Failure::Undone(why)) => (Err(why), false),
        Err(Failure::Unknown(why)) => (Err(why), true),
    };
    if let Err(Unreachable(why)) = &stored {
        tracing::warn!(why, unknown, "what was to be stored is not, or nobody knows; the store is opened anew for what comes next");
        store.close();
    }
    for job in done {
        match job {
            Done::Commit(Commit::Done(_), answer) if unknown => drop(answer.send(Ok(Commit::Unknown))),
            Done::Commit(commit, answer) => drop(answer.send(stored.clone().map(|()| commit))),
            Done::Plain(answer) => drop(answer.send(stored.clone())),
            Done::Taken(note, answer) => drop(answer.send(stored.clone().map(|()| note))),
        }
    }
}

/// The jobs that a fault kept from being tried are answered by being dropped.
fn transact(store: &Store, jobs: impl Iterator<Item = Job>, done: &mut Vec<Done>) -> Result<(), Failure> {
    let undone = |fault: Fault| Failure::Undone(fault.into());
    let transaction = store.write().map_err(undone)?;
    let mut changes = Changes::of(&transaction).map_err(undone)?;
    for job in jobs {
        done.push(perform(&mut changes, job).map_err(undone)?);
    }
    drop(changes);
    transaction.commit().map_err(|error| Failure::Unknown(Fault::from(error).into()))
}

fn perform(changes: &mut Changes, job: Job) -> Result<Done, Fault> {
    Ok(match job {
        Job::Commit(user_id, write, answer) => Done::Commit(changes.commit(&user_id, write)?, answer),
        Job::Delivered(user_id, place, answer) => {
            changes.deliver(&user_id, place)?;
            Done::Plain(answer)
        }
        Job::SetChanged(changed, answer) => {
            changes.set_changed(changed)?;
            Done::Plain(answer)
        }
        Job::NoteStop(owed_nothing, answer) => {
            changes.note_stop(&owed_nothing)?;
            Done::Plain(answer)
        }
        Job::TakeStop(answer) => Done::Taken(changes.take_stop()?, answer),
    })
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use redb::backends::InMemoryBackend;
    use redb::{Builder, StorageBackend};

    use super::*;
    use crate::registry::Version;
    use crate::session::Record;

    /// A disk that syncs nothing any more once it failed.
    #[derive(Debug, Default)]
    struct Disk {
        memory: InMemoryBackend,
        failed: Arc<AtomicBool>,
    }

    impl StorageBackend for Disk {
        fn len(&self) -> io::Result<u64> {
            self.memory.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.memory.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.memory.set_len(len)
        }

        fn sync_data(&self) -> io::Result<()> {
            let failed = self.failed.load(Ordering::Relaxed);
            if failed { Err(io::ErrorKind::Other.into()) } else { self.memory.sync_data() }
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.memory.write(offset, data)
        }
    }

    /// What is answered to commits of one account on these versions, all in one transaction.
    fn answers<const N: usize>(store: &Store, versions: [u64; N]) -> [Result<Commit, Unreachable>; N] {
        let asked = versions.map(|expected| {
            let (answer, answered) = oneshot::channel();
            let record = Record { rest_kick_s: Some(1), ..Record::default() };
            let write = Write { expected: Version(expected), record, callbacks: vec![], passed: None, pace: Pace::AtOnce };
            (Job::Commit("alice".to_owned(), write, answer), answered)
        });
        let (jobs, answered): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        write(store, jobs.into_iter());
        let untried = |_| Err(Unreachable("it was not tried".to_owned()));
        let answers: Vec<_> = answered.into_iter().map(|mut answer| answer.try_recv().unwrap_or_else(untried)).collect();
        answers.try_into().expect("one each")
    }

    #[test]
    fn a_commit_is_unknown_if_its_transaction_fails_at_its_end_and_not_stored_if_that_cannot_begin() {
        let disk = Disk::default();
        let failed = Arc::clone(&disk.failed);
        let store = Store::over(Builder::new().create_with_backend(disk).unwrap());
        assert_eq!(answers(&store, [0, 0]), [Ok(Commit::Done(Version(1))), Ok(Commit::Conflict)]);
        failed.store(true, Ordering::Relaxed);
        let [unknown, conflict] = answers(&store, [1, 1]);
        assert_eq!((unknown, conflict.is_err()), (Ok(Commit::Unknown), true));
        assert!(answers(&store, [2])[0].is_err());
    }

    /// What waits: so many that are done at once, behind so many that are done at leisure.
    fn waiting(at_once: usize, at_leisure: usize) -> mpsc::Receiver<Job> {
        let (jobs, waiting) = mpsc::channel();
        for _ in 0..at_leisure {
            let write =
                Write { expected: Version(0), record: Record::default(), callbacks: vec![], passed: None, pace: Pace::AtLeisure };
            jobs.send(Job::Commit(String::new(), write, oneshot::channel().0)).unwrap();
        }
        for _ in 0..at_once {
            jobs.send(Job::SetChanged(None, oneshot::channel().0)).unwrap();
        }
        waiting
    }

    #[test]
    fn all_that_wait_are_of_one_transaction_up_to_a_bound_and_what_is_done_at_leisure_is_last() {
        let bounds = [
            ((1, 0), (1, 0)),
            ((MOST_JOBS + 5, 1), (MOST_JOBS, 1)),
            ((0, MOST_AT_LEISURE + 5), (0, MOST_AT_LEISURE)),
            ((3, MOST_AT_LEISURE + 5), (3, MOST_BESIDE)),
        ];
        for ((at_once, at_leisure), taken) in bounds {
            let waiting = waiting(at_once, at_leisure);
            let mut lanes = Lanes::new(&waiting);
            assert!(lanes.wait());
            let (first, jobs) = lanes.take();
            let last = jobs.iter().skip(first).filter(|job| job.is_at_leisure()).count();
            assert_eq!((first, last, jobs.len()), (taken.0, taken.1, taken.0 + taken.1));
        }
    }

    #[test]
    fn what_waits_is_done_before_the_writer_ends() {
        let waiting = waiting(1, 2 * MOST_AT_LEISURE);
        let (mut lanes, mut done) = (Lanes::new(&waiting), 0);
        while lanes.wait() {
            done += lanes.take().1.len();
        }
        assert_eq!(done, 1 + 2 * MOST_AT_LEISURE);
    }
}
