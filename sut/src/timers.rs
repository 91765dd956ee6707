//! The one seam through which the system asks for time: production uses tokio's clock, a test fires timers by name. It never
//! decides what a timer means.

mod due;
pub mod manual;
mod queue;
pub mod quiet;
mod set;
mod told;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

pub use due::{Due, Wait};
pub(crate) use set::TimerSet;

/// How long a link may be silent until both ends take it for lost (LINK-7).
pub const HEARTBEAT: Duration = Duration::from_secs(30);

/// Further off than anything is waited for: thirty years.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// This moment, so much later.
    #[must_use]
    pub fn plus(self, wait: Duration) -> UnixMillis {
        UnixMillis(self.0.saturating_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How long it is until then; nothing if then is past.
    pub const fn until(self, then: UnixMillis) -> Duration {
        Duration::from_millis(then.0.saturating_sub(self.0))
    }
}

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
