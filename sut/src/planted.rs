//! Bugs planted on purpose, so that the harness can be seen to catch them. They exist only in builds with debug assertions; a
//! release build has none of them, and this module never changes what a build without them does.

mod unreplayed;

use std::fmt;
use std::str::FromStr;

pub use unreplayed::Unreplayed;
pub(crate) use unreplayed::has;
#[cfg(debug_assertions)]
pub use unreplayed::plant_unreplayed;

/// A rule turned round. Its name begins with the rule's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// LOGIN-1: after a kick the answer to the next login is not looked at, and no deadline ends that login.
    Login1NeverSettles,
    /// LOGIN-2: the `SDK_NOT_READY` of an earlier session comes once more, behind the new `SDK_READY`.
    Login2LateNotReady,
    /// LOGIN-2: a sync that the loss of the link cut short does not run again after the resume.
    Login2NoSyncAfterResume,
    /// LOGIN-6: a login with another account is taken for a repeat of the one that is logged in.
    Login6WrongAccount,
    /// LOGIN-7: a login that was refused leaves the instance marked as logged in.
    Login7LeavesMark,
    /// KICK-1: an admitted login leaves the other kinds of its class online.
    Kick1NoClassKick,
    /// KICK-1: another kind is told `MULT_ACCOUNT` instead of `MULT_DEVICE`.
    Kick1WrongReason,
    /// KICK-2: the limit is not enforced.
    Kick2NoLimit,
    /// KICK-2: one session more than the limit may be online.
    Kick2OneTooMany,
    /// KICK-2: the newest session of the platform is kicked instead of the oldest.
    Kick2NewestKicked,
    /// KICK-3: the newcomer counts among the oldest and is its own victim.
    Kick3NewcomerKicked,
    /// KICK-3: a login that kicks takes the victims and the newcomer offline.
    Kick3BothOffline,
    /// KICK-4: the victim publishes `KICKED_OUT` before `SDK_NOT_READY`.
    Kick4LearnsFirst,
    /// KICK-4: the victim publishes `KICKED_OUT` twice.
    Kick4ReportedTwice,
    /// KICK-5: a login that kicks ends every other session of the account.
    Kick5BystandersKicked,
    /// KICK-6: the server answers the sync of a session that it kicked.
    Kick6AnswersTheKicked,
    /// KICK-7: a victim logs in again by itself.
    Kick7LogsInAgain,
    /// KICK-8: a resume does not look at the kick record.
    Kick8ResumeForgetsKick,
    /// KICK-8: the acknowledgement of the notice leaves the kick on record.
    Kick8RecordStays,
    /// KICK-9: an instance that is logging out publishes `KICKED_OUT`.
    Kick9KickedDuringLogout,
    /// KICK-10: a readmission kicks whoever is in its way.
    Kick10ReadmissionKicks,
    /// KICK-11: a login counts the sessions of every platform against its own limit.
    Kick11CountsEveryPlatform,
    /// LOGOUT-1: logout publishes no `SDK_NOT_READY`.
    Logout1StaysSilent,
    /// LOGOUT-1: a logout ends every session of the account.
    Logout1SilencesOthers,
    /// LOGOUT-1: pending sends settle after `SDK_NOT_READY`.
    Logout1SendsSettleLast,
    /// LOGOUT-2: logout is refused with 2024 when not logged in.
    Logout2Refused,
    /// LOGOUT-3: a login that runs is not failed by the logout.
    Logout3LoginGoesOn,
    /// LOGOUT-4: a logout that was lost is not owed.
    Logout4NothingOwed,
    /// LOGOUT-5: messages kept before ready survive a logout into the next login.
    Logout5KeepsMessages,
    /// LOGOUT-6: a second logout resolves at once.
    Logout6SecondResolves,
    /// LOGOUT-7: after a logout or kick nothing is published any more.
    Logout7ListenersGone,
    /// DESTROY-1: destroy of an online instance resolves at once and sends no logout.
    Destroy1SkipsLogout,
    /// DESTROY-2: calls after destroy answer as if logged out.
    Destroy2AnswersOn,
    /// LINK-1: `connected` is published when the link opens, before the answer to the resume.
    Link1ConnectedAtOpening,
    /// LINK-1: after the loss of a link no backoff runs.
    Link1NeverReconnects,
    /// LINK-2: a resume is admitted as a login is: last in the order, and it kicks.
    Link2ResumeLogsIn,
    /// LINK-3: an older link logs in or resumes as if it were the newest.
    Link3EpochIgnored,
    /// LINK-3: the late close of a displaced link drops its successor's session.
    Link3LateCloseCounts,
    /// LINK-3: a displaced link is still listened to, as if it carried its successor's session.
    Link3LateFramesCount,
    /// LINK-3: a link that is turned away takes the session of its instance along.
    Link3RejectionCleansUp,
    /// LINK-4: a session that lapses is kicked.
    Link4LapseKicks,
    /// LINK-4: the lapse is not stopped by a resume.
    Link4LapseGoesOn,
    /// LINK-5: a resume on an older link is decided as if there had been no kick, once the kick was acknowledged.
    Link5KickedComesBack,
    /// MSG-1: a message to another account is delivered to the sender's own.
    Msg1WrongAccount,
    /// MSG-2: a resume sends again what was received.
    Msg2ResumeDoubles,
    /// MSG-2: a resume sends nothing of what was kept.
    Msg2ResumeForgets,
    /// MSG-2: a resume takes one message more for received than the instance says.
    Msg2ResumeSkipsOne,
    /// MSG-2: a gap is told in one resume-answer only, whether it arrives or not.
    Msg2GapToldOnce,
    /// MSG-2: a resume sends again what was kept in the opposite order.
    Msg2ResumeReverses,
    /// MSG-3: a repeat of a message is delivered as a second one.
    Msg3RepeatIsNew,
    /// MSG-3: the answer to a message is written twice.
    Msg3AnsweredTwice,
    /// SIG-1: after a kick the next login is refused as expired by the instance itself.
    Sig1FreshCalledExpired,
    /// SIG-1: a session whose UserSig expires is told `REST_API`.
    Sig1WrongReason,
    /// REST-1: a UserSig issued before the account's last REST kick is accepted.
    Rest1OldSigAccepted,
    /// REST-1: the second of a REST kick is recorded, but every session stays.
    Rest1NobodyKicked,
    /// CONF-2: changed limits are in force for nobody.
    Conf2OldLimits,
    /// HOOK-1: a victim is called back under the platform of the newcomer.
    Hook1WrongPlatform,
    /// HOOK-1: the victims of a login are called back with the newest first.
    Hook1VictimsReversed,
    /// LINK-7: a sync does not start the server's heartbeat anew.
    Link7SyncUnheard,
    /// LINK-7: a message does not start the instance's heartbeat anew.
    Link7MessageUnheard,
}

