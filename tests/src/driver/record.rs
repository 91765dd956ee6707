//! The server's records as the harness sees them: through a registry that it shares with the server in its thread, or as they are told
//! by one in a process of its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::FutureExt;
use model::action::{AccountId, InstanceId, NodeId, Post};
use model::records::{KickRecord as KickShown, Session as Shown};
use model::scope::{Scope, Webhooks};
use sut::callback::{Callback, Queued};
use sut::registry::memory::Memory;
use sut::registry::{self, Commit, Ear, Layer, Lives, Notice, Outbox, Registry, Unreachable, Version, Write};
use sut::session::{Epoch, KeyDigest, KickRecord, NodeLife, Record, Secret, Session, SessionDigest};

use super::between::Between;
use super::rival::Rival;
use crate::cast;
use crate::labels::Labels;
use crate::observation::Observation;
use crate::translation::reason;
use crate::wire::{SessionBook, Wire};

/// A memory registry that counts its commits, as one node has it. Their callbacks are kept where somebody hears of them.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) memory: Arc<Memory>,
    /// Whose it is.
    node: NodeId,
    between: Between,
    commits: Arc<AtomicU64>,
    webhooks: Webhooks,
    recorded: Arc<Mutex<Vec<(AccountId, Callback)>>>,
    rival: Option<Arc<Rival>>,
}

impl Layer for Shared {
    type Within = Memory;

    fn within(&self) -> &Memory {
        &self.memory
    }

    async fn store(&self, user_id: &str, write: Write) -> Result<Commit, Unreachable> {
        let (stored, version) = self.memory.stored(user_id);
        let is_decided_on_it = write.expected == version;
        let held = if is_decided_on_it { self.between.hold(self.node, user_id, &write, &stored) } else { None };
        if let Some(through) = held {
            let _ = through.await;
        }
        self.store_now(user_id, write).await
    }
}

/// Notices are delivered by the harness.
impl registry::Shared for Shared {
    async fn tell(&self, ear: Ear) {
        self.between.listens(self.node, ear);
    }

    async fn stale(&self, known: &[(Arc<str>, Version)]) -> Result<Vec<Notice>, Unreachable> {
        self.memory.stale(known).await
    }

    async fn live(&self, life: Option<NodeLife>, lease: Duration) -> Result<Lives, Unreachable> {
        let lives = self.memory.live(life, lease).await?;
        self.between.lives(self.node, lives.own);
        Ok(lives)
    }
}

impl Outbox for Shared {
    async fn owed(&self) -> Result<Vec<String>, Unreachable> {
        self.memory.owed().await
    }

    async fn oldest(&self, user_id: &str) -> Result<Option<Queued>, Unreachable> {
        self.memory.oldest(user_id).await
    }

    async fn delivered(&self, user_id: &str, queued: &Queued) -> Result<(), Unreachable> {
        self.memory.delivered(user_id, queued).await
    }
}

impl Shared {
    /// The commit reaches the registry.
    pub(super) async fn store_now(&self, user_id: &str, write: Write) -> Result<Commit, Unreachable> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        let passed = write.passed.clone();
        self.let_the_rival_come_first(user_id).await?;
        let done = match self.webhooks {
            Webhooks::Never => self.within().store(user_id, Write { callbacks: Vec::new(), ..write }).await,
            Webhooks::Posted => {
                let callbacks = write.callbacks.clone();
                let done = self.within().store(user_id, write).await;
                self.note(user_id, &done, callbacks);
                done
            }
        };
        if let (Some(rival), Ok(Commit::Done(_))) = (&self.rival, &done) {
            rival.look(user_id, &self.memory.stored(user_id).0);
        }
        if let Ok(Commit::Done(version)) = done {
            let record = Some(self.memory.stored(user_id).0);
            self.between.publish(self.node, &Notice { record, passed, ..Notice::of(user_id, version) });
        }
        done
    }

    async fn let_the_rival_come_first(&self, user_id: &str) -> Result<(), Unreachable> {
        let Some(rival) = &self.rival else { return Ok(()) };
        let (stored, version) = self.memory.stored(user_id);
        if let Some(record) = rival.comes_first(user_id, &stored) {
            self.memory.commit(user_id, version, record, Vec::new()).await?;
        }
        Ok(())
    }

    fn note(&self, user_id: &str, done: &Result<Commit, Unreachable>, callbacks: Vec<Callback>) {
        if let (Ok(Commit::Done(_)), Some(account)) = (done, cast::account(user_id)) {
            self.recorded().extend(callbacks.into_iter().map(|callback| (account, callback)));
        }
    }

    fn recorded(&self) -> MutexGuard<'_, Vec<(AccountId, Callback)>> {
        self.recorded.lock().expect("nothing panics while it holds the lock")
    }
}

