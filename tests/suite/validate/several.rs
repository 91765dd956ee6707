//! Two processes at one Redis server and their clients: what they write is explained, and what they would not do is not, at the right line
//! and by the right rule.

use std::fs;
use std::path::Path;
use std::time::Instant;

use conformance::validate::validate_texts;
use sut::client::{Client, Event, Events};
use sut::journal::Journal;
use sut::session::Platform;
use sut::timers::{SystemTime, Time};
use sut::usersig;
use tokio::runtime::Builder;
use tokio::task::yield_now;

use super::edit::{At, Edit, corrupt};
use crate::command_line::redis::server::Server;
use crate::command_line::served::{administer, next};
use crate::serving::{APP, KEY, PATIENCE, Serving};

/// Whose journal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    A,
    B,
    Clients,
}

use Side::{A, B, Clients};

/// What the two nodes and the clients say.
type Story = [Vec<String>; 3];

/// One instance.
struct Page {
    client: Client,
    events: Events,
}

impl Page {
    async fn ready(serving: &Serving, journal: &Journal, user_id: &str, ahead_s: u64) -> Page {
        let app = APP.parse().unwrap();
        let (client, events) = Client::builder(app, Platform::Web).journal(journal.clone()).connect(&serving.address).unwrap();
        let issued_s = SystemTime.now().0 / 1000 + ahead_s;
        client.login(user_id, usersig::make(app, KEY, user_id, issued_s, 3600, None)).await.unwrap();
        let mut page = Page { client, events };
        page.publishes("SDK_READY").await;
        page
    }

    async fn publishes(&mut self, event: &str) -> Event {
        let published = next(&mut self.events).await.unwrap();
        assert!(published.to_string().starts_with(event), "{published} instead of {event}");
        published
    }

    async fn is_kicked(&mut self, reason: &str) {
        self.publishes("SDK_NOT_READY").await;
        self.publishes(&format!("KICKED_OUT {reason}")).await;
    }
}

/// The commit of an acknowledged kick.
const ACKNOWLEDGED: &str = "\"event\":{\"commit\":{\"at\":";

/// Waits until the file holds so many lines of an acknowledged kick.
async fn says(file: &Path, text: &str, times: usize) {
    let since = Instant::now();
    let lines =
        || fs::read_to_string(file).unwrap().lines().filter(|line| line.contains(text) && line.contains("\"kick-ack\"")).count();
    while lines() < times {
        assert!(since.elapsed() < PATIENCE, "{} does not say {text} {times} times", file.display());
        yield_now().await;
    }
}

