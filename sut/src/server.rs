//! server
pub mod drive;
pub mod machine;
