//! A line now and then as long as something lasts. What it says is the caller's.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::command::output;

/// Says something again and again until it is dropped.
pub(super) struct Ticker {
    alive: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Says a line each time that long has passed, told how much time has passed in all.
    pub(super) fn start(every: Duration, line: impl Fn(Duration) -> String + Send + 'static) -> Ticker {
        let (alive, ended) = mpsc::channel();
        let since = Instant::now();
        let thread = thread::spawn(move || {
            while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                output::note(&line(since.elapsed()));
            }
        });
        Ticker { alive: Some(alive), thread: Some(thread) }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.alive.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
