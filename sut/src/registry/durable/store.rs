//! The tables of a data folder's file, and what is read from and written to them. It starts no thread and decides when nothing is
//! synced: the writer does.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use redb::backends::FileBackend;
use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable, Table, TableDefinition, WriteTransaction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::accounts::{self, Accounts};
use super::disk::{Disk, OnDisk};
use super::error::{CannotOpen, Fault};
use crate::callback::{self, Callback, Place, Queued};
use crate::config::TermsChange;
use crate::registry::{Commit, Version, Write};
use crate::session::{Record, SessionDigest};

/// How the tables are laid out; another number is another version's file.
const FORMAT: u64 = 6;

/// Who may read and write a file that is made: it tells which account is online where, though nothing that speaks for a session.
const OWNER_ONLY: u32 = 0o600;

/// The most memory for pages of the file that were read.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// What the file says of itself.
const ABOUT: TableDefinition<&str, u64> = TableDefinition::new("about");
const FORMAT_IS: &str = "format";
const APP_IS: &str = "sdk_app_id";

/// The rows of [`super::accounts`].
const ACCOUNTS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("accounts");

/// By account, version and index: what is owed, in JSON.
const OUTBOX: TableDefinition<(&str, u64, u32), &[u8]> = TableDefinition::new("outbox");

/// In JSON, what administrators changed of the terms; it has one row or none.
const TERMS: TableDefinition<(), &[u8]> = TableDefinition::new("terms");

/// In JSON, which sessions a node that stopped owed nothing; it has one row, or none once a node has started since.
const STOP: TableDefinition<(), &[u8]> = TableDefinition::new("stop");

/// A file, open but for a while after a fault: behind one it takes nothing more until it is opened anew.
pub(super) struct Store {
    file: PathBuf,
    /// What the file stands on, if that is anything but the disk itself.
    disk: Option<Arc<Disk>>,
    database: Mutex<Option<Database>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the file of an app, or makes one without an account if there is no file. One of 0 bytes is a file that lost what it held.
    pub(super) fn open(file: &Path, sdk_app_id: u64, disk: Option<Arc<Disk>>) -> Result<Store, CannotOpen> {
        let database = match OpenOptions::new().read(true).write(true).create_new(true).mode(OWNER_ONLY).open(file) {
            Ok(made) => database(&builder(), made, disk.as_ref()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                opened(builder().set_check_integrity_on_open(true), file, disk.as_ref())
            }
            Err(error) => return Err(CannotOpen::Folder { folder: file.to_owned(), error }),
        };
        let database = database.map_err(|error| CannotOpen::of(file, error))?;
        let damaged = |fault: Fault| CannotOpen::Damaged { file: file.to_owned(), what: fault.to_string() };
        let store = Store { file: file.to_owned(), disk, database: Mutex::new(Some(database)) };
        match store.about(sdk_app_id).map_err(damaged)? {
            (FORMAT, found) if found == sdk_app_id => Ok(store),
            (FORMAT, found) => Err(CannotOpen::OtherApp { file: file.to_owned(), found, asked: sdk_app_id }),
            (found, _) => Err(CannotOpen::OtherVersion {
                file: file.to_owned(),
                what: format!("its format is {found}, and {FORMAT} is what is read here"),
            }),
        }
    }

    /// The format and the app that the file states; a file without any table gets all of them, this format and this app.
    fn about(&self, sdk_app_id: u64) -> Result<(u64, u64), Fault> {
        let transaction = self.write()?;
        let fresh = transaction.list_tables()?.next().is_none();
        let found = {
            let mut about = transaction.open_table(ABOUT)?;
            if fresh {
                about.insert(FORMAT_IS, FORMAT)?;
                about.insert(APP_IS, sdk_app_id)?;
                transaction.open_table(ACCOUNTS)?;
                transaction.open_table(OUTBOX)?;
                transaction.open_table(TERMS)?;
                transaction.open_table(STOP)?;
            }
            let stated = |name| about.get(name).map(|row| row.map_or(0, |row| row.value()));
            (stated(FORMAT_IS)?, stated(APP_IS)?)
        };
        if fresh {
            transaction.commit()?;
        }
        Ok(found)
    }

    /// One whose file is not there once it was closed.
    #[cfg(test)]
    pub(super) fn over(database: Database) -> Store {
        let store = Store { file: PathBuf::from("/nowhere"), disk: None, database: Mutex::new(Some(database)) };
        store.about(1).expect("it takes all that is written");
        store
    }

    /// A transaction that is synced once it is committed. Only one is open at a time.
    pub(super) fn write(&self) -> Result<WriteTransaction, Fault> {
        self.begin(Database::begin_write)
    }

    fn read(&self) -> Result<ReadTransaction, Fault> {
        self.begin(Database::begin_read)
    }

    /// Begins a transaction; the file is opened anew if it was closed.
    fn begin<T, E: Into<redb::Error>>(&self, begin: impl FnOnce(&Database) -> Result<T, E>) -> Result<T, Fault> {
        let database = &mut *self.database.lock().expect("nothing panics while it holds the lock");
        let open = match database {
            Some(open) => open,
            closed => closed.insert(opened(&builder(), &self.file, self.disk.as_ref())?),
        };
        Ok(begin(open)?)
    }

    /// Closes the file behind a fault; the next transaction opens it anew.
    pub(super) fn close(&self) {
        *self.database.lock().expect("nothing panics while it holds the lock") = None;
    }

    pub(super) fn load(&self, user_id: &str) -> Result<(Record, Version), Fault> {
        accounts::load(&self.read()?.open_table(ACCOUNTS)?, user_id)
    }

