//! The server without I/O: a node as a state machine, and the loop that asks its registry.

pub mod drive;
pub mod machine;
pub mod pace;

#[cfg(not(debug_assertions))]
pub use machine::Machine;
#[cfg(debug_assertions)]
pub use machine::planted::Machine;