/// What memory answers, which it does at once.
pub(super) fn ready<T>(asked: impl Future<Output = Result<T, Unreachable>>) -> T {
    asked.now_or_never().expect("memory is ready at once").expect("memory is within reach")
}

/// The records of some accounts, read again only after a commit.
pub(super) struct Records {
    accounts: Vec<AccountId>,
    registry: Shared,
    read_at: Option<u64>,
    records: Vec<(AccountId, Arc<Record>)>,
}

impl Records {
    /// Those of a scope's accounts, in a registry of their own.
    pub(super) fn of(scope: &Scope) -> Records {
        let (memory, commits, recorded) = (Arc::default(), Arc::default(), Arc::default());
        let (node, between) = (NodeId::default(), Between::of(scope));
        let registry = Shared { memory, node, between, commits, webhooks: scope.webhooks, recorded, rival: None };
        Records { accounts: scope.accounts().collect(), registry, read_at: None, records: Vec::new() }
    }

    /// The same in a registry at which another node always comes first.
    pub(super) fn contested(scope: &Scope) -> Records {
        let Records { accounts, registry, read_at, records } = Records::of(scope);
        Records { accounts, registry: Shared { rival: Some(Arc::default()), ..registry }, read_at, records }
    }

    /// What another node stored and has lost since the last look.
    pub(super) fn complaints(&self) -> Vec<String> {
        self.registry.rival.as_ref().map(|rival| rival.complaints()).unwrap_or_default()
    }

    /// The same records once more, which change on their own from here.
    pub(super) fn fork(&self) -> Records {
        let Shared { memory, node, between, commits, webhooks, recorded: _, rival } = &self.registry;
        let rival = rival.as_ref().map(|rival| Arc::new(Rival::clone(rival)));
        let recorded = Arc::new(Mutex::new(self.registry.recorded().clone()));
        let commits = Arc::new(AtomicU64::new(commits.load(Ordering::Relaxed)));
        let (memory, between) = (Arc::new(Memory::clone(memory)), between.fork());
        let registry = Shared { memory, node: *node, between, commits, webhooks: *webhooks, recorded, rival };
        Records { accounts: self.accounts.clone(), registry, read_at: self.read_at, records: self.records.clone() }
    }

    /// The callbacks that were recorded since the last look, in the order of their commits.
    pub(super) fn recorded(&self) -> Vec<(AccountId, Callback)> {
        std::mem::take(&mut *self.registry.recorded())
    }

    /// Posts the oldest callback of an account: what it says. One that was taken is owed no more.
    pub(super) fn post(&self, account: AccountId, how: Post) -> Option<Callback> {
        let (memory, user_id) = (&self.registry.memory, cast::user_id(account));
        let queued = ready(memory.oldest(user_id))?;
        if how == Post::Taken {
            ready(memory.delivered(user_id, &queued));
        }
        Some(queued.callback)
    }

    /// The note of the last stop, which is there no longer.
    pub(super) fn take_stop(&self) -> Vec<(String, SessionDigest)> {
        ready(self.registry.within().take_stop())
    }

