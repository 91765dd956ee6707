//! What needs an account's record: loading it, deciding, storing it, and only then saying so. On a conflict it loads and decides
//! again; nothing is said before the record is stored.

use std::collections::VecDeque;
use std::sync::Arc;

use super::decision::{Aftermath, Decision};
use super::others::Followed;
use super::outage::Sent;
use super::unacknowledged::Message;
use super::{Asker, Effect, LinkId, Machine, RequestId, say};
use crate::admission::{self, Acknowledged, Admission, Change, Login, Pruning, Signature};
use crate::code::Refusal;
use crate::protocol::ServerFrame;
use crate::registry::{Commit, Version};
use crate::session::{Epoch, KeyDigest, Record, Session, SessionDigest};
use crate::timers::UnixMillis;
use crate::usersig::UserSig;

/// What is to be done with an account's record.
#[derive(Clone, Debug)]
pub(super) enum Task {
    /// Admit the newcomer (KICK-1, KICK-2, LOGIN-9), unless its UserSig was revoked (REST-1).
    Admit(Session, UserSig),
    /// Go on with the session over its new link, if that can be (LINK-5).
    Resume { login: Box<Login>, last_seq: u64 },
    /// Tell the session who is online (LOGIN-2).
    Sync(Session),
    /// Drop the session and say so (LOGOUT-1).
    LogOut(Session),
    /// Do a logout that was owed, and say so (LOGOUT-4).
    Repay { key: KeyDigest, digest: SessionDigest, epoch: Epoch, shown: Signature },
    /// Drop the session; nobody is left to hear of it.
    Drop(Session, Cause),
    /// Kick the session, whose UserSig expired (SIG-1).
    Expire(Session),
    /// Kick every session, and tell the administrator who asked (REST-1).
    KickAll(RequestId),
    /// Remove the kick record of the session (KICK-8).
    ForgetKick(Session),
    /// Accept the session's message, unless it is a repeat (MSG-3).
    Accept(Session, Message),
    /// Forget the epoch of an instance without a session (LINK-3).
    PruneEpoch(KeyDigest),
    /// Follow what another node committed (NODE-2).
    Follow,
    /// Decide the session anew, whose link is up and which the registry has lost (NODE-5).
    Reconcile(Session),
}

/// Why a session is dropped without a kick and without having asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Its link was down for too long (LINK-4, LINK-6).
    Lapsed,
    /// It did not receive what it was sent (MSG-2).
    Overflowed,
}

/// A task, whose account it is about, and the link that asked, if one did.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) user_id: Arc<str>,
    pub(super) link: Option<LinkId>,
    pub(super) task: Task,
}

impl Job {
    /// A task that no link asked for.
    pub(super) fn of(user_id: Arc<str>, task: Task) -> Job {
        Job { user_id, link: None, task }
    }
}

/// What is done with an account's record, one job after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Busy {
    /// What waits for the registry; `None` only within an input.
    pub(super) under_way: Option<Box<Pending>>,
    /// What comes after it.
    pub(super) next: VecDeque<Job>,
}

impl Busy {
    /// The link that asked for what is under way, if one did.
    pub(super) fn link(&self) -> Option<LinkId> {
        match self.under_way.as_deref()? {
            Pending::Loading(job) | Pending::Storing(Sent { job, .. }) | Pending::Unknown(Sent { job, .. }) => job.link,
        }
    }
}

/// What waits for the registry.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    Loading(Job),
    Storing(Sent),
    /// The answer to the commit did not come; the record is loaded to look it up (NODE-4).
    Unknown(Sent),
}

impl Machine {
    /// Queues a job behind those of its account.
    pub(super) fn begin(&mut self, job: Job) {
        self.asking.extend(job.link);
        let user_id = Arc::clone(&job.user_id);
        self.busy.entry(Arc::clone(&user_id)).or_default().next.push_back(job);
        self.queue.push_back(user_id);
    }

    /// Loads the record for the next job of each account that waits for nothing else.
    pub(super) fn go_on(&mut self, effects: &mut Vec<Effect>) {
        while let Some(user_id) = self.queue.pop_front() {
            let Some(busy) = self.busy.get_mut(&user_id).filter(|busy| busy.under_way.is_none()) else { continue };
            if let Some(job) = busy.next.pop_front() {
                effects.push(Effect::Load { asker: Asker::Account(Arc::clone(&user_id)), user_id: user_id.to_string() });
                busy.under_way = Some(Box::new(Pending::Loading(job)));
            } else {
                self.busy.remove(&user_id);
            }
        }
    }

