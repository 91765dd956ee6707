//! What an instance does: calls, frames, links and timers go in, effects come out, in order. Pure: it never does I/O, and knows
//! neither clock nor randomness nor log.
//!
//! ```text
//!               login                  admitted                  sync-answer
//!  LoggedOut ──────────▶ LoggingIn ──────────────▶ LoggedIn ──────────────────▶ LoggedIn, ready
//!      ▲                     │ logout                 │ logout                      │
//!      │                     ▼                        ▼                             │
//!      ├────────────── LoggingOut ◀───────────────────┴─────────────────────────────┤
//!      └──── refusal, loss, deadline of a login; notice of a kick ──────────────────┘
//! ```
//!
//! `destroy` goes the way of `logout` and ends in `Destroyed`, which nothing leaves. A lost link leaves the phase as it is: within
//! `LoggedIn` the instance waits, opens and resumes until its link is up again.

mod deadlines;
mod effect;
mod frames;
mod input;
mod kicked;
mod leaving;
mod login;
mod messages;
mod phase;
#[cfg(debug_assertions)]
pub(super) mod planted;
mod reconnect;
#[cfg(test)]
mod tests;

pub use crate::client::event::{Event, NetState};
use crate::code::{Code, Refusal};
use crate::protocol::close_code::{GIVEN_UP, SUPERSEDED, superseded_by};
use crate::protocol::{ClientFrame, Envelope, VERSION};
use crate::session::{Epoch, InstanceKey, Platform, Secret};
use crate::timers::UnixMillis;
use leaving::Farewell;
use messages::Message;
use phase::{Attempt, Debt, Life, LinkState, Phase, Progress};

pub use effect::{Answer, Effect, FirstSync};
pub use input::{Call, CallId, CallKind, Input, PeerClose, Timer, TimerKind};

/// What an instance is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The app that it belongs to.
    pub sdk_app_id: u64,
    /// The kind of client that it is.
    pub platform: Platform,
    /// Its identity, kept over a restart by the application.
    pub key: InstanceKey,
    /// The number of the last link that it ever opened, as far as the application has stored it; `Epoch(0)` if none.
    pub epoch: Epoch,
}

/// One instance.
#[derive(Clone, Debug)]
pub struct Machine {
    options: Options,
    epoch: Epoch,
    phase: Phase,
    kept: Vec<Message>,
    /// The logouts that the server may not know of, oldest first (LOGOUT-4).
    debts: Vec<Debt>,
}

impl Machine {
    /// An instance that is logged out and has no link.
    pub fn new(options: Options) -> Machine {
        let epoch = options.epoch;
        Machine { options, epoch, phase: Phase::LoggedOut, kept: Vec::new(), debts: Vec::new() }
    }

