//! Logout and destroy (LOGOUT-1 to LOGOUT-6, DESTROY-1), what is owed after them, and the page that closes. It waits for the
//! server only if the link is up.

use std::mem;

use super::phase::{Attempt, Callers, Debt, LinkState, Online, Phase, Progress};
use super::{Answer, CallId, Effect, Machine, Timer, arm, refusal, refuse, settle};
use crate::client::event::Event;
use crate::code::Code;
use crate::protocol::close_code::{GIVEN_UP, NORMAL};
use crate::protocol::{ClientFrame, ServerFrame};
use crate::session::Secret;

/// A call that ends the session.
#[derive(Clone, Copy, Debug)]
pub(super) enum Farewell {
    Logout(CallId),
    Destroy(CallId),
}

impl Callers {
    fn of(farewell: Farewell) -> Callers {
        let mut callers = Callers::default();
        callers.join(farewell);
        callers
    }

    fn join(&mut self, farewell: Farewell) {
        match farewell {
            Farewell::Logout(call) => self.logouts.push(call),
            Farewell::Destroy(call) => self.destroys.push(call),
        }
    }
}

impl Machine {
    /// LOGOUT-1 and DESTROY-1: what runs is settled, the instance falls silent, and the server is told if it may know of a session.
    pub(super) fn leave(&mut self, farewell: Farewell, effects: &mut Vec<Effect>) {
        match mem::replace(&mut self.phase, Phase::LoggedOut) {
            // LOGOUT-2: there is nothing to end.
            Phase::LoggedOut => self.finish(&Callers::of(farewell), effects),
            Phase::LoggingIn(attempt) => self.abandon(attempt, farewell, effects),
            Phase::LoggedIn(online) => self.leave_session(online, farewell, effects),
            Phase::LoggingOut { debt, callers } => self.join_leaving(debt, callers, farewell),
            Phase::Destroyed => {
                self.phase = Phase::Destroyed;
                resolve(&Callers::of(farewell), effects);
            }
        }
    }

    /// LOGOUT-3: the login fails first; the place is given back if the login frame was written.
    fn abandon(&mut self, attempt: Attempt, farewell: Farewell, effects: &mut Vec<Effect>) {
        effects.push(Effect::Disarm { timer: Timer::Login });
        let why = refusal(Code::LoginAbandoned, "given up by a logout or destroy");
        effects.push(refuse(attempt.call, why));
        match attempt.progress {
            Progress::Opening => {
                effects.push(Effect::Close { epoch: self.epoch, code: GIVEN_UP });
                self.finish(&Callers::of(farewell), effects);
            }
            Progress::Sent => {
                let debt = Debt { user_id: attempt.user_id, secret: attempt.secret, user_sig: attempt.user_sig };
                self.tell_server(debt, farewell, effects);
            }
        }
    }

    fn leave_session(&mut self, online: Online, farewell: Farewell, effects: &mut Vec<Effect>) {
        online.fail_sends(effects);
        if online.synced.is_some() {
            self.publish(Event::SdkNotReady, effects);
        }
        self.kept.clear();
        online.disarm_link(effects);
        let debt = Debt { user_id: online.user_id, secret: online.secret, user_sig: online.user_sig };
        match online.link {
            LinkState::Up => self.tell_server(debt, farewell, effects),
            LinkState::Opening | LinkState::Resuming => {
                self.close(GIVEN_UP, effects);
                self.debts.push(debt);
                self.finish(&Callers::of(farewell), effects);
            }
            LinkState::Waiting => {
                self.debts.push(debt);
                self.finish(&Callers::of(farewell), effects);
            }
        }
    }

    /// LOGOUT-6: a second logout resolves with the first; a destroy joins a running logout (DESTROY-1).
    fn join_leaving(&mut self, debt: Debt, mut callers: Callers, farewell: Farewell) {
        callers.join(farewell);
        self.phase = Phase::LoggingOut { debt, callers };
    }

