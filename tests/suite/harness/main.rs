//! That the harness can go red, and that it knows the known bugs: the quick tests that `cargo mutants` runs against each change, and so a
//! small binary of their own. This file holds no test.

mod contested;
mod due;
mod known_bugs;
mod pasted;
mod red;
mod timers;
