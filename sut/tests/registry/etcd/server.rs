//! An etcd of a test's own, of one member, on free ports and in a folder of its own. It ends with the test.

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// How many ports are tried: another process may take one first.
const TRIES: usize = 8;

/// A server that runs.
pub(super) struct Server {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Server {
    /// Starts one that is empty.
    pub(super) fn start() -> Server {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        (0..TRIES).find_map(|_| Server::start_at(free(), free())).expect("one of the free ports stays free")
    }

    fn start_at(port: u16, peers: u16) -> Option<Server> {
        let folder = tempfile::tempdir().unwrap();
        let [clients, peers] = [port, peers].map(|port| format!("http://127.0.0.1:{port}"));
        let mut command = Command::new("etcd");
        command.arg("--data-dir").arg(folder.path()).args(["--listen-client-urls", &clients, "--advertise-client-urls", &clients]);
        command.args(["--listen-peer-urls", &peers, "--initial-advertise-peer-urls", &peers]);
        command.args(["--initial-cluster", &format!("default={peers}")]);
        let mut child = match command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => panic!("etcd is not there: apt-get install etcd-server"),
            Err(error) => panic!("etcd does not start: {error}"),
        };
        let said = BufReader::new(child.stderr.take().unwrap());
        let server = Server { child, port, _folder: folder };
        let mut lines = said.lines().map_while(Result::ok);
        let is_ready = lines.any(|line| line.contains("ready to serve client requests"));
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        is_ready.then_some(server)
    }

    /// Where it is.
    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
