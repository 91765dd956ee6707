//! What needs an account's record: loading it, deciding, storing it, and only then saying so. On a conflict it loads and decides
//! again; nothing is said before the record is stored.

use std::collections::VecDeque;
use std::sync::Arc;

use super::decision::{Aftermath, Answer, Decision};
use super::others::Followed;
use super::outage::Sent;
use super::unacknowledged::Message;
use super::{Asker, Effect, LinkId, Machine, RequestId, say};
use crate::admission::{self, Acknowledged, Admission, Change, Login, Pruning, Resumption, Signature};
use crate::code::Refusal;
use crate::planted::{self, Unreplayed};
use crate::protocol::{ResumeOutcome, ServerFrame};
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

    /// Begins the next job of each account that waits for nothing else.
    pub(super) fn go_on(&mut self, now: UnixMillis, effects: &mut Vec<Effect>) {
        while let Some(user_id) = self.queue.pop_front() {
            let Some(busy) = self.busy.get_mut(&user_id).filter(|busy| busy.under_way.is_none()) else { continue };
            match busy.next.pop_front() {
                Some(job) => self.look_at(now, job, effects),
                None => drop(self.busy.remove(&user_id)),
            }
        }
    }

    /// Decides on the record that is remembered, if the sessions here follow it and something is to be stored then; otherwise loads it.
    fn look_at(&mut self, now: UnixMillis, job: Job, effects: &mut Vec<Effect>) {
        let user_id = Arc::clone(&job.user_id);
        if let Some((record, version)) = self.remembered.forget(&user_id)
            && self.accounts.get(&user_id).is_none_or(|held| held.known == version)
            && let decision @ Decision::Store(..) = self.decide(now, &job, Arc::unwrap_or_clone(record))
        {
            return self.carry_out(now, job, decision, version, effects);
        }
        effects.push(Effect::Load { asker: Asker::Account(Arc::clone(&user_id)), user_id: user_id.to_string() });
        self.keep(&user_id, Pending::Loading(job));
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
        let (user_id, seen) = (Arc::clone(&job.user_id), self.copy_of(&record));
        let decision = self.decide(now, &job, record);
        if !matches!(decision, Decision::Store(..)) {
            self.remember(&user_id, seen, version);
        }
        self.carry_out(now, job, decision, version, effects);
    }

    /// The link is answered.
    pub(super) fn finish(&mut self, link: Option<LinkId>) {
        if let Some(link) = link {
            self.asking.remove(&link);
        }
    }

    /// What comes of a job on that record.
    fn decide(&self, now: UnixMillis, job: &Job, record: Record) -> Decision {
        match job.task.clone() {
            Task::Admit(newcomer, user_sig) => self.admit(now, newcomer, &user_sig, record),
            Task::Resume { login, last_seq } => {
                let session = login.session.clone();
                resumed(session, last_seq, admission::resume(&self.app, record, *login, now))
            }
            Task::Sync(session) => {
                let online = record.sessions.iter().map(|session| session.platform).collect();
                Decision::Answer(Answer::Synced(session, online))
            }
            Task::LogOut(session) => {
                let ended = on_record(&record, session.key, session.digest);
                let left = admission::logout(record, session.key, session.digest);
                Decision::of(left, Aftermath::LoggedOut(session, ended))
            }
            Task::Repay { key, digest, epoch, shown } => {
                let (changed, repayment) = admission::repay(record, (key, digest), epoch, shown, now);
                Decision::of(changed, Aftermath::Repaid { key, digest, epoch, repayment })
            }
            Task::Drop(session, cause) => match admission::drop_session(record, &session) {
                Some(left) => Decision::Store(left, Aftermath::Dropped(session, cause)),
                None => Decision::Stands(Aftermath::Gone(session)),
            },
            Task::Expire(session) => match admission::expire(record, session.key, session.digest) {
                Some((left, kicked)) => Decision::Store(left, Aftermath::Kicked(vec![kicked])),
                None => Decision::Stands(Aftermath::Gone(session)),
            },
            Task::KickAll(request) => {
                let (left, kicked) = admission::kick_all(record, now.0 / 1000);
                let user_sig_from_s = left.rest_kick_s.map_or(0, |kick_s| kick_s.saturating_add(1));
                Decision::Store(left, Aftermath::AllKicked(request, kicked, user_sig_from_s))
            }
            Task::ForgetKick(session) => match admission::acknowledge_kick(record, &session, now) {
                Some(Acknowledged { record, raised }) => Decision::Store(record, Aftermath::KickForgotten(session, raised)),
                None => Decision::Stands(Aftermath::KickForgotten(session, None)),
            },
            Task::Accept(session, _) if is_gone(&record, &session) => Decision::Answer(Answer::Nothing),
            Task::Accept(session, message) => self.accept(now, &job.user_id, record, session, message),
            Task::PruneEpoch(key) => match admission::prune_epoch(record, key, now) {
                Pruning::Pruned(record) => Decision::Store(record, Aftermath::Pruned),
                Pruning::TooEarly => Decision::Stands(Aftermath::EpochKept(key)),
                Pruning::Nothing => Decision::Stands(Aftermath::Pruned),
            },
            Task::Follow => Decision::Answer(Answer::Nothing),
            Task::Reconcile(session) => self.reconcile(now, &job.user_id, session, record),
        }
    }

    /// The record and what the app's backend is told of the change are one commit (HOOK-2).
    fn carry_out(&mut self, now: UnixMillis, job: Job, decision: Decision, expected: Version, effects: &mut Vec<Effect>) {
        let (record, aftermath) = match decision {
            Decision::Store(record, aftermath) => (record, aftermath),
            Decision::Stands(aftermath) => return self.done(now, job, aftermath, effects),
            Decision::Answer(answer) => return self.answer(now, job, answer, effects),
        };
        let change = aftermath.change(now);
        let callbacks = admission::callbacks(&change);
        let (user_id, deletes) = (Arc::clone(&job.user_id), record == Record::default());
        let (passed, copy) = (self.passed(&aftermath), self.copy_of(&record));
        effects.push(Effect::Commit { user_id: Arc::clone(&user_id), expected, record, callbacks, passed });
        self.keep(&user_id, Pending::Storing(Sent { job, aftermath, change, expected, deletes, copy }));
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
        let Sent { job, aftermath, change, copy, .. } = sent;
        let user_id = Arc::clone(&job.user_id);
        self.remember(&user_id, copy, version);
        effects.push(Effect::Committed { user_id: Arc::clone(&user_id), version, change });
        self.done(now, job, aftermath, effects);
        self.knows(&user_id, version);
    }

    fn admit(&self, now: UnixMillis, newcomer: Session, user_sig: &UserSig, record: Record) -> Decision {
        if let Err(why) = admission::judge_on_record(&record, user_sig) {
            return Decision::Answer(Answer::LoginRefused(newcomer, why));
        }
        match admission::admit(&self.app, record, newcomer.clone(), now) {
            Admission::Admitted { record, kicked, replaced } => {
                let replaced = replaced.map(|replaced| *replaced);
                Decision::Store(record, Aftermath::Admitted { session: newcomer, kicked, replaced })
            }
            Admission::Refused(why) => Decision::Answer(Answer::LoginRefused(newcomer, why)),
            Admission::Superseded { highest } => Decision::Answer(Answer::Superseded(highest)),
        }
    }
}

