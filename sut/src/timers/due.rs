//! When a timer fires. It holds no timer itself.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use tokio::time::{Instant, sleep_until};

/// What resolves when a timer fires.
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// When a timer fires. Whoever has many of them keeps those that tokio's clock tells in one queue, with one wait for the first.
pub enum Due {
    /// At this moment of tokio's clock.
    At(Instant),
    /// Once this resolves, whoever has it resolve.
    Told(Wait),
}

impl Due {
    /// Resolves when the timer fires.
    pub fn wait(self) -> Wait {
        match self {
            Due::At(moment) => Box::pin(sleep_until(moment)),
            Due::Told(wait) => wait,
        }
    }
}

impl fmt::Debug for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Due::At(moment) => f.debug_tuple("At").field(moment).finish(),
            Due::Told(_) => f.write_str("Told"),
        }
    }
}
