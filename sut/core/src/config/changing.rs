//! When changed terms take effect (CONF-1). Pure: `now` goes in, the terms in force come out; whoever holds it arms the timer and says
//! when it fires. It neither knows who asked for a change nor stores one.
//!
//! ```text
//!  in force ──change──▶ in force, another pending ──timer──▶ the other in force
//!                          ▲        │
//!                          └────────┘ a newer change: it is pending, and the period begins anew
//! ```

use std::time::Duration;

use super::Terms;
use crate::timers::UnixMillis;

/// The name of the one timer.
pub const TERMS_TIMER: &str = "terms";

/// How long a change is pending, unless it is configured.
pub const DEFAULT_PERIOD: Duration = Duration::from_secs(5 * 60);

/// The terms in force, and those that will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changing {
    in_force: Terms,
    pending: Option<Pending>,
    period: Duration,
}

/// A change that did not take effect yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// What will be in force.
    pub terms: Terms,
    /// When its timer is due.
    pub due: UnixMillis,
}

impl Changing {
    /// These terms in force, and nothing pending; a change will be pending for the period.
    pub const fn new(in_force: Terms, period: Duration) -> Changing {
        Changing { in_force, pending: None, period }
    }

    /// What decides at the next login (CONF-2).
    pub const fn in_force(&self) -> Terms {
        self.in_force
    }

    /// What will be in force; the timer is armed for its time exactly as long as there is something.
    pub const fn pending(&self) -> Option<Pending> {
        self.pending
    }

    /// The newest terms that anybody asked for, in force or not.
    pub fn newest(&self) -> Terms {
        self.pending.map_or(self.in_force, |pending| pending.terms)
    }

    /// Replaces what is pending, and starts the period anew. A change back to what is in force leaves nothing pending.
    pub fn change(&mut self, now: UnixMillis, terms: Terms) {
        let due = now.plus(self.period);
        self.pending = (terms != self.in_force).then_some(Pending { terms, due });
    }

    /// The timer fires, late perhaps: what is in force from now on. A firing before its time, of a timer that was replaced, changes
    /// nothing.
    pub fn fire(&mut self, now: UnixMillis) -> Terms {
        if let Some(Pending { terms, .. }) = self.pending.take_if(|pending| pending.due <= now) {
            self.in_force = terms;
        }
        self.in_force
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Limits, Policy};
    use crate::session::Platform;

    const PERIOD: Duration = Duration::from_millis(300);

    fn web(limit: u8) -> Terms {
        Terms { policy: Policy::DUAL, limits: Limits::default().with(Platform::Web, limit).unwrap() }
    }

    fn changing() -> Changing {
        Changing::new(web(1), PERIOD)
    }

    fn pending(limit: u8, due: u64) -> Option<Pending> {
        Some(Pending { terms: web(limit), due: UnixMillis(due) })
    }

    #[test]
    fn a_change_is_pending_until_its_timer_fires() {
        let mut changing = changing();
        changing.change(UnixMillis(1000), web(2));
        assert_eq!((changing.in_force(), changing.pending(), changing.newest()), (web(1), pending(2, 1300), web(2)));
        assert_eq!(changing.fire(UnixMillis(1300)), web(2));
        assert_eq!((changing.in_force(), changing.pending()), (web(2), None));
    }

    #[test]
    fn a_late_timer_is_legal_and_an_early_one_changes_nothing() {
        for (at, in_force) in [(1299, 1), (1300, 2), (9999, 2)] {
            let mut changing = changing();
            changing.change(UnixMillis(1000), web(2));
            assert_eq!(changing.fire(UnixMillis(at)), web(in_force), "{at}");
        }
    }

    #[test]
    fn a_newer_change_replaces_the_pending_one_and_starts_the_period_anew() {
        let mut changing = changing();
        changing.change(UnixMillis(1000), web(2));
        changing.change(UnixMillis(1200), web(3));
        assert_eq!(changing.pending(), pending(3, 1500));
        assert_eq!(changing.fire(UnixMillis(1300)), web(1));
        assert_eq!(changing.fire(UnixMillis(1500)), web(3));
    }

    #[test]
    fn the_same_change_again_starts_the_period_anew() {
        let mut changing = changing();
        changing.change(UnixMillis(1000), web(2));
        changing.change(UnixMillis(1200), web(2));
        assert_eq!(changing.pending(), pending(2, 1500));
    }

    #[test]
    fn a_change_back_leaves_nothing_pending() {
        let mut changing = changing();
        changing.change(UnixMillis(1000), web(2));
        changing.change(UnixMillis(1100), web(1));
        assert_eq!((changing.pending(), changing.newest()), (None, web(1)));
        assert_eq!(changing.fire(UnixMillis(1400)), web(1));
    }

    #[test]
    fn a_firing_with_nothing_pending_changes_nothing() {
        let mut changing = changing();
        assert_eq!(changing.fire(UnixMillis(u64::MAX)), web(1));
    }
}