    pub(super) fn accounts(&self) -> Result<Vec<String>, Fault> {
        accounts::names(&self.read()?.open_table(ACCOUNTS)?)
    }

    pub(super) fn owed(&self) -> Result<Vec<String>, Fault> {
        let outbox = self.read()?.open_table(OUTBOX)?;
        let mut owed: Vec<String> = Vec::new();
        while let Some(row) = outbox.range(after(owed.last().map_or("", String::as_str))..)?.next() {
            owed.push(row?.0.value().0.to_owned());
        }
        Ok(owed)
    }

    pub(super) fn changed(&self) -> Result<Option<TermsChange>, Fault> {
        let terms = self.read()?.open_table(TERMS)?;
        let row = terms.get(())?;
        row.map(|row| parse(row.value(), || "what an administrator has changed".to_owned())).transpose()
    }

    pub(super) fn oldest(&self, user_id: &str) -> Result<Option<Queued>, Fault> {
        let outbox = self.read()?.open_table(OUTBOX)?;
        let Some(row) = outbox.range((user_id, 0, 0)..=after(user_id))?.next() else {
            return Ok(None);
        };
        let (key, json) = row?;
        let (_, version, index) = key.value();
        let callback = parse(json.value(), || format!("a callback of {user_id}"))?;
        Ok(Some(Queued { place: Place { version: Version(version), index }, callback }))
    }
}

/// What an open file holds; an empty one becomes an empty store.
fn database(builder: &Builder, file: File, disk: Option<&Arc<Disk>>) -> Result<Database, DatabaseError> {
    let file = FileBackend::new(file)?;
    match disk {
        None => builder.create_with_backend(file),
        Some(disk) => builder.create_with_backend(OnDisk { file, disk: Arc::clone(disk) }),
    }
}

/// A file that is there already.
fn opened(builder: &Builder, file: &Path, disk: Option<&Arc<Disk>>) -> Result<Database, DatabaseError> {
    match disk {
        None => builder.open(file),
        Some(_) => database(builder, OpenOptions::new().read(true).write(true).open(file)?, disk),
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// Behind every callback of that account, and before the next account's.
const fn after(user_id: &str) -> (&str, u64, u32) {
    (user_id, u64::MAX, u32::MAX)
}

type OutboxTable<'t> = Table<'t, (&'static str, u64, u32), &'static [u8]>;

/// What is written within one transaction. It is to be dropped before that is committed.
pub(super) struct Changes<'t> {
    transaction: &'t WriteTransaction,
    accounts: Accounts<'t>,
    /// Opened once something is owed or delivered.
    outbox: Option<OutboxTable<'t>>,
}

impl<'t> Changes<'t> {
    pub(super) fn of(transaction: &'t WriteTransaction) -> Result<Changes<'t>, Fault> {
        Ok(Changes { transaction, accounts: transaction.open_table(ACCOUNTS)?, outbox: None })
    }

    /// Compares and sets.
    pub(super) fn commit(&mut self, user_id: &str, write: Write) -> Result<Commit, Fault> {
        let Write { expected, record, callbacks, passed: _, pace: _ } = write;
        let commit = accounts::commit(&mut self.accounts, user_id, expected, record)?;
        if let Commit::Done(version) = commit
            && !callbacks.is_empty()
        {
            self.owe(user_id, version, callbacks)?;
        }
        Ok(commit)
    }

    fn owe(&mut self, user_id: &str, version: Version, callbacks: Vec<Callback>) -> Result<(), Fault> {
        let outbox = self.outbox()?;
        for Queued { place, callback } in callback::queue(version, callbacks) {
            outbox.insert((user_id, place.version.0, place.index), written(&callback).as_slice())?;
        }
        Ok(())
    }

    /// Takes a callback out.
    pub(super) fn deliver(&mut self, user_id: &str, place: Place) -> Result<(), Fault> {
        self.outbox()?.remove((user_id, place.version.0, place.index))?;
        Ok(())
    }

    fn outbox(&mut self) -> Result<&mut OutboxTable<'t>, Fault> {
        match &mut self.outbox {
            Some(outbox) => Ok(outbox),
            closed => Ok(closed.insert(self.transaction.open_table(OUTBOX)?)),
        }
    }

    /// Sets or forgets what administrators changed.
    pub(super) fn set_changed(&self, changed: Option<TermsChange>) -> Result<(), Fault> {
        let mut table = self.transaction.open_table(TERMS)?;
        match changed {
            Some(changed) => drop(table.insert((), written(&changed).as_slice())?),
            None => drop(table.remove(())?),
        }
        Ok(())
    }

    /// Notes which sessions are owed nothing, in place of any other note.
    pub(super) fn note_stop(&self, owed_nothing: &[(String, SessionDigest)]) -> Result<(), Fault> {
        self.transaction.open_table(STOP)?.insert((), written(&owed_nothing).as_slice())?;
        Ok(())
    }

    /// Takes that note out; it is empty if there is none.
    pub(super) fn take_stop(&self) -> Result<Vec<(String, SessionDigest)>, Fault> {
        let mut table = self.transaction.open_table(STOP)?;
        let note = table.remove(())?;
        note.map_or_else(|| Ok(Vec::new()), |row| parse(row.value(), || "the note of the last stop".to_owned()))
    }
}

fn written<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("every key is a text and every number finite")
}

fn parse<T: DeserializeOwned>(json: &[u8], what: impl FnOnce() -> String) -> Result<T, Fault> {
    serde_json::from_slice(json).map_err(|error| Fault::Malformed { what: what(), error })
}
