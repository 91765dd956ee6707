//! The server as a child process, on manual time: it is started, asked, and killed. Whatever goes wrong with it is one line, and nothing
//! waits for ever. It knows no link and no frame.

use std::env;
use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sut::config::App;
use sut::server::manual::{Act, Answer, Ask, Seen};
use sut::session::Platform;
use sut::timers::UnixMillis;
use sut::timers::quiet::AllSent;

use super::calls::{BadReply, Calls};
use crate::{cast, planting};

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

static BINARY: OnceLock<PathBuf> = OnceLock::new();

/// Says which binary serves the tours; unless it is said before the first of them, it is the one that runs.
pub fn serve_with(binary: impl Into<PathBuf>) {
    let _ = BINARY.set(binary.into());
}

/// What a server process is told to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    app: App,
    planted: Option<String>,
}

impl Role {
    /// A server of that app, with the bug that is planted on this thread.
    pub fn of(app: &App) -> Role {
        Role { app: app.clone(), planted: planting::name() }
    }

    fn arguments(&self) -> Vec<String> {
        let App { sdk_app_id, policy, limits, administrators, secret_key: _, buffers: _ } = &self.app;
        let mut arguments = ["serve", "--listen", "127.0.0.1:0"].map(str::to_owned).to_vec();
        arguments.push(format!("--manual-time={}", cast::NOW.0));
        arguments.push(format!("--sdk-app-id={sdk_app_id}"));
        arguments.push(format!("--policy={policy}"));
        arguments.extend(Platform::ALL.map(|platform| format!("--limit={platform}={}", limits.of(platform))));
        arguments.extend(administrators.iter().map(|administrator| format!("--administrator={administrator}")));
        arguments.extend(self.planted.iter().map(|bug| format!("--planted={bug}")));
        arguments
    }
}

/// A running server process. It is killed when this is dropped, and ends by itself if this process does.
#[derive(Debug)]
pub struct Node {
    child: Child,
    address: SocketAddr,
    calls: Option<Calls>,
}

impl Node {
    /// Starts the binary that serves the tours; it answers from here on.
    ///
    /// # Errors
    /// If it does not start or does not say where it listens.
    pub fn start(role: &Role) -> Result<Node, NodeError> {
        let binary = BINARY.get().cloned().map_or_else(env::current_exe, Ok);
        Node::start_as(&binary.map_err(NodeError::CannotStart)?, role)
    }

    /// Starts this binary.
    ///
    /// # Errors
    /// As with [`Node::start`].
    pub fn start_as(binary: &Path, role: &Role) -> Result<Node, NodeError> {
        let mut command = Command::new(binary);
        command.args(role.arguments()).env("KICKPROOF_KEY", &role.app.secret_key).env("KICKPROOF_LOG", "error");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(NodeError::CannotStart)?;
        let mut node = Node { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), calls: None };
        node.address = node.listens()?;
        node.calls = Some(Calls::to(node.address, PATIENCE).map_err(NodeError::CannotStart)?);
        Ok(node)
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

    /// What is seen once it has read all that was sent to it and is idle.
    ///
    /// # Errors
    /// If it is gone, silent or talks nonsense.
    pub fn barrier(&mut self, sent: AllSent, accounts: Vec<String>) -> Result<Seen, NodeError> {
        self.call(&Ask { act: Act::Wait, sent, accounts })
    }

    /// Fires the armed timer of that name, and no other; what is seen then.
    ///
    /// # Errors
    /// If no such timer is armed, or as with [`Node::barrier`].
    pub fn fire(&mut self, timer: &str, sent: AllSent, accounts: Vec<String>) -> Result<Seen, NodeError> {
        self.call(&Ask { act: Act::Fire(timer.to_owned()), sent, accounts })
    }

    /// Lets time pass, with all timers that are due; what is seen then.
    ///
    /// # Errors
    /// If that moment is past, or as with [`Node::barrier`].
    pub fn advance(&mut self, to: UnixMillis, sent: AllSent, accounts: Vec<String>) -> Result<Seen, NodeError> {
        self.call(&Ask { act: Act::Advance(to.0), sent, accounts })
    }

    /// Forgets the accounts and sets the clock; what is seen then.
    ///
    /// # Errors
    /// As with [`Node::barrier`].
    pub fn begin(&mut self, now: UnixMillis, sent: AllSent, accounts: Vec<String>) -> Result<Seen, NodeError> {
        self.call(&Ask { act: Act::Begin(now.0), sent, accounts })
    }

    fn call(&mut self, ask: &Ask) -> Result<Seen, NodeError> {
        let Some(calls) = &mut self.calls else { return Err(self.ended()) };
        match calls.ask(ask) {
            Ok(Answer { seen: Some(seen), .. }) => Ok(seen),
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
