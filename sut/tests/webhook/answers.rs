//! What is sent, and which answers mean that it was taken.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use sut::callback::{Callback, CallbackId, Device, Happened};
use sut::registry::memory::Memory;
use sut::registry::{Commit, Outbox, Registry, Version};
use sut::session::{Platform, Record, SessionDigest};
use sut::timers::UnixMillis;
use sut::webhook::{Announced, Unheard, attach};
use tokio::time::timeout;

use super::quick::Quick;
use super::receiver::{Manner, Receiver, Sent};

/// A registry whose callbacks go to the receiver.
pub(crate) fn attached(receiver: &Receiver) -> (Arc<Memory>, Announced<Memory>) {
    let memory = Arc::new(Memory::default());
    let announced = attach(Arc::clone(&memory), 1400, &receiver.target(), Arc::new(Quick::default()));
    (memory, announced)
}

/// Waits until nothing is owed to anybody.
pub(crate) async fn all_is_delivered(registry: &Memory) {
    let patience = Duration::from_secs(20);
    let delivered = async {
        while !registry.owed().await.unwrap().is_empty() {
            tokio::task::yield_now().await
        }
    };
    timeout(patience, delivered).await.unwrap_or_else(|_| panic!("something is still owed after {patience:?}"));
}

fn callback(n: u64) -> Callback {
    let device = Device { digest: SessionDigest(n.into()), platform: Platform::IPhone };
    Callback { id: CallbackId::default(), at: UnixMillis(n), device, happened: Happened::Unregister }
}

/// Commits so many callbacks after that version; they are dated 1, 2, 3 and so on over all commits of the account.
pub(crate) async fn commit(registry: &impl Registry, user_id: &str, after: u64, dates: impl IntoIterator<Item = u64>) {
    let callbacks = dates.into_iter().map(callback).collect();
    let record = Record { rest_kick_s: Some(after), ..Record::default() };
    let commit = registry.commit(user_id, Version(after), record, callbacks).await;
    assert_eq!(commit, Ok(Commit::Done(Version(after + 1))));
}

#[tokio::test]
async fn a_callback_is_posted_in_the_vendors_form_with_its_id() {
    let receiver = Receiver::new().await;
    let (_memory, registry) = attached(&receiver);
    commit(&registry, "al!ce", 0, [5]).await;
    let sent = receiver.once(|taken| taken.len() == 1).await.remove(0);
    let query = "SdkAppid=1400&CallbackCommand=State.StateChange&contenttype=json&OptPlatform=iOS";
    assert_eq!(sent.first_line, format!("POST /hook?{query} HTTP/1.1"));
    let id = sent.id.strip_prefix("al!ce/").unwrap();
    assert!(id.len() == 32 && u128::from_str_radix(id, 16).is_ok_and(|id| id != 0), "{id}");
    let info = r#"{"Action":"Logout","To_Account":"al!ce","Reason":"Unregister"}"#;
    assert_eq!(sent.body, format!(r#"{{"CallbackCommand":"State.StateChange","EventTime":5,"Info":{info}}}"#));
}

#[tokio::test]
async fn what_was_taken_is_sent_once_and_leaves_the_outbox() {
    let receiver = Receiver::new().await;
    for manner in [Manner::Takes, Manner::TakesSilently] {
        receiver.behaves(manner);
        let (memory, registry) = attached(&receiver);
        let user_id = format!("{manner:?}");
        commit(&registry, &user_id, 0, [1, 2]).await;
        commit(&registry, &user_id, 1, [3]).await;
        let is_last = |sent: &Sent| sent.account() == user_id && sent.date() == 3;
        let taken = receiver.once(|taken| taken.iter().any(is_last)).await;
        let mine: Vec<_> = taken.iter().filter(|sent| sent.account() == user_id).collect();
        assert_eq!(mine.iter().map(|sent| sent.date()).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(mine.iter().map(|sent| &sent.id).collect::<BTreeSet<_>>().len(), 3, "{mine:?}");
        all_is_delivered(&memory).await;
    }
}

#[tokio::test]
async fn what_was_not_surely_taken_is_sent_again_under_its_id_before_anything_else() {
    for manner in [Manner::Fails, Manner::IsAway, Manner::Refuses, Manner::HangsUp, Manner::BreaksOff] {
        let receiver = Receiver::new().await;
        receiver.behaves(manner);
        let (_memory, registry) = attached(&receiver);
        commit(&registry, "alice", 0, [1, 2]).await;
        receiver.attempts(3).await;
        receiver.behaves(Manner::Takes);
        let taken = receiver.once(|taken| taken.last().is_some_and(|sent| sent.date() == 2)).await;
        let (last, first) = taken.split_last().unwrap();
        assert!(first.iter().all(|sent| *sent == first[0] && sent.date() == 1 && sent.id != last.id), "{manner:?}: {first:?}");
    }
}

#[tokio::test]
async fn a_server_without_a_webhook_stores_no_callbacks() {
    let memory = Arc::new(Memory::default());
    let registry = Unheard(Arc::clone(&memory));
    commit(&registry, "alice", 0, [1]).await;
    assert_eq!(memory.owed().await, Ok(vec![]));
    assert_eq!(registry.load("alice").await.unwrap().1, Version(1));
}
