//! The rows, by the sections that are measured together.

mod attacks;
mod disk;
mod lapses;
mod memory;
mod messages;
mod nodes;
mod reconnects;
mod scrapes;
mod strangers;
mod takeovers;

use std::path::Path;

use tempfile::{TempDir, tempdir_in};

use super::size::Size;

/// What a word may pick, and what measures and prints it.
type Section = (&'static str, fn(&Size));

/// All of them, in the order of the table.
pub(crate) const SECTIONS: [Section; 13] = [
    ("disk", disk::rates),
    ("syncs", disk::syncs),
    ("takeovers", takeovers::rows),
    ("crowded", takeovers::crowded),
    ("nodes", nodes::rates),
    ("nodes", nodes::kicks),
    ("nodes", nodes::idle),
    ("memory", memory::row),
    ("messages", messages::rows),
    ("lapses", lapses::rows),
    ("reconnects", reconnects::row),
    ("strangers", strangers::rows),
    ("scrapes", scrapes::row),
];

/// Where a data folder stands that is on a disk.
const ON_DISK: &str = env!("CARGO_TARGET_TMPDIR");

/// Where one stands that is not, on a machine that has it.
const IN_MEMORY: &str = "/dev/shm";

fn folder(at: &str) -> TempDir {
    tempdir_in(at).expect("a folder can be made")
}

fn path(folder: &TempDir) -> &str {
    folder.path().to_str().expect("its name is a text")
}

fn has_tmpfs() -> bool {
    Path::new(IN_MEMORY).is_dir()
}
