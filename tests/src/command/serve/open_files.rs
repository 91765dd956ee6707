//! How many files, and so connections, the process may have open. It asks for no more than the operating system lets.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the soft limit to the hard one; how many files may be open from then on.
pub(super) fn raise_limit() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => tracing::debug!(?before, now = ?limit.current, "so many files may be open"),
        Err(error) => tracing::warn!(%error, ?before, "no more files may be open than before"),
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
