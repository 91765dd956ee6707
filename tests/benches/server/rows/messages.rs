//! What is written to a disk for one message: what the kernel was made to write for it, and beside it what the store told the disk. Each
//! writer has as many messages on record as there may be: what is written must not grow with what was said before.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use sut::admission::MAX_ACCEPTED;
use sut::protocol::MessageId;
use sut::registry::durable::Durable;
use sut::registry::{Registry, Version};
use sut::session::{Accepted, Record};
use sut::timers::{SystemTime, Time};
use tempfile::TempDir;

use super::{ON_DISK, folder, path};
use crate::account::{APP, Account, Pair};
use crate::load::{IN_FLIGHT, block_on};
use crate::process::{Process, number};
use crate::serving::{DATA, DISK};
use crate::size::Size;
use crate::table::{Bound, Row, median};

/// In kB a message.
struct Written {
    by_the_kernel: f64,
    by_the_store: f64,
}

/// The bytes of a message alone, and of one among others.
pub(super) fn rows(size: &Size) {
    print(size, "written to disk for one message with --data, alone, kB", 1, 40.0);
    print(size, "  the same, 32 in flight, kB", IN_FLIGHT, 4.0);
}

fn print(size: &Size, what: &str, writers: usize, at_most: f64) {
    let runs: Vec<_> = (0..size.runs).map(|_| written(size, writers)).collect();
    let today = median(runs.iter().map(|run| run.by_the_kernel));
    Row { what, today, limit: None, ratio: None }.print_today(Bound::AtMost(at_most));
    let told = median(runs.iter().map(|run| run.by_the_store));
    println!("    by the kernel's write_bytes; the store told the disk to write {told:.1} kB a message");
}

fn written(size: &Size, writers: usize) -> Written {
    let folder = prepared(writers);
    let mut server = Process::start(&[DATA, path(&folder), "0"]);
    let address = server.address;
    let pairs = (0..writers).map(|number| Pair::seated(number, address));
    block_on(async {
        let mut pairs = join_all(pairs).await;
        let before = (server.usage.written(), told(&mut server));
        join_all(pairs.iter_mut().map(async |pair| {
            for _ in 0..size.messages {
                pair.send().await;
            }
        }))
        .await;
        let sent = writers as f64 * size.messages as f64 * 1000.0;
        let by_the_kernel = (server.usage.written() - before.0) as f64 / sent;
        Written { by_the_kernel, by_the_store: (told(&mut server) - before.1) / sent }
    })
}

/// A data folder in which all the writers have written before.
fn prepared(writers: usize) -> TempDir {
    let folder = folder(ON_DISK);
    let registry = Durable::open(folder.path(), APP).expect("the folder can be used");
    let commits = (0..writers).map(async |number| {
        let [writer, _] = Pair::accounts(number);
        let committed = registry.commit(&writer.user_id, Version(0), record(&writer), vec![]).await;
        committed.expect("the disk takes it");
    });
    block_on(join_all(commits));
    drop(registry);
    folder
}

fn record(writer: &Account) -> Record {
    let at = SystemTime.now();
    let accepted = (1..=MAX_ACCEPTED as u128).map(|n| Accepted { id: MessageId(n << 64), at });
    Record { accepted: BTreeMap::from([(writer.key().digest(), accepted.collect())]), ..Record::default() }
}

fn told(server: &mut Process) -> f64 {
    let answer = server.ask(DISK);
    number(answer.split(' ').nth(1).unwrap_or_default())
}