impl Planted {
    /// Every planted bug, in the order in which they are declared.
    pub const ALL: [Planted; 60] = [
        Planted::Login1NeverSettles,
        Planted::Login2LateNotReady,
        Planted::Login2NoSyncAfterResume,
        Planted::Login6WrongAccount,
        Planted::Login7LeavesMark,
        Planted::Kick1NoClassKick,
        Planted::Kick1WrongReason,
        Planted::Kick2NoLimit,
        Planted::Kick2OneTooMany,
        Planted::Kick2NewestKicked,
        Planted::Kick3NewcomerKicked,
        Planted::Kick3BothOffline,
        Planted::Kick4LearnsFirst,
        Planted::Kick4ReportedTwice,
        Planted::Kick5BystandersKicked,
        Planted::Kick6AnswersTheKicked,
        Planted::Kick7LogsInAgain,
        Planted::Kick8ResumeForgetsKick,
        Planted::Kick8RecordStays,
        Planted::Kick9KickedDuringLogout,
        Planted::Kick10ReadmissionKicks,
        Planted::Kick11CountsEveryPlatform,
        Planted::Logout1StaysSilent,
        Planted::Logout1SilencesOthers,
        Planted::Logout1SendsSettleLast,
        Planted::Logout2Refused,
        Planted::Logout3LoginGoesOn,
        Planted::Logout4NothingOwed,
        Planted::Logout5KeepsMessages,
        Planted::Logout6SecondResolves,
        Planted::Logout7ListenersGone,
        Planted::Destroy1SkipsLogout,
        Planted::Destroy2AnswersOn,
        Planted::Link1ConnectedAtOpening,
        Planted::Link1NeverReconnects,
        Planted::Link2ResumeLogsIn,
        Planted::Link3EpochIgnored,
        Planted::Link3LateCloseCounts,
        Planted::Link3LateFramesCount,
        Planted::Link3RejectionCleansUp,
        Planted::Link4LapseKicks,
        Planted::Link4LapseGoesOn,
        Planted::Link5KickedComesBack,
        Planted::Msg1WrongAccount,
        Planted::Msg2ResumeDoubles,
        Planted::Msg2ResumeForgets,
        Planted::Msg2ResumeSkipsOne,
        Planted::Msg2GapToldOnce,
        Planted::Msg2ResumeReverses,
        Planted::Msg3RepeatIsNew,
        Planted::Msg3AnsweredTwice,
        Planted::Sig1FreshCalledExpired,
        Planted::Sig1WrongReason,
        Planted::Rest1OldSigAccepted,
        Planted::Rest1NobodyKicked,
        Planted::Conf2OldLimits,
        Planted::Hook1WrongPlatform,
        Planted::Hook1VictimsReversed,
        Planted::Link7SyncUnheard,
        Planted::Link7MessageUnheard,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Planted::Login1NeverSettles => "login1-never-settles",
            Planted::Login2LateNotReady => "login2-late-not-ready",
            Planted::Login2NoSyncAfterResume => "login2-no-sync-after-resume",
            Planted::Login6WrongAccount => "login6-wrong-account",
            Planted::Login7LeavesMark => "login7-leaves-mark",
            Planted::Kick1NoClassKick => "kick1-no-class-kick",
            Planted::Kick1WrongReason => "kick1-wrong-reason",
            Planted::Kick2NoLimit => "kick2-no-limit",
            Planted::Kick2OneTooMany => "kick2-one-too-many",
            Planted::Kick2NewestKicked => "kick2-newest-kicked",
            Planted::Kick3NewcomerKicked => "kick3-newcomer-kicked",
            Planted::Kick3BothOffline => "kick3-both-offline",
            Planted::Kick4LearnsFirst => "kick4-learns-first",
            Planted::Kick4ReportedTwice => "kick4-reported-twice",
            Planted::Kick5BystandersKicked => "kick5-bystanders-kicked",
            Planted::Kick6AnswersTheKicked => "kick6-answers-the-kicked",
            Planted::Kick7LogsInAgain => "kick7-logs-in-again",
            Planted::Kick8ResumeForgetsKick => "kick8-resume-forgets-kick",
            Planted::Kick8RecordStays => "kick8-record-stays",
            Planted::Kick9KickedDuringLogout => "kick9-kicked-during-logout",
            Planted::Kick10ReadmissionKicks => "kick10-readmission-kicks",
            Planted::Kick11CountsEveryPlatform => "kick11-counts-every-platform",
            Planted::Logout1StaysSilent => "logout1-stays-silent",
            Planted::Logout1SilencesOthers => "logout1-silences-others",
            Planted::Logout1SendsSettleLast => "logout1-sends-settle-last",
            Planted::Logout2Refused => "logout2-refused",
            Planted::Logout3LoginGoesOn => "logout3-login-goes-on",
            Planted::Logout4NothingOwed => "logout4-nothing-owed",
            Planted::Logout5KeepsMessages => "logout5-keeps-messages",
            Planted::Logout6SecondResolves => "logout6-second-resolves",
            Planted::Logout7ListenersGone => "logout7-listeners-gone",
            Planted::Destroy1SkipsLogout => "destroy1-skips-logout",
            Planted::Destroy2AnswersOn => "destroy2-answers-on",
            Planted::Link1ConnectedAtOpening => "link1-connected-at-opening",
            Planted::Link1NeverReconnects => "link1-never-reconnects",
            Planted::Link2ResumeLogsIn => "link2-resume-logs-in",
            Planted::Link3EpochIgnored => "link3-epoch-ignored",
            Planted::Link3LateCloseCounts => "link3-late-close-counts",
            Planted::Link3LateFramesCount => "link3-late-frames-count",
            Planted::Link3RejectionCleansUp => "link3-rejection-cleans-up",
            Planted::Link4LapseKicks => "link4-lapse-kicks",
            Planted::Link4LapseGoesOn => "link4-lapse-goes-on",
            Planted::Link5KickedComesBack => "link5-kicked-comes-back",
            Planted::Msg1WrongAccount => "msg1-wrong-account",
            Planted::Msg2ResumeDoubles => "msg2-resume-doubles",
            Planted::Msg2ResumeForgets => "msg2-resume-forgets",
            Planted::Msg2ResumeSkipsOne => "msg2-resume-skips-one",
            Planted::Msg2GapToldOnce => "msg2-gap-told-once",
            Planted::Msg2ResumeReverses => "msg2-resume-reverses",
            Planted::Msg3RepeatIsNew => "msg3-repeat-is-new",
            Planted::Msg3AnsweredTwice => "msg3-answered-twice",
            Planted::Sig1FreshCalledExpired => "sig1-fresh-called-expired",
            Planted::Sig1WrongReason => "sig1-wrong-reason",
            Planted::Rest1OldSigAccepted => "rest1-old-sig-accepted",
            Planted::Rest1NobodyKicked => "rest1-nobody-kicked",
            Planted::Conf2OldLimits => "conf2-old-limits",
            Planted::Hook1WrongPlatform => "hook1-wrong-platform",
            Planted::Hook1VictimsReversed => "hook1-victims-reversed",
            Planted::Link7SyncUnheard => "link7-sync-unheard",
            Planted::Link7MessageUnheard => "link7-message-unheard",
        }
    }
}

