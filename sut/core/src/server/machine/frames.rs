//! What each frame of a client means on each kind of link. A frame that may not come there and then ends the link; on the link of a
//! kicked session it means nothing at all (KICK-6).

use std::sync::Arc;

use super::aftermath::logout_answer;
use super::job::{Job, Task};
use super::link_state::{LinkState, SessionRef};
use super::{ASK_AFTER, Effect, Heard, LinkId, Machine, Timer};
use crate::admission::{self, Login};
use crate::code::{Code, Refusal};
use crate::protocol::close_code::{NORMAL, POLICY_VIOLATION};
use crate::protocol::{ClientFrame, Envelope, MAX_SEQ, ResumeOutcome, ServerFrame};
use crate::session::{Epoch, KeyDigest, Session, SessionDigest, is_user_id};
use crate::timers::{HEARTBEAT, UnixMillis};

impl Machine {
    pub(super) fn frame(&mut self, now: UnixMillis, link: LinkId, envelope: Heard, effects: &mut Vec<Effect>) {
        let Some(state) = self.links.get(&link).map(|link| link.state.clone()) else {
            return;
        };
        match state {
            LinkState::Fresh { named: _ } if self.waits_for(link).is_some() => {
                self.out_of_place(now, link, "a link carries one login", effects);
            }
            LinkState::Fresh { named: _ } if envelope.frame.key().is_some() && !envelope.epoch.is_a_links() => {
                self.out_of_place(now, link, &format!("an epoch is 1 to {}", Epoch::LAST.0), effects);
            }
            LinkState::Fresh { named: Some((_, epoch)) } if epoch != envelope.epoch => {
                self.out_of_place(now, link, "all frames of a link carry one epoch", effects);
            }
            LinkState::Fresh { named: Some((key, _)) } if envelope.frame.key().is_some_and(|other| other != key) => {
                self.out_of_place(now, link, "a link is one instance's", effects);
            }
            LinkState::Fresh { named: _ } => {
                if !matches!(envelope.frame, ClientFrame::Logout { .. }) {
                    effects.push(arm_heartbeat(link));
                }
                self.frame_on_fresh(now, link, envelope, effects);
            }
            LinkState::Live(place) if !place.is_named_by(&envelope) => {
                self.out_of_place(now, link, "the frame's session or epoch is not this link's", effects);
            }
            LinkState::Live(place) => {
                self.hear(now, link, &place, &envelope.frame, effects);
                self.frame_on_live(now, link, *place, envelope.frame, effects);
            }
            LinkState::Kicked(place) if place.is_named_by(&envelope) => self.frame_on_kicked(link, *place, &envelope.frame),
            LinkState::Kicked(_) => {}
        }
    }

    /// LINK-7: every frame shows that the link lives, and that its first answer was read: the instance writes nothing before. A logout may
    /// stand right behind the login (LOGOUT-3), so that it shows nothing of the answer (MSG-2).
    fn hear(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        place: &SessionRef,
        frame: &ClientFrame<KeyDigest>,
        effects: &mut Vec<Effect>,
    ) {
        effects.extend([arm_heartbeat(link), arm_ask(link)]);
        if let Some(online) = self.online_session_mut(&place.user_id, place.session.key).filter(|online| online.link == Some(link))
        {
            online.heard_at = now;
            if !matches!(frame, ClientFrame::Logout { .. }) {
                online.unacknowledged.name_gap();
            }
        }
    }

    /// LINK-9: owed logouts, then a login or a resume. An owed logout starts no deadline anew: whoever has nothing else to say has the
    /// heartbeat time for all of it.
    fn frame_on_fresh(&mut self, now: UnixMillis, link: LinkId, envelope: Heard, effects: &mut Vec<Effect>) {
        let Envelope { v: _, session: digest, epoch, frame } = envelope;
        let (node, admitted_at) = (self.life, self.life.map(|_| now));
        let login = |user_id, user_sig, sdk_app_id, platform, key| {
            let session = Session { key, digest, epoch, platform, expires_at: UnixMillis(0), issued_s: 0, node, admitted_at };
            Login { user_id, user_sig, sdk_app_id, session }
        };
        match frame {
            ClientFrame::Login { sdk_app_id, user_id, user_sig, platform, key } => {
                self.login(now, link, login(user_id, user_sig, sdk_app_id, platform, key), effects);
            }
            ClientFrame::Resume { sdk_app_id, user_id, user_sig, platform, key, last_seq } => {
                let login = login(user_id, user_sig, sdk_app_id, platform, key);
                self.resume(now, link, login, last_seq, effects);
            }
            ClientFrame::Logout { user_id, key, user_sig } => {
                self.owed_logout(now, link, (user_id, user_sig), (key, digest, epoch), effects);
            }
            ClientFrame::Sync
            | ClientFrame::Send { .. }
            | ClientFrame::MessageAck { .. }
            | ClientFrame::KickAck
            | ClientFrame::Ping
            | ClientFrame::Pong => {
                self.out_of_place(now, link, "the first frame must be a login, a resume or an owed logout", effects)
            }
        }
    }

