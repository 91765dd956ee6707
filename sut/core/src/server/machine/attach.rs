//! How a session gets a link, loses it and goes: the node's own list of what stands on record, with the timers that belong to it. It
//! follows the record and never decides about it.

use std::sync::Arc;

use super::frames::arm_ask;
use super::link_state::{Link, LinkState, OnlineSession, Sends, SessionRef};
use super::timer::{PAGE_LAPSE, lapse_of};
use super::unacknowledged::{Continuity, Unacknowledged};
use super::{Effect, LinkId, Machine, Timer};
use crate::admission::EPOCH_KEPT;
use crate::planted::{self, Planted};
use crate::protocol::ServerFrame;
use crate::protocol::close_code::{SUPERSEDED, superseded_reason};
use crate::registry::Version;
use crate::session::{Epoch, KeyDigest, KickReason, Record, Session, SessionDigest};
use crate::timers::{HEARTBEAT, UnixMillis};

/// How a link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// It was lost, or the node closed it.
    Lost,
    /// The page closed it as it went, if it was one (LINK-6).
    PageWent,
}

impl Machine {
    /// LINK-8: a node that starts finds these sessions on record, or takes them over among several (NODE-3). Their links are down, their lapses
    /// start anew. What an earlier life kept for them is lost, but for those that it owed nothing (MSG-2).
    pub(super) fn restored(
        &mut self,
        now: UnixMillis,
        user_id: &Arc<str>,
        record: Record,
        owed_nothing: &[SessionDigest],
        effects: &mut Vec<Effect>,
    ) {
        let Record { sessions, epochs, .. } = record;
        if self.life.is_some() && planted::is(Planted::Node3NobodyTakesOver) {
            return;
        }
        for session in sessions {
            self.let_go_of_older(user_id, &session, effects);
            if self.online_session(user_id, session.key).is_none() {
                let unacknowledged = match owed_nothing.contains(&session.digest) {
                    true => Unacknowledged::of_restored(Continuity::Whole),
                    false if planted::is(Planted::Node3NoGapTakenOver) && self.life.is_some() => {
                        Unacknowledged::of_restored(Continuity::Whole)
                    }
                    false if self.life.is_some() => Unacknowledged::of_taken_over(),
                    false => Unacknowledged::of_restored(Continuity::Gap),
                };
                let sends = Sends::default();
                let online = OnlineSession { session, link: None, heard_at: now, sends, unacknowledged, is_lost: false };
                effects.extend([arm_lapse(user_id, &online, now), arm_expiry(user_id, &online, now)]);
                self.online_sessions_mut(user_id).push(online);
                // What was read may be late: the next record that is loaded says who is still there.
                self.knows(user_id, Version::default());
            }
        }
        for (key, _) in epochs {
            self.watch_epoch(user_id, key, effects);
        }
    }

    /// Where the node waits for the instance still, over whose link before this one it heard of it last.
    fn let_go_of_older(&mut self, user_id: &Arc<str>, session: &Session, effects: &mut Vec<Effect>) {
        let Some(held) = self.accounts.get_mut(user_id) else { return };
        let is_older = |online: &mut OnlineSession| {
            online.session.key == session.key && online.link.is_none() && online.session.epoch < session.epoch
        };
        for older in held.sessions.extract_if(.., is_older) {
            effects.extend([older.lapse(user_id), older.expiry(user_id)].map(|timer| Effect::Disarm { timer }));
        }
    }

    /// The link of an admitted login, or of a readmission, carries its session from now on.
    pub(super) fn attach(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        place: SessionRef,
        unacknowledged: Unacknowledged,
        effects: &mut Vec<Effect>,
    ) {
        let session = place.session.clone();
        let sends = Sends::default();
        let online = OnlineSession { session, link: Some(link), heard_at: now, sends, unacknowledged, is_lost: false };
        effects.push(arm_expiry(&place.user_id, &online, now));
        let sessions = self.online_sessions_mut(&place.user_id);
        sessions.reserve_exact(1);
        sessions.push(online);
        self.carry(link, place, effects);
    }

