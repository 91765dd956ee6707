//! Sessions whose links are up once the registry has another primary, which may have lost what this node committed: each is decided anew
//! (NODE-5). It decides nothing itself.

use std::sync::Arc;

use super::decision::{Aftermath, Decision};
use super::job::{Job, Task};
use super::{Effect, Machine};
use crate::admission::{self, Change, Occasion, Reconciliation};
use crate::protocol::close_code::GIVEN_UP;
use crate::registry::Version;
use crate::session::{Record, Reign, Session};
use crate::timers::UnixMillis;

impl Machine {
    /// Every account is loaded whose sessions here follow what an earlier primary had.
    pub(super) fn begin_reign(&mut self, reign: Reign) {
        let is_behind = |known: &Version| known.reign() < reign;
        let behind: Vec<_> = self.held().into_iter().filter(|(_, known)| is_behind(known)).collect();
        behind.into_iter().for_each(|(user_id, _)| self.begin(Job::of(user_id, Task::Follow)));
    }

    /// The record has lost that these sessions are online over their links: they are decided anew before anything else of the account is.
    pub(super) fn decide_anew(&mut self, user_id: &Arc<str>, lost: &[Session]) {
        let jobs = lost.iter().map(|session| Job::of(Arc::clone(user_id), Task::Reconcile(session.clone())));
        let first = &mut self.busy.entry(Arc::clone(user_id)).or_default().next;
        jobs.rev().for_each(|job| first.push_front(job));
    }

    /// What was under way goes on behind those; a session that is decided anew once more is among them.
    pub(super) fn go_behind(&mut self, lost: usize, job: Job) {
        if !matches!(job.task, Task::Reconcile(_) | Task::Follow) {
            self.busy.entry(Arc::clone(&job.user_id)).or_default().next.insert(lost, job);
        }
    }

    pub(super) fn reconcile(
        &mut self,
        now: UnixMillis,
        user_id: &Arc<str>,
        session: &Session,
        record: Record,
        effects: &mut Vec<Effect>,
    ) -> Option<Decision> {
        let held = self.held_sessions(user_id);
        held.iter().find(|online| online.session.digest == session.digest)?;
        let is_down = |of: &Session| held.iter().any(|online| online.link.is_none() && online.session == *of);
        let of = |occasion| Change::of(occasion, now);
        let (record, change) = match admission::reconcile(&self.app, record, session, is_down, now) {
            Reconciliation::Stands => {
                self.stays(user_id, session.clone());
                return None;
            }
            Reconciliation::Resumed { record, session } => (record, Change { resumed: Some(session), ..of(Occasion::Resume) }),
            Reconciliation::Readmitted { record, session, kicked } => {
                (record, Change { admitted: Some(session), kicked, ..of(Occasion::Readmission) })
            }
            Reconciliation::Out => {
                self.give_up(now, user_id, session, effects);
                return None;
            }
        };
        Some((Some(record), Aftermath::Reconciled(change)))
    }

    /// The session's instance is told nothing: it is online, as it believes.
    pub(super) fn reconciled(&mut self, user_id: &Arc<str>, change: Change, effects: &mut Vec<Effect>) {
        let Change { admitted, resumed, kicked, .. } = change;
        admitted.into_iter().chain(resumed).for_each(|session| self.stays(user_id, session));
        self.kick_all(user_id, kicked, effects);
    }

    fn stays(&mut self, user_id: &Arc<str>, session: Session) {
        let held = self.online_session_mut(user_id, session.key).filter(|online| online.session.digest == session.digest);
        held.into_iter().for_each(|online| (online.session, online.is_lost) = (session.clone(), false));
    }

    /// The registry is out of reach: the account is found once more by what it is known by.
    pub(super) fn reconcile_later(&mut self, user_id: &str, session: &Session) {
        self.online_session_mut(user_id, session.key).into_iter().for_each(|online| online.is_lost = true);
        self.knows(user_id, Version::default());
    }

    /// What came over the link waits for nothing any more; the resume that follows is told why (LINK-5).
    fn give_up(&mut self, now: UnixMillis, user_id: &Arc<str>, session: &Session, effects: &mut Vec<Effect>) {
        let Some(link) = self.detach(user_id, session, effects).and_then(|online| online.link) else { return };
        if let Some(busy) = self.busy.get_mut(user_id) {
            busy.next.retain(|job| job.link != Some(link));
        }
        self.finish(Some(link));
        self.close(now, link, GIVEN_UP, "its session is lost with an earlier primary of the registry", effects);
    }
}
