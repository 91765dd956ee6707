//! What the registry was asked and has not answered yet, in two lines: what clients wait for, and what a timer of an account began, of
//! which there may be many. It decides neither what is asked nor whose turn it is.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::Instant;

use futures_util::stream::{FuturesUnordered, Stream, StreamExt, select};

use super::drive::{Question, ask};
use super::machine::Input;
use super::metrics::Metrics;
use crate::registry::{Pace, Registry, Unreachable};
use crate::session::SessionDigest;

/// A question; its answer is the machine's next input.
pub(super) type Asking = Pin<Box<dyn Future<Output = Input> + Send>>;

/// A registry, whichever it is, as a node's task asks it.
pub(super) trait Answers: Send + Sync {
    /// Asks; a commit is counted with the time that it takes.
    fn ask(self: Arc<Self>, question: Question, pace: Pace, metrics: Metrics) -> Asking;

    /// As [`Registry::note_stop`].
    fn note_stop(self: Arc<Self>, owed_nothing: Vec<(String, SessionDigest)>) -> Noted;
}

/// Whether it was noted.
pub(super) type Noted = Pin<Box<dyn Future<Output = Result<(), Unreachable>> + Send>>;

impl<R: Registry> Answers for R {
    fn ask(self: Arc<Self>, question: Question, pace: Pace, metrics: Metrics) -> Asking {
        Box::pin(async move {
            let (is_commit, began) = (matches!(question, Question::Commit { .. }), Instant::now());
            let answer = ask(&*self, question, pace).await;
            if is_commit {
                metrics.committed(began.elapsed(), &answer);
            }
            answer
        })
    }

    fn note_stop(self: Arc<Self>, owed_nothing: Vec<(String, SessionDigest)>) -> Noted {
        Box::pin(async move { Registry::note_stop(&*self, owed_nothing).await })
    }
}

/// Both lines.
#[derive(Default)]
pub(super) struct Questions {
    pub(super) of_clients: Line,
    pub(super) of_alarms: Line,
}

impl Questions {
    pub(super) fn push(&self, asked: Asking, pace: Pace) {
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
pub(super) struct Line(FuturesUnordered<Asking>);

impl Line {
    /// An answer that is there.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Option<Input> {
        match Pin::new(&mut self.0).poll_next(cx) {
            Poll::Ready(answer) => answer,
            Poll::Pending => None,
        }
    }
}
