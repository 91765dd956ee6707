//! Server processes that wait for the next tour, each on the thread that started it. Before it serves again a server must show that
//! nothing is left of the tour before; one that cannot is killed, and another is started.

use std::cell::RefCell;

use sut::server::manual::{Act, Seen};
use sut::session::Record;
use sut::timers::quiet::AllSent;

use super::launch::Role;
use super::node::{Node, NodeError};
use crate::cast;

/// How many servers wait on a thread at most.
const MOST_NODES: usize = 4;

thread_local! {
    static IDLE: RefCell<Vec<(Role, Node)>> = const { RefCell::new(Vec::new()) };
}

/// A server of that role to which nothing has happened yet.
pub(super) fn take(role: &Role) -> Result<Node, NodeError> {
    let waiting = IDLE.with_borrow_mut(|idle| idle.iter().position(|(known, _)| known == role).map(|at| idle.remove(at).1));
    waiting.map_or_else(|| Node::start(role), Ok)
}

/// Forgets these accounts, which are all that a tour uses, and keeps the server if nothing else is left of the tour: the connections whose
/// ends were `sent`, a timer, a record.
pub(super) fn give_back(role: Role, mut node: Node, sent: AllSent, accounts: Vec<String>) {
    let begun = node.act(Act::Begin(cast::NOW.0), sent, accounts);
    if begun.is_ok_and(|seen| is_fresh(&seen)) {
        let _ = IDLE.try_with(|idle| {
            let mut idle = idle.borrow_mut();
            idle.truncate(MOST_NODES - 1);
            idle.insert(0, (role, node));
        });
    }
}

/// Whether a server has nothing but the connection over which it is asked.
fn is_fresh(seen: &Seen) -> bool {
    let Seen { now_ms, timers, connections, heard: _, records } = seen;
    let forgotten = records.iter().all(|record| *record == Record::default());
    (*now_ms, *connections, timers.is_empty(), forgotten) == (cast::NOW.0, 1, true, true)
}
