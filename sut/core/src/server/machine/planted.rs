//! The planted bugs of a node: an adapter around the machine that hands it other inputs and records, stores other records and lets other
//! effects out. The machine itself knows only the bugs of [`crate::planted`] that no adapter can do.

use std::mem;
use std::ops::Deref;
use std::sync::Arc;

use super::attach::arm_lapse;
use super::decision::Aftermath;
use super::job::{Cause, Job, Pending, Task, answer_send};
use super::link_state::{LinkState, OnlineSession};
use super::outage::Sent;
use super::timer::PAGE_LAPSE;
use super::unacknowledged::Unacknowledged;
use super::{App, Asker, Effect, Heard, Input, LinkId, Machine as Pure, Timer, say};
use crate::admission::Signature;
use crate::callback::{Callback, Happened};
use crate::planted::{self, Planted, Unreplayed, has};
use crate::protocol::close_code::{GOING_AWAY, NORMAL, SUPERSEDED};
use crate::protocol::{ClientFrame, ServerFrame};
use crate::registry::{Commit, Version};
use crate::session::{KeyDigest, KickReason, Platform, Record, Session, SessionDigest};
use crate::timers::UnixMillis;

/// All links of one node and all sessions that it knows of, with the bug that is planted on the thread.
#[derive(Clone, Debug)]
pub struct Machine(pub(super) Pure);

impl Deref for Machine {
    type Target = Pure;

    fn deref(&self) -> &Pure {
        &self.0
    }
}

impl Machine {
    /// A node without links.
    pub fn new(app: App) -> Machine {
        Machine(Pure::new(app))
    }

    /// Takes one input and appends what is to be done to `effects`.
    pub fn handle(&mut self, now: UnixMillis, mut input: Input, effects: &mut Vec<Effect>) {
        if !planted::is_any() {
            return self.0.handle(now, input, effects);
        }
        let loaded = input.clone();
        if planted::is(Planted::Conf2OldLimits) && matches!(input, Input::TermsInForce(_)) {
            return;
        }
        self.change_input(now, &mut input);
        let (before, mut out) = (self.0.clone(), Vec::new());
        self.handle_beside_older_links(now, input.clone(), &mut out);
        match &input {
            Input::Frame { link, frame } => self.heard(&before, *link, frame, &mut out),
            Input::LinkDown { link, close: Some(NORMAL | GOING_AWAY) } => self.page_went(now, &before, *link, &mut out),
            Input::Timer(timer) => self.fired(timer, &mut out),
            Input::Loaded { asker: Asker::Account(user_id), .. } => {
                self.loaded(now, &before, user_id, &loaded, &mut out);
                self.stored(&before, user_id, &mut out);
            }
            Input::Stored { user_id, .. } => self.stored(&before, user_id, &mut out),
            _ => {}
        }
        self.0.go_on(now, &mut out);
        effects.append(&mut out);
    }

    /// As the machine's, but for the bug by which it asks for nothing.
    pub fn held(&self) -> Vec<(Arc<str>, Version)> {
        if planted::is(Planted::Node2NeverAsks) { Vec::new() } else { self.0.held() }
    }

    /// As the machine's, but for the bug by which nobody is owed anything.
    pub fn owed_nothing(&self) -> Vec<(String, SessionDigest)> {
        let mut pure = self.0.clone();
        if planted::is(Planted::Msg2StopOwesNobody) {
            pure.accounts
                .values_mut()
                .flat_map(|held| &mut held.sessions)
                .for_each(|online| online.unacknowledged = Unacknowledged::of_admitted(0));
        }
        pure.owed_nothing()
    }

    /// Older links of an instance are not closed if the bug hides them.
    fn handle_beside_older_links(&mut self, now: UnixMillis, input: Input, out: &mut Vec<Effect>) {
        let hides = planted::is(Planted::Link3LateCloseCounts) || planted::is(Planted::Link3LateFramesCount);
        let hidden = if hides { mem::take(&mut self.0.carriers) } else { Default::default() };
        self.0.handle(now, input, out);
        self.0.carriers.extend(hidden.into_iter().filter(|(_, link)| self.0.links.contains_key(link)));
    }

