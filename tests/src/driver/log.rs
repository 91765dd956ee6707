//! What the applications of a replay are told, in the order in which they come to know it. It keeps; it compares nothing.

use model::action::InstanceId;
use sut::client::machine::Answer;
use sut::client::{Event, Events};
use sut::code::Refusal;
use tokio::sync::mpsc;

/// What an application was told.
pub(super) enum Told {
    Settled { call: u64, outcome: Result<Answer, Refusal> },
    Published(Event),
    StreamEnded,
}

/// To where it is kept.
pub(super) type Log = mpsc::UnboundedSender<(InstanceId, Told)>;

/// Writes down the events of one instance until its stream ends. The end comes with the answer to a destroy, on a way of its own: whoever
/// waits for that answer notes it first.
pub(super) async fn listen(mut events: Events, seat: InstanceId, log: Log) {
    while let Some(event) = events.next().await {
        let _ = log.send((seat, Told::Published(event)));
    }
    tokio::task::yield_now().await;
    let _ = log.send((seat, Told::StreamEnded));
}
