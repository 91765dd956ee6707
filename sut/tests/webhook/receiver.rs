//! The app's backend: it notes what it is sent, and answers as it is told to.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use sut::webhook::Target;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

/// What a receiver does with a request that it has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Takes it, in the vendor's words.
    Takes,
    /// Takes it with a 2xx without a body.
    TakesSilently,
    /// Answers HTTP 500.
    Fails,
    /// Answers HTTP 503.
    IsAway,
    /// Answers HTTP 200 with ActionStatus FAIL.
    Refuses,
    /// Takes it and closes the connection without an answer.
    HangsUp,
    /// Takes it and dies in the middle of its answer.
    BreaksOff,
}

impl Manner {
    /// Whether it keeps what it was sent, whatever the sender hears.
    const fn takes(self) -> bool {
        match self {
            Manner::Takes | Manner::TakesSilently | Manner::HangsUp | Manner::BreaksOff => true,
            Manner::Fails | Manner::IsAway | Manner::Refuses => false,
        }
    }

    fn answer(self) -> String {
        let ok = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;
        let fail = r#"{"ActionStatus":"FAIL","ErrorInfo":"busy","ErrorCode":1}"#;
        match self {
            Manner::Takes => http("200 OK", ok.len(), ok),
            Manner::TakesSilently => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
            Manner::Fails => http("500 Internal Server Error", 0, ""),
            Manner::IsAway => http("503 Service Unavailable", 0, ""),
            Manner::Refuses => http("200 OK", fail.len(), fail),
            Manner::HangsUp => String::new(),
            Manner::BreaksOff => http("200 OK", ok.len(), &ok[..9]),
        }
    }

    /// Whether the connection can be used again.
    const fn keeps_the_connection(self) -> bool {
        match self {
            Manner::Takes | Manner::TakesSilently | Manner::Fails | Manner::IsAway | Manner::Refuses => true,
            Manner::HangsUp | Manner::BreaksOff => false,
        }
    }
}

fn http(status: &str, length: usize, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// A callback as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) first_line: String,
    pub(crate) id: String,
    pub(crate) body: String,
}

impl Sent {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// How it is dated.
    pub(crate) fn date(&self) -> u64 {
        self.json()["EventTime"].as_u64().unwrap()
    }

    pub(crate) fn account(&self) -> &str {
        self.id.split_once('/').unwrap().0
    }
}

#[derive(Clone)]
struct Shared {
    manner: Arc<Mutex<HashMap<String, Manner>>>,
    taken: watch::Sender<Vec<Sent>>,
    attempts: watch::Sender<u64>,
}

/// A receiver at one address, up or down.
pub(crate) struct Receiver {
    address: String,
    shared: Shared,
    up: Option<JoinHandle<()>>,
}

/// The manner of the accounts that were told none of their own.
const ANYBODY: &str = "";

impl Receiver {
    /// One that is up and takes everything.
    pub(crate) async fn new() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let manner = HashMap::from([(ANYBODY.to_owned(), Manner::Takes)]);
        let shared =
            Shared { manner: Arc::new(Mutex::new(manner)), taken: watch::Sender::default(), attempts: watch::Sender::default() };
        let up = Some(tokio::spawn(listen(listener, shared.clone())));
        Receiver { address, shared, up }
    }

    pub(crate) fn target(&self) -> Target {
        format!("http://{}/hook", self.address).parse().unwrap()
    }

    pub(crate) fn behaves(&self, manner: Manner) {
        self.behaves_to(ANYBODY, manner);
    }

    pub(crate) fn behaves_to(&self, account: &str, manner: Manner) {
        self.shared.manner.lock().unwrap().insert(account.to_owned(), manner);
    }

    /// Its process dies, with every connection.
    pub(crate) async fn goes_down(&mut self) {
        if let Some(up) = self.up.take() {
            up.abort();
            let _ = up.await;
        }
    }

    /// It is back at its address.
    pub(crate) async fn comes_up(&mut self) {
        if self.up.is_none() {
            let listener = TcpListener::bind(&self.address).await.unwrap();
            self.up = Some(tokio::spawn(listen(listener, self.shared.clone())));
        }
    }

    /// All that was taken, in the order in which it came, once this holds of it.
    pub(crate) async fn once(&self, holds: impl Fn(&[Sent]) -> bool) -> Vec<Sent> {
        let mut taken = self.shared.taken.subscribe();
        let patience = Duration::from_secs(20);
        let held = timeout(patience, taken.wait_for(|taken| holds(taken))).await.map(|held| held.unwrap().clone());
        held.unwrap_or_else(|_| panic!("after {patience:?} there are only {} callbacks", self.shared.taken.borrow().len()))
    }

    /// How many attempts there were.
    pub(crate) fn attempted(&self) -> u64 {
        *self.shared.attempts.borrow()
    }

    /// Waits for an attempt after so many.
    pub(crate) async fn attempted_since(&self, before: u64) {
        let mut attempts = self.shared.attempts.subscribe();
        timeout(Duration::from_secs(20), attempts.wait_for(|attempts| *attempts > before)).await.unwrap().unwrap();
    }

    /// Waits for so many further attempts.
    pub(crate) async fn attempts(&self, more: u64) {
        let mut attempts = self.shared.attempts.subscribe();
        let target = *attempts.borrow() + more;
        timeout(Duration::from_secs(20), attempts.wait_for(|attempts| *attempts >= target)).await.unwrap().unwrap();
    }
}

async fn listen(listener: TcpListener, shared: Shared) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, shared.clone()));
    }
}

async fn serve(stream: TcpStream, shared: Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(sent) = read(&mut stream).await? {
        let manner = {
            let manners = shared.manner.lock().unwrap();
            manners.get(sent.account()).copied().unwrap_or(manners[ANYBODY])
        };
        shared.attempts.send_modify(|attempts| *attempts += 1);
        if manner.takes() {
            shared.taken.send_modify(|taken| taken.push(sent));
        }
        stream.write_all(manner.answer().as_bytes()).await?;
        if !manner.keeps_the_connection() {
            break;
        }
    }
    Ok(())
}

/// The next request; `None` at the end.
async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Sent>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let header = |name: &str| {
        lines.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix(name).map(|_| line[name.len()..].to_owned()))
    };
    let mut body = vec![0; header("content-length: ").unwrap().parse().unwrap()];
    stream.read_exact(&mut body).await?;
    let id = header("callback-id: ").unwrap();
    Ok(Some(Sent { first_line: lines[0].clone(), id, body: String::from_utf8(body).unwrap() }))
}
