//! What stands before a link: the HTTP request that asks for the WebSocket. It knows no frame and no session, and hands on every
//! request for another path.

use std::convert::Infallible;
use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use futures_util::future::Shared;
use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, HOST, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Version};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::link::{self, Ahead, Link, PATH};
use crate::timers::{HEARTBEAT, Wait};

/// How much is read, and forgotten, of a body behind its answer.
const MOST_UNREAD_BYTES: u64 = 1024 * 1024;

/// The least that hyper allows.
const BUFFER_BYTES: usize = 8 * 1024;

/// Resolves once a connection has had its time to become a link; so does each clone.
pub(crate) type Late = Shared<Wait>;

/// What a connection was last asked for, once it was asked for anything.
#[derive(Debug, Default)]
struct Wanted(Mutex<Option<What>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// A link, and rightly so.
    Link,
    Other,
    /// What was refused before all of its body was read.
    Unread,
}

impl Wanted {
    fn last(&self) -> Option<What> {
        *self.0.lock().expect("nothing panics while it holds the lock")
    }

    fn note(&self, what: What) {
        *self.0.lock().expect("nothing panics while it holds the lock") = Some(what);
    }
}

/// Answers the requests of a connection, for another path than the WebSocket's as `other` says; the link, if one of them asked for it
/// rightly and is let in.
///
/// Whoever was answered before the end of his body may still be sending: what comes is read and forgotten for a while, since bytes that
/// nobody reads would take the answer away from him.
///
/// Once it is `late` the connection ends: behind the answer that is under way, which `other` gives at once then; with 408 if no more
/// than a part of a head has come; without a word if nothing has.
pub(crate) async fn upgrade<S, O, F>(
    stream: S,
    late: Late,
    lets_in: impl Fn(&HeaderMap) -> Result<(), Shut>,
    other: O,
) -> Option<Link<S>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    O: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<String>> + Send,
{
    let asked = &Wanted::default();
    let service = service_fn(|request: Request<Incoming>| {
        asked.note(What::Other);
        let has_body = !request.body().is_end_stream();
        let answer = match request.uri().path() {
            _ if !has_its_host(&request) => ready(bad_request("a request of HTTP/1.1 has one Host")).left_future(),
            PATH => ready(answer(&request, asked, &lets_in)).left_future(),
            _ => other(request).boxed().right_future(),
        };
        answer.map(move |answer| {
            if has_body && answer.status().is_client_error() {
                asked.note(What::Unread);
            }
            Ok::<_, Infallible>(answer)
        })
    });
    let mut connection = http1::Builder::new().max_buf_size(BUFFER_BYTES).serve_connection(TokioIo::new(stream), service);
    let is_late = tokio::select! {
        biased;
        ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => ended.map(|()| false).ok()?,
        () = late.clone() => true,
    };
    if is_late && asked.last().is_some() {
        Pin::new(&mut connection).graceful_shutdown();
        poll_fn(|cx| connection.poll_without_shutdown(cx)).await.ok()?;
    }
    let parts = connection.into_parts();
    behind_http(parts.io.into_inner(), parts.read_buf.to_vec(), asked.last(), late).await
}

/// What becomes of a stream on which HTTP is over; this was read of it and is no request.
async fn behind_http<S>(mut stream: S, read: Vec<u8>, asked: Option<What>, late: Late) -> Option<Link<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if asked == Some(What::Link) {
        let config = Some(link::config());
        return Some(Link::guarded(WebSocketStream::from_partially_read(Ahead::new(stream), read, Role::Server, config).await));
    }
    if asked.is_none() && !read.is_empty() {
        let (status, body) = (StatusCode::REQUEST_TIMEOUT, too_late_text());
        let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let _ = stream.write_all(answer.as_bytes()).await;
    }
    let _ = stream.shutdown().await;
    if asked == Some(What::Unread) {
        let (mut unread, mut nowhere) = (stream.take(MOST_UNREAD_BYTES), sink());
        tokio::select! {
            biased;
            () = late => {}
            _ = copy(&mut unread, &mut nowhere) => {}
        }
    }
    None
}

/// RFC 9112, section 3.2.
fn has_its_host<B>(request: &Request<B>) -> bool {
    request.version() < Version::HTTP_11 || request.headers().get_all(HOST).into_iter().count() == 1
}

/// Why no link is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shut {
    /// The server ends.
    Ending,
    /// As many links of that address are open as may be.
    Crowded,
}

fn answer<B>(request: &Request<B>, asked: &Wanted, lets_in: impl Fn(&HeaderMap) -> Result<(), Shut>) -> Response<String> {
    if request.method() != Method::GET || !asks_for_a_websocket(request.headers()) {
        return upgrade_required();
    }
    let Some(key) = websocket_key(request.headers()) else {
        return bad_request("one Sec-WebSocket-Key is 16 bytes in Base64");
    };
    match lets_in(request.headers()) {
        Ok(()) => {
            asked.note(What::Link);
            switching(derive_accept_key(key.as_bytes()))
        }
        Err(Shut::Ending) => text(StatusCode::SERVICE_UNAVAILABLE, "the server ends; ask another\n".to_owned()),
        Err(Shut::Crowded) => text(StatusCode::TOO_MANY_REQUESTS, "this address has as many links as it may\n".to_owned()),
    }
}

/// Whether it is of the version that is spoken here.
fn asks_for_a_websocket(headers: &HeaderMap) -> bool {
    let names = |name, token: &str| {
        let listed = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        listed.flat_map(|value| value.split(',')).any(|listed| listed.trim().eq_ignore_ascii_case(token))
    };
    names(CONNECTION, "upgrade") && names(UPGRADE, "websocket") && names(SEC_WEBSOCKET_VERSION, "13")
}

/// The one key, if it is as RFC 6455 wants it (section 4.2.1).
fn websocket_key(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut keys = headers.get_all(SEC_WEBSOCKET_KEY).into_iter();
    let is_good = |key: &&HeaderValue| STANDARD.decode(key.as_bytes()).is_ok_and(|bytes| bytes.len() == 16);
    keys.next().filter(is_good).filter(|_| keys.next().is_none())
}

fn switching(accept: String) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    let accept = HeaderValue::try_from(accept).expect("Base64 is a header value");
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    response
}

fn upgrade_required() -> Response<String> {
    let mut response =
        text(StatusCode::UPGRADE_REQUIRED, "this is a WebSocket; ask with GET, Upgrade: websocket and version 13\n".to_owned());
    response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    response
}

fn bad_request(what: &str) -> Response<String> {
    text(StatusCode::BAD_REQUEST, format!("{what}\n"))
}

/// The answer where nothing is.
pub(crate) fn not_found() -> Response<String> {
    text(StatusCode::NOT_FOUND, format!("nothing here; the WebSocket is at {PATH}\n"))
}

/// The answer to a request of which no more than a part came in time.
pub(super) fn too_late() -> Response<String> {
    text(StatusCode::REQUEST_TIMEOUT, too_late_text())
}

fn too_late_text() -> String {
    format!("the request did not arrive within {} s\n", HEARTBEAT.as_secs())
}

/// An answer whose connection takes another request.
pub(super) fn kept_open(mut response: Response<String>) -> Response<String> {
    response.headers_mut().remove(CONNECTION);
    response
}

/// The last answer of its connection.
pub(super) fn text(status: StatusCode, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
