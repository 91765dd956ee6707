//! The server's records as the harness sees them: through a registry that it shares with the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use model::action::AccountId;
use model::scope::Scope;
use model::state::Roster;
use sut::callback::Callback;
use sut::registry::memory::Memory;
use sut::registry::{Commit, Registry, Unreachable, Version};
use sut::session::{KickRecord, Record, Session};

use crate::cast;
use crate::observation::Observation;
use crate::wire::Wire;

/// A memory registry that counts its commits.
#[derive(Clone, Default)]
pub(super) struct Shared {
    memory: Arc<Memory>,
    commits: Arc<AtomicU64>,
}

impl Registry for Shared {
    async fn load(&self, user_id: &str) -> Result<(Record, Version), Unreachable> {
        self.memory.load(user_id).await
    }

    async fn commit(
        &self,
        user_id: &str,
        expected: Version,
        record: Record,
        callbacks: Vec<Callback>,
    ) -> Result<Commit, Unreachable> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.memory.commit(user_id, expected, record, callbacks).await
    }

    async fn accounts(&self) -> Result<Vec<String>, Unreachable> {
        self.memory.accounts().await
    }
}

/// The records of a scope's accounts, read again only after a commit.
#[derive(Default)]
pub(super) struct Records {
    registry: Shared,
    read_at: Option<u64>,
    records: Vec<(AccountId, Record)>,
}

impl Records {
    pub(super) fn registry(&self) -> &Shared {
        &self.registry
    }

    fn read(&mut self, scope: &Scope) {
        let commits = self.registry.commits.load(Ordering::Relaxed);
        if self.read_at.replace(commits) == Some(commits) {
            return;
        }
        let record = |account| {
            let loaded = self.registry.memory.load(cast::user_id(account)).now_or_never();
            let (record, _) = loaded.expect("memory is ready at once").expect("memory is within reach");
            (account, record)
        };
        self.records = scope.accounts().map(record).collect();
    }

    /// Puts who is online, and which kick records stand, into an observation.
    pub(super) fn show<U, D>(&mut self, scope: &Scope, wire: &mut Wire<U, D>, observation: &mut Observation) {
        self.read(scope);
        for (account, record) in &self.records {
            if record.rest_kick_s != wire.rest_kicks.get(account).copied() {
                observation.strange.push(format!("a REST kick of {} at {:?}", cast::user_id(*account), record.rest_kick_s));
            }
            for session in &record.sessions {
                show_session(scope, *account, session, record, wire, observation);
            }
            for kick in &record.kicks {
                show_kick(*account, kick, wire, observation);
            }
        }
    }
}

fn show_session<U, D>(
    scope: &Scope,
    account: AccountId,
    session: &Session,
    record: &Record,
    wire: &mut Wire<U, D>,
    observation: &mut Observation,
) {
    use model::action::Slot;
    let place = wire.session(session.secret);
    let book = place.and_then(|(seat, slot)| wire.book(seat, slot));
    let as_logged_in = book.is_some_and(|book| {
        let epoch_on_record = record.epochs.get(&session.key) == Some(&session.epoch);
        let platform = cast::platform(scope.platform(book.seat));
        book.key == session.key && session.platform == platform && book.epoch == Some(session.epoch) && epoch_on_record
    });
    match place {
        Some((seat, Slot::Current)) if as_logged_in => {
            let roster: &mut Roster = &mut observation.rosters[usize::from(account.0)];
            if roster.contains(seat) {
                observation.strange.push("an instance with two sessions".to_owned());
            }
            roster.admit(seat);
        }
        Some(_) | None => observation.strange.push(format!("a session of nobody's: {session:?}")),
    }
}

fn show_kick<U, D>(account: AccountId, kick: &KickRecord, wire: &mut Wire<U, D>, observation: &mut Observation) {
    use model::action::Slot;
    let place = wire.session(kick.secret);
    let is_its_key = place.and_then(|(seat, slot)| wire.book(seat, slot)).is_some_and(|book| book.key == kick.key);
    let (Some((seat, slot)), true, Some(reason)) = (place, is_its_key, cast::reason_seen(kick.reason)) else {
        return observation.strange.push(format!("a kick record of nobody's: {kick:?}"));
    };
    let kicks = &mut observation.seats[usize::from(seat.0)].kicks;
    match slot {
        Slot::Abandoned => kicks[0] = Some((account, reason)),
        Slot::Current => kicks[1] = Some((account, reason)),
    }
}
