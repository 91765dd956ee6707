//! Planted bugs, where a build has them: they are planted on a thread and in nothing else. A release build has none.

use sut::planted::{Planted, Unreplayed};

/// Whether this build has planted bugs.
pub const IS_POSSIBLE: bool = cfg!(debug_assertions);

/// A bug that a process can be started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// One that replays show.
    Replayed(Planted),
    /// One that none shows.
    Unreplayed(Unreplayed),
}

impl Bug {
    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Bug::Replayed(bug) => bug.name(),
            Bug::Unreplayed(bug) => bug.name(),
        }
    }

    /// The bug of that name.
    pub fn named(name: &str) -> Option<Bug> {
        let unreplayed = Unreplayed::ALL.into_iter().find(|bug| bug.name() == name).map(Bug::Unreplayed);
        unreplayed.or_else(|| name.parse().ok().map(Bug::Replayed))
    }
}

/// Does the work with such a bug planted on this thread, which does nothing else afterwards.
#[cfg(debug_assertions)]
pub fn with_any<T>(bug: Option<Bug>, work: impl FnOnce() -> T) -> T {
    match bug {
        Some(Bug::Unreplayed(bug)) => {
            sut::planted::plant_unreplayed(Some(bug));
            work()
        }
        Some(Bug::Replayed(bug)) => with(Some(bug), work),
        None => work(),
    }
}

/// Does the work; there are no bugs to plant.
#[cfg(not(debug_assertions))]
pub fn with_any<T>(_bug: Option<Bug>, work: impl FnOnce() -> T) -> T {
    work()
}

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
