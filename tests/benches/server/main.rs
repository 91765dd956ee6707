//! What the server costs, as the table of what it must reach: one line a row with today's figure, the limit's, their ratio, the bound, and
//! whether it is reached. It judges no figure but by printing it, and fails on none.
//!
//! Each server is a process of its own, this binary again with another first word, so that its CPU, its memory and its disk are read off
//! it alone; the load comes from one thread here. A *takeover* is a new link with its HTTP upgrade, a login of an account that has a session
//! elsewhere, its answer, and the victim's notice, its acknowledgement and its close. The *limit* is the least that speaks these frames.
//! Servers that are compared run in turn; a figure is the median of its runs, a ratio the median of those of the pairs.
//!
//! ```text
//! cargo bench -p conformance --bench server
//! cargo bench -p conformance --bench server -- memory reconnects     these rows only
//! cargo bench -p conformance --bench server -- --quick               everything once and small, to see that it works
//! ```

mod account;
mod limit;
mod link;
mod load;
mod mosquitto;
mod process;
mod redis;
mod rows;
mod serving;
mod size;
mod table;

use std::env;
use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::thread::available_parallelism;

// The same allocator as the binary's.
use conformance as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sut::config::Bounds;

use rows::SECTIONS;
use size::Size;

fn main() {
    let words: Vec<_> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [limit::WORD] => limit::serve(),
        [serving::MEMORY] => serving::in_memory(Bounds::NONE),
        [serving::BOUNDED] => serving::in_memory(Bounds::default()),
        [serving::DATA, folder, more_ms] => serving::on_disk(Path::new(folder), more_ms),
        [serving::NODE, url] => serving::node(url),
        [serving::LAPSING, folder] => serving::lapsing(Path::new(folder)),
        asked => measure(asked),
    }
}

/// The sections that a word picks, all of them if there is none. Whoever runs the benches as tests wants to see that they work.
fn measure(asked: &[&str]) {
    let (flags, words): (Vec<&str>, Vec<&str>) = asked.iter().partition(|word| word.starts_with('-'));
    let is_brief = flags.contains(&"--quick") || !flags.contains(&"--bench");
    let size = if is_brief { Size::BRIEF } else { Size::FULL }.within(descriptors());
    println!("{}", conditions());
    table::print_head();
    let is_asked = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word));
    for (_, section) in SECTIONS.into_iter().filter(|(name, _)| is_asked(name)) {
        section(&size);
    }
}

/// How many files each process may have open: as many as the system allows, the servers too.
fn descriptors() -> usize {
    let maximum = getrlimit(Resource::Nofile).maximum;
    if setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_err() {
        println!("the number of open files cannot be raised");
    }
    let allowed = getrlimit(Resource::Nofile).current;
    allowed.and_then(|allowed| usize::try_from(allowed).ok()).unwrap_or(usize::MAX)
}

fn conditions() -> String {
    let cores = available_parallelism().map_or(1, NonZero::get);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').take(3).collect::<Vec<_>>().join(" ");
    let peer = mosquitto::installed().map_or("is not installed", |_| "is installed");
    format!("{cores} cores, load {load} before; of the peers mosquitto {peer}, and ejabberd is not measured")
}
