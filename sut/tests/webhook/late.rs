//! Commits that come just as an account's outbox has been found empty.

use std::sync::Arc;

use sut::callback::Queued;
use sut::registry::memory::Memory;
use sut::registry::{Layer, Outbox, Unreachable};
use sut::webhook::attach;
use tokio::task::yield_now;

use super::answers::{all_is_delivered, commit};
use super::quick::Quick;
use super::receiver::Receiver;

/// A registry that answers late: what it says was true a while ago.
#[derive(Default)]
struct Late(Memory);

impl Layer for Late {
    type Within = Memory;

    fn within(&self) -> &Memory {
        &self.0
    }
}

impl Outbox for Late {
    async fn owed(&self) -> Result<Vec<String>, Unreachable> {
        self.0.owed().await
    }

    async fn oldest(&self, user_id: &str) -> Result<Option<Queued>, Unreachable> {
        let oldest = self.0.oldest(user_id).await;
        for _ in 0..20 {
            yield_now().await;
        }
        oldest
    }

    async fn delivered(&self, user_id: &str, queued: &Queued) -> Result<(), Unreachable> {
        self.0.delivered(user_id, queued).await
    }
}

#[tokio::test]
async fn a_callback_that_is_committed_after_the_last_look_is_sent() {
    let receiver = Receiver::new().await;
    let late = Arc::new(Late::default());
    let registry = attach(Arc::clone(&late), 1400, &receiver.target(), Arc::new(Quick::default()));
    for n in 0..50 {
        commit(&registry, "alice", n, [n]).await;
        all_is_delivered(&late.0).await;
    }
    assert_eq!(receiver.once(|taken| taken.len() >= 50).await.len(), 50);
}
