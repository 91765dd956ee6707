//! The administrator's HTTP calls (REST-1 to REST-3, CONF-1): it reads a request, hands what is asked to the node and writes the reply. Who is
//! let through is decided in [`crate::admission`], what is done in [`super::machine`].

mod call;
mod change;
mod reply;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::select;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::{mpsc, oneshot};

use super::actor::NodeMessage;
use super::cors::{self, Cors};
use super::fact::{Of, Whom};
use super::http::{Late, kept_open, not_found, text, too_late};
use super::machine::{Reply, RequestId};
use super::manual::{self, Calls};
use super::metrics::Metrics;
use super::probe::{self, Probe};
use super::stopping::Gate;
use super::teller::refused;
use super::terms::Keeper;
use crate::code::Refusal;
use crate::config::{App, SecretKeys, TermsChange};
use crate::registry::NOBODY;
use crate::timers::Time;
use call::{Asked, Detail, Endpoint, Question};

/// The most bytes of a request's body: room for the userIDs of a whole question, each 32 bytes long and every byte escaped.
const MAX_BODY_BYTES: usize = 128 * 1024;

/// Whoever holds the lock only copies.
const UNPOISONED: &str = "nothing panics while it holds the lock";

/// Where administrators call.
#[derive(Clone)]
pub(super) struct Rest {
    app: Arc<RwLock<App>>,
    time: Arc<dyn Time>,
    told: mpsc::UnboundedSender<NodeMessage>,
    keeper: Keeper,
    metrics: Metrics,
    gate: Gate,
    cors: Cors,
    last_request: Arc<AtomicU64>,
    manual: Option<Arc<Calls>>,
}

impl Rest {
    pub(super) fn new(
        app: App,
        time: Arc<dyn Time>,
        told: mpsc::UnboundedSender<NodeMessage>,
        keeper: Keeper,
        metrics: Metrics,
        gate: Gate,
    ) -> Rest {
        Rest {
            app: Arc::new(RwLock::new(app)),
            time,
            told,
            keeper,
            metrics,
            gate,
            cors: Cors::default(),
            last_request: Arc::default(),
            manual: None,
        }
    }

    /// Other administrators may call from now on, and UserSigs are signed with that key: the one before it is good for that long. The keys
    /// that are good then.
    pub(super) fn let_in(&self, key: &str, overlap: Duration, administrators: Vec<String>) -> SecretKeys {
        let (mut app, now) = (self.app.write().expect(UNPOISONED), self.time.now());
        if app.secret_key.current() != key {
            app.secret_key = app.secret_key.replaced(key, now, now.plus(overlap));
        }
        app.administrators = administrators;
        app.secret_key.clone()
    }

    /// The same for pages of these origins, too.
    pub(super) fn allowing(self, origins: Vec<String>) -> Rest {
        Rest { cors: Cors::of(origins), ..self }
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
        if Endpoint::at(request.uri().path()).is_none() {
            return self.answered(request, late).await;
        }
        let origin = self.cors.origin(request.headers());
        let mut answer =
            if origin.is_some() && cors::is_preflight(&request) { cors::granted() } else { self.answered(request, late).await };
        self.cors.mark(&mut answer, origin);
        answer
    }

    async fn answered(&self, request: Request<Incoming>, late: Late) -> Response<String> {
        if let Some(probe) = Probe::at(request.uri().path()) {
            return self.probed(probe, request.method(), late).await;
        }
        let endpoint = Endpoint::at(request.uri().path());
        let manual = self.manual.as_deref().filter(|_| request.uri().path() == manual::PATH);
        if endpoint.is_none() && manual.is_none() {
            return not_found();
        }
        if request.method() != Method::POST {
            return method_not_allowed("POST", "this is an administrative call; ask with POST\n");
        }
        let (head, body) = request.into_parts();
        let query = head.uri.query().unwrap_or_default();
        match (in_time(late.clone(), read(body)).await, endpoint, manual) {
            (None, ..) => too_late(),
            (Some(Err(answer)), ..) => answer,
            (Some(Ok(body)), Some(endpoint), _) => {
                let served = in_time(late, self.serve(endpoint, query, &body)).await;
                let answer = served.unwrap_or_else(|| Err(Refusal::unanswered()));
                answer.unwrap_or_else(|refusal| self.refuse(call::account(endpoint, &body).as_deref(), &refusal))
            }
            (Some(Ok(body)), None, Some(calls)) => kept_open(json(calls.answer(&call::caller(query), &body).await)),
            (Some(Ok(_)), None, None) => not_found(),
        }
    }

