//! A Redis server of a test's own, on a free port and without persistence: Debian's, or what `REDIS_SERVER` names. It ends with the test.

use std::env;
use std::io::{BufRead, BufReader, ErrorKind};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::{TempDir, tempdir};

/// How long a test waits for what such a server does: far longer than it takes on a machine that does much else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(100);

/// How many ports are tried: another process may take one first.
const TRIES: usize = 8;

/// A server that runs, in a folder of its own.
pub(crate) struct Server {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Server {
    /// Starts one that is empty.
    pub(crate) fn start() -> Server {
        Server::start_with(&[])
    }

    /// The same with these arguments.
    pub(crate) fn start_with(more: &[&str]) -> Server {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        (0..TRIES).find_map(|_| Server::start_at(free(), more)).expect("one of the free ports stays free")
    }

    fn start_at(port: u16, more: &[&str]) -> Option<Server> {
        let name = env::var("REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned());
        let (mut command, folder) = (Command::new(&name), tempdir().unwrap());
        let args = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--enable-debug-command", "local", "--port"];
        command.args(args).arg(port.to_string()).args(more).current_dir(&folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => panic!("{name} is not there: apt-get install redis-server"),
            Err(error) => panic!("{name} does not start: {error}"),
        };
        let said = BufReader::new(child.stdout.take().unwrap());
        let server = Server { child, port, _folder: folder };
        said.lines().map_while(Result::ok).any(|line| line.contains("Ready to accept connections")).then_some(server)
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}/0", self.address())
    }

    /// The same without a database.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends it, and starts one in its place that is empty.
    pub(crate) fn replace(&mut self) {
        self.end();
        *self = Server::start_at(self.port, &[]).expect("the port was free a moment ago");
    }

    /// Ends it at once.
    pub(crate) fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
