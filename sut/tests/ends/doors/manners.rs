//! HTTP as browsers and scrapers expect it: connections that are kept, and pages of other sites that ask whether they may call.

use sut::server::Door;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Behind;
use crate::ends::rest::{KICK, KICK_ALICE};
use crate::ends::system::{System, server, sig};

const PAGE: &str = "https://admin.example";

/// What is answered to a request, its head in lower case; the connection goes on.
async fn asks(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str) -> (String, String) {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap();
        answer.push_str(std::str::from_utf8(&part[..read]).unwrap());
        let Some((head, body)) = answer.split_once("\r\n\r\n") else { continue };
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        if body.len() >= length.parse().unwrap() {
            return (head, body.to_owned());
        }
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: server\r\n\r\n")
}

fn post(path: &str, more: &str, body: &str) -> String {
    let query = format!("sdkappid=1400000001&identifier=admin&usersig={}", sig("admin"));
    format!("POST {path}?{query} HTTP/1.1\r\nhost: server\r\n{more}content-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_connection_takes_one_request_after_the_other_and_ends_with_the_first_bad_one() {
    let behind = Behind::a(Door::default()).await;
    let mut stream = behind.stream().await;
    for request in [get("/health"), get("/ready"), get("/metrics"), post(KICK, "", KICK_ALICE), get("/health")] {
        let (head, _) = asks(&mut stream, &request).await;
        assert!(head.starts_with("http/1.1 200 ok") && !head.contains("connection: close"), "{head}");
    }
    let (head, _) = asks(&mut stream, &get("/nowhere")).await;
    assert!(head.starts_with("http/1.1 404") && head.contains("connection: close"), "{head}");
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_connection_that_asks_nothing_for_the_heartbeat_time_ends() {
    let behind = Behind::a(Door::default()).await;
    let mut stream = behind.stream().await;
    asks(&mut stream, &get("/health")).await;
    asks(&mut stream, &get("/health")).await;
    behind.fires("upgrade 1").await;
    asks(&mut stream, &get("/health")).await;
    behind.fires("upgrade 1").await;
    asks(&mut stream, &get("/health")).await;
    behind.fires("upgrade 1").await;
    behind.fires("upgrade 1").await;
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
}

fn preflight(origin: &str, path: &str) -> String {
    let head = format!("origin: {origin}\r\naccess-control-request-method: POST\r\naccess-control-request-headers: content-type");
    format!("OPTIONS {path} HTTP/1.1\r\nhost: server\r\n{head}\r\n\r\n")
}

/// The head of the answer by a server that allows the page, or nobody.
async fn head_of(request: &str, allowed: &[&str]) -> String {
    let system = System::of(server().allowing(allowed.iter().map(|origin| (*origin).to_owned()).collect()));
    asks(&mut system.stream(), request).await.0
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_allowed_may_call_and_read_what_it_is_answered() {
    let head = head_of(&preflight(PAGE, KICK), &["https://other.example", PAGE]).await;
    for line in [
        "http/1.1 204 no content",
        "access-control-allow-origin: https://admin.example",
        "access-control-allow-methods: post",
        "access-control-allow-headers: content-type",
        "access-control-max-age: 600",
        "vary: origin",
    ] {
        assert!(head.lines().any(|written| written == line), "{line} is not in {head}");
    }
    for body in [KICK_ALICE, "{"] {
        let head = head_of(&post(KICK, &format!("origin: {PAGE}\r\n"), body), &[PAGE]).await;
        assert!(head.starts_with("http/1.1 200") && head.contains(&format!("access-control-allow-origin: {PAGE}")), "{head}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_else_is_told_anything_and_without_an_allowed_page_nothing_is_said() {
    let rows: [(String, &[&str], &str); 5] = [
        (preflight(PAGE, KICK), &[], "http/1.1 405"),
        (preflight("https://evil.example", KICK), &[PAGE], "http/1.1 405"),
        (preflight(PAGE, "/metrics"), &[PAGE], "http/1.1 405"),
        (post(KICK, "origin: https://evil.example\r\n", KICK_ALICE), &[PAGE], "http/1.1 200"),
        (post(KICK, &format!("origin: {PAGE}\r\n"), KICK_ALICE), &[], "http/1.1 200"),
    ];
    for (request, allowed, status) in rows {
        let head = head_of(&request, allowed).await;
        assert!(head.starts_with(status) && !head.contains("access-control"), "{head}");
        assert_eq!(head.contains("vary: origin"), !allowed.is_empty() && !request.contains("/metrics"), "{head}");
    }
}
