//! How long the deliverer waits before it tries again. Pure: randomness is given in.

use std::time::Duration;

/// The longest that the first wait may be.
const FIRST: Duration = Duration::from_secs(1);

/// The longest that any wait may be: a receiver that is back hears of it within this time.
const LONGEST: Duration = Duration::from_secs(30);

/// The wait after so many failures in a row, of which 0 is the first: up to a bound that doubles from 1 s to 30 s, full jitter.
pub(super) fn wait(failures: u32, random: u32) -> Duration {
    let bound = FIRST.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST);
    bound.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_from_one_second_to_thirty_and_stays_there() {
        let bounds = [0, 1, 2, 3, 4, 5, 6, 31, 32, u32::MAX].map(|failures| wait(failures, u32::MAX).as_secs());
        assert_eq!(bounds, [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]);
    }

    #[test]
    fn the_jitter_is_full() {
        assert_eq!(wait(9, 0), Duration::ZERO);
        assert_eq!(wait(9, u32::MAX / 2).as_secs(), 14);
    }
}
