//! The codes by which a call or a login is refused, with their names and texts. It holds no rule: who refuses what stands in
//! [`crate::admission`], [`crate::usersig`], [`crate::client::machine`] and [`crate::server`].

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumCount, VariantArray};

use crate::variants::every;

/// Why a call or a login was not done. A closed list: a code that is not here is never sent. Two have the number 2025, which no server
/// sends; read back, it is the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, EnumCount, VariantArray)]
#[serde(into = "u32", try_from = "u32")]
pub enum Code {
    /// 2024: not logged in, or a login or logout is under way (LOGIN-3).
    NotLoggedIn,
    /// 2025: a login while an earlier one runs (LOGIN-5).
    LoginRuns,
    /// 2025 as well: a login with another account on a logged-in instance (LOGIN-6).
    OtherAccount,
    /// 2800: the link is down; nothing was sent (LOGIN-1, LOGIN-3).
    LinkDown,
    /// 2801: the link was lost or the deadline passed before the answer: the outcome is unknown (LOGIN-1, MSG-3).
    OutcomeUnknown,
    /// 2999: logged in, but not ready yet (LOGIN-3).
    NotReady,
    /// 6013: the instance is destroyed (DESTROY-2).
    Destroyed,
    /// 6023: the login was given up by a logout or destroy (LOGOUT-3).
    LoginAbandoned,
    /// 7502: a login while a logout runs (LOGOUT-6).
    LogoutRunning,
    /// 70001: the UserSig has expired.
    SigExpired,
    /// 70002: the UserSig is empty.
    SigEmpty,
    /// 70003: the UserSig is malformed, truncated, or dated further ahead than is allowed.
    SigMalformed,
    /// 70009: the UserSig's signature is wrong.
    SigWrong,
    /// 70013: the UserSig was made for another identifier.
    SigOtherIdentifier,
    /// 70014: the UserSig was made for another SDKAppID.
    SigOtherApp,
    /// 70050: too many refused logins of the account from one address, and this one would be refused, too; wait (LOGIN-8).
    TooManyFailures,
    /// 70052: the UserSig was revoked by the account's last REST kick (REST-1).
    SigRevoked,
    /// 70169: the registry is out of reach; nothing was done, unless the text says that it may be (NODE-4).
    RegistryUnreachable,
    /// 70402: a field of the request is bad: a userID, a message too long, or the JSON of an administrative call (REST-3).
    BadField,
    /// 70403: an administrative call without the UserSig of an administrator (REST-3).
    Forbidden,
    /// 70409: the policy refuses newcomers, and the login has no place of its own and finds none (KICK-12).
    NoPlace,
    /// 70429: the session sends more than it may; nobody was sent this message (MSG-2).
    TooFast,
}

impl Code {
    /// Every code, in the order of the numbers.
    pub const ALL: [Code; Code::COUNT] = every();

    /// The number that the wire and the user see.
    pub const fn number(self) -> u32 {
        match self {
            Code::NotLoggedIn => 2024,
            Code::LoginRuns | Code::OtherAccount => 2025,
            Code::LinkDown => 2800,
            Code::OutcomeUnknown => 2801,
            Code::NotReady => 2999,
            Code::Destroyed => 6013,
            Code::LoginAbandoned => 6023,
            Code::LogoutRunning => 7502,
            Code::SigExpired => 70001,
            Code::SigEmpty => 70002,
            Code::SigMalformed => 70003,
            Code::SigWrong => 70009,
            Code::SigOtherIdentifier => 70013,
            Code::SigOtherApp => 70014,
            Code::TooManyFailures => 70050,
            Code::SigRevoked => 70052,
            Code::RegistryUnreachable => 70169,
            Code::BadField => 70402,
            Code::Forbidden => 70403,
            Code::NoPlace => 70409,
            Code::TooFast => 70429,
        }
    }

