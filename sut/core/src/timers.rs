//! Moments, and how long a link may be silent. No clock is read here: whoever asks says what time it is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long a link may be silent until both ends take it for lost (LINK-7).
pub const HEARTBEAT: Duration = Duration::from_secs(30);

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

    /// This moment, so much earlier.
    #[must_use]
    pub fn minus(self, wait: Duration) -> UnixMillis {
        UnixMillis(self.0.saturating_sub(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How long it is until then; nothing if then is past.
    pub const fn until(self, then: UnixMillis) -> Duration {
        Duration::from_millis(then.0.saturating_sub(self.0))
    }
}
