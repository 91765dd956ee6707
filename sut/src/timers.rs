//! The one seam through which the system asks for time: production uses tokio's clock, a test fires timers by name. It never
//! decides what a timer means.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnixMillis(pub u64);

/// Where `now` and the end of a wait come from.
pub trait Time: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> UnixMillis;

    /// Resolves once `after` has passed; `name` says which timer it is. Dropping the future disarms it.
    fn wait(&self, name: String, after: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}
