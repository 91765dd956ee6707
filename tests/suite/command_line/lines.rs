//! The structured lines of the log of `serve`, one for each thing that an operator is told; and the events that an application is told.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Map, Value};
use sut::client::{Client, Event, NetState};
use sut::session::{KickReason, MessageId, Platform};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::printed;
use super::served::{administer, ready};
use crate::serving::{APP, KEY, Serving};

/// What the tests' page shows as it logs in.
const SECRET: &str = "000000000000000000000000000000ab";
const INSTANCE: &str = "00000000000000000000000000000001";

type Line = Map<String, Value>;

fn user_sig() -> String {
    printed(&["usersig", "--sdk-app-id", APP, "--key", KEY, "alice"]).trim_end().to_owned()
}

/// A link of that epoch on which a page asks to be let in, with the answer.
async fn asks(serving: &Serving, epoch: u64, how: &str) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(&serving.address).await.unwrap();
    let (mut socket, _) = client_async("ws://server/v1/ws", stream).await.unwrap();
    let more = if how == "resume" { r#","last_seq":0"# } else { "" };
    let fields = format!(
        r#"{{"sdk_app_id":{APP},"user_id":"alice","user_sig":"{}","platform":"Web","key":"{INSTANCE}"{more}}}"#,
        user_sig()
    );
    let frame = format!(r#"{{"v":1,"session":"{SECRET}","epoch":{epoch},"frame":{{"{how}":{fields}}}}}"#);
    socket.send(Message::text(frame)).await.unwrap();
    socket.next().await.unwrap().unwrap();
    socket
}

/// The lines of the log, all of them JSON; those of what happened, by what they are called.
fn told(log: &str) -> BTreeMap<String, Vec<Line>> {
    let mut told: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for line in log.lines() {
        let mut line: Line = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        if line["target"] == "kickproof" {
            let name = line["message"].as_str().unwrap().to_owned();
            ["timestamp", "level", "target", "message"].iter().for_each(|common| drop(line.remove(*common)));
            told.entry(name).or_default().push(line);
        }
    }
    told
}

/// The fields that lines of that name have, and those that the page says they have.
fn fields(told: &BTreeMap<String, Vec<Line>>) -> BTreeMap<String, BTreeSet<String>> {
    told.iter().map(|(name, lines)| (name.clone(), lines.iter().flat_map(Map::keys).cloned().collect())).collect()
}

fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let (_, page) = include_str!("../../../sut/README.md").split_once("## The log").unwrap();
    let row = |line: &str| {
        let [_, name, fields, ..] = line.split('|').collect::<Vec<_>>()[..] else { return None };
        let quoted = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
        quoted(name).pop_first().map(|name| (name, quoted(fields)))
    };
    page.lines().filter_map(row).collect()
}

fn line(fields: Value) -> Line {
    fields.as_object().unwrap().clone()
}

/// Everything that has a line happens: the log of it.
async fn story(format: &[&str]) -> String {
    let serving = Serving::start_logging("info", format);
    let _first = asks(&serving, 1, "login").await;
    let _second = asks(&serving, 2, "resume").await;
    let _third = asks(&serving, 3, "login").await;
    let (other, _events) = ready(&serving).await;
    other.logout().await.unwrap();
    let (refused, _events) = Client::builder(APP.parse().unwrap(), Platform::Mac).connect(&serving.address).unwrap();
    refused.login("bob", user_sig()).await.unwrap_err();
    let mut page = asks(&serving, 4, "login").await;
    page.close(Some(CloseFrame { code: 1000.into(), reason: "".into() })).await.unwrap();
    serving.logged("lapse");
    serving.end("TERM")
}

