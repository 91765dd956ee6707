//! What was seen of the vendor's packages, in the order of the rules. Data only: where a rule agrees and where it does not.

use model::rule::Rule;

use super::Package::{Chat, LiteChat, SigForNode, SigForPython, SigForRust, TimJsSdk};
use super::Subject::{Contract, Property};
use super::{Finding, Seen};

/// The last versions of the three clients.
const ALL: &[Seen] = &[(TimJsSdk, "2.27.6"), (Chat, "3.6.6"), (LiteChat, "4.2.1")];
/// Those of the two full ones.
const FULL: &[Seen] = &[(TimJsSdk, "2.27.6"), (Chat, "3.6.6")];
/// Those that are still released.
const CURRENT: &[Seen] = &[(Chat, "3.6.6"), (LiteChat, "4.2.1")];
/// The last of the small client.
const LITE: &[Seen] = &[(LiteChat, "4.2.1")];

/// Where the packages do as the rule says.
pub const CONFIRMATIONS: [Finding; 6] = [
    Finding { about: &[Property(Rule::Login4)], seen: ALL, does: "a repeat login resolves with repeatLogin" },
    Finding {
        about: &[Property(Rule::Login5)],
        seen: &[(TimJsSdk, "2.13.1 to 2.27.6"), (Chat, "3.1.1, 3.6.6"), (LiteChat, "1.6.13, 4.2.1")],
        does: "2025, and the first login goes on; also if the second is for another account",
    },
    Finding {
        about: &[Property(Rule::Login7)],
        seen: &[(TimJsSdk, "2.18.0 to 2.27.6"), (Chat, "3.1.1, 3.6.6")],
        does: "after a refused login the next one is no repeat",
    },
    Finding {
        about: &[Property(Rule::Kick4), Property(Rule::Sig1)],
        seen: &[(LiteChat, "1.5.0, 1.6.13")],
        does: "for userSigExpired SDK_NOT_READY comes first, then KICKED_OUT",
    },
    Finding { about: &[Property(Rule::Kick4)], seen: ALL, does: "no logout is sent after a kick" },
    Finding { about: &[Property(Rule::Logout7)], seen: ALL, does: "listeners survive logout and kick" },
];

