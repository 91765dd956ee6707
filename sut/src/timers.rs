//! The one seam through which the system asks for time: production uses tokio's clock, a test fires timers by name. It never
//! decides what a timer means.

mod due;
pub mod manual;
mod queue;
pub mod quiet;
mod set;
mod waits;

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

pub use due::{Due, Wait};
pub(crate) use set::TimerSet;
pub use sut_core::timers::{HEARTBEAT, UnixMillis};

/// Further off than anything is waited for: thirty years.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Where `now` and the end of a wait come from.
pub trait Time: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> UnixMillis;

    /// When a timer fires that is armed now: once `after` has passed. `name` says which one it is. Dropping the answer disarms it.
    fn arm(&self, name: &dyn fmt::Display, after: Duration) -> Due;

    /// Resolves then. Dropping the future disarms it.
    fn wait(&self, name: &dyn fmt::Display, after: Duration) -> Wait {
        self.arm(name, after).wait()
    }
}

/// The time of the machine it runs on: the system's clock and tokio's timers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTime;

impl Time for SystemTime {
    fn now(&self) -> UnixMillis {
        let since_epoch = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        UnixMillis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }

    fn arm(&self, _name: &dyn fmt::Display, after: Duration) -> Due {
        let now = Instant::now();
        Due::At(now.checked_add(after).unwrap_or_else(|| now + FAR))
    }
}
