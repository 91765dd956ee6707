//! What needs an account's record: loading it, deciding, storing it, and only then saying so. On a conflict it loads and decides
//! again; nothing is said before the record is stored.

use std::slice;
use std::sync::Arc;

use super::messages::unfit;
use super::outbox::Message;
use super::rest::{self, Rest};
use super::{Effect, LinkId, Machine, say};
use crate::admission::{self, Admission, Change, Kicked, Login};
use crate::callback::Callback;
use crate::code::Refusal;
use crate::planted::{self, Planted};
use crate::protocol::ServerFrame;
use crate::protocol::close_code::INTERNAL_ERROR;
use crate::registry::{Commit, Version};
use crate::session::{Epoch, InstanceKey, KickReason, Record, Secret, Session};
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
    Repay { key: InstanceKey, secret: Secret, epoch: Epoch },
    /// Drop the session; nobody is left to hear of it.
    Drop(Session, Cause),
    /// Kick the session, whose UserSig expired (SIG-1).
    Expire(Session),
    /// Remove the kick record of the session (KICK-8).
    ForgetKick(Session),
    /// Accept the session's message, unless it is a repeat (MSG-3).
    Accept(Session, Message),
    /// Forget the epoch of an instance without a session (LINK-3).
    PruneEpoch(InstanceKey),
}

/// Why a session is dropped without a kick and without having asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Its page closed (LINK-6).
    PageClosed,
    /// Its link was down for too long (LINK-4).
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

/// What waits for the registry.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    Loading(Job),
    Storing(Job, Aftermath),
    /// An administrator.
    Rest(Rest),
}

/// What follows once the record stands as decided.
#[derive(Clone, Debug)]
pub(super) enum Aftermath {
    Admitted {
        session: Session,
        kicked: Vec<Kicked>,
        replaced: Option<Session>,
    },
    Resumed {
        session: Session,
        last_seq: u64,
    },
    Readmitted {
        session: Session,
        last_seq: u64,
        kicked: Vec<Kicked>,
    },
    /// The session that asked; and as it stood on record, if it did.
    LoggedOut(Session, Option<Session>),
    /// What was owed; and the session that it ended, if one stood on record.
    Repaid {
        key: InstanceKey,
        secret: Secret,
        epoch: Epoch,
        ended: Option<Session>,
    },
    Dropped(Session, Cause),
    /// It was not on record any more.
    Gone(Session),
    Kicked(Kicked),
    KickForgotten,
    Accepted(Session, Message),
    Pruned,
}

impl Aftermath {
    /// HOOK-1: what the commit before it tells the app's backend.
    fn callbacks(&self, now: UnixMillis) -> Vec<Callback> {
        let change = match self {
            Aftermath::Admitted { session: newcomer, kicked, replaced: _ } => Some(Change::Admitted { newcomer, kicked }),
            Aftermath::Resumed { session, last_seq: _ } => Some(Change::Resumed(session)),
            Aftermath::Readmitted { session, last_seq: _, kicked: _ } => Some(Change::Readmitted(session)),
            Aftermath::LoggedOut(_, ended) | Aftermath::Repaid { ended, .. } => ended.as_ref().map(Change::LoggedOut),
            Aftermath::Dropped(session, Cause::PageClosed) => Some(Change::PageClosed(session)),
            Aftermath::Dropped(session, Cause::Lapsed) => Some(Change::Lapsed(session)),
            Aftermath::Dropped(session, Cause::Overflowed) => Some(Change::Overflowed(session)),
            Aftermath::Kicked(kicked) => Some(Change::Kicked(slice::from_ref(kicked))),
            Aftermath::Gone(_) | Aftermath::KickForgotten | Aftermath::Accepted(..) | Aftermath::Pruned => None,
        };
        change.map(|change| admission::callbacks(now, change)).unwrap_or_default()
    }
}

impl Machine {
    /// Queues a job; it runs once what was begun before is done, within the same input.
    pub(super) fn begin(&mut self, job: Job) {
        self.queue.push_back(job);
    }

    /// Loads the record for the next job, if nothing else waits for the registry.
    pub(super) fn go_on(&mut self, effects: &mut Vec<Effect>) {
        if self.pending.is_none()
            && let Some(job) = self.queue.pop_front()
        {
            effects.push(Effect::Load { user_id: job.user_id.to_string() });
            self.pending = Some(Pending::Loading(job));
        }
    }

    pub(super) fn loaded(&mut self, now: UnixMillis, record: Record, version: Version, effects: &mut Vec<Effect>) {
        match self.pending.take() {
            Some(Pending::Loading(job)) => self.decide(now, job, record, version, effects),
            Some(Pending::Rest(rest)) => self.rest_loaded(now, rest, record, version, effects),
            Some(Pending::Storing(..)) | None => {}
        }
    }

