//! The client without I/O: one instance of the SDK as a state machine, and what its application is told.

mod event;
pub mod machine;

pub use event::{Event, NetState};
#[cfg(debug_assertions)]
pub use machine::planted::{Machine, answer_after_destroy};
#[cfg(not(debug_assertions))]
pub use machine::{Machine, answer_after_destroy};
