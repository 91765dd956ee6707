//! How long is waited before the next attempt after failures in a row: a time drawn evenly up to a bound that doubles from 1 s to 30 s
//! (full jitter), so that those that failed together do not come back together.

use std::time::Duration;

/// The bound of the first wait.
const FIRST: Duration = Duration::from_secs(1);

/// The bound that no wait is over.
pub(crate) const LONGEST: Duration = Duration::from_secs(30);

/// The longest wait after so many failures in a row, of which 0 is the first.
pub(crate) fn bound(failures: u32) -> Duration {
    FIRST.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST)
}

/// A wait up to that bound.
pub(crate) fn drawn(bound: Duration) -> Duration {
    rand::random_range(Duration::ZERO..=bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_from_one_second_to_thirty_and_stays_there() {
        let bounds = [0, 1, 2, 3, 4, 5, 6, 31, 32, u32::MAX].map(|failures| bound(failures).as_secs());
        assert_eq!(bounds, [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]);
    }

    #[test]
    fn a_wait_is_drawn_evenly_up_to_its_bound() {
        let drawn: Vec<_> = (0..4096).map(|_| drawn(LONGEST)).collect();
        assert!(drawn.iter().all(|wait| *wait <= LONGEST));
        for quarter in 0..4 {
            let within = |wait: &&Duration| wait.as_secs_f64() >= 7.5 * f64::from(quarter);
            let share = drawn.iter().filter(within).count();
            let expected = 4096 - 1024 * usize::try_from(quarter).unwrap();
            assert!(share.abs_diff(expected) < 300, "{share} of 4096 from quarter {quarter} on");
        }
    }
}
