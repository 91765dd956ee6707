//! The one contract suite, mounted on every registry there is; and what only a durable one does.

#![allow(clippy::duplicate_mod, reason = "the same files are the contract of each registry")]

mod cluster;
mod differences;
mod disk;
mod durable;
#[cfg(feature = "etcd")]
mod etcd;
mod memory;
pub(crate) mod redis;
mod reopened;
mod unopenable;
mod way;

use std::time::Duration;

/// How long a test waits for what has to come: far longer than it takes on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(100);

/// Whose registries they are.
const APP: u64 = 14;
