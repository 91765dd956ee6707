//! What a call is told at once.

use super::RuleSwitch;
use crate::action::{AccountId, Credential};
use crate::observation::{Code, Outcome};
use crate::rule::Rule;
use crate::state::{Client, Phase, Residue};

impl RuleSwitch {
    /// What a call of `login` is told at once; `None`: it goes its way.
    pub(crate) fn answer_to_login(&mut self, client: &Client, account: AccountId, credential: Credential) -> Option<Outcome> {
        let is_mine = |user: AccountId| user == account && credential != Credential::BadUserId;
        match client.phase {
            Phase::Out => strangeness(client, account),
            Phase::Opening { .. } | Phase::Waiting { .. } => {
                Some(self.pick(Rule::Login5, Outcome::Refused(Code::LoginRuns), Outcome::Repeat))
            }
            Phase::Online { account: user } | Phase::Ready { account: user } if is_mine(user) => {
                Some(self.pick(Rule::Login4, Outcome::Repeat, Outcome::Refused(Code::LoginRuns)))
            }
            Phase::Online { .. } | Phase::Ready { .. } => {
                Some(self.pick(Rule::Login6, Outcome::Refused(Code::OtherAccount), Outcome::Repeat))
            }
            Phase::Leaving => Some(self.pick(Rule::Logout6, Outcome::Refused(Code::LogoutRuns), Outcome::Repeat)),
            Phase::Destroying | Phase::Destroyed | Phase::Closed => Some(self.after_destroy()),
        }
    }

    /// What a call of `logout` is told at once; `None`: it goes its way, or joins the one that runs.
    pub(crate) fn answer_to_logout(&mut self, phase: Phase) -> Option<Outcome> {
        match phase {
            Phase::Out => Some(self.pick(Rule::Logout2, Outcome::Done, Outcome::Refused(Code::NotLoggedIn))),
            Phase::Opening { .. } | Phase::Waiting { .. } => self.pick(Rule::Logout3, None, Some(Outcome::Done)),
            Phase::Online { .. } | Phase::Ready { .. } => None,
            Phase::Leaving => self.pick(Rule::Logout6, None, Some(Outcome::Done)),
            Phase::Destroying | Phase::Destroyed | Phase::Closed => Some(self.after_destroy()),
        }
    }

    /// LOGIN-3: what a call of `sendMessage` is told at once; `None`: it is accepted.
    pub(crate) fn answer_to_send(&mut self, client: &Client) -> Option<Outcome> {
        let refused = match client.phase {
            Phase::Ready { .. } if client.is_cut_off() => self.pick(Rule::Login3, Code::LinkDown, Code::NotReady),
            Phase::Ready { .. } => return None,
            Phase::Online { .. } => self.pick(Rule::Login3, Code::NotReady, Code::NotLoggedIn),
            Phase::Out | Phase::Opening { .. } | Phase::Waiting { .. } | Phase::Leaving => {
                self.pick(Rule::Login3, Code::NotLoggedIn, Code::NotReady)
            }
            Phase::Destroying | Phase::Destroyed | Phase::Closed => return Some(self.after_destroy()),
        };
        Some(Outcome::Refused(refused))
    }

    /// DESTROY-2: what every call but destroy is told from destroy on.
    fn after_destroy(&mut self) -> Outcome {
        Outcome::Refused(self.pick(Rule::Destroy2, Code::Destroyed, Code::NotLoggedIn))
    }
}

/// LOGIN-10: a logged-out instance is nobody's; without the rule it stays that of its first account.
fn strangeness(client: &Client, account: AccountId) -> Option<Outcome> {
    match client.residue {
        Residue::Account(first) if first != account => Some(Outcome::Refused(Code::OtherAccount)),
        Residue::Account(_) | Residue::Deaf | Residue::Nothing => None,
    }
}
