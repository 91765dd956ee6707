//! Records that are stored one after the other, each by what it differs in from the one before: every one reads back as it was committed,
//! also in another process.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use sut::registry::durable::Durable;
use sut::registry::{Commit, Registry, Version};
use sut::session::{
    Accepted, Epoch, EpochEntry, KeyDigest, KickReason, KickRecord, MessageId, Platform, Record, Session, SessionDigest,
};
use sut::timers::UnixMillis;
use tempfile::tempdir;

use super::APP;

/// Accounts of which each one's name is the beginning of others'.
const NAMES: [&str; 4] = ["", "a", "ab", "a\u{0}"];

/// As many messages as an instance has on record at most here; no multiple of what is stored together.
const MOST_MESSAGES: usize = 100;

/// What happens to a record.
#[derive(Clone, Debug)]
enum Edit {
    LogIn(Session),
    LogOut(Index),
    Resume(Index, u64),
    Kick(KickRecord),
    Acknowledge(Index),
    Raise(KeyDigest, EpochEntry),
    Prune(KeyDigest),
    RestKick(Option<u64>),
    Accept(KeyDigest, Vec<Accepted>),
    /// So many of the oldest.
    Outdate(KeyDigest, Index),
    /// None in particular.
    Lose(KeyDigest, Index),
    Silence(KeyDigest),
    Replace(Box<Record>),
    Delete,
}

fn key() -> impl Strategy<Value = KeyDigest> {
    prop_oneof![0u128..3, Just(u128::MAX), any::<u128>()].prop_map(KeyDigest)
}

fn session() -> impl Strategy<Value = Session> {
    let own = "till".parse().unwrap();
    let platform = prop::sample::select([&Platform::ALL[..], &[own]].concat());
    (key(), any::<[u64; 4]>(), platform).prop_map(|(key, [digest, epoch, expires_at, issued_s], platform)| Session {
        key,
        digest: SessionDigest(digest.into()),
        epoch: Epoch(epoch),
        platform,
        expires_at: UnixMillis(expires_at),
        issued_s,
        node: None,
        admitted_at: None,
    })
}

fn kick() -> impl Strategy<Value = KickRecord> {
    let reason = prop::sample::select(KickReason::ALL.as_slice());
    (key(), 0u128..4, reason).prop_map(|(key, digest, reason)| KickRecord { key, digest: SessionDigest(digest), reason })
}

fn epoch() -> impl Strategy<Value = EpochEntry> {
    any::<[u64; 2]>().prop_map(|[epoch, raised_at]| EpochEntry { epoch: Epoch(epoch), raised_at: UnixMillis(raised_at) })
}

/// Some of which may be the same.
fn messages(most: usize) -> impl Strategy<Value = Vec<Accepted>> {
    let id = prop_oneof![0u128..30, any::<u128>()];
    vec((id, 0u64..3).prop_map(|(id, at)| Accepted { id: MessageId(id), at: UnixMillis(at) }), 0..most)
}

fn record() -> impl Strategy<Value = Record> {
    let lists = (vec(session(), 0..4), vec(kick(), 0..9));
    let maps = (prop::collection::btree_map(key(), epoch(), 0..4), prop::collection::btree_map(key(), messages(50), 0..3));
    (lists, maps, any::<Option<u64>>()).prop_map(|((sessions, kicks), (epochs, accepted), rest_kick_s)| Record {
        sessions,
        kicks,
        epochs: epochs.into_iter().collect(),
        rest_kick_s,
        accepted,
    })
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        session().prop_map(Edit::LogIn),
        any::<Index>().prop_map(Edit::LogOut),
        (any::<Index>(), any::<u64>()).prop_map(|(which, epoch)| Edit::Resume(which, epoch)),
        kick().prop_map(Edit::Kick),
        any::<Index>().prop_map(Edit::Acknowledge),
        (key(), epoch()).prop_map(|(key, entry)| Edit::Raise(key, entry)),
        key().prop_map(Edit::Prune),
        any::<Option<u64>>().prop_map(Edit::RestKick),
        (key(), messages(40)).prop_map(|(key, messages)| Edit::Accept(key, messages)),
        (key(), any::<Index>()).prop_map(|(key, count)| Edit::Outdate(key, count)),
        (key(), any::<Index>()).prop_map(|(key, which)| Edit::Lose(key, which)),
        key().prop_map(Edit::Silence),
        record().prop_map(|record| Edit::Replace(Box::new(record))),
        Just(Edit::Delete),
    ]
}

