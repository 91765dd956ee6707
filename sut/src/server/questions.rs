//! What the registry was asked and has not answered yet, in two lines: what clients wait for, and what a timer of an account began, of
//! which there may be many. It decides neither what is asked nor whose turn it is.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, Stream, StreamExt, select};

use super::machine::Input;
use crate::registry::Pace;

/// A question; its answer is the machine's next input.
pub(super) type Asked = Pin<Box<dyn Future<Output = Input> + Send>>;

/// Both lines.
#[derive(Default)]
pub(super) struct Questions {
    pub(super) of_clients: Line,
    pub(super) of_alarms: Line,
}

impl Questions {
    pub(super) fn push(&self, asked: Asked, pace: Pace) {
        match pace {
            Pace::AtOnce => self.of_clients.0.push(asked),
            Pace::AtLeisure => self.of_alarms.0.push(asked),
        }
    }

    /// The next answer of either line; `None` once all are answered.
    pub(super) async fn next(&mut self) -> Option<Input> {
        select(&mut self.of_clients.0, &mut self.of_alarms.0).next().await
    }
}

/// Questions that are answered in any order.
#[derive(Default)]
pub(super) struct Line(FuturesUnordered<Asked>);

impl Line {
    /// An answer that is there.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Option<Input> {
        match Pin::new(&mut self.0).poll_next(cx) {
            Poll::Ready(answer) => answer,
            Poll::Pending => None,
        }
    }
}