    /// LINK-2: the session goes on over this link; older ones that are still open are closed. What the session did not receive is
    /// sent again (MSG-2).
    pub(super) fn reattach(&mut self, now: UnixMillis, link: LinkId, place: SessionRef, last_seq: u64, effects: &mut Vec<Effect>) {
        let (user_id, session) = (Arc::clone(&place.user_id), place.session.clone());
        if self.online_session(&user_id, session.key).is_none() {
            let (sends, unacknowledged) = (Sends::default(), Unacknowledged::of_restored(Continuity::Gap));
            let online =
                OnlineSession { session: session.clone(), link: None, heard_at: now, sends, unacknowledged, is_lost: false };
            effects.push(arm_expiry(&user_id, &online, now));
            self.online_sessions_mut(&user_id).push(online);
        }
        let online = self.online_session_mut(&user_id, session.key).expect("it is online now");
        (online.session, online.heard_at, online.link) = (session, now, Some(link));
        let continuity = online.unacknowledged.resume(last_seq);
        let (kept, lapse) = (online.unacknowledged.frames().collect::<Vec<_>>(), online.lapse(&user_id));
        effects.push(place.say(link, resumed(continuity)));
        effects.push(Effect::Disarm { timer: lapse });
        let (key, epoch) = (place.session.key, place.session.epoch);
        self.supersede_older(now, (&user_id, key), epoch, epoch, effects);
        effects.extend(kept.into_iter().map(|message| place.say(link, message)));
        self.carry(link, place, effects);
    }

    fn carry(&mut self, link: LinkId, place: SessionRef, effects: &mut Vec<Effect>) {
        effects.push(Effect::Disarm { timer: Timer::Epoch { user_id: Arc::clone(&place.user_id), key: place.session.key } });
        effects.push(arm_ask(link));
        self.set_state(link, LinkState::Live(Box::new(place)));
    }

    /// The session is not on record any more; what it was sent and what it waited for goes with it.
    pub(super) fn detach(&mut self, user_id: &Arc<str>, session: &Session, effects: &mut Vec<Effect>) -> Option<OnlineSession> {
        let sessions = &mut self.accounts.get_mut(user_id)?.sessions;
        let meant = |online: &OnlineSession| online.session.key == session.key && online.session.digest == session.digest;
        let online = sessions.remove(sessions.iter().position(meant)?);
        if sessions.is_empty() {
            self.accounts.remove(user_id);
        }
        if online.link.is_none() {
            effects.push(Effect::Disarm { timer: online.lapse(user_id) });
        }
        effects.push(Effect::Disarm { timer: online.expiry(user_id) });
        self.watch_epoch(user_id, session.key, effects);
        Some(online)
    }

    /// KICK-6: from here on the notice is the last thing that the session's link hears, and the link ends at the heartbeat time. A
    /// session whose link is down is told at its resume.
    pub(super) fn kick(&mut self, user_id: &Arc<str>, victim: &Session, reason: KickReason, effects: &mut Vec<Effect>) {
        let online = self.detach(user_id, victim, effects);
        if let Some(link) = online.and_then(|online| online.link) {
            let place = SessionRef { user_id: Arc::clone(user_id), session: victim.clone() };
            effects.push(Effect::Disarm { timer: Timer::Ask(link) });
            self.give_notice(link, place, reason, effects);
        }
    }

    /// KICK-8: the notice is written, which is no acknowledgement.
    pub(super) fn give_notice(&mut self, link: LinkId, place: SessionRef, reason: KickReason, effects: &mut Vec<Effect>) {
        effects.push(place.say(link, ServerFrame::Notice { reason }));
        effects.push(Effect::Arm { timer: Timer::Heartbeat(link), after: HEARTBEAT });
        self.set_state(link, LinkState::Kicked(Box::new(place)));
    }

    /// Ends a link that is known; nothing that comes from it counts any more. A session that it carries keeps its place (LINK-1).
    pub(super) fn close(&mut self, now: UnixMillis, link: LinkId, code: u16, reason: &str, effects: &mut Vec<Effect>) {
        if self.links.contains_key(&link) {
            effects.push(Effect::Close { link, code, reason: reason.to_owned() });
            self.forget(now, link, Loss::Lost, effects);
        }
    }

    /// LINK-3: a commit on a link of that number has recorded a greater epoch; every older link of the instance that carries or carried a
    /// session of the account is closed.
    pub(super) fn supersede_older(
        &mut self,
        now: UnixMillis,
        (user_id, key): (&Arc<str>, KeyDigest),
        newer: Epoch,
        highest: Epoch,
        effects: &mut Vec<Effect>,
    ) {
        let is_older = |place: &&SessionRef| place.user_id == *user_id && place.session.epoch < newer;
        let place_of = |link| self.links.get(link).and_then(|link| link.state.place());
        let carriers = self.carriers.range((key, LinkId(u64::MIN))..=(key, LinkId(u64::MAX))).map(|(_, link)| link);
        let older: Vec<_> = carriers.filter(|link| place_of(link).filter(is_older).is_some()).copied().collect();
        for link in older {
            self.close_superseded(now, link, highest, effects);
        }
    }