fn take<T>(list: &mut Vec<T>, which: Index) -> Option<T> {
    (!list.is_empty()).then(|| list.remove(which.index(list.len())))
}

fn change(record: &mut Record, edit: Edit) {
    let Record { sessions, kicks, epochs, rest_kick_s, accepted } = record;
    match edit {
        Edit::LogIn(session) => sessions.push(session),
        Edit::LogOut(which) => drop(take(sessions, which)),
        Edit::Resume(which, epoch) => {
            let session = (!sessions.is_empty()).then(|| which.get_mut(sessions));
            session.into_iter().for_each(|session| session.epoch = Epoch(epoch));
        }
        Edit::Kick(kick) => kicks.push(kick),
        Edit::Acknowledge(which) => drop(take(kicks, which)),
        Edit::Raise(key, entry) => drop(epochs.insert(key, entry)),
        Edit::Prune(key) => drop(epochs.remove(&key)),
        Edit::RestKick(second) => *rest_kick_s = second,
        Edit::Accept(key, messages) => {
            let list = accepted.entry(key).or_default();
            list.extend(messages);
            list.drain(..list.len().saturating_sub(MOST_MESSAGES));
        }
        Edit::Outdate(key, count) => {
            let list = accepted.entry(key).or_default();
            list.drain(..count.index(list.len() + 1));
        }
        Edit::Lose(key, which) => drop(accepted.get_mut(&key).and_then(|list| take(list, which))),
        Edit::Silence(key) => drop(accepted.remove(&key)),
        Edit::Replace(other) => *record = *other,
        Edit::Delete => *record = Record::default(),
    }
}

/// The accounts as they must be.
type Accounts = [(Record, Version); NAMES.len()];

async fn check(registry: &Durable, accounts: &Accounts) {
    for (name, (record, version)) in NAMES.iter().zip(accounts) {
        let (loaded, at) = registry.load(name).await.unwrap();
        assert_eq!(&loaded, record);
        assert!(at == *version || loaded == Record::default(), "{at:?} is not {version:?}");
    }
    let stored = NAMES.iter().zip(accounts).filter(|(_, (record, _))| *record != Record::default());
    let mut names: Vec<_> = stored.map(|(name, _)| (*name).to_owned()).collect();
    names.sort_unstable();
    assert_eq!(registry.accounts().await, Ok(names));
}

async fn store(registry: &Durable, accounts: &mut Accounts, edits: Vec<(usize, Edit)>) {
    for (account, edit) in edits {
        change(&mut accounts[account].0, edit);
        let (name, record) = (NAMES[account], accounts[account].0.clone());
        let (_, version) = registry.load(name).await.unwrap();
        let next = Version(version.0 + 1);
        assert_eq!(registry.commit(name, version, record, vec![]).await, Ok(Commit::Done(next)));
        accounts[account].1 = next;
        check(registry, accounts).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn records_that_are_stored_by_their_differences_read_back_equal(
        edits in vec((0..NAMES.len(), edit()), 1..30),
        later in vec((0..NAMES.len(), edit()), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (folder, mut accounts) = (tempdir().unwrap(), Accounts::default());
            for edits in [edits, later] {
                let registry = Durable::open(folder.path(), APP).unwrap();
                check(&registry, &accounts).await;
                store(&registry, &mut accounts, edits).await;
            }
            check(&Durable::open(folder.path(), APP).unwrap(), &accounts).await;
        });
    }
}