    pub(super) fn registry(&self) -> &Shared {
        &self.registry
    }

    /// The registry as that node has it.
    pub(super) fn registry_of(&self, node: NodeId) -> Shared {
        Shared { node, ..self.registry.clone() }
    }

    /// What is under way between nodes.
    pub(super) fn between(&self) -> &Between {
        &self.registry.between
    }

    /// The lease ends of the life that a node had first of those whose leases hold.
    pub(super) fn lease_ends(&self, node: NodeId) -> Result<(), String> {
        let life = self.between().lease_ends(node).ok_or("the node has no lease")?;
        self.registry.memory.end_life(life);
        Ok(())
    }

    /// An account's record as it is stored.
    pub(super) fn stored(&self, account: AccountId) -> (Arc<Record>, Version) {
        self.registry.memory.stored(cast::user_id(account))
    }

    /// How many commits the registry was asked for.
    pub(super) fn commits(&self) -> u64 {
        self.registry.commits.load(Ordering::Relaxed)
    }

    /// As they stood at the last look.
    pub(super) fn known(&self) -> &[(AccountId, Arc<Record>)] {
        &self.records
    }

    /// As they stand now.
    pub(super) fn read(&mut self) -> &[(AccountId, Arc<Record>)] {
        let commits = self.commits();
        if self.read_at.replace(commits) != Some(commits) {
            self.records.clear();
            let memory = &self.registry.memory;
            self.records.extend(self.accounts.iter().map(|account| (*account, memory.stored(cast::user_id(*account)).0)));
        }
        &self.records
    }
}

/// Ends a step: the links as the wire has them, and what is on record, go into an observation. `own` is what the server calls each seat's
/// present instance.
pub(super) fn show<U, D>(
    records: &[(AccountId, Arc<Record>)],
    scope: &Scope,
    own: &[KeyDigest],
    wire: &mut Wire<U, D>,
    observation: &mut Observation,
) {
    let mut labels = Labels::new();
    wire.show(&mut labels, |account, key| highest(records, account, key), observation);
    let mut shown = Showing { scope, own, wire, labels, observation };
    for (account, record) in records {
        shown.rest_kick(*account, record);
        record.sessions.iter().for_each(|session| shown.session(*account, session, record));
        shown.kicks(*account, &record.kicks);
    }
    wire.forget_sessions(own, |session| records.iter().any(|(_, record)| speaks_of(record, session)));
}

/// All sessions on record.
pub(super) fn sessions(records: &[(AccountId, Arc<Record>)]) -> impl Iterator<Item = &Session> {
    records.iter().flat_map(|(_, record)| &record.sessions)
}

fn highest(records: &[(AccountId, Arc<Record>)], account: AccountId, key: KeyDigest) -> Option<Epoch> {
    let record = records.iter().find(|(known, _)| *known == account);
    record.and_then(|(_, record)| record.epochs.get(&key)).map(|entry| entry.epoch)
}

/// The sessions of a seat that are on record in an account, in login order.
pub(super) fn sessions_of<U, D>(
    records: &[(AccountId, Arc<Record>)],
    seat: InstanceId,
    account: AccountId,
    wire: &Wire<U, D>,
) -> impl Iterator<Item = SessionDigest> {
    let of_account = records.iter().filter(move |(known, _)| *known == account);
    let sessions = of_account.flat_map(|(_, record)| &record.sessions).map(|session| session.digest);
    sessions.filter(move |session| wire.stage.sessions.called(*session).is_some_and(|known| known.seat == seat))
}

/// Those of an account among the sessions that a note names.
pub(super) fn noted_of(note: &[(String, SessionDigest)], user_id: &str) -> Vec<SessionDigest> {
    note.iter().filter(|(named, _)| named == user_id).map(|(_, session)| *session).collect()
}