/// A kick over two nodes, a message, a REST kick and a logout.
async fn told(folder: &Path) -> Vec<Serving> {
    let redis = Server::start();
    let url = redis.url();
    let journal = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let node = |name: &str| {
        let args =
            ["--registry", &url, "--node", name, "--limit", "Web=2", "--administrator", "admin", "--journal", &journal(name)];
        Serving::start(&args)
    };
    let (a, b) = (node("a"), node("b"));
    let clients = Journal::create(&folder.join("clients")).unwrap();
    let (mut first, mut second) = (Page::ready(&a, &clients, "alice", 0).await, Page::ready(&a, &clients, "alice", 0).await);
    let mut third = Page::ready(&b, &clients, "alice", 0).await;
    first.is_kicked("multipleAccount").await;
    let bob = Page::ready(&b, &clients, "bob", 0).await;
    bob.client.send_message("alice", "hello").await.unwrap();
    for page in [&mut second, &mut third] {
        page.publishes("MESSAGE_RECEIVED").await;
    }
    third.client.logout().await.unwrap();
    third.publishes("SDK_NOT_READY").await;
    let _fourth = Page::ready(&b, &clients, "alice", 0).await;
    administer(&b, "admin", "im_open_login_svc/kick", r#"{"UserID":"alice"}"#).await;
    second.is_kicked("REST_API_Kick").await;
    says(&folder.join("a"), ACKNOWLEDGED, 2).await;
    let _fifth = Page::ready(&b, &clients, "alice", 5).await;
    for page in [&bob, &first, &third] {
        page.client.destroy().await.unwrap();
    }
    vec![a, b]
}

fn recorded() -> Story {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let nodes = runtime.block_on(told(folder.path()));
    drop(runtime);
    drop(nodes);
    ["a", "b", "clients"].map(|name| fs::read_to_string(folder.path().join(name)).unwrap().lines().map(str::to_owned).collect())
}

/// Whose line is told, its number, the name of the law, and the text of the finding.
fn found(story: &Story) -> Option<(Side, usize, String, String)> {
    let texts: Vec<_> = [A, B, Clients].map(|side| (format!("{side:?}"), story[side as usize].join("\n").into_bytes())).into();
    let named: Vec<_> = texts.iter().map(|(name, text)| (name.clone(), text.as_slice())).collect();
    let finding = validate_texts(&named, 2).unwrap().finding?;
    let side = [A, B, Clients].into_iter().find(|side| format!("{side:?}") == finding.file).unwrap();
    let law = finding.law.to_string().split(':').next().unwrap().to_owned();
    Some((side, finding.place.line, law, finding.to_string()))
}

/// The journal; a text that the line holds, and which of the lines with it, from 0; what is done to it; where that must be noticed, and by
/// what law.
type Row = (Side, &'static str, usize, Edit, At, &'static str);

const NOTICE: &str = "\"notice\":{\"reason\":\"multipleAccount\"";
const KICKED: &str = "\"published\":{\"event\":{\"kicked-out\":{\"reason\":\"multipleAccount\"";
const COMMIT: &str = "\"event\":{\"commit\":{";

const ROWS: [Row; 25] = [
    (A, "\"login-answer\"", 0, Edit::Dropped, At::Next, "SEQUENCE"),
    (A, "\"start\"", 0, Edit::Repeated, At::Next, "SEQUENCE"),
    (Clients, "\"sdk-ready\"", 0, Edit::Dropped, At::Next, "SEQUENCE"),
    (A, COMMIT, 1, Edit::Repeated, At::Next, "COMMITS"),
    (A, COMMIT, 1, Edit::Says("\"commit\":2", "\"commit\":1"), At::It, "COMMITS"),
    (B, "\"kicked\":[{", 1, Edit::Says("multipleAccount", "multipleDevice"), At::It, "KICK-2"),
    (B, "\"kicked\":[{", 1, Edit::Sets("kicked", "[]"), At::It, "KICK-2"),
    (B, "\"kicked\":[{", 1, Edit::Says("\"occasion\":\"login\"", "\"occasion\":\"lapse\""), At::It, "LINK-4"),
    (B, "\"reason\":\"REST_API_Kick\"}]", 1, Edit::OneVictimLess, At::It, "REST-1"),
    (A, NOTICE, 0, Edit::Says("multipleAccount", "multipleDevice"), At::It, "KICK-4"),
    (A, NOTICE, 0, Edit::Says("{\"notice\":{\"reason\":\"multipleAccount\"}}", "\"pong\""), At::It, "KICK-6"),
    (A, NOTICE, 0, Edit::Repeated, At::Next, "KICK-6"),
    (A, NOTICE, 0, Edit::Says("\"commit\":3", "\"commit\":2"), At::It, "KICK-4"),
    (A, "\"login-answer\"", 1, Edit::Repeated, At::Next, "LOGIN-7"),
    (A, "\"sync-answer\":{\"online\":[\"Web\",\"Web\"]", 0, Edit::Says("[\"Web\",\"Web\"]", "[\"Web\"]"), At::It, "LINK-10"),
    (B, "\"send-answer\"", 0, Edit::Repeated, At::Next, "MSG-3"),
    (A, "\"frame\":\"kick-ack\"", 0, Edit::Says("kick-ack", "sync"), At::It, "LINK"),
    (B, "\"event\":{\"took\":{\"frame\":\"login\"", 1, Edit::Doubled, At::Next, "SEQUENCE"),
    (Clients, KICKED, 0, Edit::Says("multipleAccount", "multipleDevice"), At::It, "KICK-4"),
    (Clients, KICKED, 0, Edit::Repeated, At::Next, "KICK-4"),
    (Clients, "\"sdk-ready\"", 0, Edit::Repeated, At::Next, "LOGIN-2"),
    (Clients, "\"logged-in\"", 0, Edit::Repeated, At::Next, "LOGIN-1"),
    (Clients, "\"message-received\"", 0, Edit::Repeated, At::Next, "MSG-2"),
    (Clients, "\"sdk-not-ready\"", 0, Edit::Late, At::It, "KICK-4"),
    (Clients, "\"took\":{\"frame\":\"logout-answer\"", 0, Edit::Says("\"logout-answer\"", "\"pong\""), At::It, "LINK"),
];

fn check(good: &Story, (side, text, which, edit, at, law): &Row) -> Option<String> {
    let mut story = good.clone();
    let lines = &mut story[*side as usize];
    let holds = lines.iter().enumerate().filter(|(_, line)| line.contains(text));
    let Some(number) = holds.map(|(number, _)| number).nth(*which) else { return Some(format!("no line {which} holds {text}\n")) };
    let line = corrupt(lines, number, *edit, *at);
    match found(&story) {
        Some((found_side, found, found_law, _)) if (found_side, found, found_law.as_str()) == (*side, line, *law) => None,
        found => {
            let told = found.map_or("everything is explained".to_owned(), |(.., finding)| finding);
            Some(format!("{text} {edit:?}: expected {side:?} line {line} by {law}\n{told}\n"))
        }
    }
}

#[test]
fn a_story_of_two_nodes_is_explained_and_every_corruption_is_not() {
    let good = recorded();
    assert_eq!(found(&good).map(|(.., finding)| finding), None);
    let wrong: Vec<_> = ROWS.iter().filter_map(|row| check(&good, row)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), ROWS.len(), wrong.join("\n"));
}

/// The node's last commit goes, and behind it everything; of what it asked for before it that stays which passes.
fn does_not_live_to_hear(good: &Story, stays: fn(&String) -> bool) -> Option<String> {
    let mut story = good.clone();
    let last = story[A as usize].iter().rposition(|line| line.contains(ACKNOWLEDGED)).unwrap();
    story[A as usize].truncate(last);
    story[A as usize] = story[A as usize].iter().filter(|line| stays(line)).cloned().collect();
    found(&story).map(|(_, _, law, _)| law)
}

#[test]
fn a_commit_of_which_its_node_did_not_live_to_hear_is_explained_by_its_question() {
    let good = recorded();
    assert_eq!(does_not_live_to_hear(&good, |_| true), None);
    let last = |line: &String| !(line.contains("\"tries\"") && line.contains("\"kick-ack\""));
    assert!(does_not_live_to_hear(&good, last).is_some_and(|law| law == "COMMITS" || law == "SEQUENCE"));
}
