//! How a session gets a link, loses it and goes: the node's own list of what stands on record, with the timers that belong to it. It
//! follows the record and never decides about it.

use std::sync::Arc;

use super::frames::arm_ask;
use super::outbox::{Continuity, Outbox};
use super::seat::{Link, Place, Seat, Sends, Stage};
use super::timer::{PAGE_LAPSE, lapse_of};
use super::{Effect, LinkId, Machine, Timer};
use crate::admission::EPOCH_KEPT;
use crate::protocol::ServerFrame;
use crate::protocol::close_code::{SUPERSEDED, superseded_reason};
use crate::session::{Epoch, KeyDigest, KickReason, Platform, Record, Session, SessionDigest};
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
    /// LINK-8: a node that starts finds these sessions on record. Their links are down, their lapses start anew. What an earlier life kept
    /// for them is lost, but for those that it owed nothing (MSG-2).
    pub(super) fn restored(
        &mut self,
        now: UnixMillis,
        user_id: &Arc<str>,
        record: Record,
        owed_nothing: &[SessionDigest],
        effects: &mut Vec<Effect>,
    ) {
        let Record { sessions, epochs, .. } = record;
        for session in sessions {
            if self.seat_of(user_id, session.key).is_none() {
                let is_whole = owed_nothing.contains(&session.digest);
                let continuity = if is_whole { Continuity::Whole } else { Continuity::Gap };
                let seat =
                    Seat { session, link: None, heard_at: now, sends: Sends::default(), outbox: Outbox::of_restored(continuity) };
                effects.extend([arm_lapse(user_id, &seat, now), arm_expiry(user_id, &seat, now)]);
                self.seats_mut(user_id).push(seat);
            }
        }
        for (key, _) in epochs {
            self.watch_epoch(user_id, key, effects);
        }
    }

    /// The link of an admitted login, or of a readmission, carries its session from now on.
    pub(super) fn sit(&mut self, now: UnixMillis, link: LinkId, place: Place, outbox: Outbox, effects: &mut Vec<Effect>) {
        let session = place.session.clone();
        let seat = Seat { session, link: Some(link), heard_at: now, sends: Sends::default(), outbox };
        effects.push(arm_expiry(&place.user_id, &seat, now));
        let seats = self.seats_mut(&place.user_id);
        seats.reserve_exact(1);
        seats.push(seat);
        self.carry(link, place, effects);
    }

    /// LINK-2: the session goes on over this link; older ones that are still open are closed. What the session did not receive is
    /// sent again (MSG-2).
    pub(super) fn sit_again(&mut self, now: UnixMillis, link: LinkId, place: Place, last_seq: u64, effects: &mut Vec<Effect>) {
        let (user_id, session) = (Arc::clone(&place.user_id), place.session.clone());
        if self.seat_of(&user_id, session.key).is_none() {
            let outbox = Outbox::of_restored(Continuity::Gap);
            let seat = Seat { session: session.clone(), link: None, heard_at: now, sends: Sends::default(), outbox };
            effects.push(arm_expiry(&user_id, &seat, now));
            self.seats_mut(&user_id).push(seat);
        }
        let seat = self.seat_mut(&user_id, session.key).expect("it sits now");
        (seat.session, seat.heard_at, seat.link) = (session, now, Some(link));
        let continuity = seat.outbox.resume(last_seq);
        let (kept, lapse) = (seat.outbox.frames().collect::<Vec<_>>(), seat.lapse(&user_id));
        effects.push(place.say(link, resumed(continuity)));
        effects.push(Effect::Disarm { timer: lapse });
        let (key, epoch) = (place.session.key, place.session.epoch);
        self.supersede_older(now, (&user_id, key), epoch, epoch, effects);
        effects.extend(kept.into_iter().map(|message| place.say(link, message)));
        self.carry(link, place, effects);
    }

    fn carry(&mut self, link: LinkId, place: Place, effects: &mut Vec<Effect>) {
        effects.push(Effect::Disarm { timer: Timer::Epoch { user_id: Arc::clone(&place.user_id), key: place.session.key } });
        effects.push(arm_ask(link));
        self.set_stage(link, Stage::Live(Box::new(place)));
    }

    /// The session is not on record any more; what it was sent and what it waited for goes with it.
    pub(super) fn unseat(&mut self, user_id: &Arc<str>, session: &Session, effects: &mut Vec<Effect>) -> Option<Seat> {
        let seats = self.accounts.get_mut(user_id)?;
        let meant = |seat: &Seat| seat.session.key == session.key && seat.session.digest == session.digest;
        let seat = seats.remove(seats.iter().position(meant)?);
        if seats.is_empty() {
            self.accounts.remove(user_id);
        }
        if seat.link.is_none() {
            effects.push(Effect::Disarm { timer: seat.lapse(user_id) });
        }
        effects.push(Effect::Disarm { timer: seat.expiry(user_id) });
        self.watch_epoch(user_id, session.key, effects);
        Some(seat)
    }

    /// KICK-6: from here on the notice is the last thing that the session's link hears, and the link ends at the heartbeat time. A
    /// session whose link is down is told at its resume.
    pub(super) fn kick(&mut self, user_id: &Arc<str>, victim: &Session, reason: KickReason, effects: &mut Vec<Effect>) {
        let seat = self.unseat(user_id, victim, effects);
        if let Some(link) = seat.and_then(|seat| seat.link) {
            let place = Place { user_id: Arc::clone(user_id), session: victim.clone() };
            effects.push(Effect::Disarm { timer: Timer::Ask(link) });
            self.give_notice(link, place, reason, effects);
        }
    }

    /// KICK-8: the notice is written, which is no acknowledgement.
    pub(super) fn give_notice(&mut self, link: LinkId, place: Place, reason: KickReason, effects: &mut Vec<Effect>) {
        effects.push(place.say(link, ServerFrame::Notice { reason }));
        effects.push(Effect::Arm { timer: Timer::Heartbeat(link), after: HEARTBEAT });
        self.set_stage(link, Stage::Kicked(Box::new(place)));
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
        let is_older = |place: &&Place| place.user_id == *user_id && place.session.epoch < newer;
        let place_of = |link| self.links.get(link).and_then(|link| link.stage.place());
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
        if let Some(place) = gone.stage.place() {
            self.carriers.remove(&(place.session.key, link));
        }
        effects.push(Effect::Disarm { timer: Timer::Heartbeat(link) });
        if gone.waits.is_some() {
            effects.push(Effect::Disarm { timer: Timer::Retry(link) });
        }
        if let Stage::Live(place) = &gone.stage {
            let Place { user_id, session } = &**place;
            effects.push(Effect::Disarm { timer: Timer::Ask(link) });
            if let Some(seat) = self.seat_mut(user_id, session.key).filter(|seat| seat.link == Some(link)) {
                seat.link = None;
                effects.push(lapse_after(user_id, seat, loss, now));
            }
        }
        Some(gone)
    }

    /// LINK-3: an instance without a session has its epoch forgotten in a while.
    pub(super) fn watch_epoch(&self, user_id: &Arc<str>, key: KeyDigest, effects: &mut Vec<Effect>) {
        if self.seat_of(user_id, key).is_none() {
            effects.push(Effect::Arm { timer: Timer::Epoch { user_id: Arc::clone(user_id), key }, after: EPOCH_KEPT });
        }
    }

    pub(super) fn seat_of(&self, user_id: &str, key: KeyDigest) -> Option<&Seat> {
        self.accounts.get(user_id)?.iter().find(|seat| seat.session.key == key)
    }

    pub(super) fn seat_mut(&mut self, user_id: &str, key: KeyDigest) -> Option<&mut Seat> {
        self.accounts.get_mut(user_id)?.iter_mut().find(|seat| seat.session.key == key)
    }

    fn seats_mut(&mut self, user_id: &Arc<str>) -> &mut Vec<Seat> {
        self.accounts.entry(Arc::clone(user_id)).or_default()
    }

    fn set_stage(&mut self, id: LinkId, stage: Stage) {
        if let Some(link) = self.links.get_mut(&id) {
            self.carriers.extend(stage.place().map(|place| (place.session.key, id)));
            (link.stage, link.waits) = (stage, None);
        }
    }
}