    fn decide(&mut self, now: UnixMillis, job: Job, record: Record, version: Version, effects: &mut Vec<Effect>) {
        match job.task.clone() {
            Task::Admit(newcomer, user_sig) => match admission::judge_on_record(&record, &user_sig) {
                Ok(()) => self.admit(now, newcomer, job, record, version, effects),
                Err(why) => self.refuse_login(now, &job, &newcomer, why, effects),
            },
            Task::Resume { login, last_seq } => {
                let resumption = admission::resume(&self.app, record, (*login).clone(), now);
                self.decide_resume(now, job, (*login, last_seq), resumption, version, effects);
            }
            Task::Sync(session) => effects.extend(job.link.map(|link| sync_answer(link, &session, &record, now))),
            Task::LogOut(session) => {
                let ended = on_record(&record, session.key, session.secret);
                let left = admission::logout(record, session.key, session.secret);
                self.store_if_changed(now, job, Aftermath::LoggedOut(session, ended), left, version, effects);
            }
            Task::Repay { key, secret, epoch } => {
                let ended = on_record(&record, key, secret);
                let left = admission::repay(record, key, secret, epoch);
                self.store_if_changed(now, job, Aftermath::Repaid { key, secret, epoch, ended }, left, version, effects);
            }
            Task::Drop(session, cause) if kicks_instead(cause) => {
                let kicked = Kicked { session, reason: KickReason::MultipleAccount };
                let left = admission::expire(record, kicked.session.key, kicked.session.secret).map(|(left, _)| left);
                self.store_if_changed(now, job, Aftermath::Kicked(kicked), left, version, effects);
            }
            Task::Drop(session, cause) => {
                let left = admission::drop_session(record, &session);
                self.store_if_changed(now, job, Aftermath::Dropped(session, cause), left, version, effects);
            }
            Task::Expire(session) => match admission::expire(record, session.key, session.secret) {
                Some((left, kicked)) => self.store(now, job, Aftermath::Kicked(kicked), left, version, effects),
                None => self.done(now, job, Aftermath::Gone(session), effects),
            },
            Task::ForgetKick(session) => {
                let left = admission::acknowledge_kick(record, session.key, session.secret);
                self.store_if_changed(now, job, Aftermath::KickForgotten, left, version, effects);
            }
            Task::Accept(session, message) => match (admission::accept(record, session.key, message.id, now), unfit(&message)) {
                (None, _) => effects.extend(job.link.map(|link| answer_send(link, &session, &message, None))),
                (Some(_), Some(why)) => effects.extend(job.link.map(|link| answer_send(link, &session, &message, Some(why)))),
                (Some(record), None) => self.store(now, job, Aftermath::Accepted(session, message), record, version, effects),
            },
            Task::PruneEpoch(key) => {
                let left = admission::prune_epoch(record, key);
                self.store_if_changed(now, job, Aftermath::Pruned, left, version, effects);
            }
        }
    }

    pub(super) fn stored(&mut self, now: UnixMillis, commit: Commit, effects: &mut Vec<Effect>) {
        match (self.pending.take(), commit) {
            (Some(Pending::Storing(job, aftermath)), Commit::Done(_)) => self.done(now, job, aftermath, effects),
            (Some(Pending::Storing(job, _)), Commit::Conflict) => self.queue.push_front(job),
            (Some(Pending::Rest(rest)), commit) => self.rest_stored(rest, commit, effects),
            (Some(Pending::Loading(_)) | None, Commit::Done(_) | Commit::Conflict) => {}
        }
    }

    /// Whoever asked must ask again; what stands on record stands.
    pub(super) fn registry_unreachable(&mut self, now: UnixMillis, effects: &mut Vec<Effect>) {
        match self.pending.take() {
            Some(Pending::Loading(job) | Pending::Storing(job, _)) => match job.link {
                Some(link) => self.close(now, link, INTERNAL_ERROR, "the registry is out of reach; try again", effects),
                None => self.retry(now, job, effects),
            },
            Some(Pending::Rest(rest)) => effects.push(rest::unreachable(&rest)),
            None => {}
        }
    }

    fn admit(&mut self, now: UnixMillis, newcomer: Session, job: Job, record: Record, version: Version, effects: &mut Vec<Effect>) {
        match admission::admit(&self.app, record, newcomer.clone()) {
            Admission::Admitted { record, kicked, replaced } => {
                let aftermath = Aftermath::Admitted { session: newcomer, kicked, replaced };
                self.store(now, job, aftermath, record, version, effects);
            }
            Admission::Superseded => self.turn_away(now, &job, newcomer.key, effects),
        }
    }

    /// A record that stays as it is needs no commit.
    fn store_if_changed(
        &mut self,
        now: UnixMillis,
        job: Job,
        aftermath: Aftermath,
        changed: Option<Record>,
        version: Version,
        effects: &mut Vec<Effect>,
    ) {
        match changed {
            Some(record) => self.store(now, job, aftermath, record, version, effects),
            None => self.done(now, job, aftermath, effects),
        }
    }

    /// The record and what the app's backend is told of the change are one commit (HOOK-2).
    pub(super) fn store(
        &mut self,
        now: UnixMillis,
        job: Job,
        aftermath: Aftermath,
        record: Record,
        expected: Version,
        effects: &mut Vec<Effect>,
    ) {
        let callbacks = aftermath.callbacks(now);
        effects.push(Effect::Commit { user_id: job.user_id.to_string(), expected, record, callbacks });
        self.pending = Some(Pending::Storing(job, aftermath));
    }
}

/// What a session is told of its message: the same at every repeat of one that was accepted (MSG-3).
pub(super) fn answer_send(link: LinkId, session: &Session, message: &Message, refused: Option<Refusal>) -> Effect {
    say(link, session, ServerFrame::SendAnswer { id: message.id, refused })
}

fn on_record(record: &Record, key: InstanceKey, secret: Secret) -> Option<Session> {
    let meant = |session: &&Session| (session.key, session.secret) == (key, secret);
    record.sessions.iter().find(meant).cloned()
}

fn sync_answer(link: LinkId, session: &Session, record: &Record, now: UnixMillis) -> Effect {
    let online = record.sessions.iter().map(|session| session.platform).collect();
    say(link, session, ServerFrame::SyncAnswer { online, server_time_ms: now.0 })
}

/// The planted opposite of LINK-4.
fn kicks_instead(cause: Cause) -> bool {
    match cause {
        Cause::Lapsed => planted::is(Planted::Link4LapseKicks),
        Cause::PageClosed | Cause::Overflowed => false,
    }
}
