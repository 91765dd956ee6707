//! What needs an account's record: loading it, deciding, storing it, and only then saying so. On a conflict it loads and decides
//! again; nothing is said before the record is stored.

use std::sync::Arc;

use super::rest::{self, Rest};
use super::seat::Seat;
use super::{Effect, FAULT, LinkId, Machine, NORMAL, SUPERSEDED, say};
use crate::admission::{self, Admission, Change, Kicked};
use crate::callback::Callback;
use crate::protocol::ServerFrame;
use crate::registry::{Commit, Version};
use crate::session::{Record, Session};
use crate::timers::UnixMillis;
use crate::usersig::UserSig;

/// What is to be done with an account's record.
#[derive(Clone, Debug)]
pub(super) enum Task {
    /// Admit the newcomer (KICK-1, KICK-2, LOGIN-9), unless its UserSig was revoked (REST-1).
    Admit(Session, UserSig),
    /// Tell the session who is online (LOGIN-2).
    Sync(Session),
    /// Drop the session and say so (LOGOUT-1).
    LogOut(Session),
    /// Drop the session; nobody is left to hear of it (LINK-6).
    Drop(Session),
    /// Remove the kick record of the session (KICK-8).
    ForgetKick(Session),
}

/// A task, whose account it is about, and the link that asked.
#[derive(Clone, Debug)]
pub(super) struct Job {
    user_id: Arc<str>,
    link: LinkId,
    task: Task,
}

/// What waits for the registry.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    Loading(Job),
    Storing(Job, Aftermath),
    /// An administrator.
    Rest(Rest),
}

/// Who else hears of a commit.
#[derive(Clone, Debug, Default)]
pub(super) struct Aftermath {
    kicked: Vec<Kicked>,
    replaced: Option<Session>,
}

impl Machine {
    pub(super) fn begin(&mut self, user_id: Arc<str>, link: LinkId, task: Task, effects: &mut Vec<Effect>) {
        self.load(Job { user_id, link, task }, effects);
    }

    pub(super) fn loaded(&mut self, now: UnixMillis, record: Record, version: Version, effects: &mut Vec<Effect>) {
        match self.pending.take() {
            Some(Pending::Loading(job)) => self.decide(now, job, record, version, effects),
            Some(Pending::Rest(rest)) => self.rest_loaded(now, rest, record, version, effects),
            Some(Pending::Storing(..)) | None => {}
        }
    }

    fn decide(&mut self, now: UnixMillis, job: Job, record: Record, version: Version, effects: &mut Vec<Effect>) {
        match &job.task {
            Task::Admit(newcomer, user_sig) => match admission::judge_on_record(&record, user_sig) {
                Ok(()) => self.admit(now, newcomer.clone(), job, record, version, effects),
                Err(why) => self.refuse_login(job.link, newcomer, why, effects),
            },
            Task::Sync(session) => effects.push(sync_answer(&job, session, &record, now)),
            Task::LogOut(session) => {
                let rest = admission::logout(&record, session.secret);
                let callbacks = logged_out(now, &record, session);
                self.store_if_changed(job, rest, callbacks, version, effects);
            }
            Task::Drop(session) => {
                let rest = admission::drop_session(&record, session.secret, session.epoch);
                let callbacks = admission::callbacks(now, Change::PageClosed(session));
                self.store_if_changed(job, rest, callbacks, version, effects);
            }
            Task::ForgetKick(session) => {
                let rest = admission::acknowledge_kick(&record, session.key, session.secret);
                self.store_if_changed(job, rest, Vec::new(), version, effects);
            }
        }
    }

    pub(super) fn stored(&mut self, commit: Commit, effects: &mut Vec<Effect>) {
        match (self.pending.take(), commit) {
            (Some(Pending::Storing(job, aftermath)), Commit::Done(_)) => self.done(job, aftermath, effects),
            (Some(Pending::Storing(job, _)), Commit::Conflict) => self.load(job, effects),
            (Some(Pending::Rest(rest)), commit) => self.rest_stored(rest, commit, effects),
            (Some(Pending::Loading(_)) | None, Commit::Done(_) | Commit::Conflict) => {}
        }
    }