    /// What the commit does to the account's sessions that the registry is asked for.
    pub fn asks_to_store(&self, user_id: &str) -> Option<&Change> {
        match self.busy.get(user_id)?.under_way.as_deref()? {
            Pending::Storing(sent) => Some(&sent.change),
            Pending::Loading(_) | Pending::Unknown(_) => None,
        }
    }

    /// What waited for the registry; the account goes on with what comes next.
    pub(super) fn answered(&mut self, user_id: &Arc<str>) -> Option<Pending> {
        self.queue.push_back(Arc::clone(user_id));
        self.busy.get_mut(user_id)?.under_way.take().map(|pending| *pending)
    }

    /// The account waits for the registry.
    pub(super) fn keep(&mut self, user_id: &Arc<str>, pending: Pending) {
        if let Some(busy) = self.busy.get_mut(user_id) {
            busy.under_way = Some(Box::new(pending));
        }
    }

    pub(super) fn loaded(&mut self, now: UnixMillis, asker: Asker, record: Record, version: Version, effects: &mut Vec<Effect>) {
        match asker {
            Asker::Account(user_id) => match self.answered(&user_id) {
                Some(Pending::Loading(job)) => {
                    let followed = self.follow(now, &user_id, &record, version, effects);
                    self.go_on_behind(now, followed, job, (record, version), effects);
                }
                Some(Pending::Unknown(sent)) => self.looked_up(now, sent, &record, version, effects),
                Some(Pending::Storing(_)) | None => {}
            },
            Asker::Request(request) => self.answer_query(request, &record, effects),
        }
    }

    /// Nothing is decided for a link whose session has ended, and nothing before every session that the registry lost is decided anew.
    fn go_on_behind(
        &mut self,
        now: UnixMillis,
        Followed { ended, lost }: Followed,
        job: Job,
        (record, version): (Record, Version),
        effects: &mut Vec<Effect>,
    ) {
        if job.link.is_some_and(|link| ended.contains(&link)) {
            return self.finish(job.link);
        }
        if lost > 0 {
            return self.go_behind(lost, job);
        }
        match self.decide(now, &job, record, effects) {
            Some(decision) => self.carry_out(now, job, decision, version, effects),
            None => self.finish(job.link),
        }
    }

    /// The link is answered.
    pub(super) fn finish(&mut self, link: Option<LinkId>) {
        if let Some(link) = link {
            self.asking.remove(&link);
        }
    }

    /// What comes of a job; `None` if whoever asked has its answer and the record stays as it is.
    fn decide(&mut self, now: UnixMillis, job: &Job, record: Record, effects: &mut Vec<Effect>) -> Option<Decision> {
        Some(match job.task.clone() {
            Task::Admit(newcomer, user_sig) => return self.admit(now, job, (newcomer, &user_sig), record, effects),
            Task::Resume { login, last_seq } => {
                let resumption = admission::resume(&self.app, record, (*login).clone(), now);
                return self.decide_resume(now, job, (*login, last_seq), resumption, effects);
            }
            Task::Sync(session) => {
                effects.extend(job.link.map(|link| sync_answer(link, &session, &record, now)));
                return None;
            }
            Task::LogOut(session) => {
                let ended = on_record(&record, session.key, session.digest);
                (admission::logout(record, session.key, session.digest), Aftermath::LoggedOut(session, ended))
            }
            Task::Repay { key, digest, epoch, shown } => {
                let (changed, repayment) = admission::repay(record, (key, digest), epoch, shown, now);
                (changed, Aftermath::Repaid { key, digest, epoch, repayment })
            }
            Task::Drop(session, cause) => match admission::drop_session(record, &session) {
                Some(left) => (Some(left), Aftermath::Dropped(session, cause)),
                None => (None, Aftermath::Gone(session)),
            },
            Task::Expire(session) => match admission::expire(record, session.key, session.digest) {
                Some((left, kicked)) => (Some(left), Aftermath::Kicked(vec![kicked])),
                None => (None, Aftermath::Gone(session)),
            },
            Task::KickAll(request) => {
                let (left, kicked) = admission::kick_all(record, now.0 / 1000);
                let user_sig_from_s = left.rest_kick_s.map_or(0, |kick_s| kick_s.saturating_add(1));
                (Some(left), Aftermath::AllKicked(request, kicked, user_sig_from_s))
            }
            Task::ForgetKick(session) => match admission::acknowledge_kick(record, &session, now) {
                Some(Acknowledged { record, raised }) => (Some(record), Aftermath::KickForgotten(session, raised)),
                None => (None, Aftermath::KickForgotten(session, None)),
            },
            Task::Accept(session, message) => {
                on_record(&record, session.key, session.digest)?;
                return self.accept(now, job, record, (session, message), effects);
            }
            Task::PruneEpoch(key) => match admission::prune_epoch(record, key, now) {
                Pruning::Pruned(record) => (Some(record), Aftermath::Pruned),
                Pruning::TooEarly => (None, Aftermath::EpochKept(key)),
                Pruning::Nothing => (None, Aftermath::Pruned),
            },
            Task::Follow => return None,
            Task::Reconcile(session) => return self.reconcile(now, &job.user_id, &session, record, effects),
        })
    }

