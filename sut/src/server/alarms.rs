//! The timers of a node. Those of its links fire when they are due; those that end what stands on record, a lapse, an expiry, an epoch's
//! end, wait once many of them are under way, so that what clients ask for is never behind thousands of them. One that fires late means
//! the same as one that fires in time. It decides nothing else.

use std::collections::HashSet;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Machine;
use super::drive::Question;
use super::machine::{Input, Timer};
use crate::registry::Pace;
use crate::timers::{Due, TimerSet};

/// How many accounts are loaded and stored at once because a timer of theirs fired: enough that the disk always has some to store.
const MOST_UNDER_WAY: usize = 256;

/// The timers that run, and whose accounts are under way because one fired.
pub(super) struct Alarms {
    of_links: TimerSet<Timer>,
    of_accounts: TimerSet<Timer>,
    under_way: HashSet<Arc<str>>,
}

impl Alarms {
    pub(super) fn new() -> Alarms {
        Alarms { of_links: TimerSet::new(), of_accounts: TimerSet::new(), under_way: HashSet::new() }
    }

    pub(super) fn arm(&mut self, timer: Timer, due: Due) {
        self.set_of(&timer).arm(timer, due);
    }

    pub(super) fn disarm(&mut self, timer: &Timer) {
        self.set_of(timer).disarm(timer);
    }

    fn set_of(&mut self, timer: &Timer) -> &mut TimerSet<Timer> {
        if account_of(timer).is_some() { &mut self.of_accounts } else { &mut self.of_links }
    }

    /// The next timer that fires.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Timer> {
        let of_links = self.of_links.poll_next(cx);
        if of_links.is_ready() || self.under_way.len() >= MOST_UNDER_WAY {
            return of_links;
        }
        self.of_accounts.poll_next(cx)
    }

    /// The machine took a timer of the account, if it was one.
    pub(super) fn took(&mut self, machine: &Machine, alarmed: Option<Arc<str>>) {
        self.under_way.extend(alarmed.filter(|user_id| machine.is_busy(user_id)));
    }

    /// Nobody waits for what began with a timer.
    pub(super) fn pace_of(&self, question: &Question) -> Pace {
        let began_here = question.account().is_some_and(|user_id| self.under_way.contains(user_id));
        if began_here { Pace::AtLeisure } else { Pace::AtOnce }
    }

    /// The registry answered something of the account.
    pub(super) fn answered(&mut self, machine: &Machine, user_id: &str) {
        if !machine.is_busy(user_id) {
            self.under_way.remove(user_id);
        }
    }
}

/// The account whose timer an input is.
pub(super) fn account_of_alarm(input: &Input) -> Option<Arc<str>> {
    if let Input::Timer(timer) = input { account_of(timer).cloned() } else { None }
}

/// The account of which the timer ends something.
const fn account_of(timer: &Timer) -> Option<&Arc<str>> {
    match timer {
        Timer::Lapse { user_id, .. } | Timer::Expiry { user_id, .. } | Timer::Epoch { user_id, .. } => Some(user_id),
        Timer::Heartbeat(_) | Timer::Ask(_) | Timer::Retry(_) | Timer::LookUp { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::task::Waker;

    use super::*;
    use crate::config::Settings;
    use crate::registry::Unreachable;
    use crate::server::machine::{Asker, LinkId, RequestId};
    use crate::session::KeyDigest;
    use crate::timers::UnixMillis;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn machine() -> Machine {
        let stated = "sdk_app_id = 14\nsecret_key = \"key\"\n";
        Machine::new(Settings::from_toml(stated).unwrap().app)
    }

    fn user(n: usize) -> Arc<str> {
        Arc::from(format!("user{n}"))
    }

    /// Of so many accounts, each one's time is up.
    fn due(accounts: usize) -> Alarms {
        let mut alarms = Alarms::new();
        for n in 0..accounts {
            alarms.arm(Timer::Epoch { user_id: user(n), key: KeyDigest(1) }, Due::Told(Box::pin(ready(()))));
        }
        alarms
    }

    fn fired(alarms: &mut Alarms) -> Option<Timer> {
        match alarms.poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(timer) => Some(timer),
            Poll::Pending => None,
        }
    }

    /// All that fire while the registry answers nothing, each of which makes its account busy.
    fn fire_all(alarms: &mut Alarms, machine: &mut Machine) -> Vec<Arc<str>> {
        let fired = std::iter::from_fn(|| {
            let user_id = account_of(&fired(alarms)?).cloned()?;
            let busy = Input::RestKick { request: RequestId(1), user_id: user_id.to_string() };
            machine.handle(NOW, busy, &mut Vec::new());
            alarms.took(machine, Some(Arc::clone(&user_id)));
            Some(user_id)
        });
        fired.collect()
    }

    #[test]
    fn only_so_many_accounts_are_under_way_at_once_because_a_timer_fired() {
        let (mut alarms, mut machine) = (due(MOST_UNDER_WAY + 2), machine());
        let under_way = fire_all(&mut alarms, &mut machine);
        assert_eq!(under_way.len(), MOST_UNDER_WAY);
        let (asker, why) = (Asker::Account(Arc::clone(&under_way[7])), Unreachable("down".to_owned()));
        machine.handle(NOW, Input::Unreachable { asker, why }, &mut Vec::new());
        alarms.answered(&machine, &under_way[7]);
        assert_eq!(fire_all(&mut alarms, &mut machine).len(), 1);
    }

    #[test]
    fn a_links_timer_fires_whatever_is_under_way() {
        let (mut alarms, mut machine) = (due(MOST_UNDER_WAY + 1), machine());
        fire_all(&mut alarms, &mut machine);
        let heartbeat = Timer::Heartbeat(LinkId(1));
        alarms.arm(heartbeat.clone(), Due::Told(Box::pin(ready(()))));
        assert_eq!([fired(&mut alarms), fired(&mut alarms)], [Some(heartbeat), None]);
    }

    #[test]
    fn an_account_whose_timer_changed_nothing_is_not_under_way() {
        let (mut alarms, machine) = (due(MOST_UNDER_WAY + 1), machine());
        for _ in 0..=MOST_UNDER_WAY {
            let timer = fired(&mut alarms).unwrap();
            alarms.took(&machine, account_of(&timer).cloned());
        }
        assert_eq!(fired(&mut alarms), None);
    }

    #[test]
    fn a_timer_that_is_disarmed_never_fires() {
        let mut alarms = due(1);
        let never = Timer::Ask(LinkId(1));
        alarms.arm(never.clone(), Due::Told(Box::pin(pending())));
        alarms.disarm(&never);
        alarms.disarm(&Timer::Epoch { user_id: user(0), key: KeyDigest(1) });
        assert_eq!(fired(&mut alarms), None);
    }
}
