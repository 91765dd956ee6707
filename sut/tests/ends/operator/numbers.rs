//! `/metrics`: the format, the names, and what each number counts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sut::client::Event;
use sut::session::Platform;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use super::super::links::{login_frame, says_on};
use super::super::rest::post;
use super::super::system::{Shared, System, pass, sig, sig_good_for};
use super::{ask, get};

/// Every label that there is; none is an account's.
const LABELS: [&str; 7] = ["by", "code", "le", "of", "outcome", "platform", "reason"];

/// What a page of numbers says, once it is seen to be in Prometheus' text format.
#[derive(Debug, Default)]
struct Page {
    /// The type of each family.
    types: BTreeMap<String, String>,
    /// The value of each series, whose name has its labels.
    series: BTreeMap<String, String>,
}

impl Page {
    async fn of(system: &System) -> Page {
        Page::read(&get(system, "/metrics").await.1)
    }

    /// # Panics
    ///
    /// At what promtool would not take, or a label that names an account.
    fn read(text: &str) -> Page {
        assert!(text.ends_with('\n'), "the last line is cut");
        let (mut page, mut helped) = (Page::default(), BTreeSet::new());
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("#", comment)) => page.comment(comment, &mut helped),
                Some((series, value)) => page.sample(series, value),
                None => panic!("no line of the format: {line}"),
            }
        }
        page
    }

    fn comment(&mut self, comment: &str, helped: &mut BTreeSet<String>) {
        let [word, name, rest] = comment.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{comment}") };
        match word {
            "HELP" => assert!(helped.insert(name.to_owned()) && !rest.is_empty(), "{comment}"),
            "TYPE" => {
                assert!(helped.contains(name) && ["counter", "gauge", "histogram"].contains(&rest), "{comment}");
                assert_eq!(self.types.insert(name.to_owned(), rest.to_owned()), None, "{comment}");
            }
            other => panic!("{other} is no word of the format"),
        }
    }

    fn sample(&mut self, series: &str, value: &str) {
        let name = series.split('{').next().unwrap();
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        let kind = self.types.get(family).unwrap_or_else(|| panic!("{family} has no type before {series}"));
        assert_eq!(kind == "histogram", family != name, "{series}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{series}");
        assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{series} {value}");
        assert!(labels(series).all(|label| LABELS.contains(&label)), "{series}");
        assert_eq!(self.series.insert(series.to_owned(), value.to_owned()), None, "{series} is there twice");
    }

    /// The value of a series.
    fn number(&self, series: &str) -> &str {
        self.series.get(series).map_or("none", String::as_str)
    }
}

/// The names of a series' labels; no value holds a comma.
fn labels(series: &str) -> impl Iterator<Item = &str> {
    let labels = series.split_once('{').map_or("", |(_, rest)| rest.strip_suffix('}').expect("labels end with a brace"));
    labels.split_terminator(',').map(|label| label.split_once("=\"").expect("a label has a value").0)
}

/// Checks what these series say.
async fn check(system: &System, expected: &[(&str, &str)]) {
    let page = Page::of(system).await;
    for (series, value) in expected {
        assert_eq!(page.number(series), *value, "{series}");
    }
}

async fn refused_frame(system: &System, text: &str) {
    let (mut socket, _) = client_async("ws://server/v1/ws", system.stream()).await.unwrap();
    socket.send(Message::text(text)).await.unwrap();
    while socket.next().await.is_some() {}
}

#[tokio::test(start_paused = true)]
async fn every_family_has_a_row_in_the_readme_and_every_row_a_family() {
    let system = System::new();
    let page = Page::of(&system).await;
    let readme = include_str!("../../../README.md");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `kickproof_")?.split_once("` | "));
    let mut rows: BTreeMap<String, String> =
        rows.map(|(name, rest)| (format!("kickproof_{name}"), rest.split(' ').next().unwrap().to_owned())).collect();
    assert_eq!(rows.remove("kickproof_primary").as_deref(), Some("gauge"), "its registry has no primary to tell");
    assert_eq!(rows.remove("kickproof_node").as_deref(), Some("gauge"), "a node that is alone has no name to tell");
    assert_eq!(rows, page.types);
}

#[tokio::test(start_paused = true)]
async fn the_numbers_say_that_they_are_prometheus_text() {
    let (head, _) = ask(&System::new(), "GET", "/metrics").await;
    assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
}

