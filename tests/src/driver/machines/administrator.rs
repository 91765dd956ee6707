//! The administrator's side of the machines driver: changed limits, and the callbacks that a backend is told. It knows no rule.

use model::action::{AccountId, Post, Setting};
use sut::config::TermsChange;
use sut::server::machine as server;
use sut::session::KeyDigest;

use super::Machines;
use crate::driver::callbacks;
use crate::observation::Observation;

impl Machines {
    pub(super) fn configure(&mut self, setting: Setting) {
        let limits = vec![self.cast.limits_of(&self.scope, setting)];
        let terms = TermsChange { policy: None, limits }.of(self.changing.newest());
        self.changing.change(self.moment.now(), terms);
    }

    pub(super) fn take_effect(&mut self) {
        let Some(pending) = self.changing.pending() else {
            return self.wire.is_strange("no change is pending".to_owned());
        };
        self.pass_to(pending.due);
        let terms = self.changing.fire(self.moment.now().max(pending.due));
        self.at_server(server::Input::TermsInForce(terms));
    }

    /// The oldest callback of an account leaves the outbox for the receiver, or fails to.
    pub(super) fn post(&mut self, account: AccountId, how: Post) {
        match self.records.post(account, how) {
            Some(callback) => self.posted.push((account, callback, how)),
            None => self.wire.is_strange("nothing waits to be posted".to_owned()),
        }
    }

    pub(super) fn take_callbacks(&mut self, own: &[KeyDigest], observation: &mut Observation) {
        let (recorded, posted) = (self.records.recorded(), std::mem::take(&mut self.posted));
        callbacks::show(recorded, posted, own, &self.wire, observation);
    }
}
