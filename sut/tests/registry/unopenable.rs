//! Data folders that cannot be opened, and the one line that says why.

use std::fs::{self, File};
use std::path::PathBuf;

use redb::{Database, TableDefinition};
use sut::registry::Registry;
use sut::registry::Version;
use sut::registry::durable::{CannotOpen, Durable};
use sut::session::Record;
use tempfile::{TempDir, tempdir};

use super::APP;

struct Folder {
    folder: TempDir,
    file: PathBuf,
}

impl Folder {
    fn new() -> Folder {
        let folder = tempdir().unwrap();
        let file = folder.path().join("registry.redb");
        Folder { folder, file }
    }

    /// One that holds so many accounts.
    async fn with_accounts(accounts: u32) -> Folder {
        let folder = Folder::new();
        let registry = Durable::open(folder.folder.path(), APP).unwrap();
        let record = Record { rest_kick_s: Some(1), ..Record::default() };
        for n in 0..accounts {
            registry.commit(&format!("user{n}"), Version(0), record.clone(), vec![]).await.unwrap();
        }
        folder
    }

    fn error(&self) -> CannotOpen {
        let error = Durable::open(self.folder.path(), APP).unwrap_err();
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
        error
    }
}

/// What is said, with the path cut off.
fn said(error: &CannotOpen) -> String {
    error.to_string().split_once(": ").unwrap().1.to_owned()
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = Folder::new();
    File::create(&folder.file).unwrap();
    let error = Durable::open(&folder.file.join("below"), APP).unwrap_err();
    assert!(matches!(error, CannotOpen::Folder { .. }), "{error}");
    assert!(said(&error).starts_with("the data folder cannot be used: "), "{error}");
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let folder = Folder::new();
    fs::create_dir(&folder.file).unwrap();
    let error = folder.error();
    assert_eq!(said(&error), "the data folder cannot be used: Is a directory (os error 21)");
}

#[tokio::test]
async fn a_folder_in_use_is_opened_by_nobody_else() {
    let folder = Folder::with_accounts(1).await;
    let registry = Durable::open(folder.folder.path(), APP).unwrap();
    let error = folder.error();
    assert_eq!(said(&error), "another process uses this data folder");
    drop(registry);
    Durable::open(folder.folder.path(), APP).unwrap();
}

#[tokio::test]
async fn a_registry_stays_its_apps() {
    let folder = Folder::with_accounts(1).await;
    let error = Durable::open(folder.folder.path(), APP + 1).unwrap_err();
    assert_eq!(said(&error), "the registry is of SDKAppID 14, and 15 is to be served; another app needs another data folder");
    let registry = Durable::open(folder.folder.path(), APP).unwrap();
    assert_eq!(registry.accounts().await.unwrap(), ["user0"]);
}

#[test]
fn an_older_or_a_newer_format_is_told_from_damage() {
    for found in [5, 7] {
        let folder = Folder::new();
        drop(Durable::open(folder.folder.path(), APP).unwrap());
        let database = Database::open(&folder.file).unwrap();
        let transaction = database.begin_write().unwrap();
        let about = TableDefinition::<&str, u64>::new("about");
        transaction.open_table(about).unwrap().insert("format", found).unwrap();
        transaction.commit().unwrap();
        drop(database);
        let expected = format!(
            "the file is of another version: its format is {found}, and 6 is what is read here; \
             move it away to start with an empty registry"
        );
        assert_eq!(said(&folder.error()), expected);
    }
}

#[test]
fn a_file_of_another_program_is_not_taken() {
    let folder = Folder::new();
    fs::write(&folder.file, "not a registry\n".repeat(1000)).unwrap();
    let before = fs::read(&folder.file).unwrap();
    let error = folder.error();
    assert!(matches!(error, CannotOpen::Damaged { .. }), "{error}");
    assert_eq!(fs::read(&folder.file).unwrap(), before);
}

#[tokio::test]
async fn a_file_that_is_cut_short_is_damaged() {
    let folder = Folder::with_accounts(50).await;
    let whole = fs::metadata(&folder.file).unwrap().len();
    for left in [whole * 7 / 8, whole / 2, whole / 8, 100] {
        File::options().write(true).open(&folder.file).unwrap().set_len(left).unwrap();
        let error = folder.error();
        assert!(matches!(error, CannotOpen::Damaged { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_lost_all_its_bytes_is_damaged_and_stays_as_it_is() {
    let folder = Folder::with_accounts(1).await;
    File::create(&folder.file).unwrap();
    let expected = "the file is damaged: it is empty, and even a registry without an account is not; \
                    move it away to start with an empty registry";
    assert_eq!(said(&folder.error()), expected);
    assert_eq!(fs::metadata(&folder.file).unwrap().len(), 0);
}

#[tokio::test]
async fn a_flipped_byte_in_a_page_is_found_at_the_start() {
    let folder = Folder::with_accounts(50).await;
    let mut bytes = fs::read(&folder.file).unwrap();
    let name = bytes.windows(6).rposition(|window| window == b"user49").unwrap();
    bytes[name] ^= 1;
    fs::write(&folder.file, bytes).unwrap();
    let error = folder.error();
    assert!(matches!(error, CannotOpen::Damaged { .. }), "{error}");
}
