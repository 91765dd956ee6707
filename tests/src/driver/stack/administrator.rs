//! The administrator's side of the stack driver: changed limits, and the callbacks that a backend is told. It knows no rule.

use model::action::{AccountId, Post, Setting};
use sut::session::KeyDigest;

use super::Stack;
use crate::driver::callbacks;
use crate::driver::ground::Ground;
use crate::driver::rest::limits_request;
use crate::observation::Observation;

impl<G: Ground> Stack<G> {
    /// A real HTTP request for other limits.
    pub(super) fn configure(&mut self, setting: Setting) {
        let limits = self.cast.limits_of(&self.scope, setting);
        self.ask(&limits_request(limits, self.moment.now()));
    }

    /// The oldest callback of an account leaves the outbox for the receiver, or fails to.
    pub(super) fn post(&mut self, account: AccountId, how: Post) {
        match self.ground.post(account, how) {
            Some(callback) => self.posted.push((account, callback, how)),
            None => self.wire.is_strange("nothing waits to be posted".to_owned()),
        }
    }

    pub(super) fn take_callbacks(&mut self, own: &[KeyDigest], observation: &mut Observation) {
        let (recorded, posted) = (self.ground.recorded(), std::mem::take(&mut self.posted));
        callbacks::show(recorded, posted, own, &self.wire, observation);
    }
}