    fn tell_server(&mut self, debt: Debt, farewell: Farewell, effects: &mut Vec<Effect>) {
        self.say_logout(&debt, effects);
        self.phase = Phase::LoggingOut { debt, callers: Callers::of(farewell) };
        effects.push(arm(Timer::Logout));
    }

    /// The logout of a session on its own link, which the frame names with its account and instance.
    fn say_logout(&self, debt: &Debt, effects: &mut Vec<Effect>) {
        let (user_id, key) = (debt.user_id.clone(), self.options.key);
        self.say(debt.secret, ClientFrame::Logout { user_id, key, user_sig: None }, effects);
    }

    /// LOGOUT-4: what is owed goes out, oldest first, each with what its session logged in with.
    pub(super) fn say_debts(&self, effects: &mut Vec<Effect>) {
        for Debt { user_id, secret, user_sig } in &self.debts {
            let user_sig = Some(user_sig.clone());
            let logout = ClientFrame::Logout { user_id: user_id.clone(), key: self.options.key, user_sig };
            self.say(*secret, logout, effects);
        }
    }

    /// Whether that is the answer to a logout that was owed, which then is so no longer (LOGOUT-4).
    pub(super) fn is_repaid(&mut self, session: Secret, frame: &ServerFrame) -> bool {
        let ends = matches!(frame, ServerFrame::LogoutAnswer | ServerFrame::Notice { .. });
        let debt = self.debts.iter().position(|debt| ends && debt.secret == session);
        debt.map(|place| self.debts.remove(place)).is_some()
    }

    /// The link or the patience is gone before the server answered: the logout resolves, and is owed (LOGOUT-4).
    pub(super) fn leave_owing(&mut self, effects: &mut Vec<Effect>) {
        if let Phase::LoggingOut { debt, .. } = &self.phase {
            self.debts.push(debt.clone());
        }
        self.resolve_leaving(effects);
    }

    /// The end of a logout or destroy that the server was told of (LOGOUT-4).
    pub(super) fn resolve_leaving(&mut self, effects: &mut Vec<Effect>) {
        match mem::replace(&mut self.phase, Phase::LoggedOut) {
            Phase::LoggingOut { debt: _, callers } => self.finish(&callers, effects),
            other @ (Phase::LoggedOut | Phase::LoggingIn(_) | Phase::LoggedIn(_) | Phase::Destroyed) => {
                self.phase = other;
            }
        }
    }

    /// The server answered a logout or destroy; both ends close the link (LINK-9).
    pub(super) fn server_let_go(&mut self, effects: &mut Vec<Effect>) {
        effects.push(Effect::Disarm { timer: Timer::Logout });
        effects.push(Effect::Close { epoch: self.epoch, code: NORMAL });
        self.resolve_leaving(effects);
    }

    /// The instance is logged out, or destroyed if that was asked.
    fn finish(&mut self, callers: &Callers, effects: &mut Vec<Effect>) {
        resolve(callers, effects);
        if callers.destroys.is_empty() {
            self.phase = Phase::LoggedOut;
        } else {
            self.end(effects);
        }
    }

    /// Nothing is left of the instance; its debts die with it (DESTROY-1).
    fn end(&mut self, effects: &mut Vec<Effect>) {
        self.phase = Phase::Destroyed;
        self.kept.clear();
        self.debts.clear();
        effects.push(Effect::End);
    }

    /// LINK-6: the page closes. Nobody is told anything, and the link is not closed from here: a browser does that by itself, and where
    /// there is none the link is lost.
    pub(super) fn close_page(&mut self, effects: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Destroyed) {
            return;
        }
        effects.extend(self.timers().into_iter().map(|timer| Effect::Disarm { timer }));
        self.end(effects);
    }
}

/// A logout settles just before the destroy that joined it (DESTROY-1).
fn resolve(callers: &Callers, effects: &mut Vec<Effect>) {
    let in_order = callers.logouts.iter().chain(&callers.destroys);
    effects.extend(in_order.map(|call| settle(*call, Answer::Done)));
}
