//! The real client SDK and server: multi-instance login, logout and kick over WebSocket.
//!
//! The rules and both machines stand in a crate of their own that knows no I/O, and are passed on here; this crate is the tokio shells
//! around them ([`client`], [`server`]), which do what the machines' effects say and decide nothing, and what they stand on. It knows
//! nothing of the model that judges it.

mod backoff;
pub mod client;
pub mod config;
pub mod journal;
pub mod kick_log;
pub mod link;
pub mod registry;
pub mod server;
pub mod timers;
pub mod webhook;

pub use client::{Client, Event, Events, TcpConnector};
pub use server::Server;
pub use session::Platform;
pub use sut_core::{admission, callback, code, planted, protocol, session, usersig};
