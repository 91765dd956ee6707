//! The contract, of the registry in a data folder.

use sut::registry::durable::Durable;

use super::APP;

const RACE_ROUNDS: u64 = 100;

/// Its file has no name any more, so that it goes with the registry.
async fn fresh() -> Durable {
    let folder = tempfile::tempdir().unwrap();
    Durable::open(folder.path(), APP).unwrap()
}

#[path = "contract.rs"]
mod contract;

#[path = "outbox.rs"]
mod outbox;

#[path = "terms.rs"]
mod terms;
