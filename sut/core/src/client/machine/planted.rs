//! The planted bugs of an instance: an adapter around the machine that takes the same inputs and lets other effects out, or puts the
//! machine where the bug would. The machine itself knows no bug.

use std::ops::Deref;

use super::phase::{Attempt, Continuity, Debt, LinkState, Online, Phase, Progress};
use super::{Answer, Call, CallId, Effect, Event, Input, NetState, Options, Timer, refusal, refuse, settle};
use crate::code::{Code, Refusal};
use crate::planted::{self, Planted, Unreplayed};
use crate::protocol::close_code::GIVEN_UP;
use crate::protocol::{ClientFrame, ServerFrame};
use crate::session::{Epoch, Secret};
use crate::timers::UnixMillis;

/// One instance, with the bug that is planted on the thread.
#[derive(Clone, Debug)]
pub struct Machine {
    pure: super::Machine,
    /// Whether a session has ended to which the bug looks back.
    looks_back: bool,
}

impl Deref for Machine {
    type Target = super::Machine;

    fn deref(&self) -> &super::Machine {
        &self.pure
    }
}

/// What an instance that was destroyed answers, with the bug that is planted on the thread.
///
/// # Errors
/// As [`super::answer_after_destroy`].
pub fn answer_after_destroy(call: &Call) -> Result<Answer, Refusal> {
    let answer = super::answer_after_destroy(call);
    if planted::is(Planted::Destroy2AnswersOn) { answers_on(answer, call) } else { answer }
}

fn answers_on(answer: Result<Answer, Refusal>, call: &Call) -> Result<Answer, Refusal> {
    match (answer, call) {
        (Err(why), Call::Logout) if why.code == Code::Destroyed => Ok(Answer::Done),
        (Err(why), _) if why.code == Code::Destroyed => Err(not_logged_in()),
        (answer, _) => answer,
    }
}

impl Machine {
    /// An instance that is logged out and has no link.
    pub fn new(options: Options) -> Machine {
        Machine { pure: super::Machine::new(options), looks_back: false }
    }

    /// As [`super::Machine::learn_epoch`]: no bug is there.
    pub fn learn_epoch(&mut self, stored: Epoch) {
        self.pure.learn_epoch(stored);
    }

    /// Takes one input and appends what is to be done to `effects`.
    pub fn handle(&mut self, now: UnixMillis, input: Input, effects: &mut Vec<Effect>) {
        if !planted::is_any() {
            return self.pure.handle(now, input, effects);
        }
        let before = self.pure.clone();
        let by_the_clock = !planted::has(Unreplayed::Link3EpochsFromOne);
        let mut out = Vec::new();
        self.pure.handle(if by_the_clock { now } else { UnixMillis(0) }, input.clone(), &mut out);
        let ended = before.login_user().is_some() && self.pure.login_user().is_none();
        let looks_back = self.looks_back || (ended && looks_back_to(planted::planted(), &out));
        match &input {
            Input::Call { id, call } => self.called(before, *id, call, &mut out),
            Input::Frame { frame, .. } => self.heard(now, before, &frame.frame, &mut out),
            Input::LinkUp { .. } | Input::LinkDown { .. } => self.link_changed(before, &mut out),
            Input::BadFrame { .. } | Input::Timer(_) | Input::PageClosed => self.forgive_debts(&before.debts),
        }
        out.retain(|effect| !self.is_left_out(effect));
        self.looks_back = looks_back;
        effects.append(&mut out);
    }

    fn called(&mut self, before: super::Machine, id: CallId, call: &Call, out: &mut Vec<Effect>) {
        let done = settle(id, Answer::Done);
        let instead = match (planted::planted(), call) {
            (Some(Planted::Sig1FreshCalledExpired), Call::Login { .. }) if self.looks_back && opens(out) => {
                Some(refuse(id, refusal(Code::SigExpired, "the UserSig has expired")))
            }
            (Some(Planted::Logout2Refused), Call::Logout) if out[..] == [done.clone()] => Some(refuse(id, not_logged_in())),
            (Some(Planted::Logout3LoginGoesOn), Call::Logout) if matches!(before.phase, Phase::LoggingIn(_)) => Some(done),
            (Some(Planted::Logout6SecondResolves), Call::Logout) if out.is_empty() => Some(done),
            _ => None,
        };
        match instead {
            Some(answer) => (self.pure, *out) = (before, vec![answer]),
            None if call.leaves() => self.left(before, call, out),
            None => self.answered(before, id, call, out),
        }
    }

