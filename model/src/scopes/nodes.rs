//! Scopes in which the server has several nodes.

use super::{base, web};
use crate::action::NodeId;
use crate::scope::{Commits, Fault, Overtaking, Platform, Scope, Seat, Sends};

fn on(node: u8, seat: Seat) -> Seat {
    Seat { node: NodeId(node), ..seat }
}

fn between(name: &'static str, about: &'static str, seats: Vec<Seat>) -> Scope {
    Scope { sends: Sends::Never, busy: Some(1), ..base(name, about, seats) }
}

pub(super) fn story() -> Scope {
    let about = "the page's story over two nodes: limit 2; a1 and a3 on one, a2 on the other";
    let seats = vec![web("a1"), on(1, web("a2")), web("a3")];
    Scope { limits: vec![(Platform::Web, 2)], ..between("nodes-story", about, seats) }
}

pub(super) fn same_instant() -> Scope {
    let about = "two pages on two nodes, limit 1: both log in at the same moment, and whose commit is overtaken is decided anew";
    let seats = vec![web("a1"), on(1, web("a2"))];
    Scope { commits: Commits::UnderWay, busy: None, ..between("nodes-same-instant", about, seats) }
}

pub(super) fn dead() -> Scope {
    let about = "two pages on two nodes, limit 1: a node dies and is started, its lease ending before or after; sessions go on or lapse elsewhere";
    let seats = vec![web("a1"), on(1, web("a2"))];
    Scope { faults: vec![Fault::Deaths], faults_at_once: Some(1), ..between("nodes-dead", about, seats) }
}

pub(super) fn frozen() -> Scope {
    let about = "a page and two nodes: its own freezes, perhaps past its lease, and wakes where the other one took it for dead";
    let (faults_at_once, overtaking) = (Some(1), Overtaking::Allowed);
    let scope = between("nodes-frozen", about, vec![web("a1")]);
    Scope { faults: vec![Fault::Freezes], faults_at_once, debts: 1, overtaking, ..scope }
}

pub(super) fn lost_notice() -> Scope {
    let about = "two pages on two nodes, limit 1: a notice between them is late or lost, and the poll finds out";
    let seats = vec![web("a1"), on(1, web("a2"))];
    Scope { faults: vec![Fault::NoticesLost], busy: None, ..between("nodes-lost-notice", about, seats) }
}
