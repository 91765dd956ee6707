//! Bugs planted on purpose, so that the harness can be seen to catch them. They exist only in builds with debug assertions; a
//! release build has none of them, and this module never changes what a build without them does.

mod unreplayed;

use std::fmt;
use std::str::FromStr;

pub use unreplayed::Unreplayed;
pub use unreplayed::has;
#[cfg(debug_assertions)]
pub use unreplayed::plant_unreplayed;

/// Each bug stands once: what it does, its variant, and its name on the command line.
macro_rules! bugs {
    ($($(#[$what:meta])+ $bug:ident = $name:literal,)+) => {
        /// A rule turned round. Its name begins with the rule's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Planted {
            $($(#[$what])+ $bug,)+
        }

        impl Planted {
            /// Every planted bug, in rule order.
            pub const ALL: [Planted; [$(Planted::$bug),+].len()] = [$(Planted::$bug),+];

            /// Its name on the command line.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Planted::$bug => $name,)+
                }
            }
        }
    };
}

bugs! {
    /// LOGIN-1: after a kick the answer to the next login is not looked at, and no deadline ends that login.
    Login1NeverSettles = "login1-never-settles",
    /// LOGIN-2: the `SDK_NOT_READY` of an earlier session comes once more, behind the new `SDK_READY`.
    Login2LateNotReady = "login2-late-not-ready",
    /// LOGIN-2: a sync that the loss of the link cut short does not run again after the resume.
    Login2NoSyncAfterResume = "login2-no-sync-after-resume",
    /// LOGIN-6: a login with another account is taken for a repeat of the one that is logged in.
    Login6WrongAccount = "login6-wrong-account",
    /// LOGIN-7: a login that was refused leaves the instance marked as logged in.
    Login7LeavesMark = "login7-leaves-mark",
    /// LOGIN-9: the answer to a login never says that messages may have been lost with the session that made way.
    Login9GapNotTold = "login9-gap-not-told",
    /// LOGIN-9: an instance that is told of such a gap does not publish it.
    Login9GapNotPublished = "login9-gap-not-published",
    /// KICK-1: an admitted login leaves the other kinds of its class online.
    Kick1NoClassKick = "kick1-no-class-kick",
    /// KICK-1: another kind is told `MULT_ACCOUNT` instead of `MULT_DEVICE`.
    Kick1WrongReason = "kick1-wrong-reason",
    /// KICK-2: the limit is not enforced.
    Kick2NoLimit = "kick2-no-limit",
    /// KICK-2: one session more than the limit may be online.
    Kick2OneTooMany = "kick2-one-too-many",
    /// KICK-2: the newest session of the platform is kicked instead of the oldest.
    Kick2NewestKicked = "kick2-newest-kicked",
    /// KICK-3: the newcomer counts among the oldest and is its own victim.
    Kick3NewcomerKicked = "kick3-newcomer-kicked",
    /// KICK-3: a login that kicks takes the victims and the newcomer offline.
    Kick3BothOffline = "kick3-both-offline",
    /// KICK-4: the victim publishes `KICKED_OUT` before `SDK_NOT_READY`.
    Kick4LearnsFirst = "kick4-learns-first",
    /// KICK-4: the victim publishes `KICKED_OUT` twice.
    Kick4ReportedTwice = "kick4-reported-twice",
    /// KICK-5: a login that kicks ends every other session of the account.
    Kick5BystandersKicked = "kick5-bystanders-kicked",
    /// KICK-6: the server answers the sync of a session that it kicked.
    Kick6AnswersTheKicked = "kick6-answers-the-kicked",
    /// KICK-7: a victim logs in again by itself.
    Kick7LogsInAgain = "kick7-logs-in-again",
    /// KICK-8: a resume does not look at the kick record.
    Kick8ResumeForgetsKick = "kick8-resume-forgets-kick",
    /// KICK-8: the acknowledgement of the notice leaves the kick on record.
    Kick8RecordStays = "kick8-record-stays",
    /// KICK-9: an instance that is logging out publishes `KICKED_OUT`.
    Kick9KickedDuringLogout = "kick9-kicked-during-logout",
    /// KICK-10: a readmission kicks whoever is in its way.
    Kick10ReadmissionKicks = "kick10-readmission-kicks",
    /// KICK-11: a login counts the sessions of every platform against its own limit.
    Kick11CountsEveryPlatform = "kick11-counts-every-platform",
    /// LOGOUT-1: logout publishes no `SDK_NOT_READY`.
    Logout1StaysSilent = "logout1-stays-silent",
    /// LOGOUT-1: a logout ends every session of the account.
    Logout1SilencesOthers = "logout1-silences-others",
    /// LOGOUT-1: pending sends settle after `SDK_NOT_READY`.
    Logout1SendsSettleLast = "logout1-sends-settle-last",
    /// LOGOUT-2: logout is refused with 2024 when not logged in.
    Logout2Refused = "logout2-refused",
    /// LOGOUT-3: a login that runs is not failed by the logout.
    Logout3LoginGoesOn = "logout3-login-goes-on",
    /// LOGOUT-4: a logout that was lost is not owed.
    Logout4NothingOwed = "logout4-nothing-owed",
    /// LOGOUT-4: an owed logout shows no UserSig.
    Logout4ShowsNothing = "logout4-shows-nothing",
    /// LOGOUT-4: an owed logout raises the epoch whatever UserSig it shows.
    Logout4UnsignedRaises = "logout4-unsigned-raises",
    /// LOGOUT-5: messages kept before ready survive a logout into the next login.
    Logout5KeepsMessages = "logout5-keeps-messages",
    /// LOGOUT-6: a second logout resolves at once.
    Logout6SecondResolves = "logout6-second-resolves",
    /// LOGOUT-7: after a logout or kick nothing is published any more.
    Logout7ListenersGone = "logout7-listeners-gone",
    /// DESTROY-1: destroy of an online instance resolves at once and sends no logout.
    Destroy1SkipsLogout = "destroy1-skips-logout",
    /// DESTROY-2: calls after destroy answer as if logged out.
    Destroy2AnswersOn = "destroy2-answers-on",
    /// LINK-1: `connected` is published when the link opens, before the answer to the resume.
    Link1ConnectedAtOpening = "link1-connected-at-opening",
    /// LINK-1: after the loss of a link no backoff runs.
    Link1NeverReconnects = "link1-never-reconnects",
    /// LINK-2: a resume is admitted as a login is: last in the order, and it kicks.
    Link2ResumeLogsIn = "link2-resume-logs-in",
    /// LINK-2: a resume puts its session first in the login order.
    Link2ResumeGoesFirst = "link2-resume-goes-first",
    /// LINK-3: an older link logs in or resumes as if it were the newest.
    Link3EpochIgnored = "link3-epoch-ignored",
    /// LINK-3: a resume that is told raises no epoch.
    Link3ToldRaisesNothing = "link3-told-raises-nothing",
    /// LINK-3: the late close of a displaced link drops its successor's session.
    Link3LateCloseCounts = "link3-late-close-counts",
    /// LINK-3: a displaced link is still listened to, as if it carried its successor's session.
    Link3LateFramesCount = "link3-late-frames-count",
    /// LINK-3: a link that is turned away takes the session of its instance along.
    Link3RejectionCleansUp = "link3-rejection-cleans-up",
    /// LINK-4: a session that lapses is kicked.
    Link4LapseKicks = "link4-lapse-kicks",
    /// LINK-4: the lapse is not stopped by a resume.
    Link4LapseGoesOn = "link4-lapse-goes-on",
    /// LINK-4: after a resume the lapse is still counted from what came on the link before it.
    Link4SecondLossGoesOn = "link4-second-loss-goes-on",
    /// LINK-5: a resume on an older link is decided as if there had been no kick, once the kick was acknowledged.
    Link5KickedComesBack = "link5-kicked-comes-back",
    /// LINK-6: a page that goes takes its session along at once.
    Link6PageGoneAtOnce = "link6-page-gone-at-once",
    /// LINK-6: a page that goes keeps its place as long as a link that was lost.
    Link6WholeLapse = "link6-whole-lapse",
    /// LINK-7: a pong is no sign of life to the server.
    Link7FrameNotHeard = "link7-frame-not-heard",
    /// LINK-7: a sync does not start the server's heartbeat anew.
    Link7SyncUnheard = "link7-sync-unheard",
    /// LINK-7: a message does not start the instance's heartbeat anew.
    Link7MessageUnheard = "link7-message-unheard",
    /// LINK-7: the server never asks a silent link.
    Link7NeverAsks = "link7-never-asks",
    /// LINK-10: an instance does not answer the server's ping.
    Link10PongMissing = "link10-pong-missing",
    /// LINK-11: an instance that was replaced under its key takes its link for lost.
    Link11ReconnectsForEver = "link11-reconnects-for-ever",
    /// MSG-1: a message to another account is delivered to the sender's own.
    Msg1WrongAccount = "msg1-wrong-account",
    /// MSG-2: a resume sends again what was received.
    Msg2ResumeDoubles = "msg2-resume-doubles",
    /// MSG-2: a resume sends nothing of what was kept.
    Msg2ResumeForgets = "msg2-resume-forgets",
    /// MSG-2: a resume takes one message more for received than the instance says.
    Msg2ResumeSkipsOne = "msg2-resume-skips-one",
    /// MSG-2: a gap is told in one resume-answer only, whether it arrives or not.
    Msg2GapToldOnce = "msg2-gap-told-once",
    /// MSG-2: a readmission whose answer is lost leaves no gap behind.
    Msg2ReadmissionTellsNoGap = "msg2-readmission-tells-no-gap",
    /// MSG-2: what a node that stops owes nothing is forgotten.
    Msg2StopTellsGap = "msg2-stop-tells-gap",
    /// MSG-2: a node that stops says that it owes nobody anything.
    Msg2StopOwesNobody = "msg2-stop-owes-nobody",
    /// MSG-2: a resume sends again what was kept in the opposite order.
    Msg2ResumeReverses = "msg2-resume-reverses",
    /// MSG-3: a repeat of a message is delivered as a second one.
    Msg3RepeatIsNew = "msg3-repeat-is-new",
    /// MSG-3: the answer to a message is written twice.
    Msg3AnsweredTwice = "msg3-answered-twice",
    /// MSG-3: a message that nobody was online to receive is not remembered.
    Msg3UnheardIsForgotten = "msg3-unheard-is-forgotten",
    /// SIG-1: after a kick the next login is refused as expired by the instance itself.
    Sig1FreshCalledExpired = "sig1-fresh-called-expired",
    /// SIG-1: a resume of a session on record is told that its UserSig has expired.
    Sig1ResumeJudges = "sig1-resume-judges",
    /// SIG-1: a session whose UserSig expires is told `REST_API`.
    Sig1WrongReason = "sig1-wrong-reason",
    /// REST-1: a UserSig issued before the account's last REST kick is accepted.
    Rest1OldSigAccepted = "rest1-old-sig-accepted",
    /// REST-1: the second of a REST kick is rounded up on record, and not in its answer.
    Rest1SecondRoundedUp = "rest1-second-rounded-up",
    /// REST-1: the second of a REST kick is recorded, but every session stays.
    Rest1NobodyKicked = "rest1-nobody-kicked",
    /// CONF-2: changed limits are in force for nobody.
    Conf2OldLimits = "conf2-old-limits",
    /// HOOK-1: a victim is called back under the platform of the newcomer.
    Hook1WrongPlatform = "hook1-wrong-platform",
    /// HOOK-1: the victims of a login are called back with the newest first.
    Hook1VictimsReversed = "hook1-victims-reversed",
    /// HOOK-1: a resume is called back as any login.
    Hook1ResumeIsLogin = "hook1-resume-is-login",
}

impl fmt::Display for Planted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no planted bug's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no planted bug is named {0:?}")]
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
mod tests;
