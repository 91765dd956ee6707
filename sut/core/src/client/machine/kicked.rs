//! The notice of a kick at its victim (KICK-4, KICK-7, KICK-9), and what is learnt in the same way (LINK-5, LINK-11). It never sends a logout for a session that it knows to be kicked.

use std::mem;

use super::phase::{Online, Phase};
use super::{Effect, Machine, Timer};
use crate::client::event::Event;
use crate::code::Refusal;
use crate::protocol::ClientFrame;
use crate::protocol::close_code::NORMAL;
use crate::session::{KickReason, Secret};

impl Machine {
    /// KICK-4: the victim runs its logout first, then learns.
    pub(super) fn kicked(&mut self, reason: KickReason, effects: &mut Vec<Effect>) {
        let online = match mem::replace(&mut self.phase, Phase::LoggedOut) {
            Phase::LoggedIn(online) => online,
            other @ (Phase::LoggedOut | Phase::LoggingIn(_) | Phase::LoggingOut { .. } | Phase::Destroyed) => {
                self.phase = other;
                return;
            }
        };
        self.acknowledge_kick(online.secret, effects);
        self.end_session(&online, Event::KickedOut { reason, refusal: None }, effects);
    }

    /// LINK-5: a readmission was refused, perhaps for what is no kick reason's. That is an answer and no kick, but is learnt in the same
    /// way.
    pub(super) fn told(&mut self, reason: KickReason, refusal: Option<Refusal>, effects: &mut Vec<Effect>) {
        if let Phase::LoggedIn(online) = mem::replace(&mut self.phase, Phase::LoggedOut) {
            self.close(NORMAL, effects);
            self.end_session(&online, Event::KickedOut { reason, refusal }, effects);
        }
    }

    /// LINK-11: the server has closed the link of a session that another process took over, under the same key. There is nobody to
    /// acknowledge anything to.
    pub(super) fn replaced(&mut self, effects: &mut Vec<Effect>) {
        if let Phase::LoggedIn(online) = mem::replace(&mut self.phase, Phase::LoggedOut) {
            self.end_session(&online, Event::KickedOut { reason: KickReason::MultipleAccount, refusal: None }, effects);
        }
    }

    /// Everything that ran is settled and stopped, then the application is told (KICK-4).
    fn end_session(&mut self, online: &Online, kicked_out: Event, effects: &mut Vec<Effect>) {
        online.disarm_link(effects);
        online.fail_sends(effects);
        if online.synced.is_some() {
            self.publish(Event::SdkNotReady, effects);
        }
        self.publish(kicked_out, effects);
        self.kept.clear();
    }

    /// KICK-9: an instance that logs out already sees nothing of its kick; the notice is the answer to its logout.
    pub(super) fn kicked_while_leaving(&mut self, session: Secret, effects: &mut Vec<Effect>) {
        self.acknowledge_kick(session, effects);
        effects.push(Effect::Disarm { timer: Timer::Logout });
        self.resolve_leaving(effects);
    }

    /// Both ends close the link after the acknowledgement (LINK-9).
    fn acknowledge_kick(&self, session: Secret, effects: &mut Vec<Effect>) {
        self.say(session, ClientFrame::KickAck, effects);
        self.close(NORMAL, effects);
    }
}
