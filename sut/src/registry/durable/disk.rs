//! The disk below a data folder's file, as a test or a bench wants it: slow, hung for a while, and counted. A registry that is opened
//! without one has nothing of the sort between its store and its file. It changes nothing that is read or written.

use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

/// A disk whose syncs last as long as it is told, and which counts what is asked of it.
#[derive(Debug, Default)]
pub struct Disk {
    more: Duration,
    syncs: AtomicU64,
    written: AtomicU64,
    hangs: Mutex<bool>,
    goes_on: Condvar,
}

/// No sync of the disk is over before this is dropped.
#[derive(Debug)]
#[must_use = "the disk goes on as soon as it is dropped"]
pub struct Hung<'a>(&'a Disk);

impl Drop for Hung<'_> {
    fn drop(&mut self) {
        *self.0.hangs() = false;
        self.0.goes_on.notify_all();
    }
}

impl Disk {
    /// One on which every sync takes so much more.
    pub fn slower_by(more: Duration) -> Disk {
        Disk { more, ..Disk::default() }
    }

    /// From now on no sync is over, the one that is under way included, until the answer is dropped. It hangs once at a time.
    pub fn hang(&self) -> Hung<'_> {
        *self.hangs() = true;
        Hung(self)
    }

    /// How many syncs began.
    pub fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::SeqCst)
    }

    /// How many bytes it was told to write.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }

    fn hangs(&self) -> MutexGuard<'_, bool> {
        self.hangs.lock().expect("nothing panics while it holds the lock")
    }

    fn sync(&self, file: &FileBackend) -> io::Result<()> {
        self.syncs.fetch_add(1, Ordering::SeqCst);
        let synced = file.sync_data();
        thread::sleep(self.more);
        drop(self.goes_on.wait_while(self.hangs(), |hangs| *hangs));
        synced
    }
}

/// A file on such a disk.
#[derive(Debug)]
pub(super) struct OnDisk {
    pub(super) file: FileBackend,
    pub(super) disk: Arc<Disk>,
}

impl StorageBackend for OnDisk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.sync(&self.file)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.written.fetch_add(data.len() as u64, Ordering::SeqCst);
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
