//! Why a call was refused and why a session was kicked, by the vendor's numbers and values. It says what they are, never when they are
//! given.

use strum::{EnumCount, IntoStaticStr, VariantArray};

use crate::variants::every;

/// Why a call was not done. `as u8` is the place in [`Code::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray, IntoStaticStr)]
pub enum Code {
    /// 2024
    #[strum(serialize = "not logged in")]
    NotLoggedIn,
    /// 2025: a login runs (LOGIN-5).
    #[strum(serialize = "a login runs")]
    LoginRuns,
    /// 2025: another account is logged in; log out first (LOGIN-6).
    #[strum(serialize = "another account is logged in")]
    OtherAccount,
    /// 2800
    #[strum(serialize = "the link is down")]
    LinkDown,
    /// 2801
    #[strum(serialize = "outcome unknown")]
    OutcomeUnknown,
    /// 2999
    #[strum(serialize = "not ready")]
    NotReady,
    /// 6013
    #[strum(serialize = "destroyed")]
    Destroyed,
    /// 6023
    #[strum(serialize = "login abandoned")]
    LoginAbandoned,
    /// 7502
    #[strum(serialize = "a logout runs")]
    LogoutRuns,
    /// 70001
    #[strum(serialize = "UserSig expired")]
    SigExpired,
    /// 70002
    #[strum(serialize = "UserSig empty")]
    SigEmpty,
    /// 70003
    #[strum(serialize = "UserSig malformed")]
    SigMalformed,
    /// 70009
    #[strum(serialize = "UserSig wrongly signed")]
    SigWrong,
    /// 70013
    #[strum(serialize = "UserSig of another user")]
    SigOtherIdentifier,
    /// 70014
    #[strum(serialize = "UserSig of another app")]
    SigOtherApp,
    /// 70052
    #[strum(serialize = "UserSig issued before the last kick")]
    SigRevoked,
    /// 70402
    #[strum(serialize = "no such userID")]
    BadUserId,
    /// 70409
    #[strum(serialize = "no place for a newcomer")]
    NoPlace,
}

impl Code {
    /// Every code.
    pub const ALL: [Code; Code::COUNT] = every();

    /// What a person reads of it.
    pub fn text(self) -> &'static str {
        self.into()
    }

    /// The vendor's number.
    pub const fn number(self) -> u32 {
        match self {
            Code::NotLoggedIn => 2024,
            Code::LoginRuns | Code::OtherAccount => 2025,
            Code::LinkDown => 2800,
            Code::OutcomeUnknown => 2801,
            Code::NotReady => 2999,
            Code::Destroyed => 6013,
            Code::LoginAbandoned => 6023,
            Code::LogoutRuns => 7502,
            Code::SigExpired => 70001,
            Code::SigEmpty => 70002,
            Code::SigMalformed => 70003,
            Code::SigWrong => 70009,
            Code::SigOtherIdentifier => 70013,
            Code::SigOtherApp => 70014,
            Code::SigRevoked => 70052,
            Code::BadUserId => 70402,
            Code::NoPlace => 70409,
        }
    }
}

/// Why a session was kicked. `as u8` is the place in [`Reason::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "camelCase")]
pub enum Reason {
    /// Too many instances of the platform (KICK-2).
    MultipleAccount,
    /// Another kind of the class logged in (KICK-1).
    MultipleDevice,
    /// The UserSig that it logged in with is expired (SIG-1).
    UserSigExpired,
    /// The administrator kicked the account (REST-1).
    #[strum(serialize = "REST_API_Kick")]
    RestApi,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; Reason::COUNT] = every();

    /// The SDK's value.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
