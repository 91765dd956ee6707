//! What the applications of a replay are told, in the order in which they come to know it. It keeps; it compares nothing.

use std::sync::{Arc, Mutex, MutexGuard};

use model::action::InstanceId;
use sut::client::machine::Answer;
use sut::client::{Event, Events};
use sut::code::Refusal;

/// What an application was told.
pub(super) enum Told {
    Settled { call: u64, outcome: Result<Answer, Refusal> },
    Published(Event),
    StreamEnded,
}

/// What all applications were told, in order.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<(InstanceId, Told)>>>);

impl Log {
    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<(InstanceId, Told)>> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }

    pub(super) fn push(&self, seat: InstanceId, told: Told) {
        self.lock().push((seat, told));
    }
}

/// Writes down the events of one instance until its stream ends. The end comes with the answer to a destroy, on a way of its own: whoever
/// waits for that answer notes it first.
pub(super) async fn listen(mut events: Events, seat: InstanceId, log: Log) {
    while let Some(event) = events.next().await {
        log.push(seat, Told::Published(event));
    }
    tokio::task::yield_now().await;
    log.push(seat, Told::StreamEnded);
}