/// LINK-5: what a resume comes to; only a session that goes on, is in anew or is told has a record to store.
fn resumed(resuming: Session, last_seq: u64, resumption: Resumption) -> Decision {
    match resumption {
        Resumption::Resumed { record, session } => Decision::Store(record, Aftermath::Resumed { session, last_seq }),
        Resumption::Readmitted { record, session, kicked } => {
            Decision::Store(record, Aftermath::Readmitted { session, last_seq, kicked })
        }
        Resumption::Told { record, reason } => {
            Decision::Store(record, Aftermath::Told { session: resuming, outcome: ResumeOutcome::Told { reason } })
        }
        Resumption::TurnedAway { record, refusal } => {
            Decision::Store(record, Aftermath::Told { session: resuming, outcome: ResumeOutcome::Refused { refusal } })
        }
        Resumption::Kicked(reason) => Decision::Answer(Answer::Kicked(resuming, reason)),
        Resumption::Refused(refusal) => Decision::Answer(Answer::ResumeRefused(resuming, refusal)),
        Resumption::Superseded { highest } => Decision::Answer(Answer::Superseded(highest)),
        Resumption::AnotherSession { highest } => Decision::Answer(Answer::AnotherSession(highest)),
    }
}

/// What a session is told of its message: the same at every repeat of one that was accepted (MSG-3).
pub(super) fn answer_send(link: LinkId, session: &Session, message: &Message, refused: Option<Refusal>) -> Effect {
    say(link, session, ServerFrame::SendAnswer { id: message.id, refused })
}

/// Whether the session has ended, of which nothing is accepted any more (KICK-6).
fn is_gone(record: &Record, session: &Session) -> bool {
    on_record(record, session.key, session.digest).is_none() && !planted::has(Unreplayed::Kick6Overtaken)
}

fn on_record(record: &Record, key: KeyDigest, digest: SessionDigest) -> Option<Session> {
    let meant = |session: &&Session| (session.key, session.digest) == (key, digest);
    record.sessions.iter().find(meant).cloned()
}
