//! The real client SDK and server: multi-instance login, logout and kick over WebSocket.
//!
//! Inside stand pure machines ([`client::machine`], [`server::machine`]) and the rules ([`admission`]); around them the tokio
//! shells ([`client`], [`server`]), which do what the machines' effects say and decide nothing. This crate knows nothing of the
//! model that judges it.

pub mod admission;
mod backoff;
pub mod callback;
pub mod client;
pub mod code;
pub mod config;
pub mod journal;
pub mod kick_log;
pub mod link;
pub mod planted;
pub mod protocol;
pub mod registry;
pub mod server;
pub mod session;
pub mod timers;
pub mod usersig;
mod variants;
pub mod webhook;
