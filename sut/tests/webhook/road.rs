//! A receiver that does not answer at all, while many accounts are owed something: on a clock that stands.

use std::sync::Arc;

use sut::registry::memory::Memory;
use sut::timers::manual::ManualTime;
use sut::timers::{SystemTime, Time};
use sut::webhook::{Announced, Destination, attach_to};
use tokio::task::yield_now;

use super::answers::{all_is_delivered, commit};
use super::receiver::{Manner, Receiver};

const ACCOUNTS: usize = 100;

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
        while self.to.owed() < accounts {
            yield_now().await;
        }
    }

    /// Waits until these are all the timers that are left.
    async fn waits(&self, timers: &[&str]) {
        while self.time.armed().iter().map(|timer| timer.name.as_str()).ne(timers.iter().copied()) {
            yield_now().await;
        }
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
        let ids: Vec<_> = taken.iter().map(|sent| &sent.id).filter(|id| id.starts_with(&format!("user{n}/"))).collect();
        assert_eq!(ids, [&format!("user{n}/1.0"), &format!("user{n}/1.1")]);
    }
    all_is_delivered(&owing.memory).await;
    while owing.to.owed() > 0 {
        yield_now().await;
    }
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
    while !owing.time.armed().iter().any(|timer| timer.name == "callback alice") {
        owing.time.fire("callbacks");
        yield_now().await;
    }
    receiver.once(|taken| taken.len() == 1).await;
}
