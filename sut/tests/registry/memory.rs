//! The contract, of the registry in memory.

use sut::registry::memory::Memory;

fn fresh() -> Memory {
    Memory::default()
}

#[path = "contract.rs"]
mod contract;
