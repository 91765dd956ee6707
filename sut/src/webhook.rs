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
//! under its id. The accounts share nothing but the number of requests that may be under way at once, and the wait for a receiver that does
//! not answer.

mod announced;
mod body;
mod deliverer;
mod road;
mod sender;
mod target;
mod turn;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::registry::{Outbox, Registry};
use crate::timers::Time;
use deliverer::Deliverer;
use sender::Sender;
use turn::Turn;

pub use announced::{Announced, Unheard};
pub use target::{BadTarget, Target};

/// Whoever holds the lock only copies.
const UNPOISONED: &str = "nothing panics while it holds the lock";

/// The header that names a callback, the same however often it is sent: the account, a slash, and its [`crate::callback::CallbackId`].
pub const CALLBACK_ID: &str = "callback-id";

/// The header that says where a callback stands among those of its account: the number of the commit, a dot, and its place in that. It grows
/// in the order in which they are sent, and may come again behind a registry that lost some.
pub const CALLBACK_PLACE: &str = "callback-place";

/// Where a webhook's callbacks go; its clones are the same.
#[derive(Clone, Debug)]
pub struct Destination {
    target: Arc<RwLock<Target>>,
    owed: Arc<AtomicUsize>,
    turn: Turn,
}

impl Destination {
    /// They go to this URL from now on. One that is under way arrives where it was sent.
    pub fn set(&self, target: Target) {
        *self.target.write().expect(UNPOISONED) = target;
    }

    /// How many accounts are owed a callback.
    pub fn owed(&self) -> usize {
        self.owed.load(Ordering::Relaxed)
    }

    /// It is one of several nodes', and not yet its turn to post (NODE-6).
    pub fn waits(&self) {
        self.turn.take(Instant::now());
    }

    /// Of several nodes this one may post until then, and no other may; a moment that is past ends its turn (NODE-6).
    pub fn take_turn(&self, until: Instant) {
        self.turn.take(until);
    }

    /// Another node committed for the account: it may be owed something.
    pub fn announce(&self, user_id: &str) {
        self.turn.announce(user_id);
    }

    fn target(&self) -> Target {
        self.target.read().expect(UNPOISONED).clone()
    }
}

impl From<Target> for Destination {
    fn from(target: Target) -> Destination {
        Destination { target: Arc::new(RwLock::new(target)), owed: Arc::default(), turn: Turn::default() }
    }
}

/// Sends what the registry owes, and what is committed through the answer from now on, to the target. It goes on until the answer is
/// dropped.
///
/// # Panics
///
/// If called outside of a tokio runtime.
pub fn attach<R: Registry + Outbox>(registry: Arc<R>, sdk_app_id: u64, target: &Target, time: Arc<dyn Time>) -> Announced<R> {
    attach_to(registry, sdk_app_id, target.clone().into(), time)
}

/// The same with a destination that may change.
///
/// # Panics
///
/// If called outside of a tokio runtime.
pub fn attach_to<R: Registry + Outbox>(registry: Arc<R>, sdk_app_id: u64, to: Destination, time: Arc<dyn Time>) -> Announced<R> {
    let (announce, announced) = mpsc::unbounded_channel();
    let (owed, turn) = (Arc::clone(&to.owed), to.turn.clone());
    turn.announces(&announce);
    let sender = Sender::new(sdk_app_id, to, Arc::clone(&time));
    tokio::spawn(Deliverer::new(Arc::clone(&registry), sender, turn, time).run(announced, owed));
    Announced::new(registry, announce)
}
