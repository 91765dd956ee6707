//! The contract, of the registry in memory.

use sut::registry::memory::Memory;

const RACE_ROUNDS: u64 = 200_000;

async fn fresh() -> Memory {
    Memory::default()
}

#[path = "contract.rs"]
mod contract;
#[path = "outbox.rs"]
mod outbox;

#[path = "nodes.rs"]
mod nodes;

#[path = "shared.rs"]
mod shared;

#[path = "terms.rs"]
mod terms;