    /// The end of the session was asked for.
    fn left(&mut self, before: super::Machine, call: &Call, out: &mut Vec<Effect>) {
        let is_up = before.phase.online().is_some_and(|online| online.link == LinkState::Up);
        self.forgive_debts(&before.debts);
        match planted::planted() {
            Some(Planted::Logout1StaysSilent) => out.retain(|effect| *effect != NOT_READY),
            Some(Planted::Logout1SendsSettleLast) if out.contains(&NOT_READY) => {
                out.retain(|effect| *effect != NOT_READY);
                out.insert(0, NOT_READY);
            }
            Some(Planted::Logout5KeepsMessages) if !matches!(self.pure.phase, Phase::Destroyed) => self.pure.kept = before.kept,
            Some(Planted::Destroy1SkipsLogout) if is_up && *call == Call::Destroy => {
                let is_sent = |effect: &Effect| said(effect).is_some() || *effect == super::arm(Timer::Logout);
                out.retain(|effect| !is_sent(effect));
                self.pure.close(GIVEN_UP, out);
                self.pure.resolve_leaving(out);
            }
            Some(Planted::Destroy2AnswersOn) => answer_otherwise(out, |answer| answers_on(answer, call)),
            _ => {}
        }
    }

    fn answered(&mut self, before: super::Machine, id: CallId, call: &Call, out: &mut Vec<Effect>) {
        answer_otherwise(out, |answer| match (planted::planted(), answer) {
            (Some(Planted::Login6WrongAccount), Err(why)) if why.code == Code::OtherAccount => {
                Ok(Answer::Repeat { error_info: "somebody is logged in on this instance already".to_owned() })
            }
            (Some(Planted::Destroy2AnswersOn), answer) => answers_on(answer, call),
            (_, answer) => answer,
        });
        if let (Call::Send { id: name, to, text }, true) = (call, out.is_empty()) {
            if planted::has(Unreplayed::Msg3SecondNeverSettles) {
                self.pure = before;
            } else if planted::has(Unreplayed::Msg3SecondIsSent) {
                let mut alone = super::Machine { phase: before.phase, ..self.pure.clone() };
                alone.phase.online_mut().into_iter().for_each(|online| online.sends.clear());
                alone.send(id, ClientFrame::Send { id: *name, to: to.clone(), text: text.clone() }, *name, out);
            }
        }
    }

    fn heard(&mut self, now: UnixMillis, before: super::Machine, frame: &ServerFrame, out: &mut Vec<Effect>) {
        self.forgive_debts(&before.debts);
        let kicked_out = out.iter().position(|effect| matches!(effect, Effect::Publish(Event::KickedOut { .. })));
        match (planted::planted(), frame) {
            (Some(Planted::Login1NeverSettles), ServerFrame::LoginAnswer { .. }) if self.looks_back && before.is_logging_in() => {
                self.pure = before;
                out.retain(|effect| matches!(effect, Effect::Disarm { timer: Timer::Login }));
            }
            (Some(Planted::Login7LeavesMark), ServerFrame::LoginAnswer { refused: Some(_), .. }) if before.is_logging_in() => {
                self.pure = before;
                self.pure.admitted(Continuity::Whole, &mut Vec::new());
                self.pure.lose_link(&mut Vec::new());
            }
            (Some(Planted::Login2NoSyncAfterResume), ServerFrame::ResumeAnswer { .. }) => {
                out.retain(|effect| said(effect) != Some(&ClientFrame::Sync));
            }
            (Some(Planted::Login2LateNotReady), ServerFrame::SyncAnswer { .. }) if self.looks_back => {
                let ready = out.iter().position(|effect| *effect == Effect::Publish(Event::SdkReady));
                ready.into_iter().for_each(|at| out.insert(at + 1, NOT_READY));
            }
            (Some(Planted::Login9GapNotPublished), ServerFrame::SyncAnswer { .. }) => {
                out.retain(|effect| *effect != Effect::Publish(Event::MessagesLost));
            }
            (Some(Planted::Kick4LearnsFirst), _) => {
                let not_ready = out.iter().position(|effect| *effect == NOT_READY);
                not_ready.zip(kicked_out).into_iter().for_each(|(earlier, later)| out.swap(earlier, later));
            }
            (Some(Planted::Kick4ReportedTwice), _) => kicked_out.into_iter().for_each(|at| out.insert(at, out[at].clone())),
            (Some(Planted::Kick7LogsInAgain), ServerFrame::Notice { .. }) if kicked_out.is_some() => {
                if let Phase::LoggedIn(online) = before.phase {
                    self.pure.open(now, another_login(online), out);
                }
            }
            (Some(Planted::Kick9KickedDuringLogout), ServerFrame::Notice { reason }) => {
                let leaving = out.iter().position(|effect| matches!(effect, Effect::Disarm { timer: Timer::Logout }));
                let told = Effect::Publish(Event::KickedOut { reason: *reason, refusal: None });
                leaving.into_iter().for_each(|at| out.insert(at + 1, told.clone()));
            }
            (Some(Planted::Link7MessageUnheard), ServerFrame::Message { .. }) => {
                out.retain(|effect| !matches!(effect, Effect::Arm { timer: Timer::Heartbeat, .. }));
            }
            (None, ServerFrame::ResumeAnswer { .. }) if planted::has(Unreplayed::Msg4RefusedKeeps) && kicked_out.is_some() => {
                self.pure.kept = before.kept;
            }
            _ => {}
        }
        if planted::has(Unreplayed::Link5CodeNotTold)
            && let Some(Effect::Publish(Event::KickedOut { refusal, .. })) = kicked_out.and_then(|at| out.get_mut(at))
        {
            *refusal = None;
        }
    }

