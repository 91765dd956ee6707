//! A way to a Redis server on which everything passes but what is published.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What begins each message to a subscriber.
const MESSAGE: &[u8] = b"pmessage";

/// The way; its threads end with the connections and the process.
pub(super) struct Deaf {
    address: String,
    dropped: Arc<AtomicUsize>,
}

impl Deaf {
    pub(super) fn start(server: String) -> Deaf {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, dropped) = (listener.local_addr().unwrap().to_string(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&dropped);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&server) else { continue };
                let (asks, answers) = ((client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client));
                let counted = Arc::clone(&counted);
                thread::spawn(move || pass(asks, |_| true));
                thread::spawn(move || pass(answers, |bytes| is_heard(bytes, &counted)));
            }
        });
        Deaf { address, dropped }
    }

    pub(super) fn url(&self) -> String {
        format!("redis://{}/0", self.address)
    }

    /// How many times something published was lost.
    pub(super) fn dropped(&self) -> usize {
        self.dropped.load(Ordering::Relaxed)
    }
}

fn is_heard(bytes: &[u8], dropped: &AtomicUsize) -> bool {
    let is_message = bytes.windows(MESSAGE.len()).any(|window| window == MESSAGE);
    dropped.fetch_add(usize::from(is_message), Ordering::Relaxed);
    !is_message
}

/// Passes on what may pass until either end closes.
fn pass((mut from, mut to): (TcpStream, TcpStream), passes: impl Fn(&[u8]) -> bool) {
    let mut bytes = [0; 65_536];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if passes(&bytes[..length]) && to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
