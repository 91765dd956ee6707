//! Whom the server lets in, and what a login leaves behind.

use super::RuleSwitch;
use crate::action::{AccountId, Credential};
use crate::observation::Code;
use crate::rule::Rule;
use crate::state::{Phase, SigAge};

impl RuleSwitch {
    /// LOGIN-8: the code that a login is refused with; `None`: it is let in.
    pub(crate) fn refusal(&mut self, credential: Credential) -> Option<Code> {
        let code = match credential {
            Credential::Good => return None,
            Credential::BadUserId => Code::BadUserId,
            Credential::Empty => Code::SigEmpty,
            Credential::Malformed => Code::SigMalformed,
            Credential::OtherApp => Code::SigOtherApp,
            Credential::OtherIdentifier => Code::SigOtherIdentifier,
            Credential::WrongSignature => Code::SigWrong,
            Credential::Expired => Code::SigExpired,
            Credential::Revoked => Code::SigRevoked,
        };
        self.pick(Rule::Login8, Some(code), None)
    }

    /// LOGIN-1: where a refused login leaves its instance: out, and not on its way again by itself.
    pub(crate) fn after_a_refusal(&mut self, account: AccountId) -> Phase {
        self.pick(Rule::Login1, Phase::Out, Phase::Opening { account, credential: Credential::Good })
    }

    /// LOGIN-2: whether a login that resolves waits for its first sync to be ready.
    pub(crate) fn first_sync_makes_ready(&mut self) -> bool {
        self.is_on(Rule::Login2)
    }

    /// LOGIN-7: whether a refused login leaves everybody in place.
    pub(crate) fn refusal_touches_nobody(&mut self) -> bool {
        self.is_on(Rule::Login7)
    }

    /// LOGIN-9: whether a login replaces its key's earlier session without a word.
    pub(crate) fn login_replaces_its_key(&mut self) -> bool {
        self.is_on(Rule::Login9)
    }
}

/// REST-1, SIG-1: a good UserSig is judged by its age; what was bad anyway stays so.
pub(crate) fn judged_as(credential: Credential, sig: SigAge) -> Credential {
    match (credential, sig) {
        (Credential::Good, SigAge::Revoked) => Credential::Revoked,
        (Credential::Good, SigAge::Expired) => Credential::Expired,
        (credential, SigAge::Fresh | SigAge::Revoked | SigAge::Expired) => credential,
    }
}