/// What is left of the lapse since the session's last frame (LINK-4).
pub(super) fn arm_lapse(user_id: &Arc<str>, seat: &Seat, now: UnixMillis) -> Effect {
    let due = seat.heard_at.plus(lapse_of(seat.session.platform));
    Effect::Arm { timer: seat.lapse(user_id), after: now.until(due) }
}

/// A page that went may be back in a moment (LINK-6); anything else is a lost link.
fn lapse_after(user_id: &Arc<str>, seat: &Seat, loss: Loss, now: UnixMillis) -> Effect {
    match (loss, seat.session.platform) {
        (Loss::PageWent, Platform::Web) => Effect::Arm { timer: seat.lapse(user_id), after: PAGE_LAPSE },
        (Loss::PageWent | Loss::Lost, _) => arm_lapse(user_id, seat, now),
    }
}

fn arm_expiry(user_id: &Arc<str>, seat: &Seat, now: UnixMillis) -> Effect {
    Effect::Arm { timer: seat.expiry(user_id), after: now.until(seat.session.expires_at) }
}

fn resumed(continuity: Continuity) -> ServerFrame {
    use crate::protocol::ResumeOutcome::Resumed;
    let outcome = match continuity {
        Continuity::Whole => Resumed { gap: false },
        Continuity::Gap => Resumed { gap: true },
    };
    ServerFrame::ResumeAnswer { outcome }
}
