//! That the barrier is not answered early: whatever can still happen, it waits for.

use super::*;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

const LINK: Port = Port(7);

/// A runtime that tells when it has nothing left to run, with a task that answers every three bytes with two.
struct Stage {
    runtime: Runtime,
    quiet: Quiet,
    parked: Arc<Notify>,
    far: DuplexStream,
}

impl Stage {
    fn new() -> Stage {
        let quiet = Quiet::default();
        let parked = Arc::new(Notify::new());
        let (parks, tells) = (quiet.clone(), Arc::clone(&parked));
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.on_thread_park(move || {
            parks.parks();
            tells.notify_one();
        });
        let runtime = builder.build().unwrap();
        let (far, near) = duplex(4);
        let mut near = quiet.count(LINK, near);
        runtime.spawn(async move {
            let mut three = [0; 3];
            while near.read_exact(&mut three).await.is_ok() {
                near.write_all(b"ok").await.unwrap();
            }
        });
        Stage { runtime, quiet, parked, far }
    }

    fn asked(&self, sent: Sent) -> JoinHandle<AllHeard> {
        let quiet = self.quiet.clone();
        self.runtime.spawn(async move { quiet.idle(AllSent::from([(LINK, sent)])).await })
    }

    fn write(&mut self, bytes: &[u8]) {
        let Stage { runtime, far, .. } = self;
        runtime.block_on(far.write_all(bytes)).unwrap();
    }

    /// Runs all that can run, several times over.
    fn run(&self) {
        for _ in 0..3 {
            self.runtime.block_on(self.parked.notified());
        }
    }

    fn heard(&self, asked: JoinHandle<AllHeard>) -> Heard {
        self.runtime.block_on(asked).unwrap()[&LINK]
    }
}

#[test]
fn idle_is_not_answered_before_all_that_was_sent_was_read() {
    let mut stage = Stage::new();
    stage.write(b"abc");
    let asked = stage.asked(Sent::Bytes(6));
    stage.run();
    assert!(!asked.is_finished(), "three bytes are still under way");
    stage.write(b"def");
    assert_eq!(stage.heard(asked), Heard { bytes: 4, flow: Flow::Open });
}

#[test]
fn idle_is_not_answered_while_another_thread_is_asked() {
    let stage = Stage::new();
    let working = stage.quiet.work();
    let asked = stage.asked(Sent::Bytes(0));
    stage.run();
    assert!(!asked.is_finished());
    drop(working);
    assert_eq!(stage.heard(asked), Heard { bytes: 0, flow: Flow::Open });
}

#[test]
fn idle_is_not_answered_while_a_write_waits_for_room() {
    let mut stage = Stage::new();
    stage.write(b"abc");
    stage.run();
    stage.write(b"abc");
    stage.run();
    stage.write(b"abc");
    let asked = stage.asked(Sent::Bytes(9));
    stage.run();
    assert!(!asked.is_finished(), "there is room for two answers, not for three");
    let mut answer = [0; 2];
    let Stage { runtime, far, .. } = &mut stage;
    runtime.block_on(far.read_exact(&mut answer)).unwrap();
    assert_eq!(stage.heard(asked), Heard { bytes: 6, flow: Flow::Open });
}

#[test]
fn a_connection_that_was_not_accepted_yet_is_waited_for() {
    let stage = Stage::new();
    let quiet = stage.quiet.clone();
    let asked = stage.runtime.spawn(async move { quiet.idle(AllSent::from([(Port(8), Sent::Bytes(0))])).await });
    stage.run();
    assert!(!asked.is_finished());
    let (_far, near) = duplex(4);
    let _near = stage.quiet.count(Port(8), near);
    assert_eq!(stage.runtime.block_on(asked).unwrap().len(), 1);
}

#[test]
fn the_end_of_a_connection_is_told_once_and_then_forgotten() {
    let mut stage = Stage::new();
    let asked = stage.asked(Sent::End);
    stage.run();
    assert!(!asked.is_finished());
    let (far, _) = duplex(4);
    drop(std::mem::replace(&mut stage.far, far));
    assert_eq!(stage.heard(asked), Heard { bytes: 0, flow: Flow::Gone });
    assert_eq!(stage.quiet.connections(), 0);
    let again = stage.asked(Sent::Bytes(0));
    stage.run();
    assert!(!again.is_finished(), "another connection may come from the same port");
}

#[test]
fn a_stream_is_counted_as_it_is_read_and_not_as_it_arrives() {
    let (quiet, (mut far, near)) = (Quiet::default(), duplex(4));
    let mut near = quiet.count(LINK, near);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(far.write_all(b"abc")).unwrap();
    let has_read = |quiet: &Quiet| quiet.state().connections[&LINK].has_read(Sent::Bytes(3));
    assert!(!has_read(&quiet));
    runtime.block_on(near.read_exact(&mut [0; 3])).unwrap();
    assert!(has_read(&quiet));
    runtime.block_on(near.write_all(b"ab")).unwrap();
    assert_eq!(quiet.state().connections[&LINK].heard.bytes, 2);
}