    /// Why a call or a login is refused with it.
    pub const fn words(self) -> &'static str {
        match self {
            Code::NotLoggedIn => "the instance is not logged in, or a login or logout is under way",
            Code::LoginRuns => "an earlier login runs",
            Code::OtherAccount => "the instance is logged in as another account: log out first",
            Code::LinkDown => "the link is down, and nothing was sent",
            Code::OutcomeUnknown => "the link was lost, or the time was up, before the answer: what became of it is unknown",
            Code::NotReady => "the instance is logged in, but not ready yet",
            Code::Destroyed => "the instance is destroyed",
            Code::LoginAbandoned => "a logout or destroy gave the login up",
            Code::LogoutRunning => "a logout runs",
            Code::SigExpired => "the UserSig has expired",
            Code::SigEmpty => "the UserSig is empty",
            Code::SigMalformed => "the UserSig is malformed, or dated too far ahead",
            Code::SigWrong => "the UserSig's signature is wrong",
            Code::SigOtherIdentifier => "the UserSig was made for another account",
            Code::SigOtherApp => "the UserSig was made for another app",
            Code::TooManyFailures => "the UserSig is bad, and there were too many bad ones before",
            Code::SigRevoked => "the UserSig is from before the account's last REST kick",
            Code::RegistryUnreachable => "the registry is out of reach, and nothing was done",
            Code::BadField => "a field is bad: the userID, a text that is too long, the JSON of a call",
            Code::Forbidden => "the call does not show the UserSig of an administrator",
            Code::NoPlace => "the policy lets no newcomer in where nobody may be kicked for it, and every place is taken",
            Code::TooFast => "the session sends faster than it may: nobody was sent the message",
        }
    }

    /// Whether a login is refused with it for its UserSig: 70001 to 70014, 70050 or 70052.
    pub const fn is_of_a_user_sig(self) -> bool {
        matches!(self.number(), 70001..=70014 | 70050 | 70052)
    }
}

impl From<Code> for u32 {
    fn from(code: Code) -> u32 {
        code.number()
    }
}

/// A number that is no code of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no known code")]
pub struct UnknownCode(pub u32);

impl TryFrom<u32> for Code {
    type Error = UnknownCode;

    fn try_from(number: u32) -> Result<Code, UnknownCode> {
        Code::ALL.into_iter().find(|code| code.number() == number).ok_or(UnknownCode(number))
    }
}

/// A refusal: a code and a text for people, shown in one line. It is an answer, not a fault, and yet an [`Error`](std::error::Error) for
/// an application that hands it on as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// What a program looks at.
    pub code: Code,
    /// What a person reads: what was wrong, and what would be right.
    pub text: String,
}

impl Refusal {
    /// The registry is out of reach, and nothing was done (NODE-4).
    pub fn out_of_reach() -> Refusal {
        Refusal { code: Code::RegistryUnreachable, text: "the registry is out of reach; try again".to_owned() }
    }

    /// The registry did not answer in time, and what was asked of it is neither done nor undone (NODE-4).
    pub fn unanswered() -> Refusal {
        Refusal {
            code: Code::RegistryUnreachable,
            text: "the registry has not answered in time; what was asked for may be done".to_owned(),
        }
    }

    /// A refusal whose text may hold what a stranger wrote: one line, cut where it is long, so that it always fits in a frame.
    pub fn new(code: Code, text: &str) -> Refusal {
        Refusal { code, text: one_line(text) }
    }
}

/// What a stranger wrote, as part of a line of ours: no line breaks, and not too long.
pub fn one_line(text: &str) -> String {
    const LONGEST: usize = 300;
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(LONGEST).map(printable).collect()
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.number(), one_line(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_handed_on_as_an_error_of_one_line_with_its_code() {
        let refused = || -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            Err(Refusal { code: Code::SigExpired, text: "the UserSig\nhas expired".to_owned() })?
        };
        assert_eq!(refused().unwrap_err().to_string(), "70001: the UserSig has expired");
    }
}
