//! The real client SDK and server: multi-instance login, logout and kick over WebSocket.
//!
//! ```no_run
//! # async fn example(stream: tokio::net::TcpStream) -> Result<(), Box<dyn std::error::Error>> {
//! use sut::{Client, Platform, Server, Settings};
//!
//! let settings = Settings::from_toml("sdk_app_id = 1400000000\nsecret_key = \"secret\"")?;
//! Server::builder(settings.app).start().serve(stream).await;
//!
//! let (client, mut events) = Client::builder(1_400_000_000, Platform::Web).connect("wss://server.example/v1/ws")?;
//! client.login("alice", "eJw...").await?;
//! # Ok(())
//! # }
//! ```
//!
//! All that an application needs is listed here. The rules and both machines stand in a crate of their own that knows no I/O; this crate
//! is the tokio shells around them, which do what the machines' effects say and decide nothing, and what they stand on. It knows nothing
//! of the model that judges it. Its modules are open to the harness alone and promise nothing.

mod backoff;
#[doc(hidden)]
pub mod client;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod journal;
#[doc(hidden)]
pub mod kick_log;
#[doc(hidden)]
pub mod link;
#[doc(hidden)]
pub mod registry;
#[doc(hidden)]
pub mod server;
#[doc(hidden)]
pub mod timers;
#[doc(hidden)]
pub mod webhook;

pub use client::{BadAddress, BadIdentity, Client, ConnectError, Events, Identity, Login, TcpConnector};
pub use config::{ConfigError, Settings};
pub use registry::durable::Durable;
pub use server::{Door, Server, Tls};
#[doc(inline)]
pub use sut_core::client::{Event, NetState};
#[doc(inline)]
pub use sut_core::code::{Code, Refusal};
#[doc(inline)]
pub use sut_core::config::{App, Limits, Policy, Terms};
#[doc(inline)]
pub use sut_core::registry::{Registry, TermsStore, Unreachable, memory::Memory};
#[doc(inline)]
pub use sut_core::session::{KickReason, MessageId, Platform};
#[doc(hidden)]
pub use sut_core::{admission, callback, code, planted, protocol, session, usersig};
pub use webhook::Destination;

#[cfg(test)]
mod tests {
    #[test]
    fn an_application_sees_at_most_30_names_and_no_module() {
        let (source, _) = include_str!("lib.rs").split_once("#[cfg(test)]").unwrap();
        let items = source.split(";\n").filter(|item| item.contains("pub use") || item.contains("pub mod"));
        let shown: Vec<_> = items.filter(|item| !item.contains("#[doc(hidden)]")).collect();
        assert!(shown.iter().all(|item| item.contains("pub use")), "{shown:?}");
        let names: usize = shown.iter().map(|item| item.matches(',').count() + 1).sum();
        assert!((15..=30).contains(&names), "{names} names: {shown:?}");
    }
}
