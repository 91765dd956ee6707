//! What must be seen of the administrator's steps, of the server's restart, and of the expiry of a UserSig.

use super::{Seen, gap, kick};
use crate::action::{AccountId, Action, ServerMove, Setting, Timer};
use crate::frame::{DownFrame, Frame, UpFrame};
use crate::observation::{Item, Reason};
use crate::rule::Rule;
use crate::state::{Instance, Server, SigAge};

/// Whether a step that is no instance's keeps the rule. Those that speak of calls and of frames that arrive have nothing to say of it.
pub(super) fn holds(rule: Rule, seen: &Seen<'_>) -> bool {
    if let Action::Server(ServerMove::RestKick(account)) = seen.action {
        return holds_at_a_kick(rule, seen, account);
    }
    if let Action::Server(ServerMove::Configure(setting)) = seen.action {
        return rule != Rule::Conf1 || takes_effect_later(seen, setting);
    }
    if let Action::Server(ServerMove::TakeEffect) = seen.action {
        let nobody_is_kicked = || seen.items.is_empty() && seen.record_stands();
        return (rule != Rule::Conf1 || takes_effect(seen)) && (rule != Rule::Conf2 || nobody_is_kicked());
    }
    (rule != Rule::Link8 || a_restart_loses_links_only(seen))
        && (rule != Rule::Conf1 || the_newest_limits_decide(seen))
        && (rule != Rule::Msg2 || gap::a_restart_leaves_a_gap(seen))
}

fn holds_at_a_kick(rule: Rule, seen: &Seen<'_>, account: AccountId) -> bool {
    (rule != Rule::Rest1 || every_session_is_kicked(seen, account))
        && (rule != Rule::Kick5 || bystanders_see_nothing(seen, account))
        && (rule != Rule::Kick8 || kick::a_kick_is_on_record_until_known(seen))
}

/// CONF-1: nothing changes but what will be, and it replaces what would have been.
fn takes_effect_later(seen: &Seen<'_>, setting: Setting) -> bool {
    let pending = Some(setting).filter(|setting| *setting != seen.before().server().in_force);
    let due = Server { pending, ..*seen.before().server() };
    seen.items.is_empty() && seen.concerned().next().is_none() && *seen.after().server() == due
}

/// CONF-1: a server begins with the newest limits, and nothing is waited for.
fn the_newest_limits_decide(seen: &Seen<'_>) -> bool {
    let Action::Server(ServerMove::Restart | ServerMove::Stop) = seen.action else { return limits_stay(seen) };
    let newest = seen.before().server().pending.unwrap_or(seen.before().server().in_force);
    (seen.after().server().in_force, seen.after().server().pending) == (newest, None)
}

fn takes_effect(seen: &Seen<'_>) -> bool {
    Some(seen.after().server().in_force) == seen.before().server().pending && seen.after().server().pending.is_none()
}

/// CONF-1, CONF-2: the limits in force change as they take effect, and at no other step.
pub(super) fn limits_stay(seen: &Seen<'_>) -> bool {
    (seen.before().server().in_force, seen.before().server().pending)
        == (seen.after().server().in_force, seen.after().server().pending)
}

/// REST-1: nobody of the account stays online, and each whose link is up is sent the notice and nothing else.
fn every_session_is_kicked(seen: &Seen<'_>, account: AccountId) -> bool {
    let mut online = seen.before().roster(account).sessions();
    let kicked = online.all(|victim| seen.is_kicked(victim, account, Reason::RestApi)) && seen.after().roster(account).is_empty();
    kicked && every_user_sig_is_at_least(seen, Some(account), SigAge::Revoked)
}

/// Every UserSig under way or in hand, those of one account or all, is known to be as old as that.
fn every_user_sig_is_at_least(seen: &Seen<'_>, of: Option<AccountId>, age: SigAge) -> bool {
    let meant = |account: AccountId| of.is_none_or(|of| of == account);
    seen.scope.instances().all(|instance| {
        let seat = seen.after().instance(instance);
        let mut links = seat.links.each().into_iter();
        let in_hand = seen.then_of(instance).user.is_some_and(meant);
        let under_way = links.all(|link| !link.greeting().is_some_and(meant) || link.sig >= age);
        under_way && (!in_hand || !seen.scope.links_fail() || seat.client.sig >= age)
    })
}

fn bystanders_see_nothing(seen: &Seen<'_>, account: AccountId) -> bool {
    let victims = seen.before().roster(account);
    let undisturbed: Vec<_> = victims.sessions().collect();
    seen.items.iter().all(|item| victims.contains(item.instance())) && seen.others_keep_their_places(account, &undisturbed)
}

/// REST-1: that reason is told anew only of an administrator's kick; a resume learns it from the record.
pub(super) fn no_rest_kick_is_seen(seen: &Seen<'_>) -> bool {
    is_never_the_reason(seen, Reason::RestApi)
}

/// SIG-1: the session goes with that reason, and only that one; of a session whose UserSig holds it is never the reason.
pub(super) fn an_expired_session_is_kicked(seen: &Seen<'_>) -> bool {
    let Action::Timer(instance, Timer::Expire(account)) = seen.action else {
        return is_never_the_reason(seen, Reason::UserSigExpired);
    };
    let victim = seen.before().roster(account).sessions().find(|online| online.seat == instance);
    victim.is_some_and(|victim| {
        let silent = seen.items.iter().all(|item| item.instance() == victim.seat);
        silent
            && every_user_sig_is_at_least(seen, None, SigAge::Expired)
            && seen.is_kicked(victim, account, Reason::UserSigExpired)
            && seen.others_keep_their_places(account, &[victim])
    })
}

fn is_never_the_reason(seen: &Seen<'_>, reason: Reason) -> bool {
    let told = |item: &Item| matches!(item, Item::Written { frame, .. } if *frame == Frame::Down(DownFrame::Notice { reason }));
    let resumes = matches!(seen.arrives_at_server(), Some(UpFrame::Resume { .. }));
    resumes || !seen.items.iter().any(told)
}

/// LINK-8: every session, in its order, and every kick record stay; no link does, and every lapse starts anew.
pub(super) fn a_restart_loses_links_only(seen: &Seen<'_>) -> bool {
    let Action::Server(ServerMove::Restart | ServerMove::Stop) = seen.action else { return true };
    let mut seats = seen.scope.instances().map(|instance| seen.after().instance(instance));
    let is_left = |seat: &Instance| seat.record.going == 0 && seat.links.each().iter().all(|link| !link.is_heard());
    seats.all(is_left) && seen.items.is_empty() && seen.record_stands()
}
