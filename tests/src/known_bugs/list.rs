//! The known bugs, in the order in which the rulebook names them. Data only: it replays and judges nothing.

use model::rule::Rule;
use sut::planted::Planted;

use super::{KnownBug, Planting};

/// Every known bug.
pub const KNOWN_BUGS: [KnownBug; 14] = [
    KnownBug {
        words: "a kick loop of two auto-reconnecting instances",
        rules: &[Rule::Kick7, Rule::Kick10],
        trace: "page-default: a1.login a1.open a1.up a1.down a2.login a2.open a2.up a1.down",
        outcome: "the victim is told once and stays logged out: nothing follows until its application calls login",
        planting: Planting::Switch(Planted::Kick7LogsInAgain),
    },
    KnownBug {
        words: "a new login that takes both old and new offline",
        rules: &[Rule::Kick2, Rule::Kick3],
        trace: "page-default: a1.login a1.open a1.up a2.login a2.open a2.up",
        outcome: "the old instance is kicked, the newcomer is online",
        planting: Planting::Switch(Planted::Kick3BothOffline),
    },
    KnownBug {
        words: "a fresh UserSig called expired after a kick",
        rules: &[Rule::Kick7, Rule::Sig1],
        trace: "page-default: a1.login a1.open a1.up a1.down a2.login a2.open a2.up a1.down a1.login",
        outcome: "the victim's next login goes to the server like any other",
        planting: Planting::Switch(Planted::Sig1FreshCalledExpired),
    },
    KnownBug {
        words: "one instance's logout silencing the others",
        rules: &[Rule::Logout1],
        trace: "page-story: a1.login a1.open a1.up a2.login a2.open a2.up a2.down a2.logout a2.up a2.up",
        outcome: "the logout frees its own place, and the other instance stays online",
        planting: Planting::Switch(Planted::Logout1SilencesOthers),
    },
    KnownBug {
        words: "a failed login that leaves a logged-in mark",
        rules: &[Rule::Login7],
        trace: "page-default: a1.login.wrong_signature a1.open a1.up a1.down",
        outcome: "the refused instance says that nobody is logged in, so that its next login is no repeat",
        planting: Planting::Switch(Planted::Login7LeavesMark),
    },
    KnownBug {
        words: "a late SDK_NOT_READY landing after the new SDK_READY",
        rules: &[Rule::Login2, Rule::Logout5],
        trace: "page-default: a1.login a1.open a1.up a1.down a1.up a1.down a1.logout a1.up a1.down a1.login a1.open a1.up a1.down a1.up a1.down",
        outcome: "the new session's SDK_READY is the last word: what belongs to the session before came before its login",
        planting: Planting::Switch(Planted::Login2LateNotReady),
    },
    KnownBug {
        words: "a kick reported twice (as a login error and as an event)",
        rules: &[Rule::Kick4],
        trace: "page-default: a1.login a1.open a1.up a2.login a2.open a2.up a1.down a1.down",
        outcome: "the login that was admitted resolves, then KICKED_OUT comes once",
        planting: Planting::Switch(Planted::Kick4ReportedTwice),
    },
    KnownBug {
        words: "a login after a kick that never settles",
        rules: &[Rule::Login1, Rule::Kick7],
        trace: "page-default: a1.login a1.open a1.up a1.down a2.login a2.open a2.up a1.down a1.login a1.up.old a1.up.old a1.open a1.up a1.down",
        outcome: "the victim's next login resolves",
        planting: Planting::Switch(Planted::Login1NeverSettles),
    },
    KnownBug {
        words: "a reconnect with the old session ousting the newer one",
        rules: &[Rule::Link2, Rule::Kick8, Rule::Kick10],
        trace: "reconnect: a1.login a1.open a1.up a1.down a1.cut a1.client-loses.ended a1.server-loses.old.ended a2.login a2.open a2.up a1.backoff a1.open a1.up a1.down",
        outcome: "the old session was kicked while its link was down: it is told so, and the newer one stays",
        planting: Planting::Switch(Planted::Link2ResumeLogsIn),
    },
    KnownBug {
        words: "a reconnect through another node taken for a stranger and kicked by itself",
        rules: &[Rule::Link2, Rule::Link8],
        trace: "restart: a1.login a1.open a1.up a1.down server.stop a1.client-loses.ended a1.backoff a1.open a1.up a1.down",
        outcome: "the session is resumed in its place, and nobody is kicked",
        planting: Planting::TakesTwoNodes(
            "shown is the nearest to it, a resume at a server that was started anew and knows no link",
        ),
    },
    KnownBug {
        words: "a cross-platform kick under the wrong platform",
        rules: &[Rule::Kick1, Rule::Hook1],
        trace: "callbacks: iphone.login iphone.open iphone.up server.webhook.a.taken iphone.down iphone.up iphone.down a1.login a1.open a1.up",
        outcome: "the victim is called back as what it is, and told MULT_DEVICE",
        planting: Planting::Switch(Planted::Hook1WrongPlatform),
    },
    KnownBug {
        words: "a late close of the displaced link deleting its successor's entry",
        rules: &[Rule::Link3, Rule::Link6],
        trace: "late-frames: a1.login a1.open a1.up a1.down a1.up a1.client-loses.heartbeat a1.backoff a1.open a1.up a1.down",
        outcome: "the displaced link is closed with 4001 in the step that displaces it, so that its late close meets nobody; the session stays",
        planting: Planting::Switch(Planted::Link3LateCloseCounts),
    },
    KnownBug {
        words: "a displaced link's frames processed in the new session",
        rules: &[Rule::Link3],
        trace: "late-frames: a1.login a1.open a1.up a1.down a1.client-loses.heartbeat a1.backoff a1.open a1.up a1.down",
        outcome: "the displaced link is closed with 4001 in the step that displaces it, so that its late frames meet nobody",
        planting: Planting::Switch(Planted::Link3LateFramesCount),
    },
    KnownBug {
        words: "a rejected connection's cleanup removing the valid one",
        rules: &[Rule::Link3],
        trace: "deadlines: a1.login a1.open a1.deadline.login a1.login a1.open a1.up a1.up.old",
        outcome: "the late login is turned away with 4001, and the session of the newer link stays",
        planting: Planting::Switch(Planted::Link3RejectionCleansUp),
    },
];
