//! The processes of a soak: each ends with whoever holds it. A node is this very binary, serving.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::super::{ADMINISTRATOR, KEY, SDK_APP_ID, WEB_LIMIT};
use crate::planting::Bug;

/// How long an answer of a node may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A child process.
pub(super) struct Process(pub(super) Child);

impl Process {
    /// Sends it a signal.
    pub(super) fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill_process(Pid::from_child(&self.0), signal)?)
    }
}

impl Drop for Process {
    /// One that is stopped is killed as any other.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a node is started with.
#[derive(Clone, Debug)]
pub(super) struct Launch {
    pub(super) binary: PathBuf,
    pub(super) registry: String,
    pub(super) name: String,
    pub(super) poll: Duration,
    pub(super) planted: Option<Bug>,
    pub(super) folder: PathBuf,
}

/// A node that runs.
pub(super) struct Node {
    pub(super) process: Process,
    pub(super) address: String,
    pub(super) journal: PathBuf,
}

impl Launch {
    /// Starts it, and waits until it serves; what is written has that number in its name.
    pub(super) fn start(&self, life: usize) -> io::Result<Node> {
        let named = |what: &str| self.folder.join(format!("{}-{life}.{what}", self.name));
        let (journal, log) = (named("jsonl"), named("log"));
        let mut command = Command::new(&self.binary);
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--drain-s",
            "0",
            "--administrator",
            ADMINISTRATOR,
            "--node",
            &self.name,
        ]);
        command.arg(format!("--sdk-app-id={SDK_APP_ID}")).arg(format!("--limit=Web={WEB_LIMIT}"));
        command.arg(format!("--registry={}", self.registry)).arg(format!("--poll-ms={}", self.poll.as_millis()));
        command.arg("--journal").arg(&journal).args(self.planted.iter().map(|bug| format!("--planted={}", bug.name())));
        command.env("KICKPROOF_KEY", KEY).env("KICKPROOF_LOG", "warn").env("NO_COLOR", "1");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&log)?);
        let mut process = Process(command.spawn()?);
        let mut line = String::new();
        if let Some(said) = &mut process.0.stdout {
            BufReader::new(said).read_line(&mut line)?;
        }
        match line.strip_prefix("listening on ") {
            Some(address) => Ok(Node { address: address.trim_end().to_owned(), process, journal }),
            None => Err(io::Error::other(format!("node {} does not start: {}", self.name, last_line(&log)))),
        }
    }
}

fn last_line(log: &Path) -> String {
    let told = std::fs::read_to_string(log).unwrap_or_default();
    told.lines().last().unwrap_or("it says nothing").to_owned()
}

impl Node {
    /// What it answers to a GET.
    pub(super) fn get(&self, path: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// How many sessions it holds.
    pub(super) fn sessions(&self) -> io::Result<usize> {
        let numbers = self.get("/metrics")?;
        let held = numbers.lines().filter(|line| line.starts_with("kickproof_sessions{"));
        Ok(held.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum())
    }
}
