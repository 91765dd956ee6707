//! Which pages of other sites may read an administrator's answers: those of the origins that are allowed, and none unless told. It lets
//! nobody in: a call needs its UserSig wherever it comes from.

use std::sync::Arc;

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN, VARY,
};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};

/// For how long a browser need not ask again whether it may call, in seconds.
const MAX_AGE_S: &str = "600";

/// The origins that are allowed; its clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Cors(Arc<[String]>);

impl Cors {
    pub(super) fn of(origins: Vec<String>) -> Cors {
        Cors(origins.into())
    }

    /// The origin from which a request comes, if it is allowed.
    pub(super) fn origin(&self, head: &HeaderMap) -> Option<HeaderValue> {
        let origin = head.get(ORIGIN)?;
        self.0.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }

    /// Tells a browser whose answer it is, as far as anybody is allowed: without the header a page cannot read it.
    pub(super) fn mark(&self, response: &mut Response<String>, origin: Option<HeaderValue>) {
        if !self.0.is_empty() {
            response.headers_mut().append(VARY, HeaderValue::from_name(ORIGIN));
        }
        if let Some(origin) = origin {
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }
}

/// Whether a browser asks by it if a page may call.
pub(super) fn is_preflight<B>(request: &Request<B>) -> bool {
    *request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// It may, with POST and JSON.
pub(super) fn granted() -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_S));
    response
}
