//! What happens when the server did not answer in time (LINK-10). A timer that nothing waits for any more means nothing.

use super::phase::Phase;
use super::{Effect, Machine, Timer};
use crate::protocol::close_code::GIVEN_UP;

impl Machine {
    pub(super) fn deadline(&mut self, timer: Timer, effects: &mut Vec<Effect>) {
        match timer {
            Timer::Login => self.login_expired(effects),
            Timer::Logout => self.logout_expired(effects),
            Timer::Send(id) => self.send_expired(id, effects),
            Timer::Heartbeat => self.heartbeat_missed(effects),
            Timer::Ping => self.ping(effects),
            Timer::Backoff => self.reconnect(effects),
        }
    }

    /// LOGIN-1: the link is given up, so that no late answer is taken for that of a later login.
    fn login_expired(&mut self, effects: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::LoggingIn(_)) {
            self.close(GIVEN_UP, effects);
            self.fail_login(effects);
        }
    }

    /// LOGOUT-4: the logout resolves although the server did not answer.
    fn logout_expired(&mut self, effects: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::LoggingOut { .. }) {
            self.close(GIVEN_UP, effects);
            self.leave_owing(effects);
        }
    }
}
