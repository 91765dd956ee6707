//! What an idle session takes of a node's heap. It is a binary of its own, since its allocator counts: nothing else may be under way in it.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::future::pending;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use sut::config::Settings;
use sut::protocol::{ClientFrame, Envelope, VERSION, encode};
use sut::server::Server;
use sut::session::{Epoch, InstanceKey, Platform, Secret};
use sut::timers::{SystemTime, Time};
use sut::usersig;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// The app that is served, and its key.
const APP: u64 = 14;
const KEY: &str = "key";

/// So many come first: what a node has but once, and what grows by steps, is there then.
const FIRST: usize = 100;

/// How many are measured.
const SESSIONS: usize = 200;

/// One and a half times what a session takes today: one that doubles is over it.
const MOST_BYTES: usize = 5_600;

/// How long a node may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(10);

/// A node on a port, in a thread of its own.
fn served() -> SocketAddr {
    let (tell, told) = mpsc::channel();
    let serve = async move {
        let stated = Settings::from_toml(&format!("sdk_app_id = {APP}\nsecret_key = \"{KEY}\"\n")).unwrap();
        let server = Server::builder(stated.app).start();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        tell.send(listener.local_addr().unwrap()).unwrap();
        server.listen(listener, pending()).await;
    };
    thread::spawn(|| Builder::new_current_thread().enable_all().build().unwrap().block_on(serve));
    told.recv().unwrap()
}

/// A session's link whose end here is a bare socket, which takes nothing of the heap.
fn logged_in(server: SocketAddr, n: usize) -> TcpStream {
    let mut link = TcpStream::connect(server).unwrap();
    let ask = "GET /v1/ws HTTP/1.1\r\nhost: server\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    link.write_all(ask.as_bytes()).unwrap();
    hears(&mut link, "\r\n\r\n");
    let said = login(n);
    let length = u16::try_from(said.len()).unwrap().to_be_bytes();
    link.write_all(&[&[0x81, 0xfe], &length[..], &[0; 4], said.as_bytes()].concat()).unwrap();
    hears(&mut link, r#""login-answer":{"refused":null"#);
    link
}

fn login(n: usize) -> String {
    let (user_id, bits) = (format!("user{n}"), n as u128 + 1);
    let user_sig = usersig::make(APP, KEY, &user_id, SystemTime.now().0 / 1000, 86_400, None);
    let frame = ClientFrame::Login { sdk_app_id: APP, user_id, user_sig, platform: Platform::Web, key: InstanceKey(bits) };
    encode(&Envelope { v: VERSION, session: Secret(bits), epoch: Epoch(1), frame })
}

/// Reads until that was said.
fn hears(link: &mut TcpStream, expected: &str) {
    let (mut heard, mut length) = ([0; 1024], 0);
    while !heard[..length].windows(expected.len()).any(|window| window == expected.as_bytes()) {
        let read = link.read(&mut heard[length..]).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&heard[..length]));
        length += read;
    }
}

fn all_logged_in(server: SocketAddr, numbers: Range<usize>) -> Vec<TcpStream> {
    numbers.map(|n| logged_in(server, n)).collect()
}

#[test]
fn an_idle_session_takes_few_bytes_of_the_heap() {
    let server = served();
    let _first = all_logged_in(server, 0..FIRST);
    let before = HEAP.current_usage();
    let _measured = all_logged_in(server, FIRST..FIRST + SESSIONS);
    let a_session = || HEAP.current_usage().saturating_sub(before) / SESSIONS;
    let begun = Instant::now();
    while a_session() > MOST_BYTES {
        assert!(begun.elapsed() < PATIENCE, "{} bytes, of {MOST_BYTES} at most", a_session());
        thread::yield_now();
    }
}
