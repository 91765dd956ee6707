//! Calls on manual time, without any connection.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::config::{Bounds, Buffers, Limits, Policy};
use crate::registry::memory::Memory;
use crate::registry::{Registry, Version};
use crate::server::manual::Watched;
use crate::session::Record;
use crate::usersig;

const NOON: UnixMillis = UnixMillis(1_700_000_000_000);

/// A node's calls, on a runtime that tells when it parks.
fn on_node(test: impl AsyncFnOnce(Calls, Manual, Arc<Memory>)) {
    let manual = Manual::at(NOON);
    let quiet = manual.quiet.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().on_thread_park(move || quiet.parks()).build().unwrap();
    let (secret_key, administrators) = ("key".into(), vec!["boss".to_owned()]);
    let app = App {
        sdk_app_id: 14,
        secret_key,
        policy: Policy::DUAL,
        limits: Limits::default(),
        administrators,
        buffers: Buffers::default(),
        bounds: Bounds::default(),
        usersig_ahead_s: 60,
    };
    let memory = Arc::new(Memory::default());
    let watched = Watched::sharing(Arc::clone(&memory), manual.quiet.clone());
    runtime.block_on(test(Calls::new(app, manual.clone(), watched), manual, memory));
}

fn caller(identifier: &str) -> Caller {
    let user_sig = usersig::make(14, "key", identifier, NOON.0 / 1000, 60, None);
    Caller { sdk_app_id: 14, identifier: identifier.to_owned(), user_sig }
}

async fn asked(calls: &Calls, act: Act) -> Answer {
    let ask = Ask { act, sent: [].into(), accounts: vec!["alice".to_owned()] };
    let body = serde_json::to_vec(&ask).unwrap();
    serde_json::from_str(&calls.answer(&caller("boss"), &body).await).unwrap()
}

fn timer(manual: &Manual, name: &str, after_s: u64) -> tokio::task::JoinHandle<()> {
    tokio::spawn(manual.time.wait(&name, Duration::from_secs(after_s)))
}

#[test]
fn nobody_but_an_administrator_is_answered() {
    on_node(async |calls, _, _| {
        let answer: Answer = serde_json::from_str(&calls.answer(&caller("alice"), b"{}").await).unwrap();
        assert_eq!((answer.error_code, answer.seen), (70403, None));
    });
}

#[test]
fn a_body_that_cannot_be_done_is_refused_with_70402() {
    on_node(async |calls, _, _| {
        let answer: Answer = serde_json::from_str(&calls.answer(&caller("boss"), b"{}").await).unwrap();
        assert_eq!((answer.error_code, answer.seen), (70402, None));
        let answers = [asked(&calls, Act::Fire("lapse".to_owned())).await, asked(&calls, Act::Advance(NOON.0 - 1)).await];
        assert_eq!(answers[0].error_info, "no timer is armed that is named \"lapse\"");
        assert!(answers.iter().all(|answer| answer.error_code == 70402 && answer.action_status == "FAIL"));
    });
}

#[test]
fn a_timer_that_is_fired_moves_the_clock_and_leaves_the_others() {
    on_node(async |calls, manual, _| {
        let (first, second) = (timer(&manual, "first", 1), timer(&manual, "second", 2));
        let seen = asked(&calls, Act::Fire("second".to_owned())).await.seen.unwrap();
        assert_eq!(seen.now_ms, NOON.0 + 2_000);
        assert_eq!(seen.timers.iter().map(|timer| timer.name.as_str()).collect::<Vec<_>>(), ["first"]);
        assert!(second.is_finished() && !first.is_finished());
    });
}

#[test]
fn time_that_passes_fires_what_is_due_and_what_that_arms() {
    on_node(async |calls, manual, _| {
        let chained = manual.clone();
        tokio::spawn(async move {
            chained.time.wait(&"one", Duration::from_secs(1)).await;
            chained.time.wait(&"two", Duration::from_secs(1)).await;
            chained.time.wait(&"three", Duration::from_secs(1)).await;
        });
        let seen = asked(&calls, Act::Advance(NOON.0 + 2_500)).await.seen.unwrap();
        assert_eq!((seen.now_ms, seen.timers[0].name.as_str(), seen.timers[0].due_ms), (NOON.0 + 2_500, "three", NOON.0 + 3_000));
    });
}

#[test]
fn accounts_are_told_and_forgotten() {
    on_node(async |calls, _, memory| {
        let record = Record { rest_kick_s: Some(7), ..Record::default() };
        memory.commit("alice", Version(0), record.clone(), Vec::new()).await.unwrap();
        assert_eq!(asked(&calls, Act::Wait).await.seen.unwrap().records, [record]);
        let seen = asked(&calls, Act::Begin(NOON.0 - 60_000)).await.seen.unwrap();
        assert_eq!((seen.now_ms, seen.records), (NOON.0 - 60_000, vec![Record::default()]));
    });
}

#[test]
fn a_clock_that_is_set_fires_nothing_however_late_it_is() {
    on_node(async |calls, manual, _| {
        let late = timer(&manual, "late", 1);
        asked(&calls, Act::Wait).await;
        let seen = asked(&calls, Act::Set(NOON.0 + 5_000)).await.seen.unwrap();
        assert_eq!((seen.now_ms, seen.timers[0].name.as_str(), late.is_finished()), (NOON.0 + 5_000, "late", false));
        assert_eq!(asked(&calls, Act::Set(NOON.0)).await.seen.unwrap().now_ms, NOON.0);
    });
}
