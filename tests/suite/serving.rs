//! `kickproof` as a process of its own, and `kickproof serve` on a free port. Nothing here waits for ever: what is not over in time
//! has failed.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

/// The app that is served.
pub(crate) const APP: &str = "1400000000";

/// Its key.
pub(crate) const KEY: &str = "a secret of the tests";

/// How long anything may take before it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The built binary, without any settings from the environment.
pub(crate) fn kickproof() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kickproof"));
    command.env_remove("KICKPROOF_KEY").env_remove("KICKPROOF_LOG");
    command
}

/// Sends a signal to a process.
pub(crate) fn signal(name: &str, process: u32) {
    let kill = format!("kill -{name} {process}");
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

/// Waits for a process, which is killed if it takes too long.
pub(crate) fn watched<T>(process: u32, wait: impl FnOnce() -> T) -> T {
    let (finished, watched) = mpsc::channel::<()>();
    let watchdog = thread::spawn(move || match watched.recv_timeout(PATIENCE) {
        Err(RecvTimeoutError::Timeout) => signal("KILL", process),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {}
    });
    let ended = wait();
    drop(finished);
    watchdog.join().unwrap();
    ended
}

/// A running server; it is killed if a test forgets to end it.
pub(crate) struct Serving {
    child: Child,
    log: NamedTempFile,
    /// Where it listens.
    pub(crate) address: String,
}

impl Serving {
    /// Starts it with these further arguments and everything logged, and waits for the line that says where it listens.
    pub(crate) fn start(more: &[&str]) -> Serving {
        Serving::start_logging("trace", more)
    }

    /// Starts it as [`Serving::start`] does, with this filter of its log.
    pub(crate) fn start_logging(filter: &str, more: &[&str]) -> Serving {
        Serving::start_as(kickproof(), filter, more)
    }

    /// The same by that command, which runs what is built.
    pub(crate) fn start_as(mut command: Command, filter: &str, more: &[&str]) -> Serving {
        let args = ["serve", "--sdk-app-id", APP, "--key", KEY, "--listen", "127.0.0.1:0"];
        let at_once: &[&str] = if more.contains(&"--drain-s") { &[] } else { &["--drain-s", "0"] };
        let log = NamedTempFile::new().unwrap();
        command.args(args).args(at_once).args(more).env("KICKPROOF_LOG", filter);
        Serving::run(command, log)
    }

    /// What this command runs, with nothing added but the filter.
    pub(crate) fn of(mut command: Command, filter: &str) -> Serving {
        command.env("KICKPROOF_LOG", filter);
        Serving::run(command, NamedTempFile::new().unwrap())
    }

    fn run(mut command: Command, log: NamedTempFile) -> Serving {
        let mut child = command.stdout(Stdio::piped()).stderr(log.reopen().unwrap()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").and_then(|rest| rest.strip_suffix('\n')).unwrap().to_owned();
        Serving { child, log, address }
    }

    /// Ends it with a signal; its log. It must end cleanly, without ever having panicked.
    pub(crate) fn end(mut self, name: &str) -> String {
        signal(name, self.child.id());
        let status = watched(self.child.id(), || self.child.wait()).unwrap();
        let log = fs::read_to_string(self.log.path()).unwrap();
        assert!(!log.contains("panicked"), "{log}");
        assert_eq!(status.code(), Some(0), "{log}");
        log
    }
}

impl Serving {
    /// The process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal and waits until its log says that.
    pub(crate) fn told(&self, name: &str, text: &str) -> String {
        signal(name, self.child.id());
        self.logged(text)
    }

    /// Tells it to load its configuration anew.
    pub(crate) fn hang_up(&self) {
        signal("HUP", self.child.id());
    }

    /// Waits until its log holds this; the log.
    pub(crate) fn logged(&self, text: &str) -> String {
        let since = Instant::now();
        loop {
            let log = fs::read_to_string(self.log.path()).unwrap();
            if log.contains(text) {
                return log;
            }
            assert!(since.elapsed() < PATIENCE, "the log does not say {text:?}: {log}");
            thread::yield_now();
        }
    }

    /// Kills it on the spot.
    pub(crate) fn kill(self) {
        signal("KILL", self.child.id());
        drop(self);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
