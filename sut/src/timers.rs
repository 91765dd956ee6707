//! The one seam through which the system asks for time: production uses tokio's clock, a test fires timers by name. It never
//! decides what a timer means.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UnixMillis(pub u64);

/// Where `now` and the end of a wait come from.
pub trait Time: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> UnixMillis;

    /// Resolves once `after` has passed; `name` says which timer it is. Dropping the future disarms it.
    fn wait(&self, name: String, after: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The time of the machine it runs on: the system's clock and tokio's timers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTime;

impl Time for SystemTime {
    fn now(&self) -> UnixMillis {
        let since_epoch = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        UnixMillis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }

    fn wait(&self, _name: String, after: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(after))
    }
}
