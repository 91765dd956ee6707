//! A Redis primary of a test's own, its two replicas, and three sentinels that watch over them. All end with the test. A sentinel is the same
//! program as a server.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use tempfile::{TempDir, tempdir};

use super::server::{PATIENCE, Server};

/// What the sentinels call the primary.
const NAME: &str = "kickproof";

/// All of them.
pub(crate) struct Watched {
    /// The first primary, and its replicas.
    pub(crate) servers: [Server; 3],
    pub(crate) sentinels: Vec<Sentinel>,
}

/// One that runs.
pub(crate) struct Sentinel {
    child: Child,
    address: String,
    _folder: TempDir,
}

impl Watched {
    /// Starts them, and waits until each sentinel knows all others and both replicas.
    pub(crate) fn start() -> Watched {
        let servers = [(); 3].map(|()| Server::start_with(&["--repl-diskless-sync-delay", "0"]));
        let [primary, replicas @ ..] = &servers;
        let address = primary.address().replace(':', " ");
        replicas.iter().for_each(|replica| drop(say(&replica.address(), &format!("REPLICAOF {address}"))));
        until(&primary.address(), "INFO replication", |info| info.matches("state=online").count() == replicas.len());
        let sentinels: Vec<_> = (0..3).map(|_| Sentinel::start(&address)).collect();
        for sentinel in &sentinels {
            until(&sentinel.address, "INFO sentinel", |info| info.contains("slaves=2,sentinels=3"));
        }
        Watched { servers, sentinels }
    }

    /// What a node is told.
    pub(crate) fn url(&self) -> String {
        let sentinels: Vec<_> = self.sentinels.iter().map(|sentinel| &*sentinel.address).collect();
        format!("redis+sentinel://{}/{NAME}/0", sentinels.join(","))
    }

    /// Has a replica promoted beside the primary, which lives on until it is told.
    pub(crate) fn fail_over(&self) {
        let told = say(&self.sentinels[0].address, &format!("SENTINEL FAILOVER {NAME}"));
        assert_eq!(told, "+OK");
    }
}

impl Sentinel {
    fn start(primary: &str) -> Sentinel {
        let (folder, port) = (tempdir().unwrap(), TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port());
        let stated = format!(
            "bind 127.0.0.1\nport {port}\nsentinel monitor {NAME} {primary} 2\n\
             sentinel down-after-milliseconds {NAME} 1000\nsentinel failover-timeout {NAME} 10000\n"
        );
        fs::write(folder.path().join("sentinel.conf"), stated).unwrap();
        let mut command = Command::new(env::var("REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned()));
        command.args(["sentinel.conf", "--sentinel"]).current_dir(&folder).stdin(Stdio::null()).stderr(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(said.any(|line| line.contains("+monitor master")), "a sentinel does not start");
        // It says more, and would wait for whoever reads it.
        thread::spawn(move || said.for_each(drop));
        Sentinel { child, address: format!("127.0.0.1:{port}"), _folder: folder }
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn until(address: &str, words: &str, holds: impl Fn(&str) -> bool) {
    let since = Instant::now();
    while !holds(&say(address, words)) {
        assert!(since.elapsed() < PATIENCE, "{words} says {}", say(address, words));
        thread::yield_now();
    }
}

/// What the server at that address answers to these words.
fn say(address: &str, words: &str) -> String {
    let mut link = TcpStream::connect(address).unwrap();
    link.write_all(format!("{words}\r\n").as_bytes()).unwrap();
    let (mut link, mut said) = (BufReader::new(link), String::new());
    link.read_line(&mut said).unwrap();
    let Some(length) = said.strip_prefix('$').map(|length| length.trim_end().parse().unwrap()) else {
        return said.trim_end().to_owned();
    };
    let mut text = vec![0; length];
    link.read_exact(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}
