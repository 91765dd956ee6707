//! Bugs planted on purpose, so that the harness can be seen to catch them. They exist only in builds with debug assertions; a
//! release build has none of them, and this module never changes what a build without them does.

mod unreplayed;

use strum::{Display, EnumCount, EnumString, IntoStaticStr, VariantArray};

use crate::variants::every;

pub use unreplayed::Unreplayed;
pub use unreplayed::has;
#[cfg(debug_assertions)]
pub use unreplayed::plant_unreplayed;

/// A rule turned round. Its name begins with the rule's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumCount, VariantArray, IntoStaticStr, Display, EnumString)]
#[strum(serialize_all = "kebab-case", parse_err_ty = UnknownPlanted, parse_err_fn = UnknownPlanted::of)]
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
    /// LOGIN-9: the answer to a login never says that messages may have been lost with the session that made way.
    Login9GapNotTold,
    /// LOGIN-9: an instance that is told of such a gap does not publish it.
    Login9GapNotPublished,
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
    /// KICK-12: a newcomer that finds no place is let in all the same, and kicks.
    Kick12NewcomerKicks,
    /// KICK-12: a login finds the place taken that its own session has.
    Kick12OwnPlaceTaken,
    /// KICK-13: where an account has one limit, each platform is counted apart, by its own.
    Kick13PlatformsCounted,
    /// KICK-13: those who go for their class are counted as well, and as many more go.
    Kick13ClassCounted,
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
    /// LOGOUT-4: an owed logout shows no UserSig.
    Logout4ShowsNothing,
    /// LOGOUT-4: an owed logout raises the epoch whatever UserSig it shows.
    Logout4UnsignedRaises,
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
    /// LINK-2: a resume puts its session first in the login order.
    Link2ResumeGoesFirst,
    /// LINK-3: an older link logs in or resumes as if it were the newest.
    Link3EpochIgnored,
    /// LINK-3: a resume that is told raises no epoch.
    Link3ToldRaisesNothing,
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
    /// LINK-4: after a resume the lapse is still counted from what came on the link before it.
    Link4SecondLossGoesOn,
    /// LINK-5: a resume on an older link is decided as if there had been no kick, once the kick was acknowledged.
    Link5KickedComesBack,
    /// LINK-6: a page that goes takes its session along at once.
    Link6PageGoneAtOnce,
    /// LINK-6: a page that goes keeps its place as long as a link that was lost.
    Link6WholeLapse,
    /// LINK-7: a pong is no sign of life to the server.
    Link7FrameNotHeard,
    /// LINK-7: a sync does not start the server's heartbeat anew.
    Link7SyncUnheard,
    /// LINK-7: a message does not start the instance's heartbeat anew.
    Link7MessageUnheard,
    /// LINK-7: the server never asks a silent link.
    Link7NeverAsks,
    /// LINK-10: an instance does not answer the server's ping.
    Link10PongMissing,
    /// LINK-11: an instance that was replaced under its key takes its link for lost.
    Link11ReconnectsForEver,
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
    /// MSG-2: a readmission whose answer is lost leaves no gap behind.
    Msg2ReadmissionTellsNoGap,
    /// MSG-2: what a node that stops owes nothing is forgotten.
    Msg2StopTellsGap,
    /// MSG-2: a node that stops says that it owes nobody anything.
    Msg2StopOwesNobody,
    /// MSG-2: a resume sends again what was kept in the opposite order.
    Msg2ResumeReverses,
    /// MSG-3: a repeat of a message is delivered as a second one.
    Msg3RepeatIsNew,
    /// MSG-3: the answer to a message is written twice.
    Msg3AnsweredTwice,
    /// MSG-3: a message that nobody was online to receive is not remembered.
    Msg3UnheardIsForgotten,
    /// SIG-1: after a kick the next login is refused as expired by the instance itself.
    Sig1FreshCalledExpired,
    /// SIG-1: a resume of a session on record is told that its UserSig has expired.
    Sig1ResumeJudges,
    /// SIG-1: a session whose UserSig expires is told `REST_API`.
    Sig1WrongReason,
    /// REST-1: a UserSig issued before the account's last REST kick is accepted.
    Rest1OldSigAccepted,
    /// REST-1: the second of a REST kick is rounded up on record, and not in its answer.
    Rest1SecondRoundedUp,
    /// REST-1: the second of a REST kick is recorded, but every session stays.
    Rest1NobodyKicked,
    /// CONF-2: changed limits are in force for nobody.
    Conf2OldLimits,
    /// HOOK-1: a victim is called back under the platform of the newcomer.
    Hook1WrongPlatform,
    /// HOOK-1: the victims of a login are called back with the newest first.
    Hook1VictimsReversed,
    /// HOOK-1: a resume is called back as any login.
    Hook1ResumeIsLogin,
    /// NODE-2: a node never asks what it has not heard: behind a lost notice it knows nothing.
    Node2NeverAsks,
    /// NODE-2: a notice ends whoever is online by the time it comes, whatever the record says.
    Node2LateNoticeEnds,
    /// NODE-3: nobody takes over what a node had whose lease ended.
    Node3NobodyTakesOver,
    /// NODE-3: a session that was taken over goes on as if nothing could be lost.
    Node3NoGapTakenOver,
    /// NODE-3: a node that finds its lease over goes on as before.
    Node3GoesOnAsBefore,
}

impl Planted {
    /// Every planted bug, in rule order.
    pub const ALL: [Planted; Planted::COUNT] = every();

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A name that is no planted bug's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no planted bug is named {0:?}")]
pub struct UnknownPlanted(pub String);

impl UnknownPlanted {
    fn of(name: &str) -> UnknownPlanted {
        UnknownPlanted(name.to_owned())
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

/// Whether any bug is planted on this thread.
#[cfg(debug_assertions)]
pub(crate) fn is_any() -> bool {
    PLANTED.get().is_some() || unreplayed::is_any()
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
