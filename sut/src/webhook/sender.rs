//! One callback, one HTTP request, and what its answer means. It never tries twice and knows no order.
//!
//! The client is hyper-util's: it keeps connections open, and comes with the HTTP that the server already speaks, without TLS,
//! cookies, redirects and what else a browser's client would bring along.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

use super::body::{self, COMMAND};
use super::{CALLBACK_ID, CALLBACK_PLACE, Destination};
use crate::callback::Queued;
use crate::code::one_line;
use crate::timers::Time;

/// How long the receiver may take to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// The most bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 8 * 1024;

/// What a proxy answers whose receiver is away, and a receiver that has too much to do.
const BUSY: [StatusCode; 4] =
    [StatusCode::TOO_MANY_REQUESTS, StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT];

/// Why a callback was not taken, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failed {
    #[error("the receiver cannot be reached: {0}")]
    Unreachable(String),
    #[error("the receiver gave no answer within {} s", ANSWER.as_secs())]
    Silent,
    #[error("the receiver broke its answer off: {0}")]
    BrokenOff(String),
    #[error("the receiver answers HTTP {0}")]
    Status(StatusCode),
    #[error("the receiver answers ActionStatus {0:?}")]
    ActionStatus(String),
}

impl Failed {
    /// Whether it says something of the receiver, and nothing of the callback: any other would fare no better.
    pub(super) fn is_of_the_receiver(&self) -> bool {
        match self {
            Failed::Unreachable(_) | Failed::Silent => true,
            Failed::Status(status) => BUSY.contains(status),
            Failed::BrokenOff(_) | Failed::ActionStatus(_) => false,
        }
    }
}

/// What speaks to the receiver.
pub(super) struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    sdk_app_id: u64,
    to: Destination,
    time: Arc<dyn Time>,
}

/// All that is looked at of the vendor's reply.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AppAnswer {
    action_status: String,
}

impl Sender {
    pub(super) fn new(sdk_app_id: u64, to: Destination, time: Arc<dyn Time>) -> Sender {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Sender { client, sdk_app_id, to, time }
    }

    /// Sends a callback; it is taken once this is done without an error.
    pub(super) async fn send(&self, user_id: &str, queued: &Queued) -> Result<(), Failed> {
        let late = self.time.wait(&format_args!("callback answer {user_id}"), ANSWER);
        tokio::select! {
            biased;
            sent = self.exchange(self.request(user_id, queued)) => sent,
            () = late => Err(Failed::Silent),
        }
    }

    fn request(&self, user_id: &str, Queued { place, callback }: &Queued) -> Request<Full<Bytes>> {
        let (app, platform) = (self.sdk_app_id, body::platform(&callback.device.platform));
        let query = format!("SdkAppid={app}&CallbackCommand={COMMAND}&contenttype=json&OptPlatform={platform}");
        let request = Request::builder().method(Method::POST).uri(self.to.target().with(&query));
        let request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let request = request.header(CALLBACK_ID, format!("{user_id}/{}", callback.id)).header(CALLBACK_PLACE, place.to_string());
        let body = Full::from(body::body(user_id, callback));
        request.body(body).expect("the target is a URL, and a userID is printable")
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(), Failed> {
        let unreachable = |error| Failed::Unreachable(whole(&error));
        let response = self.client.request(request).await.map_err(unreachable)?;
        let status = response.status();
        let body = read(response).await?;
        if status.is_success() { judge(&body) } else { Err(Failed::Status(status)) }
    }
}

/// The body, which is read whole so that the connection can be used again; empty if it is too long to be the vendor's.
async fn read(response: Response<Incoming>) -> Result<Bytes, Failed> {
    match Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Ok(Bytes::new()),
        Err(error) => Err(Failed::BrokenOff(whole(&*error))),
    }
}

/// A receiver that speaks the vendor's JSON says whether it took the callback; any other took it with its 2xx.
fn judge(body: &[u8]) -> Result<(), Failed> {
    match serde_json::from_slice(body) {
        Ok(AppAnswer { action_status }) if action_status != "OK" => Err(Failed::ActionStatus(one_line(&action_status))),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// An error with its causes, in one line.
fn whole(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
