//! The administrator's calls, from end to end: REST-1, REST-2, REST-3.

use sut::client::{Event, Events, TcpConnector};
use sut::session::{KickReason, Platform};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::http::exchange;
use super::system::{APP, System, instance, number, server, sig, sig_from, sig_of};

pub(crate) const KICK: &str = "/v4/im_open_login_svc/kick";
const QUERY: &str = "/v4/openim/query_online_status";
pub(crate) const KICK_ALICE: &str = r#"{"UserID":"alice"}"#;
const FOUND: &str = "HTTP/1.1 200 OK";
pub(crate) const DONE: &str = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;

/// What a caller writes who shows this UserSig of that account.
pub(crate) fn request_as(caller: &str, user_sig: &str, method: &str, path: &str, body: &str) -> String {
    let query = format!("sdkappid={APP}&identifier={caller}&usersig={user_sig}&random=1&contenttype=json");
    format!("{method} {path}?{query} HTTP/1.1\r\nhost: server\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// The first line and the body of what the administrator is answered.
pub(crate) async fn post(stream: impl AsyncRead + AsyncWrite + Unpin, path: &str, body: &str) -> (String, String) {
    exchange(stream, &request_as("admin", &sig("admin"), "POST", path, body)).await
}

async fn status(system: &System, body: &str) -> String {
    let (line, body) = post(system.stream(), QUERY, body).await;
    assert_eq!(line, FOUND);
    body.strip_prefix(r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"QueryResult":"#).unwrap().to_owned()
}

/// The `ErrorCode` of a call that fails.
pub(crate) fn error_code((line, body): (String, String)) -> u64 {
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((line.as_str(), body["ActionStatus"].as_str()), (FOUND, Some("FAIL")));
    assert!(!body["ErrorInfo"].as_str().unwrap().is_empty());
    body["ErrorCode"].as_u64().unwrap()
}

/// From which second on UserSigs are let in, as the answer to a kick says.
fn user_sig_from((line, body): (String, String)) -> u64 {
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((line.as_str(), body["ActionStatus"].as_str(), body["ErrorCode"].as_u64()), (FOUND, Some("OK"), Some(0)));
    body["UserSigFrom"].as_u64().unwrap()
}

async fn check_that_it_is_kicked(events: &mut Events) {
    let reason = KickReason::RestApi;
    assert_eq!(events.next().await, Some(Event::SdkNotReady));
    assert_eq!(events.next().await, Some(Event::KickedOut { reason, refusal: None }));
}

#[tokio::test(start_paused = true)]
async fn a_rest_kick_ends_every_instance_of_the_account_and_no_other() {
    let system = System::new();
    let (first, mut first_events) = system.ready("alice").await;
    let (second, mut second_events) = system.ready("alice").await;
    let (other, _other_events) = system.ready("bob").await;
    user_sig_from(post(system.stream(), KICK, KICK_ALICE).await);
    check_that_it_is_kicked(&mut first_events).await;
    check_that_it_is_kicked(&mut second_events).await;
    assert_eq!((first.login_user(), second.login_user()), (None, None));
    assert!(other.is_ready());
}

#[tokio::test(start_paused = true)]
async fn after_a_rest_kick_only_a_user_sig_of_a_later_second_logs_in() {
    let system = System::new();
    let old = sig("alice");
    let (client, mut events) = system.ready("alice").await;
    post(system.stream(), KICK, KICK_ALICE).await;
    check_that_it_is_kicked(&mut events).await;
    assert_eq!(number(client.login("alice", old.as_str()).await), Some(70052));
    client.login("alice", sig_from("alice", 60)).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_a_kick_says_how_the_next_user_sig_may_be_dated_at_once() {
    let system = System::new();
    let (client, mut events) = system.ready("alice").await;
    let from = user_sig_from(post(system.stream(), KICK, KICK_ALICE).await);
    check_that_it_is_kicked(&mut events).await;
    assert_eq!(number(client.login("alice", sig_of("alice", from - 1)).await), Some(70052));
    client.login("alice", sig_of("alice", from)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_kick_with_a_field_that_is_not_known_kicks_nobody() {
    let system = System::new();
    let (client, _events) = system.ready("alice").await;
    let body = r#"{"UserID":"alice","Platform":"Android"}"#;
    assert_eq!(error_code(post(system.stream(), KICK, body).await), 70402);
    client.send_message("bob", "still here").await.unwrap();
    client.logout().await.unwrap();
    client.login("alice", sig("alice")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_kick_of_an_account_that_never_logged_in_counts_for_its_first_login() {
    let system = System::new();
    let old = sig("alice");
    user_sig_from(post(system.stream(), KICK, KICK_ALICE).await);
    let (client, _events) = system.instance(Platform::Web);
    assert_eq!(number(client.login("alice", old.as_str()).await), Some(70052));
    client.login("alice", sig_from("alice", 60)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn whoever_is_no_administrator_is_answered_70403_and_nothing_is_done() {
    let system = System::new();
    let (client, _events) = system.ready("alice").await;
    for (caller, user_sig) in [("alice", sig("alice")), ("admin", sig("alice")), ("admin", String::new())] {
        let request = request_as(caller, &user_sig, "POST", KICK, KICK_ALICE);
        assert_eq!(error_code(exchange(system.stream(), &request).await), 70403);
    }
    assert_eq!(status(&system, r#"{"To_Account":["alice"]}"#).await, r#"[{"To_Account":"alice","Status":"Online"}]}"#);
    client.send_message("bob", "still here").await.unwrap();
    let (again, _again_events) = system.ready("alice").await;
    assert!(client.is_ready() && again.is_ready());
}

#[tokio::test(start_paused = true)]
async fn bad_json_or_a_bad_field_is_answered_70402_and_nothing_is_done() {
    let system = System::new();
    let (client, _events) = system.ready("alice").await;
    for body in ["", "{", "[]", r#"{"UserID":7}"#, r#"{"UserID":"a b"}"#, r#"{"UserID":"alice"}}"#] {
        assert_eq!(error_code(post(system.stream(), KICK, body).await), 70402, "{body}");
    }
    for body in ["{}", r#"{"To_Account":[""]}"#, r#"{"To_Account":["a"],"IsNeedDetail":"1"}"#] {
        assert_eq!(error_code(post(system.stream(), QUERY, body).await), 70402, "{body}");
    }
    client.send_message("bob", "still here").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn five_hundred_of_the_longest_user_ids_may_be_asked_about() {
    let system = System::new();
    let escaped = |user_id: String| user_id.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<String>();
    let asked: Vec<_> = (0..500).map(|number| format!("\"{}\"", escaped(format!("{number:032}")))).collect();
    let body = format!(r#"{{"To_Account":[{}]}}"#, asked.join(","));
    assert_eq!(status(&system, &body).await.matches("Offline").count(), 500);
}

#[tokio::test(start_paused = true)]
async fn why_a_call_is_refused_stands_in_one_short_line() {
    let system = System::new();
    let long = format!(r#"{{"UserID":"{}"}}"#, "x".repeat(7000));
    for (path, body) in [(KICK, long.as_str()), (KICK, r#"{"UserID":7,"a\nb":1}"#), (QUERY, r#"{"To_Account":["a"],"a\nb":1}"#)] {
        let (_, answer) = post(system.stream(), path, body).await;
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let info = answer["ErrorInfo"].as_str().unwrap();
        assert!(info.len() <= 300 && !info.contains('\n'), "{info:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_administrative_call_is_answered_by_http_itself() {
    let system = System::new();
    let long = "x".repeat(128 * 1024 + 1);
    let rows = [
        ("POST", "/v4/openim/other", KICK_ALICE, "HTTP/1.1 404 Not Found"),
        ("GET", KICK, "", "HTTP/1.1 405 Method Not Allowed"),
        ("PUT", QUERY, KICK_ALICE, "HTTP/1.1 405 Method Not Allowed"),
        ("POST", KICK, &long, "HTTP/1.1 413 Payload Too Large"),
    ];
    for (method, path, body, expected) in rows {
        let request = request_as("admin", &sig("admin"), method, path, body);
        assert_eq!(exchange(system.stream(), &request).await.0, expected, "{method} {path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_tells_who_is_online_and_on_request_with_which_platforms() {
    let system = System::new();
    let (_page, _page_events) = system.ready("alice").await;
    let (phone, _phone_events) = system.instance(Platform::IPhone);
    phone.login("alice", sig("alice")).await.unwrap();
    let asked = r#"{"To_Account":["bob","alice"],"IsNeedDetail":"#;
    let (bob, alice) = (r#"{"To_Account":"bob","Status":"Offline"}"#, r#"{"To_Account":"alice","Status":"Online""#);
    let (web, iphone) = (r#"{"Platform":"Web","Status":"Online"}"#, r#"{"Platform":"iPhone","Status":"Online"}"#);
    assert_eq!(status(&system, &format!("{asked}0}}")).await, format!("[{bob},{alice}}}]}}"));
    assert_eq!(status(&system, &format!("{asked}1}}")).await, format!(r#"[{bob},{alice},"Detail":[{web},{iphone}]}}]}}"#));
    post(system.stream(), KICK, KICK_ALICE).await;
    let offline = r#"{"To_Account":"alice","Status":"Offline"}"#;
    assert_eq!(status(&system, &format!("{asked}1}}")).await, format!("[{bob},{offline}]}}"));
}

#[tokio::test]
async fn an_administrator_kicks_over_tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = server();
    let serving = tokio::spawn(async move { server.listen(listener, std::future::pending()).await });
    let (client, mut events) = instance(Platform::Web, TcpConnector::new(&address).unwrap());
    client.login("alice", sig("alice")).await.unwrap();
    assert_eq!(events.next().await, Some(Event::SdkReady));
    let stream = TcpStream::connect(&address).await.unwrap();
    user_sig_from(post(stream, KICK, KICK_ALICE).await);
    check_that_it_is_kicked(&mut events).await;
    serving.abort();
}

/// A call whose body is so long.
fn long_call(path: &str, bytes: usize) -> String {
    request_as("admin", &sig("admin"), "POST", path, &"x".repeat(bytes))
}

/// The first line of the answer, over TCP with small buffers, to a call that is written to its end before the answer is read.
async fn answered_behind(call: String) -> String {
    let (near, far) = (TcpSocket::new_v4().unwrap(), TcpSocket::new_v4().unwrap());
    near.set_send_buffer_size(8 * 1024).unwrap();
    far.set_recv_buffer_size(8 * 1024).unwrap();
    far.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = far.listen(1).unwrap();
    let stream = near.connect(listener.local_addr().unwrap()).await.unwrap();
    let server = server();
    tokio::spawn(async move { server.listen(listener, std::future::pending()).await });
    exchange(stream, &call).await.0
}

#[tokio::test]
async fn whoever_still_sends_a_body_that_is_not_read_reads_the_answer() {
    for (path, line) in [(KICK, "HTTP/1.1 413 Payload Too Large"), ("/elsewhere", "HTTP/1.1 404 Not Found")] {
        assert_eq!(answered_behind(long_call(path, 1_000_000)).await, line);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_without_end_is_read_for_a_while_and_so_far_only() {
    let (near, far) = tokio::io::duplex(4096);
    let (mut reader, mut writer) = tokio::io::split(near);
    let served = tokio::spawn(System::new().serve(far));
    let (opened, call) = (tokio::time::Instant::now(), long_call(KICK, 10_000_000));
    tokio::spawn(async move { tokio::io::copy(&mut reader, &mut tokio::io::sink()).await });
    writer.write_all(call.as_bytes()).await.unwrap_err();
    served.await.unwrap();
    assert_eq!(opened.elapsed().as_secs(), 0);

    let (mut near, far) = tokio::io::duplex(1_000_000);
    let served = tokio::spawn(System::new().serve(far));
    near.write_all(&call.as_bytes()[..500_000]).await.unwrap();
    served.await.unwrap();
    assert_eq!(opened.elapsed().as_secs(), 30);
}
