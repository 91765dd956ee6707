//! The administrator's side of the stack driver: changed limits, and the callbacks that a backend is told. It knows no rule.

use model::action::{AccountId, Post, Setting};
use sut::config::TERMS_TIMER;
use sut::session::KeyDigest;

use super::Stack;
use crate::driver::acts::Administration;
use crate::driver::callbacks;
use crate::driver::rest::{kick_request, limits_request};
use crate::driver::transport::Transport;
use crate::observation::Observation;

impl<G: Transport> Administration for Stack<G> {
    /// A real HTTP request beside the links; what it leads to is seen on the links as ever.
    fn rest_kick(&mut self, account: AccountId) {
        self.wire.rest_kicks.insert(account, self.moment.now().0 / 1000);
        self.request(&kick_request(account, self.moment.now()));
        self.moment.pass_a_second();
        self.time_has_passed();
        self.wire.stage.issued_at = self.moment.now();
    }

    /// A real HTTP request for other limits.
    fn configure(&mut self, setting: Setting) {
        let limits = self.cast.limits_of(&self.scope, setting);
        self.request(&limits_request(limits, self.moment.now()));
    }

    fn take_effect(&mut self) {
        self.fire_at_server(TERMS_TIMER);
    }

    fn post(&mut self, account: AccountId, how: Post) {
        match self.transport.post(account, how) {
            Some(callback) => self.posted.push((account, callback, how)),
            None => self.wire.is_strange("nothing waits to be posted".to_owned()),
        }
    }
}

impl<G: Transport> Stack<G> {
    pub(super) fn take_callbacks(&mut self, own: &[KeyDigest], observation: &mut Observation) {
        let (recorded, posted) = (self.transport.recorded(), std::mem::take(&mut self.posted));
        callbacks::show(recorded, posted, own, &self.wire, observation);
    }
}
