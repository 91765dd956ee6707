//! Who is told what once a record stands as decided: answers first, then the links that were overtaken, then the victims (KICK-4).
//! Whoever is answered and nothing stored is told here too. It decides nothing.

use std::sync::Arc;

use super::decision::{Aftermath, Answer};
use super::job::{Job, answer_send};
use super::link_state::SessionRef;
use super::unacknowledged::Unacknowledged;
use super::{Effect, LinkId, Machine, Reply, say};
use crate::admission::{Kicked, Repayment};
use crate::planted::{self, Unreplayed};
use crate::protocol::close_code::{NORMAL, POLICY_VIOLATION};
use crate::protocol::{Envelope, ResumeOutcome, ServerFrame, VERSION};
use crate::session::{Epoch, KeyDigest, Session, SessionDigest};
use crate::timers::UnixMillis;

impl Machine {
    pub(super) fn done(&mut self, now: UnixMillis, job: Job, aftermath: Aftermath, effects: &mut Vec<Effect>) {
        let Job { user_id, link, task: _ } = job;
        self.finish(link);
        match (aftermath, link) {
            (Aftermath::Admitted { session, kicked, replaced }, Some(link)) => {
                self.admitted(now, link, SessionRef { user_id, session }, (kicked, replaced), effects);
            }
            (Aftermath::Resumed { session, last_seq }, Some(link)) => {
                self.reattach(now, link, SessionRef { user_id, session }, last_seq, effects);
            }
            (Aftermath::Readmitted { session, last_seq, kicked }, Some(link)) => {
                self.readmitted(now, link, SessionRef { user_id, session }, (last_seq, kicked), effects);
            }
            (Aftermath::Told { session, outcome }, Some(link)) => {
                self.refuse_resume(now, link, &session, outcome, effects);
                self.raised(now, (&user_id, session.key), session.epoch, session.epoch, effects);
            }
            (Aftermath::LoggedOut(session, _), Some(link)) => {
                effects.push(say(link, &session, ServerFrame::LogoutAnswer));
                self.detach(&user_id, &session, effects);
                self.close(now, link, NORMAL, "logged out", effects);
            }
            (Aftermath::Repaid { key, digest, epoch, repayment }, Some(link)) => {
                self.repaid(now, link, &user_id, (key, digest, epoch), &repayment, effects);
            }
            (Aftermath::Accepted(session, message), Some(link)) => {
                self.accepted(now, link, SessionRef { user_id, session }, &message, effects);
            }
            (Aftermath::KickForgotten(session, raised), Some(link)) => {
                self.close(now, link, NORMAL, "kicked", effects);
                if let Some(highest) = raised {
                    self.raised(now, (&user_id, session.key), session.epoch, highest, effects);
                }
            }
            (Aftermath::Dropped(session, _), _) => drop(self.detach(&user_id, &session, effects)),
            (Aftermath::Gone(session), _) => self.gone(&user_id, &session, effects),
            (Aftermath::Kicked(kicked), _) => self.kick_all(&user_id, kicked, effects),
            (Aftermath::AllKicked(request, kicked, user_sig_from_s), _) => {
                self.kick_all(&user_id, kicked, effects);
                effects.push(Effect::Reply { request, reply: Reply::Kicked { user_sig_from_s } });
            }
            (Aftermath::Reconciled(change), _) => self.reconciled(&user_id, change, effects),
            (Aftermath::EpochKept(key), _) => self.watch_epoch(&user_id, key, effects),
            (Aftermath::Pruned, _)
            | (
                Aftermath::Admitted { .. }
                | Aftermath::Resumed { .. }
                | Aftermath::Readmitted { .. }
                | Aftermath::Told { .. }
                | Aftermath::LoggedOut(..)
                | Aftermath::Repaid { .. }
                | Aftermath::Accepted(..)
                | Aftermath::KickForgotten(..),
                None,
            ) => {}
        }
    }

    /// The newcomer's answer is written before any notice (KICK-4).
    fn admitted(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        place: SessionRef,
        (kicked, replaced): (Vec<Kicked>, Option<Session>),
        effects: &mut Vec<Effect>,
    ) {
        let (user_id, key, epoch) = (Arc::clone(&place.user_id), place.session.key, place.session.epoch);
        let owed = replaced
            .is_some_and(|replaced| self.detach(&user_id, &replaced, effects).is_none_or(|online| online.unacknowledged.owes()));
        effects.push(place.say(link, ServerFrame::LoginAnswer { refused: None, gap: owed }));
        let unacknowledged = if owed { Unacknowledged::behind_gap(0) } else { Unacknowledged::of_admitted(0) };
        self.attach(now, link, place, unacknowledged, effects);
        self.supersede_older(now, (&user_id, key), epoch, epoch, effects);
        self.kick_all(&user_id, kicked, effects);
    }

