//! What a stranger claims of somebody else's session, on a link of the stranger's own, and what the rules answer. It makes no frame.

use model::rule::Rule;
use model::variants::every;
use strum::{EnumCount, VariantArray};
use sut::session::KickReason;

use crate::refusals::demand::{Demand, Mark, Named, Said};

/// What a stranger claims of somebody else's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, VariantArray)]
pub enum Claim {
    /// A resume of an online instance with a secret that was made up.
    ResumeForgedSecret,
    /// A resume of an online instance with the secret of its session before.
    ResumeOldSecret,
    /// A resume with an epoch below the highest on record.
    ResumeLowerEpoch,
    /// A resume with the highest epoch on record.
    ResumeEqualEpoch,
    /// A resume of another account's session, with the stranger's own UserSig.
    ResumeOthersUserSig,
    /// A resume of a session under the stranger's own key, every place taken.
    ResumeUnderOwnKey,
    /// A resume of another account's session as one of the stranger's own account, whose one place is taken.
    ResumeAsOneself,
    /// A resume of a kicked instance with a secret that was made up, every place taken.
    ResumeForgedKicked,
    /// A resume that has received more messages than there can be.
    ResumeBeyondCounting,
    /// A resume of what can be no account.
    ResumeNoUserId,
    /// A login with an instance's key and an epoch below the highest on record.
    LoginLowerEpoch,
    /// A login with an instance's key and the highest epoch on record.
    LoginEqualEpoch,
    /// A login with an instance's key and a UserSig signed with another key.
    LoginForgedUserSig,
    /// A login as somebody else with the stranger's own UserSig.
    LoginOthersUserSig,
    /// An owed logout of an instance's session under a secret that was made up.
    OwedForgedSecret,
    /// An owed logout of a session under the stranger's own key.
    OwedUnderOwnKey,
    /// An owed logout of a session in the name of the stranger's own account.
    OwedAsOneself,
    /// In the account's name and under a key of the stranger's own, with the UserSig of another account.
    OwedWithOthersUserSig,
    /// A login in an instance's name behind a logout that it does not owe.
    LoginBehindOwed,
    /// A login of another epoch than the owed logout before it.
    LoginOfAnotherEpochBehindOwed,
    /// A sync behind an owed logout, without a login.
    SyncBehindOwed,
}

impl Claim {
    pub(crate) const ALL: [Claim; Claim::COUNT] = every();

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Claim::ResumeForgedSecret => "resume, forged secret",
            Claim::ResumeOldSecret => "resume, secret of the session before",
            Claim::ResumeLowerEpoch => "resume, lower epoch",
            Claim::ResumeEqualEpoch => "resume, equal epoch",
            Claim::ResumeOthersUserSig => "resume of another account's session",
            Claim::ResumeUnderOwnKey => "resume under another key, no place free",
            Claim::ResumeAsOneself => "resume of another account's session as one's own, no place free",
            Claim::ResumeForgedKicked => "resume of a kicked instance, forged secret, no place free",
            Claim::ResumeBeyondCounting => "resume beyond every message",
            Claim::ResumeNoUserId => "resume of no userID",
            Claim::LoginLowerEpoch => "login for another instance, lower epoch",
            Claim::LoginEqualEpoch => "login for another instance, equal epoch",
            Claim::LoginForgedUserSig => "login for another instance, forged UserSig",
            Claim::LoginOthersUserSig => "login as somebody else",
            Claim::OwedForgedSecret => "owed logout, forged secret",
            Claim::OwedUnderOwnKey => "owed logout under another key",
            Claim::OwedAsOneself => "owed logout in another account's name",
            Claim::OwedWithOthersUserSig => "owed logout with another account's UserSig",
            Claim::LoginBehindOwed => "login behind somebody else's owed logout",
            Claim::LoginOfAnotherEpochBehindOwed => "login of another epoch behind an owed logout",
            Claim::SyncBehindOwed => "sync behind an owed logout",
        }
    }

    pub(crate) const fn rule(self) -> Rule {
        match self {
            Claim::ResumeForgedSecret | Claim::ResumeOldSecret => Rule::Link11,
            Claim::ResumeOthersUserSig
            | Claim::ResumeUnderOwnKey
            | Claim::ResumeAsOneself
            | Claim::ResumeForgedKicked
            | Claim::ResumeNoUserId => Rule::Link5,
            Claim::ResumeLowerEpoch | Claim::ResumeEqualEpoch | Claim::LoginLowerEpoch | Claim::LoginEqualEpoch => Rule::Link3,
            Claim::ResumeBeyondCounting => Rule::Msg2,
            Claim::LoginForgedUserSig | Claim::LoginOthersUserSig => Rule::Login8,
            Claim::OwedForgedSecret
            | Claim::OwedUnderOwnKey
            | Claim::OwedWithOthersUserSig
            | Claim::OwedAsOneself
            | Claim::LoginBehindOwed => Rule::Logout4,
            Claim::LoginOfAnotherEpochBehindOwed | Claim::SyncBehindOwed => Rule::Link9,
        }
    }

    pub(crate) const fn demand(self) -> Demand {
        const SUPERSEDED: Demand = Demand::close(4001);
        const FULL: Demand = Demand::say(&[Said::Told(KickReason::MultipleAccount)], 1000);
        match self {
            Claim::ResumeBeyondCounting => Demand::close(1008),
            Claim::ResumeForgedSecret | Claim::ResumeOldSecret => SUPERSEDED,
            Claim::ResumeLowerEpoch | Claim::ResumeEqualEpoch | Claim::LoginLowerEpoch | Claim::LoginEqualEpoch => SUPERSEDED,
            Claim::ResumeOthersUserSig => Demand::say(&[Said::ResumeRefused(70013)], 1000),
            Claim::ResumeNoUserId => Demand::say(&[Said::ResumeRefused(70402)], 1000),
            Claim::ResumeUnderOwnKey => Demand { mark: Mark::EpochOfTold(Named::OwnKey), ..FULL },
            Claim::ResumeAsOneself => Demand { mark: Mark::EpochOfTold(Named::OwnAccount), ..FULL },
            Claim::ResumeForgedKicked => Demand { mark: Mark::EpochOfTold(Named::Itself), ..FULL },
            Claim::LoginForgedUserSig => Demand::say(&[Said::LoginRefused(70009)], 1000),
            Claim::LoginOthersUserSig => Demand::say(&[Said::LoginRefused(70013)], 1000),
            Claim::OwedForgedSecret | Claim::OwedUnderOwnKey | Claim::OwedWithOthersUserSig => {
                Demand::answer(&[Said::LogoutAnswer])
            }
            Claim::OwedAsOneself => Demand { mark: Mark::EpochInOwnAccount, ..Demand::answer(&[Said::LogoutAnswer]) },
            Claim::LoginBehindOwed => Demand::say(&[Said::LogoutAnswer], 4001),
            Claim::LoginOfAnotherEpochBehindOwed | Claim::SyncBehindOwed => Demand::say(&[Said::LogoutAnswer], 1008),
        }
    }
}
