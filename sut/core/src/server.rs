//! The server without I/O: a node as a state machine, and the loop that asks its registry.

pub mod drive;
pub mod machine;
pub mod pace;
