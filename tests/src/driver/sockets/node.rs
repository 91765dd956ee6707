//! The server as a child process, on manual time: it is started, asked, and killed. Whatever goes wrong with it is one line, and nothing
//! waits for ever. It knows no link and no frame.

use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use sut::server::manual::{Act, Answer, Ask, Seen};
use sut::timers::UnixMillis;
use sut::timers::quiet::AllSent;

use super::calls::{BadReply, Calls};
use super::launch::{self, Launch, Role};
use crate::cast;

/// How long anything may take before it has failed. Nothing that goes right is waited for by time.
pub(in crate::driver) const PATIENCE: Duration = Duration::from_secs(20);

/// What is wrong with a server process.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// It cannot be started.
    #[error("the server process cannot be started: {0}")]
    CannotStart(io::Error),
    /// It is gone, and what it said last.
    #[error("the server process has ended: {0}")]
    Ended(String),
    /// It does not say where it listens.
    #[error("the server process says '{0}' instead of where it listens")]
    NoAddress(String),
    /// It does not answer.
    #[error("the server process says nothing for {} s", PATIENCE.as_secs())]
    Silent,
    /// It answers something else.
    #[error("the server process answers what was not asked for: {0}")]
    Nonsense(String),
    /// It does not do what it is asked for.
    #[error("the server process refuses: {0}")]
    Refused(String),
}

/// A running server process. It is killed when this is dropped, and ends by itself if this process does.
#[derive(Debug)]
pub struct Node {
    child: Child,
    address: SocketAddr,
    calls: Option<Calls>,
    /// Its clock as it was told last.
    now: UnixMillis,
    launch: Launch,
}

impl Node {
    /// Starts the binary that serves the tours; it answers from here on.
    ///
    /// # Errors
    /// If it does not start or does not say where it listens.
    pub fn start(role: &Role) -> Result<Node, NodeError> {
        Node::start_as(&launch::binary().map_err(NodeError::CannotStart)?, role)
    }

    /// Starts this binary.
    ///
    /// # Errors
    /// As with [`Node::start`].
    pub fn start_as(binary: &Path, role: &Role) -> Result<Node, NodeError> {
        let launch = Launch::of(binary, role).map_err(NodeError::CannotStart)?;
        let child = launch.start(cast::NOW).map_err(NodeError::CannotStart)?;
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut node = Node { child, address: nowhere, calls: None, now: cast::NOW, launch };
        node.connect()?;
        Ok(node)
    }

    /// Asks it to stop, as an operator does, and waits for its end.
    ///
    /// # Errors
    /// If it cannot be asked, or does not end.
    pub fn stop(&mut self) -> Result<(), NodeError> {
        self.calls = None;
        let child = Pid::from_child(&self.child);
        kill_process(child, Signal::TERM).map_err(|error| NodeError::Refused(error.to_string()))?;
        self.child.wait().map(drop).map_err(NodeError::CannotStart)
    }

    /// Kills it, and starts another one in its place with what it has stored; time stands at that moment.
    ///
    /// # Errors
    /// As with [`Node::start`].
    pub fn restart(&mut self, now: UnixMillis) -> Result<(), NodeError> {
        self.kill();
        self.child = self.launch.start(now).map_err(NodeError::CannotStart)?;
        self.now = now;
        self.connect()
    }

    fn connect(&mut self) -> Result<(), NodeError> {
        self.address = self.listens()?;
        self.calls = Some(Calls::to(self.address, PATIENCE).map_err(NodeError::CannotStart)?);
        Ok(())
    }

    /// Where the line that it prints first says that it listens.
    fn listens(&mut self) -> Result<SocketAddr, NodeError> {
        let Some(stdout) = self.child.stdout.take() else { return Err(NodeError::Silent) };
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(stdout).read_line(&mut line);
            let _ = tell.send(read.map(|_| line));
        });
        let line = told.recv_timeout(PATIENCE).map_err(|_| NodeError::Silent)?.unwrap_or_default();
        if line.is_empty() {
            return Err(self.ended());
        }
        let address = line.strip_prefix("listening on ").and_then(|rest| rest.trim_end().parse().ok());
        address.ok_or_else(|| NodeError::NoAddress(line.trim_end().to_owned()))
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it, as `kill -9` does. Everything that it is asked afterwards is an error.
    pub fn kill(&mut self) {
        self.calls = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Does what it is asked for, reads all that was sent to it and is idle; what is seen then.
    ///
    /// # Errors
    /// If it cannot do it, is gone, silent or talks nonsense.
    pub fn act(&mut self, act: Act, sent: AllSent, accounts: Vec<String>) -> Result<Seen, NodeError> {
        let Some(calls) = &mut self.calls else { return Err(self.ended()) };
        match calls.ask(&Ask { act, sent, accounts }, self.now) {
            Ok(Answer { seen: Some(seen), .. }) => {
                self.now = UnixMillis(seen.now_ms);
                Ok(seen)
            }
            Ok(Answer { error_code, error_info, .. }) => Err(NodeError::Refused(format!("{error_code}, {error_info}"))),
            Err(BadReply::Silence) => Err(NodeError::Silent),
            Err(BadReply::End) => Err(self.ended()),
            Err(BadReply::Nonsense(what)) => Err(NodeError::Nonsense(what)),
        }
    }

    /// How it ended and what it said last; it is killed if it has not.
    fn ended(&mut self) -> NodeError {
        self.calls = None;
        let killed = self.child.kill();
        let status = self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        let mut said = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            let _ = stderr.read_to_string(&mut said);
        }
        let last = said.lines().rfind(|line| !line.starts_with("warning: ")).unwrap_or("without a word");
        drop(killed);
        NodeError::Ended(format!("{status}, {last}"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}