#[tokio::test]
async fn each_thing_that_happens_has_a_line_of_json_with_the_fields_that_the_page_names() {
    let log = story(&["--log-format", "json"]).await;
    let told = told(&log);
    assert_eq!(fields(&told), documented());
    let alice = serde_json::json!({"account": "alice", "platform": "Web", "address": "127.0.0.1", "by": "login"});
    assert_eq!(told["login"], vec![line(alice.clone()); 4]);
    assert_eq!(told["replaced"], [line(alice)]);
    let bob = serde_json::json!({"account": "bob", "platform": "Mac", "address": "127.0.0.1", "of": "login", "code": 70013});
    assert_eq!(told["refusal"], [line(bob)]);
    let victim = serde_json::json!({"account": "alice", "platform": "Web", "address": "127.0.0.1", "reason": "multipleAccount"});
    assert_eq!(told["kick"], [line(victim)]);
    for hidden in [SECRET, INSTANCE, KEY, "eJ", "eN"] {
        assert!(!log.contains(hidden), "the log shows {hidden}: {log}");
    }
}

#[tokio::test]
async fn a_refused_call_is_told_with_the_account_that_it_is_about() {
    let serving = Serving::start_logging("info", &["--log-format", "json", "--administrator", "admin"]);
    let (kick, status) = ("im_open_login_svc/kick", "openim/query_online_status");
    for (administrator, call, body) in [
        ("mallory", kick, r#"{"UserID":"alice"}"#),
        ("admin", kick, r#"{"UserID":"no account"}"#),
        ("mallory", status, r#"{"To_Account":["alice","bob"]}"#),
    ] {
        administer(&serving, administrator, call, body).await;
    }
    let expected = [
        serde_json::json!({"account": "alice", "of": "call", "code": 70403}),
        serde_json::json!({"account": "no account", "of": "call", "code": 70402}),
        serde_json::json!({"of": "call", "code": 70403}),
    ];
    assert_eq!(told(&serving.end("TERM"))["refusal"], expected.map(line));
}

#[tokio::test]
async fn a_link_that_is_open_at_the_end_is_told_as_closed_by_the_server() {
    let serving = Serving::start_logging("info", &["--log-format", "json", "--drain-s", "0"]);
    let _open = asks(&serving, 1, "login").await;
    let fields = serde_json::json!({"account": "alice", "platform": "Web", "address": "127.0.0.1", "by": "server", "code": 1001});
    assert_eq!(told(&serving.end("TERM"))["close"], [line(fields)]);
}

#[tokio::test]
async fn a_line_of_text_says_the_same_and_a_filter_leaves_all_of_them_out() {
    let serving = Serving::start_logging("info", &[]);
    drop(ready(&serving).await);
    let login = r#"INFO kickproof: login account="alice" platform="Web" address=127.0.0.1 by="login""#;
    assert!(serving.end("TERM").contains(login));
    let serving = Serving::start_logging("info,kickproof=off", &[]);
    drop(ready(&serving).await);
    let log = serving.end("TERM");
    assert!(log.contains("the server listens") && !log.contains("kickproof:"), "{log}");
}

#[test]
fn the_readers_table_has_every_event_every_reason_and_every_state_of_a_link() {
    let (_, behind) = include_str!("../../../sut/README.md").split_once("\n| event |").unwrap();
    let (table, _) = behind.split_once("\n\n").unwrap();
    let listed: Vec<_> = table.lines().skip(2).filter_map(|row| row.strip_prefix("| ")?.split(' ').next()).collect();
    let events = [
        Event::SdkReady,
        Event::SdkNotReady,
        Event::KickedOut { reason: KickReason::RestApi, refusal: None },
        Event::NetStateChange(NetState::Connected),
        Event::MessageReceived { from: String::new(), to: String::new(), id: MessageId(1), text: String::new() },
        Event::MessagesLost,
    ];
    let names: Vec<_> = events.iter().map(|event| event.to_string().split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(listed, names);
    let states = [NetState::Connected, NetState::Connecting, NetState::Disconnected].map(|state| state.to_string());
    let words = KickReason::ALL.iter().map(|reason| reason.name().to_owned()).chain(states);
    assert_eq!(words.filter(|word| !table.contains(&format!("`{word}`"))).collect::<Vec<_>>(), [""; 0]);
}
