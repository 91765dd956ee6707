//! Redis servers of a soak's own, on free ports of 127.0.0.1 and without persistence, and sentinels that watch over them. They end with
//! whoever holds them.

use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::process::Process;
use super::truth::by_a_deadline;

/// How many ports are tried: another process may take one first.
const TRIES: usize = 8;

/// How long an answer of a server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the sentinels call the primary.
const NAME: &str = "soaked";

/// After which silence of it they take another, in milliseconds.
const DOWN_AFTER_MS: u32 = 1000;

/// A server that runs.
struct Server {
    process: Option<Process>,
    address: String,
}

/// All of them: a primary, and if there are sentinels two replicas.
pub(super) struct Engine {
    servers: Vec<Server>,
    sentinels: Vec<Server>,
}

impl Engine {
    /// Starts an empty primary, and if so many sentinels are to watch over it, two replicas and them. They know each other then.
    pub(super) async fn start(folder: &Path, sentinels: usize) -> io::Result<Engine> {
        let replicas = if sentinels > 0 { 2 } else { 0 };
        let servers = (0..=replicas).map(|number| Server::start(&folder.join(format!("redis-{number}"))));
        let mut engine = Engine { servers: servers.collect::<Result<_, _>>()?, sentinels: Vec::new() };
        let primary = engine.servers[0].address.replace(':', " ");
        for replica in &engine.servers[1..] {
            order(&replica.address, &format!("REPLICAOF {primary}"))?;
        }
        engine.says(&engine.servers[0], "INFO replication", |info| info.matches("state=online").count() == replicas).await?;
        for number in 0..sentinels {
            let most = sentinels / 2 + 1;
            engine.sentinels.push(Server::watch(&folder.join(format!("sentinel-{number}")), &primary, most)?);
        }
        for sentinel in &engine.sentinels {
            let all = format!("slaves={replicas},sentinels={sentinels}");
            engine.says(sentinel, "INFO sentinel", |info| info.contains(&all)).await?;
        }
        Ok(engine)
    }

    async fn says(&self, server: &Server, words: &str, holds: impl Fn(&str) -> bool) -> io::Result<()> {
        let is_so = async || match ask(&server.address, words) {
            Ok(info) if holds(&info) => Ok(()),
            Ok(info) => Err(format!("{words} says {info}")),
            Err(error) => Err(error.to_string()),
        };
        let first = by_a_deadline(is_so).await;
        let said = if first.is_err() { by_a_deadline(is_so).await } else { first };
        said.map(drop).map_err(io::Error::other)
    }

    /// Where the first primary is.
    pub(super) fn address(&self) -> &str {
        &self.servers[0].address
    }

    /// Where whoever looks for the primary looks.
    pub(super) fn url(&self) -> String {
        let sentinels: Vec<_> = self.sentinels.iter().map(|sentinel| &*sentinel.address).collect();
        match sentinels.is_empty() {
            true => format!("redis://{}/0", self.address()),
            false => format!("redis+sentinel://{}/{NAME}/0", sentinels.join(",")),
        }
    }

    /// The first primary dies on the spot.
    pub(super) fn kill(&mut self) {
        self.servers[0].process = None;
    }

    /// The sentinels promote a replica beside the first primary, which lives on until they tell it.
    pub(super) fn promote(&self) -> io::Result<()> {
        order(&self.sentinels[0].address, &format!("SENTINEL FAILOVER {NAME}"))
    }

    /// Whether more than half of the sentinels name another primary than the first.
    pub(super) fn has_another_primary(&self) -> io::Result<bool> {
        let named = |sentinel: &Server| ask(&sentinel.address, &format!("SENTINEL GET-MASTER-ADDR-BY-NAME {NAME}"));
        let first = self.address().replace(':', " ");
        let named = self.sentinels.iter().map(named).collect::<io::Result<Vec<_>>>()?;
        Ok(named.iter().filter(|address| **address != first).count() > self.sentinels.len() / 2)
    }
}

impl Server {
    fn start(folder: &Path) -> io::Result<Server> {
        fs::create_dir(folder)?;
        let args = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--enable-debug-command", "local"];
        let more = ["--repl-diskless-sync-delay", "0", "--port"];
        let run = |port: u16| {
            let mut command = Command::new("redis-server");
            command.args(args).args(more).arg(port.to_string());
            Server::run(command, folder, port, "Ready to accept connections")
        };
        Server::on_a_free_port(run)
    }

    /// A sentinel, which takes another primary once so many of them miss that one.
    fn watch(folder: &Path, primary: &str, most: usize) -> io::Result<Server> {
        fs::create_dir(folder)?;
        let run = |port: u16| {
            let stated = format!(
                "bind 127.0.0.1\nport {port}\nsentinel monitor {NAME} {primary} {most}\n\
                 sentinel down-after-milliseconds {NAME} {DOWN_AFTER_MS}\nsentinel failover-timeout {NAME} 10000\n"
            );
            fs::write(folder.join("sentinel.conf"), stated)?;
            let mut command = Command::new("redis-server");
            command.args(["sentinel.conf", "--sentinel"]);
            Server::run(command, folder, port, "+monitor master")
        };
        Server::on_a_free_port(run)
    }

    fn on_a_free_port(run: impl Fn(u16) -> io::Result<Option<Server>>) -> io::Result<Server> {
        for _ in 0..TRIES {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            if let Some(server) = run(port)? {
                return Ok(server);
            }
        }
        Err(io::Error::other("redis-server found none of the free ports free"))
    }

    /// Runs it until it says that it is ready; `None` if it ends before.
    fn run(mut command: Command, folder: &Path, port: u16, ready: &str) -> io::Result<Option<Server>> {
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => io::Error::new(error.kind(), "redis-server is not there: apt-get install redis-server"),
            _ => error,
        })?;
        let mut process = Process(child);
        let Some(said) = process.0.stdout.take() else { return Ok(None) };
        let mut said = BufReader::new(said).lines().map_while(Result::ok);
        let is_ready = said.any(|line| line.contains(ready));
        // It says more, and would wait for whoever reads it.
        thread::spawn(move || said.for_each(drop));
        Ok(is_ready.then(|| Server { process: Some(process), address: format!("127.0.0.1:{port}") }))
    }
}

/// Tells a server what it does at once, or says why not.
pub(super) fn order(address: &str, words: &str) -> io::Result<()> {
    let answer = ask(address, words)?;
    if answer.starts_with('-') { Err(io::Error::other(format!("{words}: {answer}"))) } else { Ok(()) }
}

/// What a server answers: a line, a text, or texts with spaces between them.
pub(super) fn ask(address: &str, words: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{words}\r\n").as_bytes())?;
    let mut stream = BufReader::new(stream);
    let first = line(&mut stream)?;
    match first.strip_prefix('*').map(str::parse::<usize>) {
        Some(Ok(count)) => {
            let texts = (0..count).map(|_| line(&mut stream).and_then(|first| text(&mut stream, first)));
            Ok(texts.collect::<io::Result<Vec<_>>>()?.join(" "))
        }
        Some(Err(_)) | None => text(&mut stream, first),
    }
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

/// The text of which the first line says how long it is, or that line.
fn text(stream: &mut impl Read, first: String) -> io::Result<String> {
    let Some(Ok(length)) = first.strip_prefix('$').map(str::parse::<usize>) else { return Ok(first) };
    let mut text = vec![0; length + 2];
    stream.read_exact(&mut text)?;
    Ok(String::from_utf8_lossy(&text[..length]).into_owned())
}