    /// Whoever asked must ask again; what stands on record stands.
    pub(super) fn registry_unreachable(&mut self, effects: &mut Vec<Effect>) {
        match self.pending.take() {
            Some(Pending::Loading(job) | Pending::Storing(job, _)) => {
                self.close(job.link, FAULT, "the registry is out of reach; try again", effects);
            }
            Some(Pending::Rest(rest)) => effects.push(rest::unreachable(&rest)),
            None => {}
        }
    }

    fn load(&mut self, job: Job, effects: &mut Vec<Effect>) {
        effects.push(Effect::Load { user_id: job.user_id.to_string() });
        self.pending = Some(Pending::Loading(job));
    }

    fn admit(&mut self, now: UnixMillis, newcomer: Session, job: Job, record: Record, version: Version, effects: &mut Vec<Effect>) {
        match admission::admit(&self.app, record, newcomer.clone()) {
            Admission::Admitted { record, kicked, replaced } => {
                let callbacks = admission::callbacks(now, Change::Admitted { newcomer: &newcomer, kicked: &kicked });
                self.store(job, Aftermath { kicked, replaced }, (record, callbacks), version, effects);
            }
            Admission::Superseded => {
                self.close(job.link, SUPERSEDED, "a later link of this instance has logged in", effects);
            }
        }
    }

    /// A record that stays as it is needs no commit.
    fn store_if_changed(
        &mut self,
        job: Job,
        changed: Option<Record>,
        callbacks: Vec<Callback>,
        version: Version,
        effects: &mut Vec<Effect>,
    ) {
        match changed {
            Some(record) => self.store(job, Aftermath::default(), (record, callbacks), version, effects),
            None => self.done(job, Aftermath::default(), effects),
        }
    }

    fn store(
        &mut self,
        job: Job,
        aftermath: Aftermath,
        (record, callbacks): (Record, Vec<Callback>),
        expected: Version,
        effects: &mut Vec<Effect>,
    ) {
        effects.push(Effect::Commit { user_id: job.user_id.to_string(), expected, record, callbacks });
        self.pending = Some(Pending::Storing(job, aftermath));
    }

    /// The record stands: whom it concerns is told.
    fn done(&mut self, job: Job, aftermath: Aftermath, effects: &mut Vec<Effect>) {
        let Job { user_id, link, task } = job;
        match task {
            Task::Admit(newcomer, _) => self.admitted(user_id, link, newcomer, aftermath, effects),
            Task::LogOut(session) => {
                effects.push(say(link, &session, ServerFrame::LogoutAnswer));
                self.close(link, NORMAL, "logged out", effects);
            }
            Task::ForgetKick(_) => self.close(link, NORMAL, "kicked", effects),
            Task::Drop(_) | Task::Sync(_) => {}
        }
    }

    /// The newcomer's answer is written before any notice (KICK-4).
    fn admitted(&mut self, user_id: Arc<str>, link: LinkId, newcomer: Session, aftermath: Aftermath, effects: &mut Vec<Effect>) {
        effects.push(say(link, &newcomer, ServerFrame::LoginAnswer { refused: None }));
        if let Some(older) = aftermath.replaced.and_then(|replaced| self.link_of(&user_id, &replaced)) {
            self.close(older, SUPERSEDED, "this instance has logged in on a later link", effects);
        }
        self.seat(link, Seat::new(Arc::clone(&user_id), newcomer));
        for victim in aftermath.kicked {
            self.kick(&user_id, &victim.session, victim.reason, effects);
        }
    }
}

/// A logout of a session that is not on record tells nothing (HOOK-1).
fn logged_out(now: UnixMillis, record: &Record, session: &Session) -> Vec<Callback> {
    let on_record = record.sessions.iter().find(|online| online.secret == session.secret);
    on_record.map(|session| admission::callbacks(now, Change::LoggedOut(session))).unwrap_or_default()
}

fn sync_answer(job: &Job, session: &Session, record: &Record, now: UnixMillis) -> Effect {
    let online = record.sessions.iter().map(|session| session.platform).collect();
    say(job.link, session, ServerFrame::SyncAnswer { online, server_time_ms: now.0 })
}
