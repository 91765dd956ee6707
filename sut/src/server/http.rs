//! What stands before a link: the HTTP request that asks for the WebSocket. It knows no frame and no session, and hands on every
//! request for another path.

use std::convert::Infallible;
use std::future::{Future, ready};
use std::sync::Mutex;

use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::link::{self, Link, PATH};

/// The least that hyper allows.
const BUFFER_BYTES: usize = 8 * 1024;

/// Answers the requests of a connection, for another path than the WebSocket's as `other` says; the link, if one of them asked for it
/// rightly.
pub(crate) async fn upgrade<S, O, F>(stream: S, other: O) -> Option<Link<S>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    O: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<String>>,
{
    let asked = Mutex::new(None);
    let service = service_fn(|request: Request<Incoming>| {
        let answer = match request.uri().path() {
            PATH => ready(answer(request, &asked)).left_future(),
            _ => other(request).right_future(),
        };
        answer.map(Ok::<_, Infallible>)
    });
    let connection =
        http1::Builder::new().max_buf_size(BUFFER_BYTES).serve_connection(TokioIo::new(stream), service).with_upgrades();
    connection.await.ok()?;
    let asked = asked.into_inner().expect("nothing panics while it holds the lock")?;
    link_on(asked.await.ok()?).await
}

async fn link_on<S>(upgraded: Upgraded) -> Option<Link<S>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let parts = upgraded.downcast::<TokioIo<S>>().ok()?;
    let (stream, read) = (parts.io.into_inner(), parts.read_buf.to_vec());
    let config = Some(link::config());
    Some(Link::guarded(WebSocketStream::from_partially_read(stream, read, Role::Server, config).await))
}

fn answer<B>(mut request: Request<B>, asked: &Mutex<Option<OnUpgrade>>) -> Response<String> {
    let key = Some(request.headers()).filter(|_| request.method() == Method::GET).and_then(websocket_key);
    let Some(accept) = key.map(|key| derive_accept_key(key.as_bytes())) else {
        return upgrade_required();
    };
    *asked.lock().expect("nothing panics while it holds the lock") = Some(hyper::upgrade::on(&mut request));
    switching(accept)
}

/// The key of a request that asks for a WebSocket of the version that is spoken here.
fn websocket_key(headers: &HeaderMap) -> Option<&HeaderValue> {
    let names = |name, token: &str| {
        let listed = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        listed.flat_map(|value| value.split(',')).any(|listed| listed.trim().eq_ignore_ascii_case(token))
    };
    let asks = names(CONNECTION, "upgrade") && names(UPGRADE, "websocket") && names(SEC_WEBSOCKET_VERSION, "13");
    headers.get(SEC_WEBSOCKET_KEY).filter(|_| asks)
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

/// The answer where nothing is.
pub(crate) fn not_found() -> Response<String> {
    text(StatusCode::NOT_FOUND, format!("nothing here; the WebSocket is at {PATH}\n"))
}

/// The last answer of its connection.
pub(super) fn text(status: StatusCode, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
