//! The machine's time, with every wait of the system cut short, so that deadlines, backoffs and lapses come to pass in a soak. It
//! decides nothing.

use std::fmt;
use std::time::Duration;

use sut::timers::{Due, SystemTime, Time, UnixMillis};

/// By how much waits are shorter than the rules say.
const FACTOR: u32 = 100;

/// The longest wait for a lapse, whatever the platform.
const LAPSE: Duration = Duration::from_millis(600);

/// Time in a hurry.
pub(super) struct FastTime;

impl Time for FastTime {
    fn now(&self) -> UnixMillis {
        SystemTime.now()
    }

    fn arm(&self, name: &dyn fmt::Display, after: Duration) -> Due {
        let short = after / FACTOR;
        let short = if name.to_string().starts_with("lapse") { short.min(LAPSE) } else { short };
        SystemTime.arm(name, short)
    }
}
