//! Several nodes: the journals of all their processes and of the clients, explained together. The model holds the links of one node to its
//! every step; here stand the orders that several keep whatever happens to them:
//!
//! * the commits of an account are one chain by their versions, whoever made them, and each does to the sessions before it what its occasion
//!   asks for (`chain`, `roster`). A commit that no node tells is one that a node asked for and did not live to hear of;
//! * under another primary of the registry a chain goes on behind what that has, and what it has not is lost (NODE-5, `primaries`);
//! * each node writes in its own sequence: what answers a commit comes behind it, what tells of the record tells of the one that the node
//!   had seen, and a victim of whose kick the node has seen is written its notice and nothing else (NODE-2, `node`);
//! * a link hands over what was written to it, in order (`links`), and each instance learns what it was told, once (`instance`).
//!
//! Nothing of it needs a clock: what is late is seen by whoever ran the system.

mod chain;
mod instance;
mod links;
mod node;
mod primaries;
mod roster;

use std::collections::HashMap;

use sut::journal::ServerLine;

use super::finding::{Finding, Place};
use super::read::Journal;
use chain::Chain;
use links::Links;
use primaries::Primaries;

/// The lines of one process.
type Lines = [(Place, ServerLine)];

/// What of several nodes' journals no order explains: of each account, process and instance the first line. And how many commits that they
/// tell were lost with a primary.
pub(super) fn explain(journal: &Journal) -> (Vec<Finding>, usize) {
    let (mut findings, mut chains, primaries) = (Vec::new(), HashMap::new(), Primaries::of(journal));
    for (account, commits) in chain::commits(journal, &primaries) {
        match Chain::of(&commits) {
            Ok(chain) => drop(chains.insert(account, chain)),
            Err(finding) => findings.push(*finding),
        }
    }
    let links = Links::of(journal);
    findings.extend(links.broken(journal).map(|finding| *finding));
    findings.extend(
        journal.nodes.iter().filter_map(|(_, lines)| node::explain(lines, &chains, &primaries).err()).map(|finding| *finding),
    );
    findings.extend(journal.instances.iter().filter_map(|(_, lines)| instance::explain(lines).err()).map(|finding| *finding));
    (findings, chains.values().map(|chain| chain.lost).sum())
}
