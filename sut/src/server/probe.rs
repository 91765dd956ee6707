//! What an operator's machines ask: whether the process serves, and whether its registry answers. Anybody may ask; nothing is told of
//! any account.

use std::time::Duration;

use hyper::{Response, StatusCode};

use super::http::text;

/// How long the registry may take for a node that is ready.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// Whether the process serves.
    Health,
    /// Whether the registry answers.
    Ready,
}

impl Probe {
    /// What is asked at this path; `None` at every other.
    pub(super) fn at(path: &str) -> Option<Probe> {
        match path {
            "/health" => Some(Probe::Health),
            "/ready" => Some(Probe::Ready),
            _ => None,
        }
    }
}

/// 200, or 503 with the line that says why not.
pub(super) fn readiness(is_ready: Result<(), &str>) -> Response<String> {
    match is_ready {
        Ok(()) => text(StatusCode::OK, "ready\n".to_owned()),
        Err(why) => text(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
    }
}
