//! What must hold of any bytes at all: nothing panics, and what is read is written as it was read. The fuzz targets and the replay of the
//! corpus both run these; none of them makes up bytes.

#![allow(dead_code, reason = "each fuzz target takes one of these")]

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use futures_util::FutureExt;
use sut::config::{App, Bounds, Buffers, Limits, Policy, Settings};
use sut::protocol::{decode_client, decode_server, encode};
use sut::registry::memory::Memory;
use sut::server::Machine;
use sut::server::machine::{Input, LinkId};
use sut::server::proxies::{MAX_PREAMBLE_BYTES, Preamble, Proxies, preamble};
use sut::server::{Secrets, Server, drive};
use sut::timers::{SystemTime, Time, UnixMillis};
use sut::usersig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SDK_APP_ID: u64 = 1_400_000_001;
const KEY: &str = "a key";
const ADMINISTRATOR: &str = "administrator";
const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

fn app() -> App {
    App {
        sdk_app_id: SDK_APP_ID,
        secret_key: KEY.into(),
        policy: Policy::DUAL,
        limits: Limits::default(),
        administrators: vec![ADMINISTRATOR.to_owned()],
        buffers: Buffers::default(),
        bounds: Bounds::default(),
        usersig_ahead_s: 60,
    }
}

/// Each line is a frame: it is refused, or written as it was read; and a node that hears one link say all of them stands.
pub(crate) fn frames(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut node = Machine::new(app());
    let registry = Memory::default();
    let (link, mut secrets) = (LinkId(1), Secrets::default());
    tell(&mut node, &registry, Input::LinkUp { link, address: None });
    for line in text.lines() {
        if let Ok(frame) = decode_server(line) {
            assert_eq!(decode_server(encode(&frame)).as_ref(), Ok(&frame));
        }
        match decode_client(line) {
            Ok(frame) => {
                assert_eq!(decode_client(encode(&frame)).as_ref(), Ok(&frame));
                tell(&mut node, &registry, Input::Frame { link, frame: secrets.conceal(frame) });
            }
            Err(error) => tell(&mut node, &registry, Input::BadFrame { link, error }),
        }
    }
}

fn tell(node: &mut Machine, registry: &Memory, input: Input) {
    let mut effects = Vec::new();
    drive(node, registry, NOW, input, &mut effects).now_or_never().expect("a registry in memory is ready at once");
}

/// No bytes are a UserSig that this app's key never signed: not as they are, and not packed as a UserSig packs its JSON.
pub(crate) fn usersig(bytes: &[u8]) {
    for text in [String::from_utf8_lossy(bytes).into_owned(), packed(bytes)] {
        assert!(usersig::judge(SDK_APP_ID, KEY, "alice", &text, NOW).is_err(), "a UserSig that nobody signed");
    }
}

fn packed(json: &[u8]) -> String {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(json).expect("memory takes all of it");
    let text = STANDARD.encode(zlib.finish().expect("memory takes all of it"));
    text.replace('+', "*").replace('/', "-").replace('=', "_")
}

/// A stranger's first bytes: the connection ends by itself, and what is answered is HTTP; a WebSocket only to whoever names a host and a
/// key.
pub(crate) fn http(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without I/O needs nothing of the operating system").block_on(connect(bytes));
}

async fn connect(bytes: &[u8]) {
    let server = Server::builder(app()).start();
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (mut reader, mut writer) = tokio::io::split(ours);
    let mut answer = Vec::new();
    let (read, _, ()) = tokio::join!(reader.read_to_end(&mut answer), writer.write_all(bytes), server.serve(theirs));
    read.expect("the answer ends");
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1."), "{:?}", String::from_utf8_lossy(&answer));
    if answer.starts_with(b"HTTP/1.1 101 ") {
        let head = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        assert!(head.contains("host:") && head.contains("sec-websocket-key:"), "{head:?}");
    }
}

/// The first line is a path, the rest a body: an administrator is always answered, with JSON where HTTP says OK.
pub(crate) fn rest(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime without I/O needs nothing of the operating system").block_on(ask(bytes));
}

async fn ask(bytes: &[u8]) {
    let (path, body) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()));
    let path: String =
        path.iter().copied().filter(|byte| byte.is_ascii_alphanumeric() || b"/_".contains(byte)).map(char::from).collect();
    let server = Server::builder(app()).start();
    let (mut ours, theirs) = tokio::io::duplex(64 * 1024);
    tokio::spawn(server.serve(theirs));
    let head = format!(
        "POST /{path}?sdkappid={SDK_APP_ID}&identifier={ADMINISTRATOR}&usersig={} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        signed(),
        body.len()
    );
    ours.write_all(&[head.as_bytes(), body].concat()).await.expect("there is room for it");
    let mut answer = Vec::new();
    ours.read_to_end(&mut answer).await.expect("the answer ends");
    let answer = String::from_utf8(answer).expect("answers are text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    if head.starts_with("HTTP/1.1 200") {
        let body: serde_json::Value = serde_json::from_str(body).expect("the body is JSON");
        assert!(body["ActionStatus"] == "OK" || body["ActionStatus"] == "FAIL", "{body}");
    }
}

fn signed() -> String {
    let second = SystemTime.now().0 / 1000;
    usersig::make(SDK_APP_ID, KEY, ADMINISTRATOR, second, 86_400, None)
}

/// A configuration is read, or refused in one line.
pub(crate) fn config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(error) = Settings::from_toml(&text) {
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
    }
}

/// What a proxy may have put before a connection's own bytes is decided once: more bytes change nothing about it. And nobody but a proxy
/// that is trusted says where a client comes from.
pub(crate) fn proxies(bytes: &[u8]) {
    let whole = preamble(bytes);
    for cut in 0..bytes.len().min(2 * MAX_PREAMBLE_BYTES) {
        let part = preamble(&bytes[..cut]);
        assert!(part == whole || part == Preamble::Part, "{part:?} of {cut} bytes, then {whole:?}");
    }
    match whole {
        Preamble::Part => assert!(bytes.len() < MAX_PREAMBLE_BYTES, "it waits for ever"),
        Preamble::Header { bytes: read, client: _ } => assert!(read <= bytes.len() && read <= MAX_PREAMBLE_BYTES, "{read}"),
        Preamble::None | Preamble::Bad => {}
    }
    let (text, stranger) = (String::from_utf8_lossy(bytes), "192.0.2.1".parse().expect("it is one"));
    assert_eq!(Proxies::default().client(stranger, text.lines()), stranger);
    let everybody = Proxies::of(vec!["0.0.0.0/0".parse().expect("it is one"), "::/0".parse().expect("it is one")]);
    let client = everybody.client(stranger, text.lines());
    assert!(client == stranger || text.chars().any(|letter| letter.is_ascii_hexdigit() || letter == ':'), "{client}");
}
