//! A node's way to the registry, which a soak can hold, and on which it can lose what is published. What it holds it carries on with when
//! it is told to, late.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

/// What becomes of what is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Flow {
    /// It arrives.
    #[default]
    Whole,
    /// It arrives once the way flows again.
    Held,
    /// Every third message to a subscriber is lost.
    Lossy,
    /// The way is gone.
    Closed,
}

#[derive(Default)]
struct Valve {
    flow: Mutex<Flow>,
    turned: Condvar,
    published: AtomicU64,
    lost: AtomicU64,
}

impl Valve {
    fn turn(&self, flow: Flow) {
        *self.flow.lock().unwrap_or_else(PoisonError::into_inner) = flow;
        self.turned.notify_all();
    }

    /// Waits until something may pass.
    fn passes(&self) -> Flow {
        let flow = self.flow.lock().unwrap_or_else(PoisonError::into_inner);
        *self.turned.wait_while(flow, |flow| *flow == Flow::Held).unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a frame of the server arrives.
    fn lets_through(&self, frame: &[u8], flow: Flow) -> bool {
        if flow != Flow::Lossy || !is_published(frame) {
            return true;
        }
        let is_lost = self.published.fetch_add(1, Ordering::Relaxed) % 3 == 2;
        self.lost.fetch_add(u64::from(is_lost), Ordering::Relaxed);
        !is_lost
    }
}

/// The way; its threads end with it.
pub(super) struct Way {
    pub(super) address: String,
    valve: Arc<Valve>,
}

impl Way {
    pub(super) fn to(server: String) -> io::Result<Way> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (address, valve) = (listener.local_addr()?.to_string(), Arc::new(Valve::default()));
        let turned = Arc::clone(&valve);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if turned.passes() == Flow::Closed {
                    return;
                }
                let _ = join(client, &server, &turned);
            }
        });
        Ok(Way { address, valve })
    }

    pub(super) fn url(&self) -> String {
        format!("redis://{}/0", self.address)
    }

    pub(super) fn turn(&self, flow: Flow) {
        self.valve.turn(flow);
    }

    /// How many messages were lost.
    pub(super) fn lost(&self) -> u64 {
        self.valve.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.valve.turn(Flow::Closed);
        let _ = TcpStream::connect(&self.address);
    }
}

/// Carries both directions of a connection, each on a thread.
fn join(client: TcpStream, server: &str, valve: &Arc<Valve>) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    [&client, &server].into_iter().try_for_each(|end| end.set_nodelay(true))?;
    let (asks, answers) = ((client.try_clone()?, server.try_clone()?), (server, client));
    let [up, down] = [Arc::clone(valve), Arc::clone(valve)];
    thread::spawn(move || carry(asks, &up, |bytes| bytes.len()));
    thread::spawn(move || carry(answers, &down, frame_length));
    Ok(())
}

/// Carries frame by frame, until either end closes or the way does; `length` is that of the first whole frame, 0 if there is none.
fn carry((mut from, mut to): (TcpStream, TcpStream), valve: &Valve, length: fn(&[u8]) -> usize) {
    let (mut bytes, mut waiting) = ([0; 1 << 14], Vec::new());
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        waiting.extend_from_slice(&bytes[..read]);
        let flow = valve.passes();
        if flow == Flow::Closed || pass_on(&mut waiting, &mut to, |frame| valve.lets_through(frame, flow), length).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

fn pass_on(
    waiting: &mut Vec<u8>,
    to: &mut impl Write,
    passes: impl Fn(&[u8]) -> bool,
    length: fn(&[u8]) -> usize,
) -> io::Result<()> {
    let mut done = 0;
    while let frame @ 1.. = length(&waiting[done..]) {
        if passes(&waiting[done..done + frame]) {
            to.write_all(&waiting[done..done + frame])?;
        }
        done += frame;
    }
    waiting.drain(..done);
    Ok(())
}

/// Whether a frame is a message to a subscriber of a pattern.
fn is_published(frame: &[u8]) -> bool {
    frame.starts_with(b"*4\r\n$8\r\npmessage\r\n")
}

/// How long the first frame of the server's is, 0 while it is not whole.
fn frame_length(bytes: &[u8]) -> usize {
    whole(bytes).unwrap_or(0)
}

/// The length of the first value in Redis' protocol, version 2, if it is whole.
fn whole(bytes: &[u8]) -> Option<usize> {
    let line = bytes.windows(2).position(|two| two == b"\r\n")? + 2;
    let number = || std::str::from_utf8(bytes.get(1..line - 2)?).ok()?.parse::<i64>().ok();
    match bytes[0] {
        b'$' => {
            let length = usize::try_from(number()?).map_or(line, |length| line + length + 2);
            (bytes.len() >= length).then_some(length)
        }
        b'*' => (0..number()?).try_fold(line, |at, _| Some(at + whole(bytes.get(at..)?)?)),
        _ => Some(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\nc\r\n$3\r\n1 a\r\n";

    #[test]
    fn a_frame_is_as_long_as_it_says() {
        let frames: [&[u8]; 6] = [b"+OK\r\n", b":1\r\n", b"$-1\r\n", b"$2\r\nab\r\n", b"*2\r\n$1\r\na\r\n*1\r\n:1\r\n", MESSAGE];
        for frame in frames {
            assert_eq!(frame_length(&[frame, b"more"].concat()), frame.len());
            assert_eq!(frame_length(&frame[..frame.len() - 1]), 0);
        }
    }

    #[test]
    fn every_third_message_is_lost_and_nothing_else() {
        let valve = Valve::default();
        let passed: Vec<_> = (0..6).map(|_| valve.lets_through(MESSAGE, Flow::Lossy)).collect();
        assert_eq!(passed, [true, true, false, true, true, false]);
        assert!(valve.lets_through(b"+OK\r\n", Flow::Lossy) && valve.lets_through(MESSAGE, Flow::Whole));
    }
}
