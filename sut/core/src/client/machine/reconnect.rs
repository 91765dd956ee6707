//! How a logged-in instance keeps its link and finds the next one (LINK-1, LINK-2, LINK-5, LINK-7). It never logs in by itself.

use std::collections::BTreeSet;

use super::phase::{Continuity, LinkState, Online, Phase};
use super::{Effect, Machine, Timer, arm};
use crate::backoff;
use crate::client::event::{Event, NetState};
use crate::protocol::close_code::GIVEN_UP;
use crate::protocol::{ClientFrame, ResumeOutcome};
use crate::session::KickReason;

impl Machine {
    /// LINK-1: a lost link is no logout; what was sent on it is unknown. A link that was not up yet is a failed attempt.
    pub(super) fn lose_link(&mut self, effects: &mut Vec<Effect>) {
        let Some(online) = self.phase.online_mut() else {
            return;
        };
        let net = match online.link {
            LinkState::Up => NetState::Connecting,
            LinkState::Opening | LinkState::Resuming => NetState::Disconnected,
            LinkState::Waiting => return,
        };
        if net == NetState::Disconnected {
            online.failures = online.failures.saturating_add(1);
        }
        online.disarm_link(effects);
        online.fail_sends(effects);
        online.sends.clear();
        online.link = LinkState::Waiting;
        let bound = backoff::bound(online.failures);
        self.change_net(net, effects);
        effects.push(Effect::ArmWithin { timer: Timer::Backoff, bound });
    }

    /// The backoff is over: a link with the next number, the opening guarded by the heartbeat.
    pub(super) fn reconnect(&mut self, effects: &mut Vec<Effect>) {
        let next = self.epoch.next();
        match &mut self.phase {
            Phase::LoggedIn(online) if online.link == LinkState::Waiting => {
                online.link = LinkState::Opening;
                self.epoch = next;
                effects.extend([Effect::Open { epoch: next }, arm(Timer::Heartbeat)]);
            }
            Phase::LoggedIn(_) | Phase::LoggedOut | Phase::LoggingIn(_) | Phase::LoggingOut { .. } | Phase::Destroyed => {}
        }
    }

    /// The link is open: what is owed goes out (LOGOUT-4), and the session is to go on over it, with the UserSig and what was received last
    /// (LINK-5, MSG-2).
    pub(super) fn write_resume(&mut self, effects: &mut Vec<Effect>) {
        let (sdk_app_id, platform, key) = (self.options.sdk_app_id, self.options.platform, self.options.key);
        let Some(online) = self.phase.online_mut() else {
            return;
        };
        online.link = LinkState::Resuming;
        let (user_id, user_sig, last_seq) = (online.user_id.clone(), online.user_sig.clone(), online.last_seq);
        let (session, resume) = (online.secret, ClientFrame::Resume { sdk_app_id, user_id, user_sig, platform, key, last_seq });
        self.say_debts(effects);
        self.say(session, resume, effects);
    }

    /// LINK-5: the one answer to a resume, but for a notice. A UserSig that is refused for whatever reason is told as one that expired:
    /// a fresh one is needed.
    pub(super) fn resume_answered(&mut self, outcome: ResumeOutcome, effects: &mut Vec<Effect>) {
        match outcome {
            ResumeOutcome::Resumed { gap: false } => self.link_is_back(Continuity::Whole, effects),
            ResumeOutcome::Resumed { gap: true } | ResumeOutcome::Readmitted => self.link_is_back(Continuity::Gap, effects),
            ResumeOutcome::Told { reason } => self.told(reason, None, effects),
            ResumeOutcome::Refused { refusal } => self.told(KickReason::UserSigExpired, Some(refusal), effects),
        }
    }

    /// MSG-2: the gap has a place in the session's sequence as a message has, and is published once.
    fn hear_of_gap(&mut self, effects: &mut Vec<Effect>) {
        if let Some(online) = self.phase.online_mut() {
            online.last_seq = online.last_seq.saturating_add(1);
            self.publish(Event::MessagesLost, effects);
        }
    }

    /// The link is up: `connected`, then what may be missing, and the sync runs again if it was not done (LOGIN-2, LINK-5).
    fn link_is_back(&mut self, continuity: Continuity, effects: &mut Vec<Effect>) {
        let Some(online) = self.phase.online_mut() else {
            return;
        };
        online.link = LinkState::Up;
        online.failures = 0;
        let (session, is_ready) = (online.secret, online.synced.is_some());
        effects.push(arm(Timer::Ping));
        self.change_net(NetState::Connected, effects);
        match continuity {
            Continuity::Whole => {}
            Continuity::Gap => self.hear_of_gap(effects),
        }
        if !is_ready {
            self.say(session, ClientFrame::Sync, effects);
        }
    }

    /// LINK-7: the server has heard nothing for a while, and is answered at once.
    pub(super) fn answer_ping(&self, effects: &mut Vec<Effect>) {
        if let Some(online) = self.phase.online() {
            self.say(online.secret, ClientFrame::Pong, effects);
        }
    }

    /// LINK-7: every frame shows that the link lives.
    pub(super) fn hear_heartbeat(&self, effects: &mut Vec<Effect>) {
        let guarded = self.phase.online().is_some_and(|online| online.link != LinkState::Waiting);
        if guarded {
            effects.push(arm(Timer::Heartbeat));
        }
    }

    /// LINK-7: a silent link, or one that does not open, is given up and counts as lost.
    pub(super) fn heartbeat_missed(&mut self, effects: &mut Vec<Effect>) {
        let guarded = self.phase.online().is_some_and(|online| online.link != LinkState::Waiting);
        if guarded {
            self.close(GIVEN_UP, effects);
            self.lose_link(effects);
        }
    }

    pub(super) fn ping(&mut self, effects: &mut Vec<Effect>) {
        if let Some(online) = self.phase.online().filter(|online| online.link == LinkState::Up) {
            self.say(online.secret, ClientFrame::Ping, effects);
            effects.push(arm(Timer::Ping));
        }
    }

    /// LINK-1: published on a change only.
    fn change_net(&mut self, net: NetState, effects: &mut Vec<Effect>) {
        let Some(online) = self.phase.online_mut() else {
            return;
        };
        if online.net != net {
            online.net = net;
            self.publish(Event::NetStateChange(net), effects);
        }
    }
}

impl Online {
    /// The timers that run for the session and its link.
    pub(super) fn timers(&self) -> Vec<Timer> {
        let names: BTreeSet<_> = self.sends.iter().map(|(name, _)| *name).collect();
        self.link_timers().iter().copied().chain(names.into_iter().map(Timer::Send)).collect()
    }

    /// The link's timers stop with the session, or with the link.
    pub(super) fn disarm_link(&self, effects: &mut Vec<Effect>) {
        effects.extend(self.link_timers().iter().map(|timer| Effect::Disarm { timer: *timer }));
    }

    const fn link_timers(&self) -> &'static [Timer] {
        match self.link {
            LinkState::Up => &[Timer::Heartbeat, Timer::Ping],
            LinkState::Opening | LinkState::Resuming => &[Timer::Heartbeat],
            LinkState::Waiting => &[Timer::Backoff],
        }
    }
}
