//! What happens when the server did not answer in time (LINK-10). A deadline that nothing waits for any more means nothing.

use super::phase::Phase;
use super::{Effect, GIVEN_UP, Machine, Timer};

impl Machine {
    pub(super) fn deadline(&mut self, timer: Timer, effects: &mut Vec<Effect>) {
        match timer {
            Timer::Login => self.login_expired(effects),
            Timer::Logout => self.logout_expired(effects),
            Timer::Send(id) => self.send_expired(id, effects),
        }
    }

    /// LOGIN-1: the link is given up, so that no late answer is taken for that of a later login.
    fn login_expired(&mut self, effects: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::LoggingIn(_)) {
            effects.push(Effect::Close { epoch: self.epoch, code: GIVEN_UP });
            self.fail_login(effects);
        }
    }

    /// LOGOUT-4: the logout resolves although the server did not answer.
    fn logout_expired(&mut self, effects: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::LoggingOut { .. }) {
            effects.push(Effect::Close { epoch: self.epoch, code: GIVEN_UP });
            self.resolve_leaving(effects);
        }
    }
}
