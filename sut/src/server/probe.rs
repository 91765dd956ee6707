//! What an operator's machines ask: whether the process serves, whether its registry answers, and its numbers. Anybody may ask; nothing
//! is told of any account.

use std::time::Duration;

use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

use super::http::text;
use super::metrics::Metrics;

/// How long the registry may take for a node that is ready.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// Whether the process serves.
    Health,
    /// Whether the registry answers.
    Ready,
    /// The numbers.
    Metrics,
}

impl Probe {
    /// What is asked at this path; `None` at every other.
    pub(super) fn at(path: &str) -> Option<Probe> {
        match path {
            "/health" => Some(Probe::Health),
            "/ready" => Some(Probe::Ready),
            "/metrics" => Some(Probe::Metrics),
            _ => None,
        }
    }
}

/// 200, or 503 with the line that says why not; of one of several nodes with its name, and how its registry's store is.
pub(super) fn readiness(is_ready: Result<(), &str>, metrics: &Metrics) -> Response<String> {
    let node = metrics.name().map(|name| format!("node {name}: ")).unwrap_or_default();
    let engine = metrics.engine().map(|engine| format!("; {engine}")).unwrap_or_default();
    match is_ready {
        Ok(()) => text(StatusCode::OK, format!("{node}ready{engine}\n")),
        Err(why) => text(StatusCode::SERVICE_UNAVAILABLE, format!("{node}not ready: {why}\n")),
    }
}

/// All numbers, in Prometheus' text format.
pub(super) fn numbers(metrics: &Metrics) -> Response<String> {
    let mut response = text(StatusCode::OK, metrics.text());
    let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, format);
    response
}