    /// Takes one input and appends what is to be done to `effects`.
    pub fn handle(&mut self, now: UnixMillis, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Call { id, call } => self.call(now, id, call, effects),
            Input::LinkUp { epoch } => self.link_up(epoch, effects),
            Input::LinkDown { epoch, close } => self.link_down(epoch, close, effects),
            Input::Frame { epoch, frame } => self.frame(epoch, frame, effects),
            Input::BadFrame { epoch, error } => self.bad_frame(epoch, &error, effects),
            Input::Timer(timer) => self.deadline(timer, effects),
            Input::PageClosed => self.close_page(effects),
        }
    }

    /// Whoever keeps the instance's epoch has found this one there, which another page under its key may have stored: the next link is
    /// numbered above it (LINK-3). It means nothing while the instance has a link or asks for one.
    pub fn learn_epoch(&mut self, stored: Epoch) {
        if self.links() == 0 {
            self.epoch = self.epoch.max(stored);
        }
    }

    /// From `SDK_READY` to `SDK_NOT_READY` (LOGIN-2), also while the link is down and nothing can be sent (LOGIN-3).
    pub fn is_ready(&self) -> bool {
        self.first_sync().is_some()
    }

    /// The account, from the resolved login until the call of logout or destroy, or the kick (LOGOUT-1).
    pub fn login_user(&self) -> Option<&str> {
        self.phase.online().map(|online| online.user_id.as_str())
    }

    /// The session that it is logged in with, as long as [`Machine::login_user`] says so.
    pub fn session(&self) -> Option<Secret> {
        self.phase.online().map(|online| online.secret)
    }

    /// The number of the last link that it asked for; once that was superseded, the highest that the server named, if that is higher
    /// (LINK-3).
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// How many messages wait for `SDK_READY` (MSG-4).
    pub fn kept_messages(&self) -> usize {
        self.kept.len()
    }

    /// How many logouts it owes the server (LOGOUT-4).
    pub fn debts(&self) -> usize {
        self.debts.len()
    }

    /// How many links it has or asks for: one or none.
    pub fn links(&self) -> usize {
        match &self.phase {
            Phase::LoggedIn(online) => usize::from(online.link != LinkState::Waiting),
            Phase::LoggingIn(_) | Phase::LoggingOut { .. } => 1,
            Phase::LoggedOut | Phase::Destroyed => 0,
        }
    }

    /// The timers that may still fire.
    pub fn timers(&self) -> Vec<Timer> {
        match &self.phase {
            Phase::LoggingIn(_) => vec![Timer::Login],
            Phase::LoggedIn(online) => online.timers(),
            Phase::LoggingOut { .. } => vec![Timer::Logout],
            Phase::LoggedOut | Phase::Destroyed => Vec::new(),
        }
    }

    /// What the first sync told; `None` until the instance is ready.
    pub fn first_sync(&self) -> Option<&FirstSync> {
        self.phase.online()?.synced.as_ref()
    }

    fn call(&mut self, now: UnixMillis, id: CallId, call: Call, effects: &mut Vec<Effect>) {
        match (self.phase.life(), call) {
            (Life::Alive | Life::Destroying, Call::Destroy) => self.leave(Farewell::Destroy(id), effects),
            (Life::Destroying | Life::Destroyed, call) => {
                effects.push(Effect::Settle { call: id, outcome: answer_after_destroy(&call) });
            }
            (Life::Alive, Call::Login { user_id, user_sig, secret }) => {
                self.login(now, Attempt { call: id, user_id, user_sig, secret, progress: Progress::Opening }, effects);
            }
            (Life::Alive, Call::Logout) => self.leave(Farewell::Logout(id), effects),
            (Life::Alive, Call::Send { id: name, to, text }) => {
                self.send(id, ClientFrame::Send { id: name, to, text }, name, effects);
            }
        }
    }

    /// Starts a login: asks for a new link (LINK-9), whose number no earlier link of the instance had, even if only its key was stored.
    fn open(&mut self, now: UnixMillis, attempt: Attempt, effects: &mut Vec<Effect>) {
        self.epoch = self.epoch.of_login(now);
        self.phase = Phase::LoggingIn(attempt);
        effects.push(Effect::Open { epoch: self.epoch });
        effects.push(arm(Timer::Login));
    }

    fn link_up(&mut self, epoch: Epoch, effects: &mut Vec<Effect>) {
        if epoch != self.epoch {
            return effects.push(Effect::Close { epoch, code: GIVEN_UP });
        }
        match &self.phase {
            Phase::LoggingIn(attempt) if attempt.progress == Progress::Opening => self.write_login(effects),
            Phase::LoggedIn(online) if online.link == LinkState::Opening => self.write_resume(effects),
            Phase::LoggedOut | Phase::LoggingIn(_) | Phase::LoggedIn(_) | Phase::LoggingOut { .. } | Phase::Destroyed => {
                effects.push(Effect::Close { epoch, code: GIVEN_UP });
            }
        }
    }

    fn link_down(&mut self, epoch: Epoch, close: Option<PeerClose>, effects: &mut Vec<Effect>) {
        if epoch != self.epoch {
            return;
        }
        let superseded = close.filter(|close| close.code == SUPERSEDED);
        if let Some(highest) = superseded.as_ref().and_then(|close| superseded_by(&close.reason)) {
            self.epoch = self.epoch.max(highest);
        }
        match &self.phase {
            Phase::LoggingIn(_) => {
                effects.push(Effect::Disarm { timer: Timer::Login });
                self.fail_login(effects);
            }
            Phase::LoggedIn(_) if superseded.is_some() => self.replaced(effects),
            Phase::LoggedIn(_) => self.lose_link(effects),
            Phase::LoggingOut { .. } => {
                effects.push(Effect::Disarm { timer: Timer::Logout });
                self.leave_owing(effects);
            }
            Phase::LoggedOut | Phase::Destroyed => {}
        }
    }

    fn publish(&self, event: Event, effects: &mut Vec<Effect>) {
        effects.push(Effect::Publish(event));
    }

    fn close(&self, code: u16, effects: &mut Vec<Effect>) {
        effects.push(Effect::Close { epoch: self.epoch, code });
    }

    fn say(&self, session: Secret, frame: ClientFrame, effects: &mut Vec<Effect>) {
        let epoch = self.epoch;
        effects.push(Effect::Send { epoch, frame: Envelope { v: VERSION, session, epoch, frame } });
    }
}

/// How an instance that was destroyed answers: every call but another destroy is refused (DESTROY-2). For a shell that has already
/// let its machine go.
///
/// # Errors
/// 6013, but for another destroy.
pub fn answer_after_destroy(call: &Call) -> Result<Answer, Refusal> {
    match call {
        Call::Destroy => Ok(Answer::Done),
        Call::Login { .. } | Call::Logout | Call::Send { .. } => Err(destroyed()),
    }
}

const fn arm(timer: Timer) -> Effect {
    Effect::Arm { timer, after: timer.after() }
}

const fn settle(call: CallId, answer: Answer) -> Effect {
    Effect::Settle { call, outcome: Ok(answer) }
}

const fn refuse(call: CallId, refusal: Refusal) -> Effect {
    Effect::Settle { call, outcome: Err(refusal) }
}

fn refusal(code: Code, text: &str) -> Refusal {
    Refusal { code, text: text.to_owned() }
}

fn destroyed() -> Refusal {
    refusal(Code::Destroyed, "the instance is destroyed; make a new one")
}

fn outcome_unknown(what: &str) -> Refusal {
    Refusal { code: Code::OutcomeUnknown, text: format!("no answer to the {what}; its outcome is unknown") }
}