    fn change_input(&mut self, now: UnixMillis, input: &mut Input) {
        match input {
            Input::Restored { owed_nothing, .. } if planted::is(Planted::Msg2StopTellsGap) => owed_nothing.clear(),
            Input::Timer(Timer::Lapse { user_id, key, digest }) if planted::is(Planted::Link4LapseKicks) => {
                *input = Input::Timer(Timer::Expiry { user_id: Arc::clone(user_id), key: *key, digest: *digest });
            }
            Input::Frame { link, frame } if has(Unreplayed::Login8BlockedLocksOut) => {
                let address = self.0.links.get(link).and_then(|link| link.address);
                if let ClientFrame::Login { user_id, user_sig, .. } = &mut frame.frame
                    && self.0.failures.judge(user_id, address, now).is_err()
                {
                    user_sig.clear();
                }
            }
            Input::Loaded { asker: Asker::Account(user_id), record, version } => match pending(&mut self.0, user_id) {
                Some(Pending::Loading(Job { task: Task::Follow, .. })) if planted::is(Planted::Node2LateNoticeEnds) => {
                    record.sessions.clear();
                    version.0 += 1;
                }
                Some(Pending::Loading(job)) => change_loaded(&mut job.task, record),
                Some(Pending::Unknown(sent)) if has(Unreplayed::Node4UnknownIsUndone) => *version = sent.expected,
                _ => {}
            },
            Input::Changed(notice) if planted::is(Planted::Node2LateNoticeEnds) => {
                (notice.version, notice.record) = (Version(u64::MAX), None);
            }
            Input::Stored { user_id, commit } => {
                let Some(Pending::Storing(sent)) = pending(&mut self.0, user_id) else { return };
                if *commit == Commit::Conflict && has(Unreplayed::Node1ConflictIsDone) {
                    *commit = Commit::Done(sent.expected);
                }
                if let Aftermath::Resumed { session, last_seq } = &sent.aftermath {
                    let (key, received) = (session.key, *last_seq);
                    self.0.online_session_mut(user_id, key).into_iter().for_each(|online| before_resume(online, received));
                }
            }
            _ => {}
        }
    }

    fn heard(&mut self, before: &Pure, link: LinkId, heard: &Heard, out: &mut Vec<Effect>) {
        let closes = out.iter().any(|effect| matches!(effect, Effect::Close { .. }));
        match (planted::planted(), &heard.frame) {
            (Some(Planted::Link7FrameNotHeard), ClientFrame::Pong) | (Some(Planted::Link7SyncUnheard), ClientFrame::Sync)
                if !closes =>
            {
                out.retain(|effect| !matches!(effect, Effect::Arm { timer: Timer::Heartbeat(_) | Timer::Ask(_), .. }));
            }
            (Some(Planted::Kick6AnswersTheKicked), ClientFrame::Sync) => {
                if let Some(LinkState::Kicked(place)) = before.links.get(&link).map(|link| &link.state) {
                    let (user_id, task) = (Arc::clone(&place.user_id), Task::Sync(place.session.clone()));
                    self.0.begin(Job { user_id, link: Some(link), task });
                }
            }
            _ => {}
        }
    }

    fn page_went(&mut self, now: UnixMillis, before: &Pure, link: LinkId, out: &mut [Effect]) {
        let Some(LinkState::Live(place)) = before.links.get(&link).map(|link| &link.state) else { return };
        match planted::planted() {
            Some(Planted::Link6PageGoneAtOnce | Planted::Link3LateCloseCounts) if place.session.platform == Platform::Web => {
                self.drop_session(&place.user_id, place.session.clone());
            }
            Some(Planted::Link6WholeLapse) => {
                let is_short = |effect: &&mut Effect| matches!(effect, Effect::Arm { after: PAGE_LAPSE, .. });
                let online = self.0.online_session(&place.user_id, place.session.key);
                let pairs = out.iter_mut().filter(is_short).zip(online);
                pairs.for_each(|(effect, online)| *effect = arm_lapse(&place.user_id, online, now));
            }
            _ => {}
        }
    }

    fn fired(&mut self, timer: &Timer, out: &mut Vec<Effect>) {
        match (planted::planted(), timer) {
            (Some(Planted::Link7NeverAsks), Timer::Ask(_)) => out.retain(|effect| !matches!(effect, Effect::Send { .. })),
            (Some(Planted::Link4LapseGoesOn), Timer::Lapse { user_id, key, .. }) => {
                let online = self.0.online_session(user_id, *key).filter(|online| online.link.is_some());
                let session = online.map(|online| online.session.clone());
                session.into_iter().for_each(|session| self.drop_session(user_id, session));
            }
            _ => {}
        }
    }

