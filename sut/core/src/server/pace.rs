//! How fast something may go, with some at once. Pure: it is told the time, and stops nobody itself.

use std::time::Duration;

use crate::timers::UnixMillis;

/// How many seconds' worth may come at once.
const AT_ONCE_US: u64 = 10_000_000;

/// What was taken of a rate: the moment, in microseconds, at which all of it would have come in its time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    settled_us: u64,
}

impl Pace {
    /// Takes so much of what may come by the second, however much that is; how long nothing more may be taken.
    pub fn take(&mut self, amount: usize, per_s: u32, now: UnixMillis) -> Duration {
        let now_us = now.0.saturating_mul(1000);
        self.settled_us = self.settled_us.max(now_us).saturating_add(cost_us(amount, per_s));
        Duration::from_micros(self.settled_us.saturating_sub(now_us).saturating_sub(AT_ONCE_US))
    }

    /// Whether so much may be taken now.
    pub fn allows(&self, amount: usize, per_s: u32, now: UnixMillis) -> bool {
        let now_us = now.0.saturating_mul(1000);
        self.settled_us.max(now_us).saturating_add(cost_us(amount, per_s)) - now_us <= AT_ONCE_US
    }
}

fn cost_us(amount: usize, per_s: u32) -> u64 {
    u64::try_from(amount).unwrap_or(u64::MAX).saturating_mul(1_000_000) / u64::from(per_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn after(millis: u64) -> UnixMillis {
        UnixMillis(NOW.0 + millis)
    }

    #[test]
    fn ten_seconds_worth_comes_at_once_and_the_next_in_its_time() {
        let mut pace = Pace::default();
        let waits: Vec<_> = (0..102).map(|_| pace.take(1, 10, NOW).as_millis()).collect();
        assert!(waits[..100].iter().all(|wait| *wait == 0), "{waits:?}");
        assert_eq!(waits[100..], [100, 200]);
        assert_eq!(pace.take(1, 10, after(200)).as_millis(), 100);
    }

    #[test]
    fn what_is_allowed_costs_no_wait() {
        let mut pace = Pace::default();
        assert!(pace.allows(100, 10, NOW) && !pace.allows(101, 10, NOW));
        assert_eq!(pace.take(100, 10, NOW), Duration::ZERO);
        assert!(!pace.allows(1, 10, after(99)) && pace.allows(1, 10, after(100)));
    }

    #[test]
    fn who_was_quiet_for_long_has_no_more_at_once_than_a_newcomer() {
        let mut pace = Pace::default();
        pace.take(1, 10, NOW);
        assert!(pace.allows(100, 10, after(3_600_000)) && !pace.allows(101, 10, after(3_600_000)));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait_for_longer_than_it_was_set() {
        let mut pace = Pace::default();
        pace.take(1, 10, NOW);
        assert_eq!(pace.take(1, 10, UnixMillis(NOW.0 - 60_000)).as_secs(), 50);
    }
}