impl fmt::Display for Planted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no planted bug's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no planted bug is named {0:?}; these are: {names}", names = Planted::ALL.map(Planted::name).join(", "))]
pub struct UnknownPlanted(pub String);

impl FromStr for Planted {
    type Err = UnknownPlanted;

    fn from_str(name: &str) -> Result<Planted, UnknownPlanted> {
        let named = |bug: &Planted| bug.name() == name;
        Planted::ALL.into_iter().find(named).ok_or_else(|| UnknownPlanted(name.to_owned()))
    }
}

#[cfg(debug_assertions)]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Planted>> = const { std::cell::Cell::new(None) };
}

/// Plants a bug, or none, in everything that runs on this thread from now on.
#[cfg(debug_assertions)]
pub fn plant(bug: Option<Planted>) {
    PLANTED.set(bug);
}

/// The bug that is planted on this thread.
#[cfg(debug_assertions)]
pub fn planted() -> Option<Planted> {
    PLANTED.get()
}

/// The bug that is planted on this thread: in a release build none is.
#[cfg(not(debug_assertions))]
pub const fn planted() -> Option<Planted> {
    None
}

/// Whether that bug is planted on this thread.
#[cfg(debug_assertions)]
pub(crate) fn is(bug: Planted) -> bool {
    PLANTED.get() == Some(bug)
}

/// Whether that bug is planted: in a release build none is.
#[cfg(not(debug_assertions))]
pub(crate) const fn is(_bug: Planted) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_bug_has_one_name() {
        for bug in Planted::ALL {
            assert_eq!(bug.to_string().parse(), Ok(bug));
        }
        let error = "KICK-2".parse::<Planted>().unwrap_err().to_string();
        assert!(error.starts_with("no planted bug is named \"KICK-2\"; these are: login1-never-settles, "), "{error}");
    }
}