    fn loaded(&mut self, now: UnixMillis, before: &Pure, user_id: &Arc<str>, loaded: &Input, out: &mut Vec<Effect>) {
        let superseded = out.iter().any(|effect| matches!(effect, Effect::Close { code: SUPERSEDED, .. }));
        let key = asking_key(before, user_id).filter(|_| superseded && planted::is(Planted::Link3RejectionCleansUp));
        if let Some(online) = key.and_then(|key| self.0.online_session(user_id, key)) {
            let session = online.session.clone();
            self.drop_session(user_id, session);
        }
        let Some(at) = out.iter().position(|effect| matches!(effect, Effect::Commit { .. })) else { return };
        let Some(Pending::Storing(sent)) = pending(&mut self.0, user_id) else { return };
        if let (Effect::Commit { record, callbacks, .. }, Input::Loaded { record: found, .. }) = (&mut out[at], loaded) {
            change_commit(now, found, sent, record);
            callbacks.iter_mut().for_each(change_callback);
        }
        let first = match (&sent.aftermath, sent.job.link) {
            (Aftermath::LoggedOut(session, _), Some(link)) if has(Unreplayed::Logout4AnswersFirst) => {
                vec![say(link, session, ServerFrame::LogoutAnswer)]
            }
            (Aftermath::Accepted(..), Some(link)) if has(Unreplayed::Msg1DeliversFirst) => {
                let Aftermath::Accepted(session, message) = mem::replace(&mut sent.aftermath, Aftermath::Pruned) else { return };
                let mut first = Vec::new();
                self.0.deliver(now, session.key, &message, &mut first);
                first.push(answer_send(link, &session, &message, None));
                first
            }
            _ => Vec::new(),
        };
        out.splice(at..at, first);
    }

    fn stored(&mut self, before: &Pure, user_id: &Arc<str>, out: &mut Vec<Effect>) {
        let under_way = before.busy.get(user_id).and_then(|busy| busy.under_way.as_deref());
        let Some(Pending::Storing(sent) | Pending::Unknown(sent)) = under_way else { return };
        if has(Unreplayed::Node1ConflictIsDone) {
            out.retain(|effect| !matches!(effect, Effect::Committed { .. }));
        }
        match (planted::planted(), &sent.aftermath) {
            (None, Aftermath::LoggedOut(..)) if has(Unreplayed::Logout4AnswersFirst) => {
                out.retain(|effect| said(effect) != Some(&ServerFrame::LogoutAnswer));
            }
            (Some(bug), Aftermath::Resumed { session, .. }) => self.resumed(bug, before, user_id, session, out),
            (Some(Planted::Msg2ReadmissionTellsNoGap), Aftermath::Readmitted { session, .. }) => self.close_gap(user_id, session),
            (Some(Planted::Login9GapNotTold), Aftermath::Admitted { session, .. }) => {
                for effect in out {
                    if let Effect::Send { frame, .. } = effect
                        && let ServerFrame::LoginAnswer { gap, .. } = &mut frame.frame
                    {
                        *gap = false;
                    }
                }
                self.close_gap(user_id, session);
            }
            (Some(Planted::Msg3AnsweredTwice), Aftermath::Accepted(..)) => {
                let answer = out.iter().position(|effect| matches!(said(effect), Some(ServerFrame::SendAnswer { .. })));
                answer.into_iter().for_each(|at| out.insert(at, out[at].clone()));
            }
            _ => {}
        }
    }

    fn resumed(&mut self, bug: Planted, before: &Pure, user_id: &Arc<str>, session: &Session, out: &mut Vec<Effect>) {
        let is_message = |effect: &Effect| matches!(said(effect), Some(ServerFrame::Message { .. }));
        match bug {
            Planted::Msg2ResumeForgets => out.retain(|effect| !is_message(effect)),
            Planted::Msg2ResumeReverses => {
                let first = out.iter().position(is_message).unwrap_or(out.len());
                let messages = out[first..].iter().take_while(|effect| is_message(effect)).count();
                out[first..first + messages].reverse();
            }
            Planted::Link4LapseGoesOn => {
                out.retain(|effect| !matches!(effect, Effect::Disarm { timer: Timer::Lapse { .. } }));
            }
            Planted::Link4SecondLossGoesOn => {
                let (now, then) = (self.0.online_session_mut(user_id, session.key), before.online_session(user_id, session.key));
                now.zip(then).into_iter().for_each(|(now, then)| now.heard_at = then.heard_at);
            }
            _ => {}
        }
    }

    fn close_gap(&mut self, user_id: &str, session: &Session) {
        self.0.online_session_mut(user_id, session.key).into_iter().for_each(|online| online.unacknowledged.name_gap());
    }

    fn drop_session(&mut self, user_id: &Arc<str>, session: Session) {
        self.0.begin(Job::of(Arc::clone(user_id), Task::Drop(session, Cause::Lapsed)));
    }
}

fn pending<'a>(machine: &'a mut Pure, user_id: &str) -> Option<&'a mut Pending> {
    machine.busy.get_mut(user_id)?.under_way.as_deref_mut()
}

/// The instance whose login or resume waits for the account's record.
fn asking_key(machine: &Pure, user_id: &str) -> Option<KeyDigest> {
    match machine.busy.get(user_id)?.under_way.as_deref()? {
        Pending::Loading(Job { task, .. }) => key_of(task),
        Pending::Storing(_) | Pending::Unknown(_) => None,
    }
}

