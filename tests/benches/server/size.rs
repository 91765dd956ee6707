//! How much is measured. It measures nothing.

use std::time::Duration;

/// How long, how often and with how many.
pub(crate) struct Size {
    /// How long a server is loaded for one figure.
    pub(crate) window: Duration,
    /// How often each server is started anew.
    pub(crate) runs: usize,
    /// How many idle sessions there are.
    pub(crate) sessions: usize,
    /// How many sessions lapse together.
    pub(crate) lapsing: usize,
    /// How long they are watched.
    pub(crate) lapse_window: Duration,
    /// How many logins come at once.
    pub(crate) reconnects: usize,
    /// How many messages each sender sends.
    pub(crate) messages: u64,
}

/// What a process has open besides its links.
const OTHER_DESCRIPTORS: usize = 200;

impl Size {
    /// What the figures need.
    pub(crate) const FULL: Size = Size {
        window: Duration::from_millis(1500),
        runs: 3,
        sessions: 9_500,
        lapsing: 100_000,
        lapse_window: Duration::from_secs(8),
        reconnects: 2_000,
        messages: 50,
    };

    /// Enough to see that everything works.
    pub(crate) const BRIEF: Size = Size {
        window: Duration::from_millis(100),
        runs: 1,
        sessions: 200,
        lapsing: 1_000,
        lapse_window: Duration::from_secs(2),
        reconnects: 100,
        messages: 3,
    };

    /// The same, with no more links than a process may have; it is said if they are fewer.
    pub(crate) fn within(self, descriptors: usize) -> Size {
        let most = descriptors.saturating_sub(OTHER_DESCRIPTORS);
        if most < self.sessions {
            println!("{most} links at most, for want of file descriptors");
        }
        Size { sessions: self.sessions.min(most), reconnects: self.reconnects.min(most), ..self }
    }
}