    async fn serve(&self, endpoint: Endpoint, query: &str, body: &[u8]) -> Result<Response<String>, Refusal> {
        let asked = call::read(&self.app.read().expect(UNPOISONED), self.time.now(), endpoint, query, body)?;
        match asked {
            Asked::Node(question @ Question::Kick { .. }) => self.kept(self.ask(question)).await,
            Asked::Node(question @ Question::Status { .. }) => self.ask(question).await,
            Asked::Change(change) => self.kept(self.change(change)).await,
        }
    }

    /// NODE-5: what was done is answered only once no other primary of the registry can lose it.
    async fn kept<T>(&self, done: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
        let since = self.keeper.reign().await;
        let done = done.await?;
        self.keeper.keep(since).await.map_err(|_| Refusal::unanswered())?;
        Ok(done)
    }

    /// The account is the one that the call is about, if it is about one.
    fn refuse(&self, account: Option<&str>, refusal: &Refusal) -> Response<String> {
        refused(&self.metrics, Whom { account, ..Whom::default() }, Of::Call, refusal);
        json(reply::refused(refusal))
    }

    /// CONF-1: the change is stored and pending once it is answered.
    async fn change(&self, change: TermsChange) -> Result<Response<String>, Refusal> {
        let changed = self.keeper.set(change).await;
        changed.map_or_else(|_| Err(Refusal::out_of_reach()), |()| Ok(json(reply::accepted())))
    }

    async fn ask(&self, asked: Question) -> Result<Response<String>, Refusal> {
        let detail = asked.detail();
        match self.node_answers(asked).await {
            Some(Reply::Refused(refusal)) => Err(refusal),
            Some(reply) => Ok(json(reply::body(&reply, detail))),
            None => Ok(text(StatusCode::SERVICE_UNAVAILABLE, "the server is gone\n".to_owned())),
        }
    }

    /// What the node replies; `None` if it is gone.
    async fn node_answers(&self, asked: Question) -> Option<Reply> {
        let request = RequestId(self.last_request.fetch_add(1, Ordering::Relaxed) + 1);
        let (answer, answered) = oneshot::channel();
        let _ = self.told.send(NodeMessage::Asked { request, input: asked.input(request), answer });
        answered.await.ok()
    }

    async fn probed(&self, probe: Probe, method: &Method, late: Late) -> Response<String> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return method_not_allowed("GET, HEAD", "this only tells; ask with GET\n");
        }
        match probe {
            Probe::Health => text(StatusCode::OK, "ok\n".to_owned()),
            Probe::Ready => probe::readiness(self.is_ready(late).await, &self.metrics),
            Probe::Metrics => probe::numbers(&self.metrics),
        }
    }

    /// The node loads a record for it as for anybody, of an account that is nobody's. If not, why.
    async fn is_ready(&self, late: Late) -> Result<(), &'static str> {
        if self.gate.is_closed() {
            return Err("the server ends");
        }
        let too_long = self.time.wait(&"ready", probe::PATIENCE);
        let too_late = select(too_long, late).map(|_| ()).boxed().shared();
        let nobody = Question::Status { user_ids: vec![NOBODY.to_owned()], detail: Detail::Without };
        match in_time(too_late, self.node_answers(nobody)).await {
            Some(Some(Reply::Statuses(_) | Reply::Kicked { .. })) => Ok(()),
            Some(Some(Reply::Refused(_))) => Err("the registry is out of reach"),
            Some(None) => Err("the server is gone"),
            None => Err("the registry has not answered in time"),
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

fn method_not_allowed(allowed: &'static str, why: &str) -> Response<String> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, why.to_owned());
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

fn json(body: String) -> Response<String> {
    let mut response = text(StatusCode::OK, body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
