//! Where accounts' records are kept. A registry stores and compares versions; it knows no rule.

pub mod memory;

use std::future::Future;

use crate::session::Record;

/// Which commit of an account a record is: 0 before the first, then one more each commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(pub u64);

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// The record is stored as this version.
    Done(Version),
    /// Another commit came first: load and decide again. Nothing was stored.
    Conflict,
}

/// A registry that cannot be asked now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("registry out of reach: {0}")]
pub struct Unreachable(pub String);

/// A store of records with compare-and-set. Every registry passes the contract suite.
pub trait Registry: Send + Sync + 'static {
    /// The account's record and version; the default record at version 0 for an account that was never stored.
    fn load(&self, user_id: &str) -> impl Future<Output = Result<(Record, Version), Unreachable>> + Send;

    /// Stores the record if the account's version is still `expected`, whole or not at all.
    fn commit(&self, user_id: &str, expected: Version, record: Record) -> impl Future<Output = Result<Commit, Unreachable>> + Send;
}
