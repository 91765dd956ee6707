//! The administrator's HTTP calls (REST-1 to REST-3, CONF-1): it reads a request, hands what is asked to the node and writes the reply. Who is
//! let through is decided in [`crate::admission`], what is done in [`super::machine`].

mod call;
mod change;
mod reply;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::{mpsc, oneshot};

use super::actor::Told;
use super::http::{Late, not_found, text, too_late};
use super::machine::RequestId;
use super::manual::{self, Calls};
use super::terms::Keeper;
use crate::code::Refusal;
use crate::config::{App, TermsChange};
use crate::timers::Time;
use call::{Asked, Endpoint, Question};

/// The most bytes of a request's body: room for the userIDs of a whole question, each 32 bytes long and every byte escaped.
const MAX_BODY_BYTES: usize = 128 * 1024;

/// Where administrators call.
#[derive(Clone)]
pub(super) struct Rest {
    app: Arc<App>,
    time: Arc<dyn Time>,
    told: mpsc::UnboundedSender<Told>,
    keeper: Keeper,
    last_request: Arc<AtomicU64>,
    manual: Option<Arc<Calls>>,
}

impl Rest {
    pub(super) fn new(app: App, time: Arc<dyn Time>, told: mpsc::UnboundedSender<Told>, keeper: Keeper) -> Rest {
        Rest { app: Arc::new(app), time, told, keeper, last_request: Arc::default(), manual: None }
    }

    /// The same on manual time.
    pub(super) fn with(self, calls: Calls) -> Rest {
        Rest { manual: Some(Arc::new(calls)), ..self }
    }

    /// Answers one request. Refusals are answers, too: HTTP 200 with their code.
    ///
    /// Once it is `late` the answer is given at once: 408 if the body has not come, and if the node has not answered, as when its registry
    /// is out of reach, 70169 with a text that says that what was asked for may be done (NODE-4). A call on manual time is not hurried:
    /// it may be what makes itself late.
    pub(super) async fn answer(self, request: Request<Incoming>, late: Late) -> Response<String> {
        let endpoint = Endpoint::at(request.uri().path());
        let manual = self.manual.as_deref().filter(|_| request.uri().path() == manual::PATH);
        if endpoint.is_none() && manual.is_none() {
            return not_found();
        }
        if request.method() != Method::POST {
            return method_not_allowed();
        }
        let (head, body) = request.into_parts();
        let query = head.uri.query().unwrap_or_default();
        match (in_time(late.clone(), read(body)).await, endpoint, manual) {
            (None, ..) => too_late(),
            (Some(Err(answer)), ..) => answer,
            (Some(Ok(body)), Some(endpoint), _) => {
                in_time(late, self.serve(endpoint, query, &body)).await.unwrap_or_else(unanswered)
            }
            (Some(Ok(body)), None, Some(calls)) => kept_open(json(calls.answer(&call::caller(query), &body).await)),
            (Some(Ok(_)), None, None) => not_found(),
        }
    }

    async fn serve(&self, endpoint: Endpoint, query: &str, body: &[u8]) -> Response<String> {
        match call::read(&self.app, self.time.now(), endpoint, query, body) {
            Ok(Asked::Node(question)) => self.ask(question).await,
            Ok(Asked::Change(change)) => self.change(change).await,
            Err(refusal) => json(reply::refused(&refusal)),
        }
    }

    /// CONF-1: the change is stored and pending once it is answered.
    async fn change(&self, change: TermsChange) -> Response<String> {
        let changed = self.keeper.set(change).await;
        json(changed.map_or_else(|_| reply::refused(&Refusal::out_of_reach()), |()| reply::accepted()))
    }

    async fn ask(&self, asked: Question) -> Response<String> {
        let request = RequestId(self.last_request.fetch_add(1, Ordering::Relaxed) + 1);
        let (answer, answered) = oneshot::channel();
        let detail = asked.detail();
        let _ = self.told.send(Told::Asked { request, input: asked.input(request), answer });
        match answered.await {
            Ok(reply) => json(reply::body(&reply, detail)),
            Err(_) => text(StatusCode::SERVICE_UNAVAILABLE, "the server is gone\n".to_owned()),
        }
    }
}

/// What comes of that, unless it is `late` before.
async fn in_time<T>(late: Late, what: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        what = what => Some(what),
        () = late => None,
    }
}

/// The whole body, or the answer to one that is too long or broken off.
async fn read(body: Incoming) -> Result<Bytes, Response<String>> {
    let read = Limited::new(body, MAX_BODY_BYTES).collect().await;
    read.map(http_body_util::Collected::to_bytes).map_err(|error| match error.is::<LengthLimitError>() {
        true => text(StatusCode::PAYLOAD_TOO_LARGE, format!("{MAX_BODY_BYTES} bytes are the most\n")),
        false => text(StatusCode::BAD_REQUEST, "the body cannot be read\n".to_owned()),
    })
}

fn unanswered() -> Response<String> {
    json(reply::refused(&Refusal::unanswered()))
}

fn method_not_allowed() -> Response<String> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "this is an administrative call; ask with POST\n".to_owned());
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    response
}

/// An answer whose connection takes another request: a harness calls at every step.
fn kept_open(mut response: Response<String>) -> Response<String> {
    response.headers_mut().remove(CONNECTION);
    response
}

fn json(body: String) -> Response<String> {
    let mut response = text(StatusCode::OK, body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
