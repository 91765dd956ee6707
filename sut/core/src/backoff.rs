//! How long is waited at most before the next attempt after failures in a row: a bound that doubles from 1 s to 30 s. Whoever waits draws
//! a time up to it.

use std::time::Duration;

/// The bound of the first wait.
const FIRST: Duration = Duration::from_secs(1);

/// The bound that no wait is over.
pub const LONGEST: Duration = Duration::from_secs(30);

/// The longest wait after so many failures in a row, of which 0 is the first.
pub fn bound(failures: u32) -> Duration {
    FIRST.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_from_one_second_to_thirty_and_stays_there() {
        let bounds = [0, 1, 2, 3, 4, 5, 6, 31, 32, u32::MAX].map(|failures| bound(failures).as_secs());
        assert_eq!(bounds, [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]);
    }
}
