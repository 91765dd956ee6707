//! The webhook: what a registry's commits owe the app's backend is sent to one URL (HOOK-2). It decides neither what is told nor
//! whether: it sends what the outbox holds, in the order in which it holds it.
//!
//! ```text
//!  server ──▶ Announced ──▶ registry and its outbox
//!                 │                   ▲
//!                 │ whom it concerns  │ oldest, delivered
//!                 ▼                   │
//!             deliverer ──▶ one task an account that is owed something ──▶ POST ──▶ the app's backend
//! ```
//!
//! A callback stays in the outbox until the backend has taken it, however long that takes; a crash between the two sends it again,
//! under its id. The accounts share nothing but the number of requests that may be under way at once.

mod announced;
mod body;
mod deliverer;
mod sender;
mod target;

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::registry::{Outbox, Registry};
use crate::timers::Time;
use deliverer::Deliverer;
use sender::Sender;

pub use announced::{Announced, Unheard};
pub use target::{BadTarget, Target};

/// The header that names a callback, the same however often it is sent: the account, a slash, and its [`crate::callback::CallbackId`].
pub const CALLBACK_ID: &str = "callback-id";

/// Sends what the registry owes, and what is committed through the answer from now on, to the target. It goes on until the answer is
/// dropped.
///
/// # Panics
///
/// If called outside of a tokio runtime.
pub fn attach<R: Registry + Outbox>(registry: Arc<R>, sdk_app_id: u64, target: &Target, time: Arc<dyn Time>) -> Announced<R> {
    let (announce, announced) = mpsc::unbounded_channel();
    let sender = Sender::new(sdk_app_id, target, Arc::clone(&time));
    tokio::spawn(Deliverer::new(Arc::clone(&registry), sender, time).run(announced));
    Announced::new(registry, announce)
}
