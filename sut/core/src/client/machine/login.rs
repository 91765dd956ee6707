//! Logging in: what a call of login comes to, and how a login that runs ends (LOGIN-1 to LOGIN-7). It knows nothing of who is
//! kicked for it.

use std::mem;

use super::phase::{Attempt, Continuity, LinkState, Online, Phase, Progress};
use super::{Answer, Effect, Machine, NetState, Options, Timer, arm, destroyed, outcome_unknown, refusal, refuse, settle};
use crate::code::{Code, Refusal};
use crate::protocol::close_code::NORMAL;
use crate::protocol::{ClientFrame, Envelope, MAX_SEQ, VERSION, fits};
use crate::session::{Epoch, USER_ID_FORM, is_user_id};
use crate::timers::UnixMillis;

impl Machine {
    pub(super) fn login(&mut self, now: UnixMillis, attempt: Attempt, effects: &mut Vec<Effect>) {
        let call = attempt.call;
        match &self.phase {
            Phase::LoggedOut => match self.cannot_be_written(&attempt) {
                Some(why) => effects.push(refuse(call, why)),
                None => self.open(now, attempt, effects),
            },
            Phase::LoggingIn(_) => effects.push(refuse(call, still_running())),
            Phase::LoggedIn(online) if online.user_id == attempt.user_id => {
                effects.push(settle(call, repeat(&online.user_id)));
            }
            Phase::LoggedIn(online) => effects.push(refuse(call, other_account(&online.user_id))),
            Phase::LoggingOut { .. } => effects.push(refuse(call, logout_running())),
            Phase::Destroyed => effects.push(refuse(call, destroyed())),
        }
    }

    /// The link is open: what is owed goes out, oldest first, and the login right behind (LINK-9, LOGOUT-4).
    pub(super) fn write_login(&mut self, effects: &mut Vec<Effect>) {
        self.say_debts(effects);
        let Phase::LoggingIn(attempt) = &mut self.phase else {
            return;
        };
        attempt.progress = Progress::Sent;
        let (session, frame) = (attempt.secret, login_frame(&self.options, attempt));
        self.say(session, frame, effects);
    }

    /// Why a login cannot be written at all, or none of the resumes that may follow: no server reads a frame that long, so that none can
    /// judge it (LOGIN-8).
    fn cannot_be_written(&self, attempt: &Attempt) -> Option<Refusal> {
        let (session, epoch, frame) = (attempt.secret, Epoch::LAST, longest_resume(&self.options, attempt));
        if fits(&Envelope { v: VERSION, session, epoch, frame }) {
            return None;
        }
        Some(match is_user_id(&attempt.user_id) {
            true => refusal(Code::SigMalformed, "the UserSig is malformed: it is longer than any"),
            false => refusal(Code::BadField, &format!("a userID is {USER_ID_FORM}")),
        })
    }

    /// The server admitted the login: it resolves, and the first sync begins (LOGIN-2). A gap is told once that is done (LOGIN-9).
    pub(super) fn admitted(&mut self, before: Continuity, effects: &mut Vec<Effect>) {
        let Some(attempt) = self.take_attempt() else {
            return;
        };
        let (call, secret) = (attempt.call, attempt.secret);
        self.phase = Phase::LoggedIn(online(attempt, before));
        effects.extend([settle(call, Answer::LoggedIn), arm(Timer::Heartbeat), arm(Timer::Ping)]);
        self.say(secret, ClientFrame::Sync, effects);
    }

    /// The server refused the login; both ends close the link (LINK-9, LOGIN-7).
    pub(super) fn refused(&mut self, why: Refusal, effects: &mut Vec<Effect>) {
        let Some(attempt) = self.take_attempt() else {
            return;
        };
        effects.push(refuse(attempt.call, why));
        effects.push(Effect::Close { epoch: self.epoch, code: NORMAL });
    }

    /// The link or the patience is gone before the answer came (LOGIN-1).
    pub(super) fn fail_login(&mut self, effects: &mut Vec<Effect>) {
        let Some(attempt) = self.take_attempt() else {
            return;
        };
        let why = match attempt.progress {
            Progress::Opening => refusal(Code::LinkDown, "the link cannot be opened; nothing was sent"),
            Progress::Sent => outcome_unknown("login"),
        };
        effects.push(refuse(attempt.call, why));
    }

    /// Ends the login that runs; the instance is logged out.
    fn take_attempt(&mut self) -> Option<Attempt> {
        match mem::replace(&mut self.phase, Phase::LoggedOut) {
            Phase::LoggingIn(attempt) => Some(attempt),
            other @ (Phase::LoggedOut | Phase::LoggedIn(_) | Phase::LoggingOut { .. } | Phase::Destroyed) => {
                self.phase = other;
                None
            }
        }
    }
}

/// The session of a login, as it begins. A gap before it has the first place in its sequence.
fn online(attempt: Attempt, before: Continuity) -> Online {
    let Attempt { call: _, user_id, user_sig, secret, progress: _ } = attempt;
    let last_seq = match before {
        Continuity::Whole => 0,
        Continuity::Gap => 1,
    };
    Online {
        user_id,
        user_sig,
        secret,
        link: LinkState::Up,
        net: NetState::Connected,
        failures: 0,
        last_seq,
        synced: None,
        before,
        sends: Vec::new(),
    }
}

fn login_frame(options: &Options, attempt: &Attempt) -> ClientFrame {
    ClientFrame::Login {
        sdk_app_id: options.sdk_app_id,
        user_id: attempt.user_id.clone(),
        user_sig: attempt.user_sig.clone(),
        platform: options.platform,
        key: options.key,
    }
}

/// What a login leads to that is longer than the login itself.
fn longest_resume(options: &Options, attempt: &Attempt) -> ClientFrame {
    let Options { sdk_app_id, platform, key, epoch: _ } = *options;
    let (user_id, user_sig) = (attempt.user_id.clone(), attempt.user_sig.clone());
    ClientFrame::Resume { sdk_app_id, user_id, user_sig, platform, key, last_seq: MAX_SEQ }
}

/// LOGIN-4.
fn repeat(user_id: &str) -> Answer {
    Answer::Repeat { error_info: format!("{user_id} is logged in on this instance already; nothing was done") }
}

/// LOGIN-5.
fn still_running() -> Refusal {
    refusal(Code::LoginRuns, "an earlier login is still running")
}

/// LOGIN-6.
fn other_account(user_id: &str) -> Refusal {
    let text = format!("{user_id} is logged in on this instance; log out first");
    Refusal { code: Code::OtherAccount, text }
}

/// LOGOUT-6.
fn logout_running() -> Refusal {
    refusal(Code::LogoutRunning, "a logout is running; wait until it resolves")
}
