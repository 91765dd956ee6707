//! When a runtime is idle, known and not waited for. It moves no time and sends nothing.
//!
//! Whoever asks has written bytes to connections that end in this runtime, and says how many to each. The answer comes once
//!
//! 1. **every one of these bytes was read.** The runtime's ends of the connections count what they read. Nothing is assumed of how soon
//!    the kernel hands bytes from one socket to the other: bytes that are still under way are bytes that were not read yet.
//! 2. **no task can run.** The runtime has one thread, and calls [`Quiet::parks`] when it has nothing left to run; all that was read is
//!    then processed, for a task with bytes at hand runs on. Only tasks count: the future that the runtime blocks on must do
//!    nothing but wait.
//! 3. **no task waits for anything but connections and timers that stand still.** What is answered by another thread, a store for
//!    example, is marked by [`Quiet::work`] while it lasts.
//! 4. **all that was written is written.** No connection's write waits for room.
//!
//! What can happen next must therefore come from outside. The answer says how many bytes the runtime has written to each connection, so
//! that its other end, too, can read all of them before it goes on, and no more.

mod counted;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

pub use counted::Counted;

/// A connection: its port at the end that is not this runtime's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Port(pub u16);

/// What the other end has done to a connection, from its opening on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sent {
    /// It has written so many bytes.
    Bytes(u64),
    /// It has closed the connection.
    End,
}

/// What this runtime has done to a connection, from its opening on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Heard {
    /// How many bytes it has written.
    pub bytes: u64,
    /// How far it has ended the connection.
    pub flow: Flow,
}

/// How far a runtime has ended a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flow {
    /// Not at all.
    #[default]
    Open,
    /// It writes nothing more.
    Shut,
    /// It has dropped its end, and is heard of for the last time.
    Gone,
}

/// What was sent to some connections.
pub type AllSent = BTreeMap<Port, Sent>;

/// What is to be heard from some connections.
pub type AllHeard = BTreeMap<Port, Heard>;

/// The counts of one runtime; its clones are the same.
///
/// A connection is known by its port alone, and is forgotten once its end was told to whoever named it. So all connections that are
/// named must be opened by one process, which names each until it ended.
#[derive(Clone, Debug, Default)]
pub struct Quiet(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    connections: BTreeMap<Port, Counts>,
    working: usize,
    waiting: Vec<(AllSent, oneshot::Sender<AllHeard>)>,
}

/// One connection.
#[derive(Debug, Default)]
struct Counts {
    read: u64,
    heard: Heard,
    write: Write,
}

/// Whether something waits to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Write {
    #[default]
    Done,
    Waits,
}

/// Something that is answered by another thread; it lasts until this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Working(Quiet);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.state().working -= 1;
    }
}

impl Quiet {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }

    /// To be called whenever the runtime has nothing left to run: `Builder::on_thread_park`.
    pub fn parks(&self) {
        let mut state = self.state();
        let State { connections, working, waiting } = &mut *state;
        let settled = *working == 0 && connections.values().all(Counts::is_written);
        if !settled || waiting.is_empty() {
            return;
        }
        let answered: Vec<_> = waiting.extract_if(.., |(sent, _)| is_read(connections, sent)).collect();
        for (sent, told) in answered {
            let _ = told.send(hear(connections, &sent));
        }
    }

    /// Resolves once the runtime is idle and has read all that was sent, to what is to be heard on the same connections.
    pub async fn idle(&self, sent: AllSent) -> AllHeard {
        let (tell, told) = oneshot::channel();
        self.state().waiting.push((sent, tell));
        told.await.unwrap_or_default()
    }

    /// Marks that something is under way which no connection shows.
    pub fn work(&self) -> Working {
        self.state().working += 1;
        Working(self.clone())
    }

    /// The runtime's end of a connection, counted from now on.
    pub fn count<S>(&self, port: Port, stream: S) -> Counted<S> {
        self.state().connections.insert(port, Counts::default());
        Counted::new(self.clone(), port, stream)
    }

    /// How many connections are open, links and others.
    pub fn connections(&self) -> usize {
        self.state().connections.values().filter(|counts| counts.heard.flow != Flow::Gone).count()
    }

    fn note(&self, port: Port, note: impl FnOnce(&mut Counts)) {
        if let Some(counts) = self.state().connections.get_mut(&port) {
            note(counts);
        }
    }
}

impl Counts {
    fn is_written(&self) -> bool {
        self.heard.flow == Flow::Gone || self.write == Write::Done
    }

    /// Whether all that was sent has come; what has ended reads nothing any more.
    fn has_read(&self, sent: Sent) -> bool {
        match (self.heard.flow, sent) {
            (Flow::Gone, Sent::Bytes(_) | Sent::End) => true,
            (Flow::Open | Flow::Shut, Sent::Bytes(bytes)) => self.read >= bytes,
            (Flow::Open | Flow::Shut, Sent::End) => false,
        }
    }
}

fn is_read(connections: &BTreeMap<Port, Counts>, sent: &AllSent) -> bool {
    sent.iter().all(|(port, sent)| connections.get(port).is_some_and(|counts| counts.has_read(*sent)))
}

/// What is to be heard on the connections that are named. Of those that ended it is said for the last time.
fn hear(connections: &mut BTreeMap<Port, Counts>, named: &AllSent) -> AllHeard {
    let heard = named.keys().filter_map(|port| Some((*port, connections.get(port)?.heard))).collect();
    connections.retain(|port, counts| counts.heard.flow != Flow::Gone || !named.contains_key(port));
    heard
}

#[cfg(test)]
mod tests;
