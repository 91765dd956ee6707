//! A Redis server of a soak's own, on a free port of 127.0.0.1 and without persistence. It ends with whoever holds it.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::process::Process;

/// How many ports are tried: another process may take one first.
const TRIES: usize = 8;

/// How long an answer of a server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server that runs.
pub(super) struct Engine {
    _process: Process,
    pub(super) port: u16,
}

impl Engine {
    /// Starts one that is empty, with that folder for what it is told to save, and further arguments.
    pub(super) fn start(folder: &Path, more: &[&str]) -> io::Result<Engine> {
        let started = (0..TRIES).find_map(|_| Engine::start_at(folder, more).transpose());
        started.unwrap_or_else(|| Err(io::Error::other("redis-server found none of the free ports free")))
    }

    fn start_at(folder: &Path, more: &[&str]) -> io::Result<Option<Engine>> {
        let port = free_port()?;
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--enable-debug-command", "local", "--port"]);
        command.arg(port.to_string()).arg("--dir").arg(folder).args(more);
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(|error| {
                match error.kind() {
                    ErrorKind::NotFound => io::Error::new(error.kind(), "redis-server is not there: apt-get install redis-server"),
                    _ => error,
                }
            })?;
        let mut process = Process(child);
        let said = process.0.stdout.take().map(BufReader::new);
        let is_ready =
            |said: BufReader<_>| said.lines().map_while(Result::ok).any(|line| line.contains("Ready to accept connections"));
        Ok(said.is_some_and(is_ready).then_some(Engine { _process: process, port }))
    }

    /// Where it is, with a database.
    pub(super) fn url(&self) -> String {
        format!("redis://{}/0", self.address())
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Tells it what it does at once, or says why not.
    pub(super) fn order(&self, words: &str) -> io::Result<()> {
        let answer = tell(&self.address(), words)?;
        if answer.starts_with('-') { Err(io::Error::other(format!("{words}: {answer}"))) } else { Ok(()) }
    }
}

/// Tells a server something; the first line of its answer.
pub(super) fn tell(address: &str, words: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{words}\r\n").as_bytes())?;
    let mut line = String::new();
    BufReader::new(&mut stream).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
