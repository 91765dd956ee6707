//! Who is told what once a record stands as decided: answers first, then the links that were overtaken, then the victims (KICK-4).
//! It decides nothing; a resume that stores nothing is answered here too.

use std::sync::Arc;

use super::job::{Aftermath, Cause, Decision, Job, Task, answer_send};
use super::seat::Place;
use super::{Effect, LinkId, Machine, Reply, say};
use crate::admission::{Kicked, Login, Resumption};
use crate::planted::{self, Planted, Unreplayed};
use crate::protocol::close_code::{NORMAL, POLICY_VIOLATION};
use crate::protocol::{Envelope, ResumeOutcome, ServerFrame, VERSION};
use crate::session::{Epoch, InstanceKey, Secret, Session};
use crate::timers::UnixMillis;

impl Machine {
    pub(super) fn done(&mut self, now: UnixMillis, job: Job, aftermath: Aftermath, effects: &mut Vec<Effect>) {
        let Job { user_id, link, task: _ } = job;
        match (aftermath, link) {
            (Aftermath::Admitted { session, kicked, replaced }, Some(link)) => {
                self.admitted(now, link, Place { user_id, session }, (kicked, replaced), effects);
            }
            (Aftermath::Resumed { session, last_seq }, Some(link)) => {
                self.sit_again(now, link, Place { user_id, session }, last_seq, effects);
            }
            (Aftermath::Readmitted { session, last_seq, kicked }, Some(link)) => {
                let outcome = ResumeOutcome::Readmitted;
                effects.push(say(link, &session, ServerFrame::ResumeAnswer { outcome }));
                self.sit(now, link, Place { user_id: Arc::clone(&user_id), session }, last_seq, effects);
                self.kick_all(&user_id, kicked, effects);
            }
            (Aftermath::LoggedOut(session, _), Some(link)) => {
                if !planted::has(Unreplayed::Logout4AnswersFirst) {
                    effects.push(say(link, &session, ServerFrame::LogoutAnswer));
                }
                self.unseat(&user_id, &session, effects);
                self.close(now, link, NORMAL, "logged out", effects);
            }
            (Aftermath::Repaid { key, secret, epoch, ended: _ }, Some(link)) => {
                self.repaid(now, link, &user_id, (key, secret, epoch), effects);
            }
            (Aftermath::Accepted(..), Some(_)) if planted::has(Unreplayed::Msg1DeliversFirst) => {}
            (Aftermath::Accepted(session, message), Some(link)) => {
                self.deliver(now, session.key, &message, effects);
                effects.push(answer_send(link, &session, &message, None));
                if planted::is(Planted::Msg3AnsweredTwice) {
                    effects.push(answer_send(link, &session, &message, None));
                }
            }
            (Aftermath::KickForgotten, Some(link)) => self.close(now, link, NORMAL, "kicked", effects),
            (Aftermath::Dropped(session, _) | Aftermath::Gone(session), _) => drop(self.unseat(&user_id, &session, effects)),
            (Aftermath::Kicked(kicked), _) => self.kick_all(&user_id, kicked, effects),
            (Aftermath::AllKicked(request, kicked), _) => {
                self.kick_all(&user_id, kicked, effects);
                effects.push(Effect::Reply { request, reply: Reply::Kicked });
            }
            (Aftermath::Pruned, _)
            | (
                Aftermath::Admitted { .. }
                | Aftermath::Resumed { .. }
                | Aftermath::Readmitted { .. }
                | Aftermath::LoggedOut(..)
                | Aftermath::Repaid { .. }
                | Aftermath::Accepted(..)
                | Aftermath::KickForgotten,
                None,
            ) => {}
        }
    }

    /// The planted opposite of saying nothing before the record is stored.
    pub(super) fn speak_first(&mut self, now: UnixMillis, job: &Job, aftermath: &Aftermath, effects: &mut Vec<Effect>) {
        let Some(link) = job.link else { return };
        match aftermath {
            Aftermath::LoggedOut(session, _) if planted::has(Unreplayed::Logout4AnswersFirst) => {
                effects.push(say(link, session, ServerFrame::LogoutAnswer));
            }
            Aftermath::Accepted(session, message) if planted::has(Unreplayed::Msg1DeliversFirst) => {
                self.deliver(now, session.key, message, effects);
                effects.push(answer_send(link, session, message, None));
            }
            Aftermath::Admitted { .. }
            | Aftermath::Resumed { .. }
            | Aftermath::Readmitted { .. }
            | Aftermath::LoggedOut(..)
            | Aftermath::Repaid { .. }
            | Aftermath::Dropped(..)
            | Aftermath::Gone(_)
            | Aftermath::Kicked(_)
            | Aftermath::AllKicked(..)
            | Aftermath::KickForgotten
            | Aftermath::Accepted(..)
            | Aftermath::Pruned => {}
        }
    }