    pub(super) fn close_superseded(&mut self, now: UnixMillis, link: LinkId, highest: Epoch, effects: &mut Vec<Effect>) {
        self.close(now, link, SUPERSEDED, &superseded_reason(highest), effects);
    }

    /// The link is gone: the session that it carries has its link down, and lapses (LINK-4, LINK-6).
    pub(super) fn forget(&mut self, now: UnixMillis, link: LinkId, loss: Loss, effects: &mut Vec<Effect>) -> Option<Link> {
        let gone = self.links.remove(&link)?;
        if let Some(place) = gone.state.place() {
            self.carriers.remove(&(place.session.key, link));
        }
        effects.push(Effect::Disarm { timer: Timer::Heartbeat(link) });
        if gone.waits.is_some() {
            effects.push(Effect::Disarm { timer: Timer::Retry(link) });
        }
        if let LinkState::Live(place) = &gone.state {
            let SessionRef { user_id, session } = &**place;
            effects.push(Effect::Disarm { timer: Timer::Ask(link) });
            if let Some(online) = self.online_session_mut(user_id, session.key).filter(|online| online.link == Some(link)) {
                online.link = None;
                effects.push(lapse_after(user_id, online, loss, now));
            }
        }
        Some(gone)
    }

    /// LINK-3: an instance without a session has its epoch forgotten in a while.
    pub(super) fn watch_epoch(&self, user_id: &Arc<str>, key: KeyDigest, effects: &mut Vec<Effect>) {
        if self.online_session(user_id, key).is_none() {
            effects.push(Effect::Arm { timer: Timer::Epoch { user_id: Arc::clone(user_id), key }, after: EPOCH_KEPT });
        }
    }

    /// The account's sessions, oldest login first.
    pub(super) fn held_sessions(&self, user_id: &str) -> &[OnlineSession] {
        self.accounts.get(user_id).map_or(&[], |held| &held.sessions)
    }

    pub(super) fn online_session(&self, user_id: &str, key: KeyDigest) -> Option<&OnlineSession> {
        self.held_sessions(user_id).iter().find(|online| online.session.key == key)
    }

    pub(super) fn online_session_mut(&mut self, user_id: &str, key: KeyDigest) -> Option<&mut OnlineSession> {
        self.accounts.get_mut(user_id)?.sessions.iter_mut().find(|online| online.session.key == key)
    }

    fn online_sessions_mut(&mut self, user_id: &Arc<str>) -> &mut Vec<OnlineSession> {
        &mut self.accounts.entry(Arc::clone(user_id)).or_default().sessions
    }

    fn set_state(&mut self, id: LinkId, state: LinkState) {
        if let Some(link) = self.links.get_mut(&id) {
            self.carriers.extend(state.place().map(|place| (place.session.key, id)));
            (link.state, link.waits) = (state, None);
        }
    }
}

/// What is left of the lapse since the session's last frame (LINK-4).
pub(super) fn arm_lapse(user_id: &Arc<str>, online: &OnlineSession, now: UnixMillis) -> Effect {
    let due = online.heard_at.plus(lapse_of(online.session.platform));
    Effect::Arm { timer: online.lapse(user_id), after: now.until(due) }
}

/// A page that went may be back in a moment (LINK-6); anything else is a lost link.
fn lapse_after(user_id: &Arc<str>, online: &OnlineSession, loss: Loss, now: UnixMillis) -> Effect {
    match loss {
        Loss::PageWent if online.session.platform.is_page() => Effect::Arm { timer: online.lapse(user_id), after: PAGE_LAPSE },
        Loss::PageWent | Loss::Lost => arm_lapse(user_id, online, now),
    }
}

fn arm_expiry(user_id: &Arc<str>, online: &OnlineSession, now: UnixMillis) -> Effect {
    Effect::Arm { timer: online.expiry(user_id), after: now.until(online.session.expires_at) }
}

fn resumed(continuity: Continuity) -> ServerFrame {
    use crate::protocol::ResumeOutcome::Resumed;
    let outcome = match continuity {
        Continuity::Whole => Resumed { gap: false },
        Continuity::Gap => Resumed { gap: true },
    };
    ServerFrame::ResumeAnswer { outcome }
}
