//! The mutants of the model, in rule order. Data only: it takes nothing out and judges nothing.

use model::liveness::Claim;
use model::rule::Rule;

use super::{Change, Kind, Mutant};

const fn without(rule: Rule, kind: Kind, scope: &'static str, message: &'static str) -> Mutant {
    Mutant { change: Change::Without(rule), kind, scope, message }
}

const fn breaks(claim: Claim, kind: Kind, message: &'static str) -> Mutant {
    Mutant { change: Change::Breaks(claim), kind, scope: claim.broken_by().1, message }
}

/// Every rule taken out.
pub const RULES: [Mutant; 51] = [
    without(
        Rule::Login1,
        Kind::RuleTurnedRound,
        "page-default",
        "deliver the refusal 70009 to a1 → a1 login → 70009 (UserSig wrongly signed); a1 closes its link",
    ),
    without(
        Rule::Login2,
        Kind::RuleTurnedRound,
        "page-default",
        "deliver the admission to a1 → a1: SDK_READY; a1 login → resolved; a1 ⇢ server: sync",
    ),
    without(Rule::Login3, Kind::RuleTurnedRound, "page-default", "a1 send to a → a1 send → 2999 (not ready), at once"),
    without(Rule::Login4, Kind::RuleTurnedRound, "page-default", "a1 login as a (good) → a1 login → 2025 (a login runs), at once"),
    without(Rule::Login5, Kind::RuleTurnedRound, "page-default", "a1 login as a (good) → a1 login → resolved (a repeat), at once"),
    without(Rule::Login6, Kind::RuleTurnedRound, "usersig", "a1 login as a (bad userID) → a1 login → resolved (a repeat), at once"),
    without(
        Rule::Login7,
        Kind::RuleDropped,
        "page-default",
        "deliver a2's login to the server → server ⇢ a1: notice multipleAccount; server ⇢ a2: login refused: 70009 (UserSig wrongly signed); the server closes a2's link",
    ),
    without(Rule::Login8, Kind::RuleDropped, "page-default", "deliver a1's login to the server → server ⇢ a1: login admitted"),
    without(
        Rule::Login9,
        Kind::RuleDropped,
        "half-open",
        "deliver a1's login to the server → server ⇢ a1 (old link): notice multipleAccount; the server closes a1's old link (4001, superseded); server ⇢ a1: login admitted",
    ),
    without(
        Rule::Login10,
        Kind::RuleTurnedRound,
        "usersig",
        "a1 login as b (good) → a1 login → 2025 (another account is logged in), at once",
    ),
    without(
        Rule::Kick1,
        Kind::RuleDropped,
        "policy-single",
        "deliver iphone's login to the server → server ⇢ iphone: login admitted",
    ),
    without(Rule::Kick2, Kind::RuleDropped, "page-default", "deliver a2's login to the server → server ⇢ a2: login admitted"),
    without(
        Rule::Kick3,
        Kind::RuleTurnedRound,
        "page-default",
        "deliver a2's login to the server → server ⇢ a2: login admitted; server ⇢ a2: notice multipleAccount",
    ),
    without(
        Rule::Kick4,
        Kind::RuleTurnedRound,
        "same-instant",
        "deliver the notice to a1 → a1: KICKED_OUT multipleAccount; a1: SDK_NOT_READY; a1 ⇢ server: ack of the kick; a1 closes its link",
    ),
    without(
        Rule::Kick5,
        Kind::RuleTurnedRound,
        "page-story",
        "deliver a3's login to the server → server ⇢ a3: login admitted; server ⇢ a1: notice multipleAccount; server ⇢ a2: notice multipleAccount",
    ),
    without(Rule::Kick6, Kind::RuleDropped, "page-default", "deliver a1's sync to the server → server ⇢ a1: sync answer"),
    without(
        Rule::Kick7,
        Kind::RuleTurnedRound,
        "page-default",
        "deliver the notice to a1 → a1: KICKED_OUT multipleAccount; a1 ⇢ server: ack of the kick; a1 closes its link",
    ),
    without(
        Rule::Kick8,
        Kind::RuleDropped,
        "page-default",
        "deliver a2's login to the server → server ⇢ a2: login admitted; server ⇢ a1: notice multipleAccount",
    ),
    without(
        Rule::Kick9,
        Kind::RuleTurnedRound,
        "page-default",
        "deliver the notice to a1 → a1: KICKED_OUT multipleAccount; a1 ⇢ server: ack of the kick; a1 closes its link; a1 logout → done",
    ),
    without(
        Rule::Kick10,
        Kind::RuleTurnedRound,
        "page-story",
        "deliver a1's sync to the server → server ⇢ a2: notice multipleAccount; server ⇢ a1: sync answer",
    ),
    without(
        Rule::Kick11,
        Kind::RuleDropped,
        "policy-dual",
        "deliver iphone's login to the server → server ⇢ iphone: login admitted; server ⇢ web: notice multipleAccount",
    ),
    without(Rule::Logout1, Kind::EffectLeftOut, "page-default", "a1 logout → a1 ⇢ server: logout"),
    without(Rule::Logout2, Kind::RuleTurnedRound, "page-default", "a1 logout → a1 logout → 2024 (not logged in), at once"),
    without(Rule::Logout3, Kind::EffectLeftOut, "page-default", "a1 logout → a1 logout → done, at once"),
    without(Rule::Logout4, Kind::RuleDropped, "reconnect", "a1 loses its link (it ended) → a1 logout → done"),
    without(
        Rule::Logout5,
        Kind::EffectLeftOut,
        "messages",
        "deliver the sync answer to b3 → b3: SDK_READY; b3: MESSAGE_RECEIVED m0 from a to b",
    ),
    without(Rule::Logout6, Kind::RuleTurnedRound, "page-default", "a1 login as a (good) → a1 login → resolved (a repeat), at once"),
    without(Rule::Logout7, Kind::RuleDropped, "usersig", "deliver the sync answer to a1 → nothing"),
    without(Rule::Destroy1, Kind::EffectLeftOut, "page-default", "a1 destroy → a1 destroy → done, at once; a1: end of events"),
    without(
        Rule::Destroy2,
        Kind::RuleTurnedRound,
        "page-default",
        "a1 login as a (good) → a1 login → 2024 (not logged in), at once",
    ),
    without(Rule::Link1, Kind::RuleTurnedRound, "reconnect", "a1 loses its link (it ended) → a1: SDK_NOT_READY"),
    without(
        Rule::Link2,
        Kind::RuleTurnedRound,
        "reconnect",
        "deliver a1's resume of a to the server → server ⇢ a1: not readmitted: multipleAccount; the server closes a1's link",
    ),
    without(
        Rule::Link3,
        Kind::RuleDropped,
        "half-open",
        "deliver a1's login to the server (old link) → server ⇢ a1 (old link): login admitted",
    ),
    without(Rule::Link4, Kind::RuleTurnedRound, "reconnect", "the server loses a1's link (it ended) → nothing"),
    without(Rule::Link5, Kind::RuleDropped, "half-open", "deliver a1's resume of a to the server → server ⇢ a1: readmitted"),
    without(Rule::Link6, Kind::RuleDropped, "page-close", "the server loses a1's old link (it ended) → nothing"),
    without(Rule::Link7, Kind::RuleDropped, "half-open", "a1 loses its link (heartbeat) → nothing"),
    without(Rule::Link8, Kind::RuleDropped, "restart", "the server is killed and started again → nothing"),
    without(
        Rule::Link9,
        Kind::RuleDropped,
        "page-default",
        "deliver a1's login to the server → server ⇢ a1: login refused: 70009 (UserSig wrongly signed)",
    ),
    without(Rule::Link11, Kind::RuleDropped, "same-key", "a1 loses its link (it ended) → a1: NET_STATE_CHANGE connecting"),
    without(
        Rule::Link10,
        Kind::EffectLeftOut,
        "page-default",
        "deliver a1's sync to the server → server ⇢ a1: sync answer; server ⇢ a1: sync answer",
    ),
    without(Rule::Msg1, Kind::RuleDropped, "destroy", "deliver a1's message m0 to the server → server ⇢ a1: m0 accepted"),
    without(
        Rule::Msg2,
        Kind::RuleTurnedRound,
        "copies",
        "deliver the sync answer to a2 → a2: SDK_READY; a2: MESSAGE_RECEIVED m0 from a to a; a2: MESSAGE_RECEIVED m0 from a to a",
    ),
    without(Rule::Msg3, Kind::RuleDropped, "destroy", "deliver the answer to m0 to a1 → a1 send of m0 → 2801 (outcome unknown)"),
    without(
        Rule::Msg4,
        Kind::RuleTurnedRound,
        "messages",
        "deliver the message m0 to b3 → b3 ⇢ server: ack of m0; b3: MESSAGE_RECEIVED m0 from a to b",
    ),
    without(Rule::Sig1, Kind::RuleDropped, "expiry", "the UserSig of a1's session of a expires → nothing"),
    without(Rule::Rest1, Kind::RuleDropped, "usersig", "REST kick of a → nothing"),
    without(Rule::Conf1, Kind::RuleDropped, "limit-change", "the limits are changed to what the scope changes them to → nothing"),
    without(
        Rule::Conf2,
        Kind::RuleTurnedRound,
        "limit-change",
        "the changed limits take effect → server ⇢ a1: notice multipleAccount",
    ),
    without(
        Rule::Hook1,
        Kind::EffectLeftOut,
        "callbacks",
        "deliver iphone's login to the server → server ⇢ iphone: login admitted; server ⇢ a1 (old link): notice multipleDevice; callback of a recorded: Login/Register of iphone, kicked a1; callback of a recorded: Logout/Unregister of a1",
    ),
    without(
        Rule::Hook2,
        Kind::RuleDropped,
        "callbacks",
        "the oldest callback of a is posted and fails → callback of a fails: Login/Register of a1",
    ),
];

