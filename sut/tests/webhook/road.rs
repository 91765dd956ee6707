//! A receiver that does not answer at all, while many accounts are owed something: on a clock that stands.

use std::sync::Arc;
use std::time::Duration;

use sut::registry::memory::Memory;
use sut::timers::manual::ManualTime;
use sut::timers::{SystemTime, Time};
use sut::webhook::{Announced, Destination, attach_to};
use tokio::task::yield_now;
use tokio::time::timeout;

use super::answers::{all_is_delivered, commit};
use super::receiver::{Manner, Receiver, Sent};

const ACCOUNTS: usize = 100;

const PATIENCE: Duration = Duration::from_secs(20);

/// Until that is so; if it never is, `what` says what is so instead.
async fn until(mut is_so: impl FnMut() -> bool, what: impl Fn() -> String) {
    let becomes_so = async {
        while !is_so() {
            yield_now().await;
        }
    };
    let in_time = timeout(PATIENCE, becomes_so).await;
    in_time.unwrap_or_else(|_| panic!("after {PATIENCE:?} {}", what()));
}

struct Owing {
    time: ManualTime,
    memory: Arc<Memory>,
    registry: Announced<Memory>,
    to: Destination,
}

impl Owing {
    fn to(receiver: &Receiver) -> Owing {
        let (time, memory) = (ManualTime::at(SystemTime.now()), Arc::new(Memory::default()));
        let to = Destination::from(receiver.target());
        let registry = attach_to(Arc::clone(&memory), 1400, to.clone(), Arc::new(time.clone()));
        Owing { time, memory, registry, to }
    }

    async fn owes(&self, accounts: usize) {
        for n in 0..accounts {
            commit(&self.registry, &format!("user{n}"), 0, [1, 2]).await;
        }
        until(|| self.to.owed() == accounts, || format!("{} of {accounts} accounts are owed something", self.to.owed())).await;
    }

    fn timers(&self) -> Vec<String> {
        self.time.armed().into_iter().map(|timer| timer.name).collect()
    }

    /// Waits until these are all the timers that are left.
    async fn waits(&self, timers: &[&str]) {
        until(|| self.timers() == timers, || format!("the timers are {:?}, not {timers:?}", self.timers())).await;
    }
}

#[tokio::test]
async fn one_callback_at_a_time_tries_a_receiver_that_is_away_and_with_the_first_answer_all_go_on() {
    let receiver = Receiver::new().await;
    receiver.behaves(Manner::IsAway);
    let owing = Owing::to(&receiver);
    owing.owes(ACCOUNTS).await;
    owing.waits(&["callbacks"]).await;
    for _ in 0..5 {
        let before = receiver.attempted();
        assert!(owing.time.fire("callbacks"));
        receiver.attempted_since(before).await;
        owing.waits(&["callbacks"]).await;
        assert_eq!(receiver.attempted(), before + 1);
    }
    assert_eq!(owing.to.owed(), ACCOUNTS);
    receiver.behaves(Manner::Takes);
    assert!(owing.time.fire("callbacks"));
    let taken = receiver.once(|taken| taken.len() == 2 * ACCOUNTS).await;
    for n in 0..ACCOUNTS {
        let mine = taken.iter().filter(|sent| sent.account() == format!("user{n}"));
        assert_eq!(mine.map(Sent::date).collect::<Vec<_>>(), [1, 2]);
    }
    all_is_delivered(&owing.memory).await;
    until(|| owing.to.owed() == 0, || format!("{} accounts are still owed something", owing.to.owed())).await;
}

#[tokio::test]
async fn a_receiver_that_nobody_listens_for_is_tried_by_one_too() {
    let mut receiver = Receiver::new().await;
    receiver.goes_down().await;
    let owing = Owing::to(&receiver);
    owing.owes(ACCOUNTS).await;
    for _ in 0..5 {
        owing.waits(&["callbacks"]).await;
        assert!(owing.time.fire("callbacks"));
    }
    owing.waits(&["callbacks"]).await;
    receiver.comes_up().await;
    assert!(owing.time.fire("callbacks"));
    receiver.once(|taken| taken.len() == 2 * ACCOUNTS).await;
}

#[tokio::test]
async fn an_account_to_which_alone_it_does_not_answer_waits_by_itself() {
    let receiver = Receiver::new().await;
    receiver.behaves_to("alice", Manner::IsAway);
    let owing = Owing::to(&receiver);
    commit(&owing.registry, "alice", 0, [1]).await;
    owing.waits(&["callbacks"]).await;
    commit(&owing.registry, "bob", 0, [1]).await;
    let waits_by_itself = || {
        owing.time.fire("callbacks");
        owing.timers().iter().any(|timer| timer == "callback alice")
    };
    until(waits_by_itself, || format!("the timers are {:?}", owing.timers())).await;
    receiver.once(|taken| taken.len() == 1).await;
}