#[tokio::test(start_paused = true)]
async fn logins_kicks_and_logouts_are_counted_and_sessions_by_platform() {
    let system = System::new();
    let (_first, mut first_events) = system.ready("alice").await;
    let (_second, _second_events) = system.ready("alice").await;
    let (third, _third_events) = system.ready("alice").await;
    let (phone, _phone_events) = system.instance(Platform::IPhone);
    phone.login("bob", sig("bob")).await.unwrap();
    while first_events.next().await.is_some_and(|event| !matches!(event, Event::KickedOut { .. })) {}
    let online = [
        (r#"kickproof_sessions{platform="Web"}"#, "2"),
        (r#"kickproof_sessions{platform="iPhone"}"#, "1"),
        (r#"kickproof_sessions{platform="Mac"}"#, "0"),
        (r#"kickproof_logins_total{by="login"}"#, "4"),
        (r#"kickproof_kicks_total{reason="multipleAccount"}"#, "1"),
        ("kickproof_logouts_total", "0"),
    ];
    check(&system, &online).await;
    third.logout().await.unwrap();
    post(system.stream(), "/v4/im_open_login_svc/kick", r#"{"UserID":"bob"}"#).await;
    let left = [
        (r#"kickproof_sessions{platform="Web"}"#, "1"),
        (r#"kickproof_sessions{platform="iPhone"}"#, "0"),
        (r#"kickproof_kicks_total{reason="REST_API_Kick"}"#, "1"),
        ("kickproof_logouts_total", "1"),
    ];
    check(&system, &left).await;
}

#[tokio::test(start_paused = true)]
async fn a_login_that_replaces_a_session_leaves_one_and_is_no_logout() {
    let system = System::new();
    for epoch in [1, 2] {
        say(&system, epoch, &login_frame("alice")).await;
    }
    let one = [
        (r#"kickproof_sessions{platform="Web"}"#, "1"),
        (r#"kickproof_logins_total{by="login"}"#, "2"),
        ("kickproof_logouts_total", "0"),
    ];
    check(&system, &one).await;
}

/// Says this as alice's page on a link of that epoch, and waits for the answer.
async fn say(system: &System, epoch: u64, frame: &str) {
    let (mut socket, _) = client_async("ws://server/v1/ws", system.stream()).await.unwrap();
    socket.send(says_on(epoch, frame)).await.unwrap();
    socket.next().await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_resume_and_a_readmission_are_told_apart() {
    let system = System::new();
    let login = login_frame("alice");
    let resume = login.replace("login", "resume").replace(r#""key""#, r#""last_seq":0,"key""#);
    for (epoch, frame) in [(1, &login), (2, &resume)] {
        say(&system, epoch, frame).await;
    }
    pass(Duration::from_secs(120)).await;
    say(&system, 3, &resume).await;
    let counted = [
        ("kickproof_resumes_total", "1"),
        (r#"kickproof_logins_total{by="login"}"#, "1"),
        (r#"kickproof_logins_total{by="readmission"}"#, "1"),
        (r#"kickproof_lapses_total{by="lapse"}"#, "1"),
        (r#"kickproof_sessions{platform="Web"}"#, "1"),
    ];
    check(&system, &counted).await;
}

#[tokio::test(start_paused = true)]
async fn refusals_are_counted_by_what_was_refused_and_its_code() {
    let system = System::new();
    for (user_id, user_sig) in [("alice", sig("bob")), ("alice", String::new()), ("alice", String::new())] {
        let (client, _events) = system.instance(Platform::Web);
        client.login(user_id, user_sig).await.unwrap_err();
    }
    post(system.stream(), "/v4/im_open_login_svc/kick", "{}").await;
    let refused = [
        (r#"kickproof_refusals_total{of="login",code="70013"}"#, "1"),
        (r#"kickproof_refusals_total{of="login",code="70002"}"#, "2"),
        (r#"kickproof_refusals_total{of="call",code="70402"}"#, "1"),
        (r#"kickproof_sessions{platform="Web"}"#, "0"),
        (r#"kickproof_logins_total{by="login"}"#, "0"),
    ];
    check(&system, &refused).await;
}

#[tokio::test(start_paused = true)]
async fn links_and_what_came_and_went_over_them_are_counted() {
    let system = System::new();
    let (_client, _events) = system.ready("alice").await;
    let before = Page::of(&system).await;
    refused_frame(&system, "{").await;
    refused_frame(&system, r#"{"v":9}"#).await;
    refused_frame(&system, r#"{"v":9}"#).await;
    let received: u64 = before.number("kickproof_received_bytes_total").parse().unwrap();
    let received = (received + 1 + 2 * 7).to_string();
    let sent = before.number("kickproof_sent_bytes_total");
    assert!(sent.parse::<u64>().unwrap() > 200, "{sent}");
    let counted = [
        ("kickproof_links", "1"),
        (r#"kickproof_frames_refused_total{code="1007"}"#, "1"),
        (r#"kickproof_frames_refused_total{code="1002"}"#, "2"),
        ("kickproof_received_bytes_total", &received),
        ("kickproof_sent_bytes_total", sent),
    ];
    check(&system, &counted).await;
}

#[tokio::test(start_paused = true)]
async fn commits_and_what_they_took_are_counted() {
    let system = System::new();
    let (_client, _events) = system.ready("alice").await;
    let commits = [
        (r#"kickproof_commits_total{outcome="done"}"#, "1"),
        (r#"kickproof_commits_total{outcome="conflict"}"#, "0"),
        (r#"kickproof_commit_seconds_bucket{le="0.0001"}"#, "1"),
        (r#"kickproof_commit_seconds_bucket{le="+Inf"}"#, "1"),
        ("kickproof_commit_seconds_count", "1"),
    ];
    check(&system, &commits).await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_expires_is_kicked_and_one_whose_link_is_down_lapses() {
    let system = System::new();
    let (short, _short_events) = system.instance(Platform::Mac);
    short.login("bob", sig_good_for("bob", 30)).await.unwrap();
    let (client, events) = system.ready("alice").await;
    drop((client, events));
    pass(Duration::from_secs(120)).await;
    let ended = [
        (r#"kickproof_sessions{platform="Web"}"#, "0"),
        (r#"kickproof_sessions{platform="Mac"}"#, "0"),
        (r#"kickproof_kicks_total{reason="userSigExpired"}"#, "1"),
        (r#"kickproof_lapses_total{by="lapse"}"#, "1"),
    ];
    check(&system, &ended).await;
}

#[tokio::test(start_paused = true)]
async fn what_stood_on_record_at_the_start_is_online() {
    let registry = Shared::default();
    let before = System::started(&registry).await;
    let (_client, _events) = before.ready("alice").await;
    let after = System::started(&registry).await;
    check(&after, &[(r#"kickproof_sessions{platform="Web"}"#, "1"), (r#"kickproof_logins_total{by="login"}"#, "0")]).await;
}
