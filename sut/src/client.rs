//! client
pub mod event;
pub mod machine;
