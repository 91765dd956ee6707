//! Whether the receiver can be reached. While it cannot, one callback at a time is tried, each after a wait that grows; the others wait
//! for it, and cost nothing meanwhile. It sends nothing, and knows no order.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex, MutexGuard};

use crate::backoff;
use crate::timers::Time;

/// The one way to the receiver.
pub(super) struct Road {
    is_open: AtomicBool,
    /// Whose turn it is to try, first come, first served; how many tries in a row have failed.
    turn: Mutex<u32>,
}

/// The right to send one callback.
pub(super) enum Passage<'a> {
    /// As many as like may.
    Open,
    /// Nobody else may.
    Try(MutexGuard<'a, u32>),
}

impl Passage<'_> {
    /// Whether others may send as well.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self, Passage::Open)
    }
}

impl Default for Road {
    /// It is thought open until something is lost on it.
    fn default() -> Road {
        Road { is_open: AtomicBool::new(true), turn: Mutex::new(0) }
    }
}

impl Road {
    /// The right to send, at once if the road is open, else when it is open again or its turn to try has come.
    pub(super) async fn passage(&self, time: &dyn Time) -> Passage<'_> {
        if self.is_open() {
            return Passage::Open;
        }
        let failures = self.turn.lock().await;
        if self.is_open() {
            return Passage::Open;
        }
        time.wait(&"callbacks", backoff::drawn(backoff::bound(*failures))).await;
        Passage::Try(failures)
    }

    /// The receiver has answered, whatever it said.
    pub(super) fn answered(&self, passage: Passage<'_>) {
        if let Passage::Try(mut failures) = passage {
            *failures = 0;
            self.is_open.store(true, Ordering::Relaxed);
            tracing::info!("the receiver of callbacks answers again");
        }
    }

    /// It has not.
    pub(super) fn lost(&self, passage: Passage<'_>, why: &str) {
        match passage {
            Passage::Try(mut failures) => {
                *failures = failures.saturating_add(1);
                tracing::debug!(why, "the receiver of callbacks does not answer yet");
            }
            Passage::Open => {
                if self.is_open.swap(false, Ordering::Relaxed) {
                    tracing::warn!(why, "callbacks are kept until their receiver answers");
                }
            }
        }
    }

    fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }
}
