//! What the client and the server do, without I/O: calls, frames and timers go in, what is to be done comes out, in order. It knows
//! neither sockets nor a runtime, reads no clock and no file, and draws no random numbers; so it builds for a browser as well.
//!
//! The rules stand in [`admission`]; [`client::machine`] and [`server::machine`] are the two sides; what they say to each other is in
//! [`protocol`]. The shells around them are another crate's.

pub mod admission;
pub mod backoff;
pub mod callback;
pub mod client;
pub mod code;
pub mod config;
pub mod planted;
pub mod protocol;
pub mod registry;
pub mod server;
pub mod session;
pub mod timers;
pub mod usersig;
mod variants;
