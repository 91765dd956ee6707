//! On how many threads a command works. What it prints, times aside, does not depend on it.

use std::num::NonZero;

use clap::Args;

use super::values;

/// How many threads work side by side.
#[derive(Args)]
pub(super) struct Threads {
    /// On how many threads it works; as many as there are cores if not given
    #[arg(id = "threads", long, value_name = "N", value_parser = values::whole::<u16>(1..=64))]
    count: Option<u16>,
}

impl Threads {
    /// That many; at least one.
    pub(super) fn count(&self) -> usize {
        match self.count {
            Some(count) => usize::from(count),
            None => std::thread::available_parallelism().map_or(1, NonZero::get),
        }
    }
}
