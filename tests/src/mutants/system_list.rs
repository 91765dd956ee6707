//! The mutants of the real client and server, in rule order. Data only: it plants and judges nothing.

use sut::planted::Planted;

use super::{Change, Kind, Mutant};

const fn plants(bug: Planted, kind: Kind, scope: &'static str, message: &'static str) -> Mutant {
    Mutant { change: Change::Plants(bug), kind, scope, message }
}

/// Every bug that can be planted.
pub const SYSTEM: [Mutant; 55] = [
    plants(
        Planted::Login1NeverSettles,
        Kind::LostWakeUp,
        "callbacks-expiry",
        "- a1 login → resolved  + a1 is: 1 link, link heard, link of session #1",
    ),
    plants(Planted::Login2LateNotReady, Kind::StaleState, "order", "+ a1: SDK_NOT_READY"),
    plants(
        Planted::Login2NoSyncAfterResume,
        Kind::LostWakeUp,
        "late-frames",
        "- a1 ⇢ server: sync  + a1 is: logged in as a, 1 link, 1 heartbeat timer, 1 ping timer, link heard, link of session #1",
    ),
    plants(
        Planted::Login6WrongAccount,
        Kind::WrongAccount,
        "two-accounts",
        "- x2 login → 2025 (another account is logged in), at once  + x2 login → resolved (a repeat), at once",
    ),
    plants(Planted::Login7LeavesMark, Kind::MissingCleanup, "rest-kick", "- a1 is: as new  + a1 is: logged in as a"),
    plants(
        Planted::Kick1NoClassKick,
        Kind::RuleDropped,
        "policy-dual",
        "- server ⇢ iphone: notice multipleDevice  + online a: iphone ipad",
    ),
    plants(
        Planted::Kick1WrongReason,
        Kind::WrongReason,
        "policy-dual",
        "- server ⇢ iphone: notice multipleDevice  + server ⇢ iphone: notice multipleAccount",
    ),
    plants(Planted::Kick2NoLimit, Kind::RuleDropped, "limit-change", "- server ⇢ a1: notice multipleAccount  + online a: a1 a2"),
    plants(Planted::Kick2OneTooMany, Kind::OffByOne, "limit-change", "- server ⇢ a1: notice multipleAccount  + online a: a1 a2"),
    plants(
        Planted::Kick2NewestKicked,
        Kind::WrongOrder,
        "page-story",
        "- server ⇢ a1: notice multipleAccount  + server ⇢ a2: notice multipleAccount",
    ),
    plants(
        Planted::Kick3NewcomerKicked,
        Kind::RuleTurnedRound,
        "limit-change",
        "- server ⇢ a1: notice multipleAccount  + server ⇢ a2: notice multipleAccount",
    ),
    plants(
        Planted::Kick3BothOffline,
        Kind::RuleTurnedRound,
        "limit-change",
        "- online a: a2  + server ⇢ a2: notice multipleAccount",
    ),
    plants(
        Planted::Kick4LearnsFirst,
        Kind::WrongOrder,
        "limit-change",
        "- a1: KICKED_OUT multipleAccount  + a1: KICKED_OUT multipleAccount",
    ),
    plants(Planted::Kick4ReportedTwice, Kind::DoubleSettle, "limit-change", "+ a1: KICKED_OUT multipleAccount"),
    plants(
        Planted::Kick5BystandersKicked,
        Kind::WrongAccount,
        "page-story",
        "- online a: a2 a3  + server ⇢ a2: notice multipleAccount",
    ),
    plants(
        Planted::Kick6AnswersTheKicked,
        Kind::MissingFence,
        "limit-change",
        "- a1 is: logged in as a, 1 link, 1 heartbeat timer, 1 ping timer, link heard, link of session #1, to client on the link: notice multipleAccount  + server ⇢ a1: sync answer",
    ),
    plants(
        Planted::Kick7LogsInAgain,
        Kind::RuleTurnedRound,
        "limit-change",
        "- a1 is: old link heard, old link of session #1, to server on the old link: sync + ack of the kick  + a1 is: 1 link, 1 login timer, old link heard, old link of session #1, to server on the old link: sync + ack of the kick",
    ),
    plants(
        Planted::Kick8ResumeForgetsKick,
        Kind::RuleDropped,
        "late-frames",
        "- server ⇢ a1: notice multipleAccount  + server ⇢ a1: not readmitted: multipleAccount",
    ),
    plants(Planted::Kick8RecordStays, Kind::MissingCleanup, "limit-change", "+ kicks a: a1 multipleAccount"),
    plants(Planted::Kick9KickedDuringLogout, Kind::MissingFence, "limit-change", "+ a1: KICKED_OUT multipleAccount"),
    plants(
        Planted::Kick10ReadmissionKicks,
        Kind::RuleTurnedRound,
        "late-frames",
        "- server ⇢ a1: not readmitted: multipleAccount  + server ⇢ a1: readmitted",
    ),
    plants(
        Planted::Kick11CountsEveryPlatform,
        Kind::WrongPlatform,
        "policy-dual",
        "- online a: web iphone  + server ⇢ web: notice multipleDevice",
    ),
    plants(Planted::Logout1StaysSilent, Kind::EffectLeftOut, "limit-change", "- a1: SDK_NOT_READY"),
    plants(Planted::Logout1SilencesOthers, Kind::WrongAccount, "limit-change", "- online a: a2  + online a: nobody"),
    plants(Planted::Logout1SendsSettleLast, Kind::WrongOrder, "order", "- a1: SDK_NOT_READY  + a1: SDK_NOT_READY"),
    plants(
        Planted::Logout2Refused,
        Kind::RuleTurnedRound,
        "limit-change",
        "- a1 logout → done, at once  + a1 logout → 2024 (not logged in), at once",
    ),
    plants(
        Planted::Logout3LoginGoesOn,
        Kind::EffectLeftOut,
        "limit-change",
        "- a1 login → 6023 (login abandoned)  + a1 is: 1 link, 1 login timer",
    ),
    plants(Planted::Logout4NothingOwed, Kind::EffectLeftOut, "late-frames", "- a1 is: 1 owed logout  + a1 is: as new"),
    plants(
        Planted::Logout5KeepsMessages,
        Kind::MissingCleanup,
        "order",
        "- a2 is: 1 link, 1 logout timer, link heard, link of session #1, to server on the link: sync + ack of m0 + logout  + a2 is: 1 link, 1 logout timer, 1 kept message, link heard, link of session #1, to server on the link: sync + ack of m0 + logout",
    ),
    plants(Planted::Logout6SecondResolves, Kind::RuleDropped, "destroy", "+ a1 logout → done, at once"),
    plants(Planted::Logout7ListenersGone, Kind::StaleState, "order", "- a1: SDK_READY"),
    plants(Planted::Destroy1SkipsLogout, Kind::EffectLeftOut, "destroy", "- a1 ⇢ server: logout  + a1 destroy → done, at once"),
    plants(
        Planted::Destroy2AnswersOn,
        Kind::WrongReason,
        "destroy",
        "- a1 login → 6013 (destroyed), at once  + a1 login → 2024 (not logged in), at once",
    ),
    plants(Planted::Link1ConnectedAtOpening, Kind::WrongOrder, "late-frames", "+ a1: NET_STATE_CHANGE connected"),
    plants(
        Planted::Link1NeverReconnects,
        Kind::LostWakeUp,
        "late-frames",
        "- a1 is: logged in as a, 1 backoff timer, old link heard, old link of session #1, to server on the old link: sync  + a1 is: logged in as a, old link heard, old link of session #1, to server on the old link: sync",
    ),
    plants(Planted::Link2ResumeLogsIn, Kind::RuleTurnedRound, "late-frames", "- server ⇢ a1: resumed  + server ⇢ a1: readmitted"),
    plants(
        Planted::Link3EpochIgnored,
        Kind::MissingFence,
        "late-frames",
        "- the server closes a1's old link (4001, superseded)  + server ⇢ a1 (old link): readmitted",
    ),
    plants(
        Planted::Link3LateCloseCounts,
        Kind::MissingFence,
        "late-frames",
        "- the server closes a1's old link (4001, superseded)  + server: 2 links, 2 heartbeats, 1 expiry timer",
    ),
    plants(
        Planted::Link3LateFramesCount,
        Kind::MissingFence,
        "late-frames",
        "- the server closes a1's old link (4001, superseded)  + server: 2 links, 2 heartbeats, 1 expiry timer",
    ),
    plants(Planted::Link3RejectionCleansUp, Kind::WrongAccount, "late-frames", "- online a: a1  + online a: nobody"),
    plants(Planted::Link4LapseKicks, Kind::RuleTurnedRound, "late-frames", "+ kicks a: a1 userSigExpired"),
    plants(
        Planted::Link4LapseGoesOn,
        Kind::MissingCleanup,
        "late-frames",
        "- server: 1 link, 1 heartbeat, 1 expiry timer  + server: 1 link, 1 heartbeat, 1 lapse, 1 expiry timer",
    ),
    plants(
        Planted::Msg1WrongAccount,
        Kind::WrongAccount,
        "copies",
        "- a1 is: logged in as a, ready, 1 link, 1 send timer, 1 heartbeat timer, 1 ping timer, link heard, link of session #1, to client on the link: m0 accepted  + server ⇢ a1: m0 from a to b",
    ),
    plants(
        Planted::Msg2ResumeDoubles,
        Kind::DoubleSettle,
        "repeat",
        "- a1 is: logged in as a, ready, 1 link, 1 heartbeat timer, link heard, link of session #1, to client on the link: resumed  + server ⇢ a1: m0 from a to a",
    ),
    plants(
        Planted::Msg2ResumeForgets,
        Kind::EffectLeftOut,
        "repeat",
        "- server ⇢ a1: m0 from a to a  + a1 is: logged in as a, 1 link, 1 heartbeat timer, link heard, link of session #1, to client on the link: resumed",
    ),
    plants(
        Planted::Msg2ResumeSkipsOne,
        Kind::OffByOne,
        "repeat",
        "- server ⇢ a1: m0 from a to a  + a1 is: logged in as a, 1 link, 1 heartbeat timer, link heard, link of session #1, to client on the link: resumed",
    ),
    plants(
        Planted::Msg2GapToldOnce,
        Kind::EffectLeftOut,
        "restart-cut",
        "- server ⇢ a1: resumed, messages lost  + server ⇢ a1: resumed",
    ),
    plants(
        Planted::Msg3RepeatIsNew,
        Kind::DoubleSettle,
        "repeat",
        "- a2 is: logged in as a, ready, 1 link, 1 heartbeat timer, 1 ping timer, link heard, link of session #1, to client on the link: m0 from a to a  + server ⇢ a2: m0 from a to a",
    ),
    plants(
        Planted::Msg3AnsweredTwice,
        Kind::DoubleSettle,
        "order",
        "- a1 is: logged in as a, ready, 1 link, 1 send timer, 1 heartbeat timer, 1 ping timer, link heard, link of session #1, to client on the link: m0 accepted  + server ⇢ a1: m0 accepted",
    ),
    plants(
        Planted::Sig1FreshCalledExpired,
        Kind::StaleState,
        "limit-change",
        "- a1 is: 1 link, 1 login timer, old link heard, old link of session #1, to server on the old link: sync + ack of the kick  + a1 login → 70001 (UserSig expired), at once",
    ),
    plants(
        Planted::Sig1WrongReason,
        Kind::WrongReason,
        "callbacks-expiry",
        "- server ⇢ a1: notice userSigExpired  + server ⇢ a1: notice REST_API_Kick",
    ),
    plants(
        Planted::Rest1OldSigAccepted,
        Kind::MissingFence,
        "rest-kick",
        "- server ⇢ a1: login refused: 70052 (UserSig issued before the last kick)  + server ⇢ a1: login admitted",
    ),
    plants(
        Planted::Rest1NobodyKicked,
        Kind::EffectLeftOut,
        "rest-kick",
        "- server ⇢ a1: notice REST_API_Kick  + online a: a1, b: nobody",
    ),
    plants(Planted::Conf2OldLimits, Kind::StaleState, "limit-change", "- online a: a1 a2  + server ⇢ a1: notice multipleAccount"),
    plants(
        Planted::Hook1WrongPlatform,
        Kind::WrongPlatform,
        "callbacks-expiry",
        "- callback of a recorded: Login/Register of iphone, kicked a1  + strange: a callback about a session on iPhone",
    ),
];