/// Everything left out that some claim needs.
pub const CLAIMS: [Mutant; 11] = [
    breaks(Claim::LoginSettles, Kind::EffectLeftOut, "a1's login arrives at the server; for ever: nothing more"),
    breaks(Claim::BecomesReady, Kind::EffectLeftOut, "a1's sync arrives at the server; for ever: nothing more"),
    breaks(Claim::VictimLearns, Kind::EffectLeftOut, "answer to the sync arrives at a2 → a2 SDK_READY; for ever: nothing more"),
    breaks(Claim::LogoutSettles, Kind::EffectLeftOut, "admission arrives at a1; for ever: nothing more"),
    breaks(
        Claim::LinkComesBack,
        Kind::LostWakeUp,
        "the lapse timer of a1's session fires; again and again: a1's backoff timer fires",
    ),
    breaks(
        Claim::SessionLapses,
        Kind::LostWakeUp,
        "a1 takes its link for lost (its end is seen) → a1 logout done; again and again: the lapse timer of a1's session fires",
    ),
    breaks(
        Claim::LossIsNoticed,
        Kind::RuleDropped,
        "the lapse timer of a1's session fires; again and again: a1 takes its link for lost (no heartbeat)",
    ),
    breaks(Claim::SendSettles, Kind::EffectLeftOut, "a1's message arrives at the server; for ever: nothing more"),
    breaks(Claim::ChangeTakesEffect, Kind::LostWakeUp, "the limits are changed; again and again: changed limits take effect"),
    breaks(
        Claim::CallbackIsTaken,
        Kind::EffectLeftOut,
        "the server takes a1's link for lost (its end is seen); again and again: a callback is taken",
    ),
    breaks(Claim::KicksNeedLogins, Kind::RuleTurnedRound, "a2 login; again and again: a2's link opens and 11 more steps"),
];
