//! The administrator's side of the machines driver: changed limits, and the callbacks that a backend is told. It knows no rule.

use model::action::{AccountId, Post, Setting};
use sut::config::TermsChange;
use sut::server::machine as server;
use sut::session::KeyDigest;

use super::Machines;
use crate::cast;
use crate::driver::acts::Administration;
use crate::driver::callbacks;
use crate::observation::Observation;

impl Administration for Machines {
    fn rest_kick(&mut self, account: AccountId) {
        let request = server::RequestId(self.number());
        let second = self.moment.now().0 / 1000;
        self.wire.rest_kicks.insert(account, second);
        self.at_server(server::Input::RestKick { request, user_id: cast::user_id(account).to_owned() });
        if self.answered.take() != Some((request, server::Reply::Kicked { user_sig_from_s: second + 1 })) {
            self.wire.is_strange("a REST kick that was not answered with OK".to_owned());
        }
        self.moment.pass_a_second();
        self.issue_anew();
    }

    fn configure(&mut self, setting: Setting) {
        let limits = vec![self.cast.limits_of(&self.scope, setting)];
        let terms = TermsChange { policy: None, limits }.of(self.changing.newest());
        self.changing.change(self.moment.now(), terms);
    }

    fn take_effect(&mut self) {
        let Some(pending) = self.changing.pending() else {
            return self.wire.is_strange("no change is pending".to_owned());
        };
        self.pass_to(pending.due);
        let terms = self.changing.fire(self.moment.now().max(pending.due));
        self.at_server(server::Input::TermsInForce(terms));
    }

    fn post(&mut self, account: AccountId, how: Post) {
        match self.records.post(account, how) {
            Some(callback) => self.posted.push((account, callback, how)),
            None => self.wire.is_strange("nothing waits to be posted".to_owned()),
        }
    }
}

impl Machines {
    pub(super) fn take_callbacks(&mut self, own: &[KeyDigest], observation: &mut Observation) {
        let (recorded, posted) = (self.records.recorded(), std::mem::take(&mut self.posted));
        callbacks::show(recorded, posted, own, &self.wire, observation);
    }
}