    /// LINK-5: what came while the session was not on record is lost to it; its messages are counted on behind that gap.
    fn readmitted(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        place: SessionRef,
        (last_seq, kicked): (u64, Vec<Kicked>),
        effects: &mut Vec<Effect>,
    ) {
        let (user_id, key, epoch) = (Arc::clone(&place.user_id), place.session.key, place.session.epoch);
        effects.push(place.say(link, ServerFrame::ResumeAnswer { outcome: ResumeOutcome::Readmitted }));
        self.attach(now, link, place, Unacknowledged::of_readmitted(last_seq), effects);
        self.supersede_older(now, (&user_id, key), epoch, epoch, effects);
        self.kick_all(&user_id, kicked, effects);
    }

    /// The session is not on record, unless a newer link carries it (LINK-3).
    fn gone(&mut self, user_id: &Arc<str>, session: &Session, effects: &mut Vec<Effect>) {
        if self.online_session(user_id, session.key).is_some_and(|online| online.session.epoch == session.epoch) {
            self.detach(user_id, session, effects);
        }
    }

    /// LINK-3: a commit on a link of that number raised the epoch of an instance that has no session.
    fn raised(
        &mut self,
        now: UnixMillis,
        (user_id, key): (&Arc<str>, KeyDigest),
        newer: Epoch,
        highest: Epoch,
        effects: &mut Vec<Effect>,
    ) {
        self.supersede_older(now, (user_id, key), newer, highest, effects);
        self.watch_epoch(user_id, key, effects);
    }

    pub(super) fn kick_all(&mut self, user_id: &Arc<str>, kicked: Vec<Kicked>, effects: &mut Vec<Effect>) {
        for victim in kicked {
            self.kick(user_id, &victim.session, victim.reason, effects);
        }
    }

    /// LOGOUT-4: an owed logout is always answered, under its session's name; a link that still carried that session is closed as
    /// superseded, since its instance has gone on to this one.
    fn repaid(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        user_id: &Arc<str>,
        (key, digest, epoch): (KeyDigest, SessionDigest, Epoch),
        repayment: &Repayment,
        effects: &mut Vec<Effect>,
    ) {
        effects.push(logout_answer(link, digest, epoch));
        let meant = self.online_session(user_id, key).filter(|online| online.session.digest == digest);
        let ended = meant.map(|online| online.session.clone()).and_then(|session| self.detach(user_id, &session, effects));
        if let Some(highest) = repayment.supersedes {
            self.raised(now, (user_id, key), epoch, highest, effects);
        }
        if let Some(older) = ended.and_then(|online| online.link) {
            self.close_superseded(now, older, repayment.highest, effects);
        }
    }

    /// Nothing is stored: the record stays as it is.
    pub(super) fn answer(&mut self, now: UnixMillis, job: Job, answer: Answer, effects: &mut Vec<Effect>) {
        let Job { user_id, link, task: _ } = job;
        self.finish(link);
        match (answer, link) {
            (Answer::Stays(session), _) => self.stays(&user_id, session),
            (Answer::Lost(session), _) => self.give_up(now, &user_id, &session, effects),
            (answer, Some(link)) => self.answer_link(now, user_id, link, answer, effects),
            (_, None) => {}
        }
    }

    fn answer_link(&mut self, now: UnixMillis, user_id: Arc<str>, link: LinkId, answer: Answer, effects: &mut Vec<Effect>) {
        match answer {
            Answer::LoginRefused(session, why) => self.refuse_login(now, link, &user_id, &session, why, effects),
            Answer::ResumeRefused(session, refusal) => {
                self.refuse_resume(now, link, &session, ResumeOutcome::Refused { refusal }, effects);
            }
            Answer::Kicked(session, reason) => self.give_notice(link, SessionRef { user_id, session }, reason, effects),
            Answer::AnotherSession(_) if planted::has(Unreplayed::Link11AnotherSessionLost) => {
                self.close(now, link, POLICY_VIOLATION, "this instance has another session", effects);
            }
            Answer::Superseded(highest) | Answer::AnotherSession(highest) => self.close_superseded(now, link, highest, effects),
            Answer::Synced(session, online) => {
                effects.push(say(link, &session, ServerFrame::SyncAnswer { online, server_time_ms: now.0 }));
            }
            Answer::NotAccepted(session, message, refused) => effects.push(answer_send(link, &session, &message, refused)),
            Answer::Stays(_) | Answer::Lost(_) | Answer::Nothing => {}
        }
    }

    /// A refused readmission is an answer; both ends close the link (LINK-9).
    pub(super) fn refuse_resume(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        session: &Session,
        outcome: ResumeOutcome,
        effects: &mut Vec<Effect>,
    ) {
        effects.push(say(link, session, ServerFrame::ResumeAnswer { outcome }));
        self.close(now, link, NORMAL, "not readmitted", effects);
    }
}

/// The answer to an owed logout names the session that it was about.
pub(super) fn logout_answer(link: LinkId, session: SessionDigest, epoch: Epoch) -> Effect {
    Effect::Send { link, frame: Envelope { v: VERSION, session, epoch, frame: ServerFrame::LogoutAnswer } }
}
