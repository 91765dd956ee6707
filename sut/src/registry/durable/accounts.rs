//! The table of the accounts' rows: a record is read from its rows, and stored by writing those that differ from what stands there. It
//! opens no transaction.

use std::collections::BTreeMap;

use redb::{ReadableTable, StorageError, Table};

use super::error::Fault;
use super::layout::Laid;
use super::rows::{self, BEHIND_NEAR, FLOOR, Row};
use crate::registry::{Commit, Version};
use crate::session::Record;

/// The table, open to be written.
pub(super) type Accounts<'t> = Table<'t, &'static [u8], &'static [u8]>;

/// Rows by their keys.
type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// The account's record and version; an account without rows is at the floor.
pub(super) fn load(table: &impl ReadableTable<&'static [u8], &'static [u8]>, user_id: &str) -> Result<(Record, Version), Fault> {
    let Laid { record, version, .. } = laid(table, user_id, &stored(table, user_id)?)?;
    Ok((record, version))
}

/// Every account that has rows, in the order of their names.
pub(super) fn names(table: &impl ReadableTable<&'static [u8], &'static [u8]>) -> Result<Vec<String>, Fault> {
    let mut names = Vec::new();
    for row in table.range(FLOOR..BEHIND_NEAR)? {
        names.extend(rows::account_of_head(row?.0.value()).map(str::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}

/// Compares and sets: the rows of the account become those of the record.
pub(super) fn commit(table: &mut Accounts, user_id: &str, expected: Version, record: Record) -> Result<Commit, Fault> {
    let before = stored(table, user_id)?;
    let current = laid(table, user_id, &before)?;
    if current.version != expected {
        return Ok(Commit::Conflict);
    }
    let next = Version(expected.0 + 1);
    if record == Record::default() {
        raise_floor(table, next)?;
    }
    let after = current.next(next, record).rows().into_iter().map(|row| (row.key(user_id), row.value())).collect();
    write(table, &before, &after)?;
    Ok(Commit::Done(next))
}

/// What the account's rows say.
fn laid(table: &impl ReadableTable<&'static [u8], &'static [u8]>, user_id: &str, stored: &Rows) -> Result<Laid, Fault> {
    if stored.is_empty() {
        return Ok(Laid::nothing_at(floor(table)?));
    }
    let rows: Option<Vec<_>> = stored.iter().map(|(key, value)| Row::read(user_id, key, value)).collect();
    rows.and_then(Laid::read).ok_or_else(|| Fault::Rows { user_id: user_id.to_owned() })
}

/// The account's rows as they stand there. Only one that sent messages of late has any that are far.
fn stored(table: &impl ReadableTable<&'static [u8], &'static [u8]>, user_id: &str) -> Result<Rows, Fault> {
    let mut stored = between(table, rows::near(user_id))?;
    if stored.last_key_value().is_some_and(|(key, _)| rows::is_recent(user_id, key)) {
        stored.extend(between(table, rows::far(user_id))?);
    }
    Ok(stored)
}

fn between(table: &impl ReadableTable<&'static [u8], &'static [u8]>, (from, to): (Vec<u8>, Vec<u8>)) -> Result<Rows, StorageError> {
    let rows = table.range(from.as_slice()..to.as_slice())?;
    rows.map(|row| row.map(|(key, value)| (key.value().to_vec(), value.value().to_vec()))).collect()
}

fn write(table: &mut Accounts, before: &Rows, after: &Rows) -> Result<(), StorageError> {
    for gone in before.keys().filter(|key| !after.contains_key(*key)) {
        table.remove(gone.as_slice())?;
    }
    for (key, value) in after.iter().filter(|(key, value)| before.get(*key) != Some(value)) {
        table.insert(key.as_slice(), value.as_slice())?;
    }
    Ok(())
}

/// The highest version that deleted an account. No row is 0.
fn floor(table: &impl ReadableTable<&'static [u8], &'static [u8]>) -> Result<Version, Fault> {
    let Some(row) = table.get(FLOOR)? else { return Ok(Version(0)) };
    let number = row.value().try_into().map_err(|_| Fault::Floor)?;
    Ok(Version(u64::from_be_bytes(number)))
}

fn raise_floor(table: &mut Accounts, deleted: Version) -> Result<(), Fault> {
    let floor = floor(table)?.max(deleted);
    table.insert(FLOOR, floor.0.to_be_bytes().as_slice())?;
    Ok(())
}
