//! The administrator's calls to a server on manual time, one after the other over one connection. It knows what an HTTP reply looks like,
//! and waits for none longer than it is told.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use sut::server::manual::{Answer, Ask, PATH};
use sut::timers::UnixMillis;

use crate::cast;

/// The longest answer, in bytes.
const MOST_BYTES: usize = 1024 * 1024;

/// How long one UserSig of the administrator's is shown; it is good for longer.
const SHOWN_FOR: Duration = Duration::from_secs(86_400);

/// No answer.
#[derive(Debug)]
pub(super) enum BadReply {
    /// None came in time.
    Silence,
    /// The connection is gone.
    End,
    /// It is no answer.
    Nonsense(String),
}

/// What shows that an administrator asks.
#[derive(Debug)]
struct Pass {
    issued_at: UnixMillis,
    query: String,
}

impl Pass {
    fn issued(now: UnixMillis) -> Pass {
        let (administrator, user_sig) = (cast::ADMINISTRATOR, cast::administrator(now));
        let query = format!("sdkappid={}&identifier={administrator}&usersig={user_sig}", cast::SDK_APP_ID);
        Pass { issued_at: now, query }
    }

    /// Whether a server whose clock stands there accepts it.
    fn is_good(&self, now: UnixMillis) -> bool {
        self.issued_at <= now && self.issued_at.until(now) < SHOWN_FOR
    }
}

/// A connection for calls.
#[derive(Debug)]
pub(super) struct Calls {
    stream: BufReader<TcpStream>,
    pass: Option<Pass>,
}

impl Calls {
    /// Connects; every answer may take so long.
    pub(super) fn to(server: SocketAddr, patience: Duration) -> io::Result<Calls> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        Ok(Calls { stream: BufReader::new(stream), pass: None })
    }

    /// Asks a server whose clock stands there, and waits for the answer.
    pub(super) fn ask(&mut self, ask: &Ask, now: UnixMillis) -> Result<Answer, BadReply> {
        let body = serde_json::to_string(ask).expect("texts and numbers can be written");
        let pass = self.pass.take().filter(|pass| pass.is_good(now)).unwrap_or_else(|| Pass::issued(now));
        let mut request = format!("POST {PATH}?{} HTTP/1.1\r\nHost: server\r\n", pass.query);
        self.pass = Some(pass);
        let _ = write!(request, "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        self.stream.get_mut().write_all(request.as_bytes()).map_err(|error| failure(&error))?;
        let body = self.reply()?;
        serde_json::from_slice(&body).map_err(|error| BadReply::Nonsense(format!("{error}: {}", String::from_utf8_lossy(&body))))
    }

    fn reply(&mut self) -> Result<Vec<u8>, BadReply> {
        let status = self.line()?;
        let mut length = None;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| BadReply::Nonsense(line.clone()))?;
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok().filter(|length| *length <= MOST_BYTES);
            }
        }
        let length = length.ok_or_else(|| BadReply::Nonsense(format!("{status} without a length")))?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).map_err(|error| failure(&error))?;
        if status == "HTTP/1.1 200 OK" { Ok(body) } else { Err(BadReply::Nonsense(status)) }
    }

    fn line(&mut self) -> Result<String, BadReply> {
        let mut line = Vec::new();
        let read = (&mut self.stream).take(MOST_BYTES as u64).read_until(b'\n', &mut line).map_err(|error| failure(&error))?;
        if read == 0 {
            return Err(BadReply::End);
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

fn failure(error: &io::Error) -> BadReply {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => BadReply::Silence,
        _ => BadReply::End,
    }
}
