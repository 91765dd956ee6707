//! What a node does while its registry is out of reach (NODE-4): whom it refuses, who waits, and what it asks again. A commit whose answer
//! did not come is looked up before anything else is done with its account. Nobody's session ends for it.

use std::sync::Arc;
use std::time::Duration;

use super::decision::Aftermath;
use super::job::{Cause, Job, Pending, Task};
use super::{Asker, Effect, LinkId, Machine, Timer, rest};
use crate::admission::Change;
use crate::code::Refusal;
use crate::registry::Version;
use crate::session::Record;
use crate::timers::UnixMillis;

/// When the registry is asked again.
const RETRY: Duration = Duration::from_secs(5);

/// A commit that was sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) job: Job,
    /// What follows once it stands.
    pub(super) aftermath: Aftermath,
    /// What it does to the account's sessions.
    pub(super) change: Change,
    /// On which version it was decided.
    pub(super) expected: Version,
    /// Whether it leaves nothing of the account.
    pub(super) deletes: bool,
    /// What is remembered of the account once it stands.
    pub(super) copy: Option<Arc<Record>>,
}

impl Sent {
    /// Whether the account's record is what was sent, or what others made of that. The version alone does not say so: another node's commit
    /// may have taken it, and that of an account without a record rises with whichever account is deleted.
    fn is_stored(&self, record: &Record, version: Version) -> bool {
        version.number() > self.expected.number()
            && (*record == Record::default() || !self.deletes)
            && self.aftermath.shows_in(record)
    }

    /// Whether it was this commit that made the record so, as far as the record tells: another node's may leave it alike.
    fn is_own(&self, record: &Record, version: Version) -> bool {
        match &self.copy {
            Some(sent) if version.number() == self.expected.number() + 1 => **sent == *record,
            Some(_) => !self.aftermath.may_be_anothers(),
            None => true,
        }
    }
}

impl Machine {
    /// The registry could not be asked: nothing was stored, but for a commit that is still looked up.
    pub(super) fn registry_unreachable(&mut self, now: UnixMillis, asker: Asker, effects: &mut Vec<Effect>) {
        match asker {
            Asker::Account(user_id) => match self.answered(&user_id) {
                Some(Pending::Loading(job) | Pending::Storing(Sent { job, .. })) => self.not_done(now, job, effects),
                Some(unknown @ Pending::Unknown(_)) => {
                    self.keep(&user_id, unknown);
                    effects.push(Effect::Arm { timer: Timer::LookUp { user_id }, after: RETRY });
                }
                None => {}
            },
            Asker::Request(request) => {
                self.queries.remove(&request);
                effects.push(rest::out_of_reach(request));
            }
        }
    }

    /// A login is refused. A resume waits, and so does an instance that is not ready yet; whatever else a link asked for is left
    /// unanswered, so that its deadline settles it. What no link asked for is tried again.
    fn not_done(&mut self, now: UnixMillis, job: Job, effects: &mut Vec<Effect>) {
        self.finish(job.link);
        match (job.link, &job.task) {
            (None, _) => self.retry(now, job, effects),
            (Some(link), Task::Admit(newcomer, _)) => {
                self.refuse_login(now, link, &job.user_id, newcomer, Refusal::out_of_reach(), effects);
            }
            (Some(link), Task::Resume { .. } | Task::Sync(_)) => self.wait(link, job, effects),
            (
                Some(_),
                Task::LogOut(_)
                | Task::Repay { .. }
                | Task::Drop(..)
                | Task::Expire(_)
                | Task::KickAll(_)
                | Task::ForgetKick(_)
                | Task::Accept(..)
                | Task::PruneEpoch(_)
                | Task::Follow
                | Task::Reconcile(_),
            ) => {}
        }
    }

    fn wait(&mut self, link: LinkId, job: Job, effects: &mut Vec<Effect>) {
        if let Some(link) = self.links.get_mut(&link) {
            link.waits = Some(Box::new(job));
        }
        effects.push(Effect::Arm { timer: Timer::Retry(link), after: RETRY });
    }

    /// What the link waits for is tried again.
    pub(super) fn retry_for(&mut self, link: LinkId) {
        if let Some(job) = self.links.get_mut(&link).and_then(|link| link.waits.take()) {
            self.begin(*job);
        }
    }

    /// The account of what the link waits for.
    pub(super) fn waits_for(&self, link: LinkId) -> Option<&str> {
        self.links.get(&link)?.waits.as_ref().map(|job| &*job.user_id)
    }

    /// What a timer began is tried again, an administrator is told. A session that overflowed lapses: nothing but its record is left.
    pub(super) fn retry(&mut self, now: UnixMillis, job: Job, effects: &mut Vec<Effect>) {
        let Job { user_id, link: _, task } = job;
        let timer = match task {
            Task::Drop(session, Cause::Overflowed) => {
                let record = Record { sessions: vec![session], ..Record::default() };
                return self.restored(now, &user_id, record, &[], effects);
            }
            Task::Drop(session, Cause::Lapsed) => Timer::Lapse { user_id, key: session.key, digest: session.digest },
            Task::Expire(session) => Timer::Expiry { user_id, key: session.key, digest: session.digest },
            Task::PruneEpoch(key) => Timer::Epoch { user_id, key },
            Task::Reconcile(session) => return self.reconcile_later(&user_id, &session),
            Task::KickAll(request) => return effects.push(rest::out_of_reach(request)),
            Task::Admit(..)
            | Task::Resume { .. }
            | Task::Sync(_)
            | Task::LogOut(_)
            | Task::Repay { .. }
            | Task::ForgetKick(_)
            | Task::Accept(..)
            | Task::Follow => return,
        };
        effects.push(Effect::Arm { timer, after: RETRY });
    }

    /// The commit may be stored or not. Whoever asked is answered once that is known, and the account waits for it.
    pub(super) fn look_up(&mut self, user_id: &Arc<str>, sent: Sent, effects: &mut Vec<Effect>) {
        self.keep(user_id, Pending::Unknown(sent));
        self.load_again(user_id, effects);
    }

    /// It is time to look up the account's commit again, if it is still not known.
    pub(super) fn look_up_again(&self, user_id: &Arc<str>, effects: &mut Vec<Effect>) {
        let pending = self.busy.get(user_id).and_then(|busy| busy.under_way.as_deref());
        if let Some(Pending::Unknown(_)) = pending {
            self.load_again(user_id, effects);
        }
    }

    fn load_again(&self, user_id: &Arc<str>, effects: &mut Vec<Effect>) {
        effects.push(Effect::Load { asker: Asker::Account(Arc::clone(user_id)), user_id: user_id.to_string() });
    }

    /// It is known now: nobody else commits for an account that waits.
    pub(super) fn looked_up(&mut self, now: UnixMillis, sent: Sent, record: &Record, version: Version, effects: &mut Vec<Effect>) {
        let (user_id, expected) = (Arc::clone(&sent.job.user_id), sent.expected);
        let (is_stored, is_own) = (sent.is_stored(record, version), sent.is_own(record, version));
        if is_stored && !is_own {
            self.done(now, sent.job, sent.aftermath, effects);
            self.follow(now, &user_id, record, version, effects);
        } else if is_stored {
            self.stands(now, sent, Version(expected.0 + 1), effects);
            self.knows(&user_id, expected);
            self.follow(now, &user_id, record, version, effects);
        } else {
            self.follow(now, &user_id, record, version, effects);
            self.not_done(now, sent.job, effects);
        }
    }
}
