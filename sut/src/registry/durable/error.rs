//! Why a data folder cannot be opened, or its file not be read, in one line each. It repairs nothing.

use std::path::{Path, PathBuf};
use std::{fs, io};

use redb::{DatabaseError, StorageError};

use crate::registry::Unreachable;

/// Why a data folder cannot be opened, in one line.
#[derive(Debug, thiserror::Error)]
pub enum CannotOpen {
    /// It is no folder, may not be written, or the disk fails.
    #[error("{}: the data folder cannot be used: {error}", folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Neither it nor the folder that it would be made in is there.
    #[error("{}: the data folder is not there, nor is the folder that it would be made in, which must be made first", folder.display())]
    Nowhere {
        /// Which.
        folder: PathBuf,
    },
    /// Another process has it.
    #[error("{}: another process uses this data folder", file.display())]
    InUse {
        /// The file that is locked.
        file: PathBuf,
    },
    /// Another version wrote it, or another program did.
    #[error("{}: the file is of another version: {what}; move it away to start with an empty registry", file.display())]
    OtherVersion {
        /// Which file.
        file: PathBuf,
        /// What is found and what is expected.
        what: String,
    },
    /// It is another app's.
    #[error("{}: the registry is of SDKAppID {found}, and {asked} is to be served; another app needs another data folder", file.display())]
    OtherApp {
        /// Which file.
        file: PathBuf,
        /// Whose it is.
        found: u64,
        /// Whose it would have to be.
        asked: u64,
    },
    /// What it holds is damaged.
    #[error("{}: the file is damaged: {what}; move it away to start with an empty registry", file.display())]
    Damaged {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
    },
}

impl CannotOpen {
    /// What the store says of the file that it was to open.
    pub(super) fn of(file: &Path, error: DatabaseError) -> CannotOpen {
        let path = file.to_owned();
        match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => CannotOpen::InUse { file: path },
            DatabaseError::UpgradeRequired(found) => {
                CannotOpen::OtherVersion { file: path, what: format!("its store is of version {found}") }
            }
            DatabaseError::Storage(StorageError::Io(error)) if !is_damage(error.kind()) => {
                CannotOpen::Folder { folder: path, error }
            }
            other => CannotOpen::Damaged { what: damage(file, &other), file: path },
        }
    }
}

/// Why the file cannot be read or written now, or holds what nobody can read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("{0}")]
    Store(Box<redb::Error>),
    #[error("{what} cannot be read: {error}")]
    Malformed { what: String, error: serde_json::Error },
    #[error("the record of {user_id} cannot be read: its rows are not what is written here")]
    Rows { user_id: String },
    #[error("the version that the last deleted account had cannot be read")]
    Floor,
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Fault {
        Fault::Store(Box::new(error.into()))
    }
}

impl From<Fault> for Unreachable {
    fn from(fault: Fault) -> Unreachable {
        Unreachable(fault.to_string())
    }
}

/// What is wrong with a file that holds no store.
fn damage(file: &Path, error: &DatabaseError) -> String {
    match fs::metadata(file) {
        Ok(found) if found.len() == 0 => "it is empty, and even a registry without an account is not".to_owned(),
        Ok(_) | Err(_) => error.to_string(),
    }
}

/// A file that is no store, or one that was cut short.
fn is_damage(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}