    /// LOGIN-7: a login that is refused changes nothing. Both ends close the link (LINK-9).
    fn login(&mut self, now: UnixMillis, link: LinkId, mut login: Login, effects: &mut Vec<Effect>) {
        match admission::judge(&self.app, &login, now) {
            Ok(user_sig) => {
                login.session.logs_in_with(&user_sig);
                let user_id = Arc::from(login.user_id);
                self.begin(Job { user_id, link: Some(link), task: Task::Admit(login.session, user_sig) });
            }
            Err(why) => self.refuse_login(now, link, &login.user_id, &login.session, why, effects),
        }
    }

    pub(super) fn refuse_login(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        user_id: &str,
        session: &Session,
        why: Refusal,
        effects: &mut Vec<Effect>,
    ) {
        let address = self.links.get(&link).and_then(|link| link.address);
        let why = self.failures.refuse(user_id, address, why, now);
        effects.push(super::say(link, session, ServerFrame::LoginAnswer { refused: Some(why), gap: false }));
        self.close(now, link, NORMAL, "login refused", effects);
    }

    /// LINK-5; what can be no account has no session to go on with.
    fn resume(&mut self, now: UnixMillis, link: LinkId, login: Login, last_seq: u64, effects: &mut Vec<Effect>) {
        if last_seq > MAX_SEQ {
            return self.out_of_place(now, link, "no session has so many messages", effects);
        }
        if !is_user_id(&login.user_id) {
            let refusal = Refusal::new(Code::BadField, &format!("{:?} is no userID", login.user_id));
            return self.refuse_resume(now, link, &login.session, ResumeOutcome::Refused { refusal }, effects);
        }
        let user_id = Arc::from(login.user_id.as_str());
        self.begin(Job { user_id, link: Some(link), task: Task::Resume { login: Box::new(login), last_seq } });
    }

    /// LOGOUT-4: always answered; what can be no account has nothing on record.
    fn owed_logout(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        (user_id, shown): (String, Option<String>),
        (key, digest, epoch): (KeyDigest, SessionDigest, Epoch),
        effects: &mut Vec<Effect>,
    ) {
        if let Some(link) = self.links.get_mut(&link) {
            link.state = LinkState::Fresh { named: Some((key, epoch)) };
        }
        if is_user_id(&user_id) {
            let shown = admission::judge_owed(&self.app, &user_id, shown.as_deref(), now);
            self.begin(Job { user_id: user_id.into(), link: Some(link), task: Task::Repay { key, digest, epoch, shown } });
        } else {
            effects.push(logout_answer(link, digest, epoch));
        }
    }

    fn frame_on_live(
        &mut self,
        now: UnixMillis,
        link: LinkId,
        place: SessionRef,
        frame: ClientFrame<KeyDigest>,
        effects: &mut Vec<Effect>,
    ) {
        let SessionRef { user_id, session } = place.clone();
        match frame {
            ClientFrame::Login { .. } | ClientFrame::Resume { .. } => {
                self.out_of_place(now, link, "a link carries one login", effects);
            }
            ClientFrame::Logout { user_id: named, key, user_sig: _ } if *named != *user_id || key != session.key => {
                self.out_of_place(now, link, "the logout's account or instance is not this link's", effects);
            }
            ClientFrame::Logout { .. } => self.begin(Job { user_id, link: Some(link), task: Task::LogOut(session) }),
            ClientFrame::Sync => self.begin(Job { user_id, link: Some(link), task: Task::Sync(session) }),
            ClientFrame::Send { id, to, text } => self.send(link, place, id, to, text),
            ClientFrame::MessageAck { seq } => self.acknowledge(now, link, &place, seq, effects),
            ClientFrame::KickAck => self.out_of_place(now, link, "there is no notice to acknowledge", effects),
            ClientFrame::Ping => effects.push(place.say(link, ServerFrame::Pong)),
            ClientFrame::Pong => {}
        }
    }

    /// KICK-6: nothing but the acknowledgement of the notice is accepted.
    fn frame_on_kicked(&mut self, link: LinkId, place: SessionRef, frame: &ClientFrame<KeyDigest>) {
        let SessionRef { user_id, session } = place;
        match frame {
            ClientFrame::KickAck => self.begin(Job { user_id, link: Some(link), task: Task::ForgetKick(session) }),
            ClientFrame::Login { .. }
            | ClientFrame::Resume { .. }
            | ClientFrame::Logout { .. }
            | ClientFrame::Sync
            | ClientFrame::Send { .. }
            | ClientFrame::MessageAck { .. }
            | ClientFrame::Ping
            | ClientFrame::Pong => {}
        }
    }

    pub(super) fn out_of_place(&mut self, now: UnixMillis, link: LinkId, reason: &str, effects: &mut Vec<Effect>) {
        self.close(now, link, POLICY_VIOLATION, reason, effects);
    }
}

/// LINK-7: a link that carries a session is asked once it was silent for a while.
pub(super) const fn arm_ask(link: LinkId) -> Effect {
    Effect::Arm { timer: Timer::Ask(link), after: ASK_AFTER }
}

/// LINK-7: every frame shows that the link lives.
pub(super) const fn arm_heartbeat(link: LinkId) -> Effect {
    Effect::Arm { timer: Timer::Heartbeat(link), after: HEARTBEAT }
}
