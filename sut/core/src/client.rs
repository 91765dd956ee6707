//! The client without I/O: one instance of the SDK as a state machine, and what its application is told.

mod event;
pub mod machine;

pub use event::{Event, NetState};
