//! Sends what accounts are owed: the callbacks of one account strictly one after the other, a failed one again until it is taken;
//! accounts side by side, so that none waits for another's failures but those of the receiver itself. It never drops a callback.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::road::Road;
use super::sender::Sender;
use super::turn::Turn;
use crate::backoff;
use crate::callback::Queued;
use crate::registry::{Outbox, Unreachable};
use crate::timers::Time;

/// The most requests that are under way at once.
const MOST_REQUESTS: usize = 32;

/// Why a callback was not delivered.
enum Undelivered {
    /// The receiver, which was thought to answer, does not.
    Lost(String),
    /// It does not answer yet.
    Tried,
    /// It is another node's turn.
    NoTurn,
    /// It is this callback, or the registry.
    Failed(String),
}

/// What is left of an account's callbacks.
enum Left {
    Perhaps,
    Nothing,
}

/// What sends an account's callbacks; its clones share everything.
pub(super) struct Deliverer<O> {
    outbox: Arc<O>,
    sender: Arc<Sender>,
    turn: Turn,
    time: Arc<dyn Time>,
    permits: Arc<Semaphore>,
    road: Arc<Road>,
    /// How many accounts, the first look at what is owed among them, failed at their last attempt.
    failing: Arc<AtomicUsize>,
}

impl<O> Clone for Deliverer<O> {
    fn clone(&self) -> Deliverer<O> {
        Deliverer {
            outbox: Arc::clone(&self.outbox),
            sender: Arc::clone(&self.sender),
            turn: self.turn.clone(),
            time: Arc::clone(&self.time),
            permits: Arc::clone(&self.permits),
            road: Arc::clone(&self.road),
            failing: Arc::clone(&self.failing),
        }
    }
}

impl<O: Outbox> Deliverer<O> {
    pub(super) fn new(outbox: Arc<O>, sender: Sender, turn: Turn, time: Arc<dyn Time>) -> Deliverer<O> {
        let permits = Arc::new(Semaphore::new(MOST_REQUESTS));
        Deliverer { outbox, sender: Arc::new(sender), turn, time, permits, road: Arc::default(), failing: Arc::default() }
    }

    /// Delivers what is owed from before, and what each announced account is owed, until nobody can announce one any more; it says how
    /// many accounts that are.
    pub(super) async fn run(self, mut announced: mpsc::UnboundedReceiver<String>, owed: Arc<AtomicUsize>) {
        let mut accounts =
            Accounts { deliverer: self, running: HashSet::new(), again: HashSet::new(), tasks: JoinSet::new(), owed };
        for user_id in accounts.deliverer.owed_from_before().await {
            accounts.begin(user_id);
        }
        loop {
            tokio::select! {
                user_id = announced.recv() => match user_id {
                    Some(user_id) => accounts.begin(user_id),
                    None => return,
                },
                Some(ended) = accounts.tasks.join_next() => accounts.ended(ended.expect("a delivery neither panics nor is aborted")),
            }
        }
    }

    async fn owed_from_before(&self) -> Vec<String> {
        let mut failures = 0;
        loop {
            match self.outbox.owed().await {
                Ok(user_ids) => {
                    self.succeeded(&mut failures);
                    return user_ids;
                }
                Err(unreachable) => self.failed("callbacks", &mut failures, &unreachable.to_string()).await,
            }
        }
    }

    /// Delivers until nothing is owed; whose callbacks they were.
    async fn deliver_all(self, user_id: String) -> String {
        let (mut failures, mut was_lost) = (0, false);
        loop {
            match self.deliver_oldest(&user_id).await {
                Ok(Left::Perhaps) => {
                    was_lost = false;
                    self.succeeded(&mut failures);
                }
                Ok(Left::Nothing) => {
                    self.succeeded(&mut failures);
                    return user_id;
                }
                Err(Undelivered::Tried) => {}
                Err(Undelivered::NoTurn) => {
                    self.succeeded(&mut failures);
                    return user_id;
                }
                Err(Undelivered::Lost(_)) if !was_lost => was_lost = true,
                // It has answered to others since: it is this account to which it does not.
                Err(Undelivered::Lost(why) | Undelivered::Failed(why)) => {
                    self.failed(&format!("callback {user_id}"), &mut failures, &why).await
                }
            }
        }
    }

    async fn deliver_oldest(&self, user_id: &str) -> Result<Left, Undelivered> {
        let out_of_reach = |unreachable: Unreachable| Undelivered::Failed(unreachable.to_string());
        let Some(queued) = self.outbox.oldest(user_id).await.map_err(out_of_reach)? else {
            return Ok(Left::Nothing);
        };
        self.send(user_id, &queued).await?;
        self.outbox.delivered(user_id, &queued).await.map_err(out_of_reach)?;
        Ok(Left::Perhaps)
    }

    async fn send(&self, user_id: &str, queued: &Queued) -> Result<(), Undelivered> {
        let passage = self.road.passage(&*self.time).await;
        let _permit = self.permits.acquire().await.expect("nobody closes it");
        if !self.turn.is_on() {
            return Err(Undelivered::NoTurn);
        }
        match self.sender.send(user_id, queued).await {
            Err(failed) if failed.is_of_the_receiver() => {
                let why = failed.to_string();
                let undelivered = if passage.is_open() { Undelivered::Lost(why.clone()) } else { Undelivered::Tried };
                self.road.lost(passage, &why);
                Err(undelivered)
            }
            sent => {
                self.road.answered(passage);
                sent.map_err(|failed| Undelivered::Failed(failed.to_string()))
            }
        }
    }

    /// The log tells of the first that fails and of the last that fails no longer: a receiver that is down fails all of them.
    fn succeeded(&self, failures: &mut u32) {
        if std::mem::take(failures) > 0 && self.failing.fetch_sub(1, Ordering::Relaxed) == 1 {
            tracing::info!("callbacks are taken again");
        }
    }

    async fn failed(&self, timer: &str, failures: &mut u32, why: &str) {
        if *failures == 0 && self.failing.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!(timer, why, "callbacks are kept until they can be delivered");
        } else {
            tracing::debug!(timer, why, "a callback is not delivered yet");
        }
        let wait = backoff::drawn(backoff::bound(*failures));
        *failures = failures.saturating_add(1);
        self.time.wait(&timer, wait).await;
    }
}

/// The accounts whose callbacks are being delivered, one task each.
struct Accounts<O> {
    deliverer: Deliverer<O>,
    running: HashSet<String>,
    /// Announced while they run: their task may have looked for the last time before that.
    again: HashSet<String>,
    tasks: JoinSet<String>,
    /// How many there are.
    owed: Arc<AtomicUsize>,
}

impl<O: Outbox> Accounts<O> {
    fn begin(&mut self, user_id: String) {
        if !self.deliverer.turn.is_on() {
            return;
        }
        if self.running.insert(user_id.clone()) {
            self.owed.store(self.running.len(), Ordering::Relaxed);
            self.tasks.spawn(self.deliverer.clone().deliver_all(user_id));
        } else {
            self.again.insert(user_id);
        }
    }

    fn ended(&mut self, user_id: String) {
        self.running.remove(&user_id);
        self.owed.store(self.running.len(), Ordering::Relaxed);
        if self.again.remove(&user_id) {
            self.begin(user_id);
        }
    }
}
