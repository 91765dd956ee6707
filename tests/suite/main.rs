//! The tests of what stands on the harness, in one binary: each further one would compile the network, the runtime and the server anew.
//! What `cargo mutants` runs is a small binary beside it, and so are the reports. This file holds no test.

mod command_line;
mod crashes;
mod explorer;
mod explorer_search;
mod foreign;
mod fuzz_corpus;
mod hostile_bytes;
mod ledger;
mod memory;
mod planted;
mod policies;
mod receiver;
mod refusals;
mod rules;
mod same_bytes;
mod serving;
mod soaked_nodes;
mod sockets;
mod two_sides;
mod validate;
mod walks;
