//! The mutants of the model, in rule order. Data only: it takes nothing out and judges nothing.

use model::liveness::Claim;
use model::rule::Rule;

use super::{Change, Kind, Mutant};

const fn without(rule: Rule, kind: Kind, scope: &'static str) -> Mutant {
    Mutant { change: Change::Without(rule), kind, scope }
}

const fn breaks(claim: Claim, kind: Kind) -> Mutant {
    Mutant { change: Change::Breaks(claim), kind, scope: claim.broken_by().1 }
}

/// Every rule taken out.
pub const RULES: [Mutant; 56] = [
    without(Rule::Login1, Kind::RuleTurnedRound, "page-default"),
    without(Rule::Login2, Kind::RuleTurnedRound, "page-default"),
    without(Rule::Login3, Kind::RuleTurnedRound, "page-default"),
    without(Rule::Login4, Kind::RuleTurnedRound, "page-default"),
    without(Rule::Login5, Kind::RuleTurnedRound, "page-default"),
    without(Rule::Login6, Kind::RuleTurnedRound, "usersig"),
    without(Rule::Login7, Kind::RuleDropped, "page-default"),
    without(Rule::Login8, Kind::RuleDropped, "page-default"),
    without(Rule::Login9, Kind::RuleDropped, "half-open"),
    without(Rule::Login10, Kind::RuleTurnedRound, "usersig"),
    without(Rule::Kick1, Kind::RuleDropped, "policy-single"),
    without(Rule::Kick2, Kind::RuleDropped, "page-default"),
    without(Rule::Kick3, Kind::RuleTurnedRound, "page-default"),
    without(Rule::Kick4, Kind::RuleTurnedRound, "same-instant"),
    without(Rule::Kick5, Kind::RuleTurnedRound, "page-story"),
    without(Rule::Kick6, Kind::RuleDropped, "page-default"),
    without(Rule::Kick7, Kind::RuleTurnedRound, "page-default"),
    without(Rule::Kick8, Kind::RuleDropped, "page-default"),
    without(Rule::Kick9, Kind::RuleTurnedRound, "page-default"),
    without(Rule::Kick10, Kind::RuleTurnedRound, "page-story"),
    without(Rule::Kick11, Kind::RuleDropped, "policy-dual"),
    without(Rule::Kick12, Kind::RuleDropped, "refuse"),
    without(Rule::Kick13, Kind::RuleDropped, "account"),
    without(Rule::Logout1, Kind::EffectLeftOut, "page-default"),
    without(Rule::Logout2, Kind::RuleTurnedRound, "page-default"),
    without(Rule::Logout3, Kind::EffectLeftOut, "page-default"),
    without(Rule::Logout4, Kind::RuleDropped, "reconnect"),
    without(Rule::Logout5, Kind::EffectLeftOut, "messages"),
    without(Rule::Logout6, Kind::RuleTurnedRound, "page-default"),
    without(Rule::Logout7, Kind::RuleDropped, "usersig"),
    without(Rule::Destroy1, Kind::EffectLeftOut, "page-default"),
    without(Rule::Destroy2, Kind::RuleTurnedRound, "page-default"),
    without(Rule::Link1, Kind::RuleTurnedRound, "reconnect"),
    without(Rule::Link2, Kind::RuleTurnedRound, "reconnect"),
    without(Rule::Link3, Kind::RuleDropped, "half-open"),
    without(Rule::Link4, Kind::RuleTurnedRound, "reconnect"),
    without(Rule::Link5, Kind::RuleDropped, "half-open"),
    without(Rule::Link6, Kind::RuleDropped, "page-close"),
    without(Rule::Link7, Kind::RuleDropped, "half-open"),
    without(Rule::Link8, Kind::RuleDropped, "restart"),
    without(Rule::Link9, Kind::RuleDropped, "page-default"),
    without(Rule::Link11, Kind::RuleDropped, "same-key"),
    without(Rule::Link10, Kind::EffectLeftOut, "page-default"),
    without(Rule::Msg1, Kind::RuleDropped, "destroy"),
    without(Rule::Msg2, Kind::RuleTurnedRound, "copies"),
    without(Rule::Msg3, Kind::RuleDropped, "destroy"),
    without(Rule::Msg4, Kind::RuleTurnedRound, "messages"),
    without(Rule::Sig1, Kind::RuleDropped, "expiry"),
    without(Rule::Rest1, Kind::RuleDropped, "usersig"),
    without(Rule::Conf1, Kind::RuleDropped, "limit-change"),
    without(Rule::Conf2, Kind::RuleTurnedRound, "limit-change"),
    without(Rule::Hook1, Kind::EffectLeftOut, "callbacks"),
    without(Rule::Hook2, Kind::RuleDropped, "callbacks"),
    without(Rule::Node1, Kind::RuleDropped, "nodes-lost-notice"),
    without(Rule::Node2, Kind::LostWakeUp, "nodes-lost-notice"),
    without(Rule::Node3, Kind::RuleDropped, "nodes-dead"),
];

/// Everything left out that some claim needs.
pub const CLAIMS: [Mutant; 12] = [
    breaks(Claim::LoginSettles, Kind::EffectLeftOut),
    breaks(Claim::BecomesReady, Kind::EffectLeftOut),
    breaks(Claim::VictimLearns, Kind::EffectLeftOut),
    breaks(Claim::LogoutSettles, Kind::EffectLeftOut),
    breaks(Claim::LinkComesBack, Kind::LostWakeUp),
    breaks(Claim::SessionLapses, Kind::LostWakeUp),
    breaks(Claim::LossIsNoticed, Kind::RuleDropped),
    breaks(Claim::SendSettles, Kind::EffectLeftOut),
    breaks(Claim::ChangeTakesEffect, Kind::LostWakeUp),
    breaks(Claim::CallbackIsTaken, Kind::EffectLeftOut),
    breaks(Claim::KicksNeedLogins, Kind::RuleTurnedRound),
    breaks(Claim::NodeLearns, Kind::LostWakeUp),
];
