//! How long is waited before the next attempt after failures in a row: a time drawn evenly up to the bound (full jitter), so that those that
//! failed together do not come back together.

use std::time::Duration;

pub(crate) use sut_core::backoff::bound;

/// A wait up to that bound.
pub(crate) fn drawn(bound: Duration) -> Duration {
    rand::random_range(Duration::ZERO..=bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sut_core::backoff::LONGEST;

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