fn key_of(task: &Task) -> Option<KeyDigest> {
    match task {
        Task::Admit(newcomer, _) => Some(newcomer.key),
        Task::Resume { login, .. } => Some(login.session.key),
        _ => None,
    }
}

fn before_resume(online: &mut OnlineSession, received: u64) {
    match planted::planted() {
        Some(Planted::Msg2GapToldOnce) => online.unacknowledged.name_gap(),
        Some(Planted::Msg2ResumeSkipsOne) => online.unacknowledged.acknowledge(received + 1),
        _ => {}
    }
}

/// The job is decided on another record, or asks for another thing.
fn change_loaded(task: &mut Task, record: &mut Record) {
    let key = key_of(task);
    match (planted::planted(), task) {
        (Some(Planted::Msg3RepeatIsNew), Task::Accept(session, message)) => {
            record.accepted.get_mut(&session.key).into_iter().for_each(|sent| sent.retain(|accepted| accepted.id != message.id));
        }
        (Some(Planted::Rest1OldSigAccepted), _) => record.rest_kick_s = None,
        (Some(Planted::Link3EpochIgnored), _) => {
            key.and_then(|key| record.epochs.remove(&key));
        }
        (Some(Planted::Kick8ResumeForgetsKick), Task::Resume { login, .. }) => {
            record.kicks.retain(|kick| (kick.key, kick.digest) != (login.session.key, login.session.digest));
        }
        (Some(Planted::Logout4UnsignedRaises), Task::Repay { shown, .. }) => *shown = Signature::Right,
        (Some(Planted::Link3LateCloseCounts), Task::Drop(session, _)) => {
            let on_record = record.sessions.iter().find(|on_record| on_record.key == session.key);
            on_record.into_iter().for_each(|on_record| *session = on_record.clone());
        }
        _ => {}
    }
}

/// Another record is stored than was decided on what was found, and something else is said of it.
fn change_commit(now: UnixMillis, found: &Record, sent: &mut Sent, record: &mut Record) {
    match (planted::planted(), &mut sent.aftermath) {
        (Some(Planted::Rest1OldSigAccepted), _) => record.rest_kick_s = record.rest_kick_s.max(found.rest_kick_s),
        (Some(Planted::Rest1SecondRoundedUp), Aftermath::AllKicked(..)) => {
            record.rest_kick_s = record.rest_kick_s.max(Some(now.0.div_ceil(1000)));
        }
        (Some(Planted::Rest1NobodyKicked), Aftermath::AllKicked(_, kicked, _)) => {
            *record = Record { rest_kick_s: record.rest_kick_s, ..found.clone() };
            kicked.clear();
        }
        (Some(Planted::Logout1SilencesOthers), Aftermath::LoggedOut(..) | Aftermath::Repaid { .. }) => record.sessions.clear(),
        (Some(Planted::Sig1WrongReason), Aftermath::Kicked(kicked)) => {
            kicked.iter_mut().for_each(|victim| victim.reason = KickReason::RestApi);
            record.kicks.last_mut().into_iter().for_each(|kick| kick.reason = KickReason::RestApi);
        }
        (Some(Planted::Kick8RecordStays), Aftermath::KickForgotten(..)) => record.kicks.clone_from(&found.kicks),
        (Some(Planted::Kick8ResumeForgetsKick), Aftermath::Told { .. }) => record.kicks.clone_from(&found.kicks),
        (Some(Planted::Link5KickedComesBack), Aftermath::KickForgotten(_, raised)) => {
            *raised = None;
            record.epochs.clone_from(&found.epochs);
        }
        (Some(Planted::Link3ToldRaisesNothing), Aftermath::Told { .. }) => record.epochs.clone_from(&found.epochs),
        (Some(Planted::Link2ResumeGoesFirst), Aftermath::Resumed { session, .. }) => {
            record.sessions.sort_by_key(|other| other.key != session.key);
        }
        _ => {}
    }
}

fn change_callback(callback: &mut Callback) {
    let newcomer = callback.device.platform;
    match (planted::planted(), &mut callback.happened) {
        (Some(Planted::Hook1VictimsReversed), Happened::Register { kicked }) => kicked.reverse(),
        (Some(Planted::Hook1WrongPlatform), Happened::Register { kicked }) => {
            kicked.iter_mut().for_each(|victim| victim.platform = newcomer);
        }
        (Some(Planted::Hook1ResumeIsLogin), resumed @ Happened::Resumed) => *resumed = Happened::Register { kicked: Vec::new() },
        _ => {}
    }
}

fn said(effect: &Effect) -> Option<&ServerFrame> {
    if let Effect::Send { frame, .. } = effect { Some(&frame.frame) } else { None }
}