    /// The newcomer's answer is written before any notice (KICK-4).
    fn admitted(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        place: Place,
        (kicked, replaced): (Vec<Kicked>, Option<Session>),
        effects: &mut Vec<Effect>,
    ) {
        let user_id = Arc::clone(&place.user_id);
        effects.push(place.say(link, ServerFrame::LoginAnswer { refused: None }));
        let older = replaced.and_then(|replaced| self.unseat(&user_id, &replaced, effects)).and_then(|seat| seat.link);
        self.sit(now, link, place, 0, effects);
        if let Some(older) = older {
            self.supersede(now, older, effects);
        }
        self.kick_all(&user_id, kicked, effects);
    }

    fn kick_all(&mut self, user_id: &Arc<str>, kicked: Vec<Kicked>, effects: &mut Vec<Effect>) {
        for victim in kicked {
            self.kick(user_id, &victim.session, victim.reason, effects);
        }
    }

    /// LOGOUT-4: an owed logout is always answered, under its session's secret; a link that still carried that session is closed.
    fn repaid(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        user_id: &Arc<str>,
        (key, secret, epoch): (InstanceKey, Secret, Epoch),
        effects: &mut Vec<Effect>,
    ) {
        effects.push(logout_answer(link, secret, epoch));
        self.hold(link, user_id, key, effects);
        let meant = self.seat_of(user_id, key).filter(|seat| seat.session.secret == secret);
        let Some(session) = meant.map(|seat| seat.session.clone()) else {
            return;
        };
        if let Some(older) = self.unseat(user_id, &session, effects).and_then(|seat| seat.link) {
            self.supersede(now, older, effects);
        }
    }

    /// LINK-5: what a resume comes to; only a session that goes on or is in anew has a record to store.
    pub(super) fn decide_resume(
        &mut self,
        now: UnixMillis,
        job: &Job,
        (login, last_seq): (Login, u64),
        resumption: Resumption,
        effects: &mut Vec<Effect>,
    ) -> Option<Decision> {
        let link = job.link?;
        match resumption {
            Resumption::Resumed { record, session } => return Some((Some(record), Aftermath::Resumed { session, last_seq })),
            Resumption::Readmitted { record, session, kicked } => {
                return Some((Some(record), Aftermath::Readmitted { session, last_seq, kicked }));
            }
            Resumption::Kicked(reason) => {
                let place = Place { user_id: Arc::clone(&job.user_id), session: login.session };
                self.give_notice(link, place, reason, effects);
            }
            Resumption::Told(reason) => self.refuse_resume(now, link, &login.session, ResumeOutcome::Told { reason }, effects),
            Resumption::Refused(refusal) => {
                self.refuse_resume(now, link, &login.session, ResumeOutcome::Refused { refusal }, effects);
            }
            Resumption::Superseded => self.turn_away(now, link, &job.user_id, login.session.key, effects),
            Resumption::AnotherSession => {
                self.close(now, link, POLICY_VIOLATION, "this instance has another session", effects);
            }
        }
        None
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

    /// LINK-3: the link was overtaken before it said anything.
    pub(super) fn turn_away(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        user_id: &Arc<str>,
        key: InstanceKey,
        effects: &mut Vec<Effect>,
    ) {
        self.close_superseded(now, link, effects);
        if planted::is(Planted::Link3RejectionCleansUp)
            && let Some(seat) = self.seat_of(user_id, key)
        {
            let session = seat.session.clone();
            self.begin(Job::of(Arc::clone(user_id), Task::Drop(session, Cause::PageClosed)));
        }
    }
}

/// The answer to an owed logout names the session that it was about.
pub(super) fn logout_answer(link: LinkId, session: Secret, epoch: Epoch) -> Effect {
    Effect::Send { link, frame: Envelope { v: VERSION, session, epoch, frame: ServerFrame::LogoutAnswer } }
}