    fn link_changed(&mut self, before: super::Machine, out: &mut Vec<Effect>) {
        self.forgive_debts(&before.debts);
        for effect in out.iter_mut().filter(|_| planted::is(Planted::Logout4ShowsNothing)) {
            if let Effect::Send { frame, .. } = effect
                && let ClientFrame::Logout { user_sig, .. } = &mut frame.frame
            {
                *user_sig = None;
            }
        }
        let resumes = out.iter().any(|effect| matches!(said(effect), Some(ClientFrame::Resume { .. })));
        if planted::is(Planted::Link1ConnectedAtOpening) && resumes {
            out.push(Effect::Publish(Event::NetStateChange(NetState::Connected)));
        }
        let is_replaced = before.login_user().is_some() && self.pure.login_user().is_none();
        if planted::is(Planted::Link11ReconnectsForEver) && is_replaced {
            self.pure = super::Machine { epoch: self.pure.epoch, ..before };
            out.clear();
            self.pure.lose_link(out);
        }
    }

    fn forgive_debts(&mut self, before: &[Debt]) {
        if planted::is(Planted::Logout4NothingOwed) {
            self.pure.debts.truncate(before.len());
        }
    }

    fn is_left_out(&self, effect: &Effect) -> bool {
        match planted::planted() {
            Some(Planted::Logout7ListenersGone) => self.looks_back && matches!(effect, Effect::Publish(_)),
            Some(Planted::Link1NeverReconnects) => matches!(effect, Effect::ArmWithin { .. }),
            Some(Planted::Link10PongMissing) => said(effect) == Some(&ClientFrame::Pong),
            _ => false,
        }
    }
}

impl super::Machine {
    fn is_logging_in(&self) -> bool {
        matches!(&self.phase, Phase::LoggingIn(attempt) if attempt.progress == Progress::Sent)
    }
}

const NOT_READY: Effect = Effect::Publish(Event::SdkNotReady);

/// Whether the bug looks back to a session that ended like this: some to a kick only.
fn looks_back_to(bug: Option<Planted>, out: &[Effect]) -> bool {
    let is_kick = out.iter().any(|effect| matches!(effect, Effect::Publish(Event::KickedOut { .. })));
    match bug {
        Some(Planted::Login2LateNotReady | Planted::Logout7ListenersGone) => true,
        Some(Planted::Login1NeverSettles | Planted::Sig1FreshCalledExpired) => is_kick,
        _ => false,
    }
}

fn another_login(Online { user_id, user_sig, secret, .. }: Online) -> Attempt {
    let secret = Secret(secret.0.wrapping_add(1));
    Attempt { call: CallId(u64::MAX), user_id, user_sig, secret, progress: Progress::Opening }
}

fn answer_otherwise(out: &mut [Effect], other: impl Fn(Result<Answer, Refusal>) -> Result<Answer, Refusal>) {
    for effect in out {
        if let Effect::Settle { outcome, .. } = effect {
            *outcome = other(outcome.clone());
        }
    }
}

fn said(effect: &Effect) -> Option<&ClientFrame> {
    if let Effect::Send { frame, .. } = effect { Some(&frame.frame) } else { None }
}

fn opens(out: &[Effect]) -> bool {
    out.iter().any(|effect| matches!(effect, Effect::Open { .. }))
}

fn not_logged_in() -> Refusal {
    refusal(Code::NotLoggedIn, "not logged in")
}