fn speaks_of(record: &Record, digest: SessionDigest) -> bool {
    record.sessions.iter().any(|session| session.digest == digest) || record.kicks.iter().any(|kick| kick.digest == digest)
}

/// A record being put into an observation.
struct Showing<'a, U, D> {
    scope: &'a Scope,
    own: &'a [KeyDigest],
    wire: &'a Wire<U, D>,
    labels: Labels<Secret>,
    observation: &'a mut Observation,
}

impl<'a, U, D> Showing<'a, U, D> {
    fn rest_kick(&mut self, account: AccountId, record: &Record) {
        if record.rest_kick_s != self.wire.rest_kicks.get(&account).copied() {
            let when = record.rest_kick_s.map_or("not on record".to_owned(), |second| format!("on record at second {second}"));
            self.is_strange(format!("the last REST kick of {} is {when}", cast::user_id(account)));
        }
    }

    fn is_strange(&mut self, what: String) {
        self.observation.strange.push(what);
    }

    /// A session that a login has named.
    fn known(&self, account: AccountId, key: KeyDigest, digest: SessionDigest) -> Option<&'a SessionBook> {
        self.wire.stage.sessions.called(digest).filter(|known| (known.account, known.instance) == (account, key))
    }

    /// Its seat and its key.
    fn named(&mut self, known: &SessionBook) -> Shown {
        let of = cast::key(self.scope, known.seat, self.own[usize::from(known.seat.0)] == known.instance);
        Shown { seat: known.seat, key: of, label: self.labels.of(known.seat, known.secret) }
    }

    fn session(&mut self, account: AccountId, session: &Session, record: &Record) {
        let Some(known) = self.known(account, session.key, session.digest) else {
            return self.is_strange(format!("a session of nobody's: {session:?}"));
        };
        self.observation.server.going += usize::from(self.wire.has_gone(known.secret));
        if session.platform != cast::platform(self.scope.platform(known.seat)) {
            self.is_strange(format!("a session of another platform: {session:?}"));
        }
        if !self.has_its_epoch(known.secret, session, record) {
            self.is_strange(format!("a session under another epoch than its link's: {session:?}"));
        }
        let shown = self.named(known);
        let roster = &mut self.observation.rosters[usize::from(account.0)];
        if roster.of_key(shown).is_some() {
            return self.is_strange("an instance with two sessions".to_owned());
        }
        roster.admit(shown);
    }

    /// The epoch of the link that carries it, if one does, and none that is above the highest on record of its key. A node that was frozen may
    /// have an older link still.
    fn has_its_epoch(&self, secret: Secret, session: &Session, record: &Record) -> bool {
        let may_be_older = |epoch| self.scope.nodes_fail() && epoch < session.epoch;
        let as_its_link = self.wire.epoch_of(secret).is_none_or(|epoch| epoch == session.epoch || may_be_older(epoch));
        as_its_link && record.epochs.get(&session.key).map(|entry| entry.epoch) >= Some(session.epoch)
    }

    /// In the order of seats. A kick of an instance that is over is shown as long as something of that instance is under way that could
    /// meet it.
    fn kicks(&mut self, account: AccountId, kicks: &[KickRecord]) {
        let matters = |kick: &&KickRecord| self.own.contains(&kick.key) || self.wire.is_under_way(kick.key);
        let mut kicks: Vec<_> = kicks.iter().filter(matters).collect();
        kicks.sort_by_key(|kick| !self.own.contains(&kick.key));
        kicks.into_iter().for_each(|kick| self.kick(account, kick));
    }

    fn kick(&mut self, account: AccountId, kick: &KickRecord) {
        match self.known(account, kick.key, kick.digest) {
            Some(known) => {
                let record = KickShown { session: self.named(known), reason: reason(kick.reason) };
                self.observation.kicks[usize::from(account.0)].insert(record);
            }
            None => self.is_strange(format!("a kick record of nobody's: {kick:?}")),
        }
    }
}