    /// The record and what the app's backend is told of the change are one commit (HOOK-2).
    fn carry_out(&mut self, now: UnixMillis, job: Job, decision: Decision, expected: Version, effects: &mut Vec<Effect>) {
        let (changed, aftermath) = decision;
        let Some(record) = changed else { return self.done(now, job, aftermath, effects) };
        let change = aftermath.change(now);
        let callbacks = admission::callbacks(&change);
        let (user_id, deletes) = (Arc::clone(&job.user_id), record == Record::default());
        let passed = self.passed(&aftermath);
        effects.push(Effect::Commit { user_id: Arc::clone(&user_id), expected, record, callbacks, passed });
        self.keep(&user_id, Pending::Storing(Sent { job, aftermath, change, expected, deletes }));
    }

    pub(super) fn stored(&mut self, now: UnixMillis, user_id: &Arc<str>, commit: Commit, effects: &mut Vec<Effect>) {
        let Some(Pending::Storing(sent)) = self.answered(user_id) else { return };
        match commit {
            Commit::Done(version) => self.stands(now, sent, version, effects),
            Commit::Conflict => self.busy.entry(Arc::clone(user_id)).or_default().next.push_front(sent.job),
            Commit::Unknown => self.look_up(user_id, sent, effects),
        }
    }

    /// The record stands as decided.
    pub(super) fn stands(&mut self, now: UnixMillis, sent: Sent, version: Version, effects: &mut Vec<Effect>) {
        let Sent { job, aftermath, change, .. } = sent;
        let user_id = Arc::clone(&job.user_id);
        effects.push(Effect::Committed { user_id: Arc::clone(&user_id), version, change });
        self.done(now, job, aftermath, effects);
        self.knows(&user_id, version);
    }

    fn admit(
        &mut self,
        now: UnixMillis,
        job: &Job,
        (newcomer, user_sig): (Session, &UserSig),
        record: Record,
        effects: &mut Vec<Effect>,
    ) -> Option<Decision> {
        let link = job.link?;
        if let Err(why) = admission::judge_on_record(&record, user_sig) {
            self.refuse_login(now, link, &job.user_id, &newcomer, why, effects);
            return None;
        }
        match admission::admit(&self.app, record, newcomer.clone(), now) {
            Admission::Admitted { record, kicked, replaced } => {
                let replaced = replaced.map(|replaced| *replaced);
                Some((Some(record), Aftermath::Admitted { session: newcomer, kicked, replaced }))
            }
            Admission::Superseded { highest } => {
                self.close_superseded(now, link, highest, effects);
                None
            }
        }
    }
}

/// What a session is told of its message: the same at every repeat of one that was accepted (MSG-3).
pub(super) fn answer_send(link: LinkId, session: &Session, message: &Message, refused: Option<Refusal>) -> Effect {
    say(link, session, ServerFrame::SendAnswer { id: message.id, refused })
}

fn on_record(record: &Record, key: KeyDigest, digest: SessionDigest) -> Option<Session> {
    let meant = |session: &&Session| (session.key, session.digest) == (key, digest);
    record.sessions.iter().find(meant).cloned()
}

fn sync_answer(link: LinkId, session: &Session, record: &Record, now: UnixMillis) -> Effect {
    let online = record.sessions.iter().map(|session| session.platform).collect();
    say(link, session, ServerFrame::SyncAnswer { online, server_time_ms: now.0 })
}
