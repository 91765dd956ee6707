//! The Redis server that nodes share. It is started on a free port, with nothing kept.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

use super::process::number;

/// It, running.
pub(crate) struct Redis {
    child: Child,
    address: SocketAddr,
    pub(crate) url: String,
}

impl Redis {
    /// `None` if it is not installed.
    pub(crate) fn start() -> Option<Redis> {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let address = bound.local_addr().expect("it is bound");
        drop(bound);
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"]).arg(address.port().to_string());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        while TcpStream::connect(address).is_err() {
            thread::yield_now();
        }
        Some(Redis { child, address, url: format!("redis://{address}/0") })
    }
}

/// The commands by which nodes write.
const WRITES: [&str; 7] = ["set", "hset", "hdel", "del", "zadd", "zrem", "zremrangebylex"];

impl Redis {
    /// How many writes it has done since its start.
    pub(crate) fn writes(&self) -> u64 {
        let stats = self.tell("INFO commandstats");
        let calls = |line: &str| {
            let (name, figures) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
            WRITES.contains(&name).then(|| number::<u64>(figures.split(',').next().unwrap_or_default()))
        };
        stats.lines().filter_map(calls).sum()
    }

    fn tell(&self, what: &str) -> String {
        let mut link = BufReader::new(TcpStream::connect(self.address).expect("it listens"));
        write!(link.get_mut(), "{what}\r\n").expect("it reads");
        let mut head = String::new();
        link.read_line(&mut head).expect("it answers");
        let mut answer = vec![0; number(head.trim_start_matches('$').trim_end())];
        link.read_exact(&mut answer).expect("it answers whole");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