/// Where they do otherwise.
pub const DEPARTURES: [Finding; 49] = [
    Finding {
        about: &[Property(Rule::Login1)],
        seen: ALL,
        does: "an unanswered or unopened login fails with 2801 after 90 s; until then its frame is sent again on every new link",
    },
    Finding {
        about: &[Property(Rule::Login2)],
        seen: CURRENT,
        does: "SDK_READY is still published between the call of logout and its answer",
    },
    Finding {
        about: &[Property(Rule::Login3)],
        seen: &[(TimJsSdk, "2.13.1, 2.16.0")],
        does: "2999 in every state, logged in or not",
    },
    Finding {
        about: &[Property(Rule::Login3)],
        seen: &[(TimJsSdk, "2.18.0, 2.19.1, 2.23.0, 2.27.6"), (Chat, "3.1.1, 3.6.6")],
        does: "2024 only if never logged in; 3000 while a login runs or is not ready, 3001 after a refused one, 3004 after the kick \
               userSigExpired, 3005 after a logout",
    },
    Finding {
        about: &[Property(Rule::Login3)],
        seen: &[(LiteChat, "1.6.13, 4.2.1")],
        does: "2024 is thrown at the call instead of rejecting; ready as soon as the login resolves",
    },
    Finding {
        about: &[Property(Rule::Login3)],
        seen: CURRENT,
        does: "with the link down a message is queued and sent on the next link, or fails with 2801 after 15 to 16 s; never 2800",
    },
    Finding {
        about: &[Property(Rule::Login4)],
        seen: ALL,
        does: "the errorInfo of a repeat is empty when the texts cannot be fetched",
    },
    Finding {
        about: &[Property(Rule::Login6)],
        seen: ALL,
        does: "it resolves as a repeat, nothing is sent, and the first account stays logged in",
    },
    Finding {
        about: &[Property(Rule::Login7)],
        seen: &[(TimJsSdk, "2.13.1, 2.16.0")],
        does: "after a refused login every later one is rejected with 2025, a good UserSig or not, until the object is destroyed",
    },
    Finding {
        about: &[Property(Rule::Login8)],
        seen: LITE,
        does: "a userID with a space is refused by the client; other bad ones go to the server",
    },
    Finding {
        about: &[Property(Rule::Kick1), Property(Rule::Kick2)],
        seen: &[(TimJsSdk, "up to 2.4.1")],
        does: "the values are mutipleAccount and mutipleDevice",
    },
    Finding {
        about: &[Property(Rule::Kick4), Property(Rule::Sig1)],
        seen: &[(TimJsSdk, "2.16.0 to 2.27.6"), (Chat, "3.1.1 to 3.6.6")],
        does: "for userSigExpired KICKED_OUT comes first, then SDK_NOT_READY",
    },
    Finding {
        about: &[Property(Rule::Kick4), Property(Rule::Sig1)],
        seen: LITE,
        does: "for userSigExpired KICKED_OUT comes alone, and user and isReady stay as they were",
    },
    Finding {
        about: &[Property(Rule::Kick4)],
        seen: &[(LiteChat, "1.5.0, 1.6.13")],
        does: "a login refused with 70001 publishes SDK_NOT_READY and KICKED_OUT beside the rejection, though it was never ready",
    },
    Finding {
        about: &[Property(Rule::Kick4)],
        seen: LITE,
        does: "a login refused with 70001 publishes KICKED_OUT beside the rejection",
    },
    Finding {
        about: &[Property(Rule::Kick7)],
        seen: FULL,
        does: "a login from the handler of KICKED_OUT resolves as a repeat, and the instance is then logged out",
    },
    Finding {
        about: &[Property(Rule::Kick7)],
        seen: LITE,
        does: "a login from the handler of KICKED_OUT resolves as a repeat, and no frame is sent",
    },
    Finding {
        about: &[Property(Rule::Kick8), Property(Rule::Link1)],
        seen: ALL,
        does: "connected is published as soon as the socket is open, before any answer, and while nobody is logged in, too",
    },
    Finding {
        about: &[Property(Rule::Logout1)],
        seen: ALL,
        does: "SDK_NOT_READY comes only with the answer to the logout, or after 15 to 16 s without one",
    },
    Finding {
        about: &[Property(Rule::Logout1)],
        seen: CURRENT,
        does: "sends that run at the logout go on to their own deadline of 15 s",
    },
    Finding {
        about: &[Property(Rule::Logout1)],
        seen: &[(TimJsSdk, "2.16.0 to 2.27.6")],
        does: "a logout before ready publishes SDK_NOT_READY as well",
    },
    Finding {
        about: &[Property(Rule::Logout2)],
        seen: &[(TimJsSdk, "2.13.1 to 2.27.6"), (Chat, "3.x")],
        does: "when not logged in it is rejected with 2024",
    },
    Finding { about: &[Property(Rule::Logout2)], seen: LITE, does: "when not logged in 2024 is thrown at the call" },
    Finding { about: &[Property(Rule::Logout3)], seen: FULL, does: "the logout is rejected with 2024, and the login goes on" },
    Finding { about: &[Property(Rule::Logout3)], seen: LITE, does: "the logout throws 2024, and the login goes on" },
    Finding {
        about: &[Property(Rule::Logout4)],
        seen: FULL,
        does: "with no answer or no link it resolves after 15 to 16 s, after SDK_NOT_READY",
    },
    Finding {
        about: &[Property(Rule::Logout4)],
        seen: LITE,
        does: "with no answer or no link it is rejected with 2801 after 15 to 16 s, after SDK_NOT_READY",
    },
    Finding {
        about: &[Property(Rule::Logout6)],
        seen: ALL,
        does: "a login meanwhile resolves as a repeat and is logged out 10 ms later; a second logout sends a second frame, and \
               SDK_NOT_READY comes twice",
    },
    Finding {
        about: &[Property(Rule::Logout7)],
        seen: ALL,
        does: "listeners outlive destroy, too: SDK_DESTROY and ERROR still arrive",
    },
    Finding {
        about: &[Property(Rule::Destroy1)],
        seen: FULL,
        does: "rejected with 2024 when not logged in, and at every second call",
    },
    Finding { about: &[Property(Rule::Destroy1)], seen: LITE, does: "no logout is sent and no SDK_NOT_READY published" },
    Finding { about: &[Property(Rule::Destroy1)], seen: ALL, does: "a further event, SDK_DESTROY, is published" },
    Finding { about: &[Property(Rule::Destroy2)], seen: ALL, does: "a running login never settles" },
    Finding {
        about: &[Property(Rule::Destroy2)],
        seen: &[(TimJsSdk, "2.27.6")],
        does: "a login afterwards resolves with undefined",
    },
    Finding { about: &[Property(Rule::Destroy2)], seen: &[(Chat, "3.6.6")], does: "a login afterwards is rejected with 2903" },
    Finding { about: &[Property(Rule::Destroy2)], seen: LITE, does: "a login afterwards never settles" },
    Finding { about: &[Property(Rule::Destroy2)], seen: ALL, does: "other calls are refused with the code of the state before it" },
    Finding {
        about: &[Property(Rule::Link1)],
        seen: ALL,
        does: "a loss publishes disconnected first; connecting only where a silent link is given up",
    },
    Finding {
        about: &[Property(Rule::Link1)],
        seen: LITE,
        does: "the wait before a reconnect is 0.75 s, grows by 1.5 up to 5 s, and has no jitter",
    },
    Finding {
        about: &[Property(Rule::Link5)],
        seen: ALL,
        does: "a reconnect shows the ticket of the first login and no UserSig; only 70001 becomes KICKED_OUT, after any other refusal \
               the instance stays ready",
    },
    Finding {
        about: &[Property(Rule::Link6)],
        seen: FULL,
        does: "4000 is said at destroy, after the logout, and 4001 where a link is given up; never 1000 or 1001",
    },
    Finding { about: &[Property(Rule::Link6)], seen: LITE, does: "links are closed without a code" },
    Finding {
        about: &[Property(Rule::Link7)],
        seen: FULL,
        does: "a ping that is unanswered for about 3 s is a lost link; the peer's login answer says whether there are pings",
    },
    Finding { about: &[Property(Rule::Link7)], seen: LITE, does: "once logged in it sends no ping within 60 s" },
    Finding {
        about: &[Property(Rule::Link9)],
        seen: ALL,
        does: "one link carries login, logout and the login of the next account, and stays open after a refusal",
    },
    Finding {
        about: &[Property(Rule::Msg3)],
        seen: CURRENT,
        does: "a send that the link lost is sent again with the same numbers, before the login on the new link, and resolves",
    },
    Finding {
        about: &[Contract("SIG-2")],
        seen: &[(SigForNode, "1.0.0, 1.0.2")],
        does: "TLS.expire is a fraction for 86400 * 1.1, and null if none is given",
    },
    Finding {
        about: &[Contract("SIG-2")],
        seen: &[(SigForPython, "1.1")],
        does: "for 86400 * 1.1 the integer is written and the fraction signed, so that no verifier accepts it",
    },
    Finding {
        about: &[Contract("SIG-2")],
        seen: &[(SigForRust, "0.1.1")],
        does: "+, / and = stay as they are, which 40 of 40 UserSigs held",
    },
];
