//! Planted bugs, where a build has them: they are planted on a thread and in nothing else. A release build has none.

use sut::planted::Planted;

/// Whether this build has planted bugs.
pub const IS_POSSIBLE: bool = cfg!(debug_assertions);

/// Does the work with a bug planted on this thread, and takes it out again. Where a build has no planted bugs, `bug` must be `None`.
#[cfg(debug_assertions)]
pub fn with<T>(bug: Option<Planted>, work: impl FnOnce() -> T) -> T {
    let before = sut::planted::planted();
    sut::planted::plant(bug);
    let done = work();
    sut::planted::plant(before);
    done
}

/// Does the work; there are no bugs to plant.
#[cfg(not(debug_assertions))]
pub fn with<T>(_bug: Option<Planted>, work: impl FnOnce() -> T) -> T {
    work()
}

/// The name of the bug that is planted on this thread.
pub fn name() -> Option<String> {
    sut::planted::planted().map(|bug| bug.name().to_owned())
}
