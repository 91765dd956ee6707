//! What must be seen of the administrator's steps.

use super::{Seen, kick};
use crate::action::{AccountId, Action};
use crate::frame::Frame;
use crate::observation::{End, Item, Reason};
use crate::rule::Rule;

/// Whether an administrator's step keeps the rule. Those that speak of calls and of frames that arrive have nothing to say of it.
pub(super) fn holds(rule: Rule, seen: &Seen<'_>) -> bool {
    let Action::RestKick { account } = seen.action else { return true };
    match rule {
        Rule::Rest1 => every_session_is_kicked(seen, account),
        Rule::Kick5 => bystanders_see_nothing(seen, account),
        Rule::Kick8 => kick::a_kick_is_on_record_until_known(seen),
        Rule::Login1
        | Rule::Login2
        | Rule::Login3
        | Rule::Login4
        | Rule::Login5
        | Rule::Login6
        | Rule::Login7
        | Rule::Login8
        | Rule::Login10
        | Rule::Kick1
        | Rule::Kick2
        | Rule::Kick3
        | Rule::Kick4
        | Rule::Kick6
        | Rule::Kick7
        | Rule::Kick9
        | Rule::Kick10
        | Rule::Kick11
        | Rule::Logout1
        | Rule::Logout2
        | Rule::Logout3
        | Rule::Logout5
        | Rule::Logout6
        | Rule::Logout7
        | Rule::Destroy1
        | Rule::Destroy2
        | Rule::Link9
        | Rule::Link10
        | Rule::Msg1
        | Rule::Msg2
        | Rule::Msg3
        | Rule::Msg4 => true,
    }
}

/// REST-1: nobody of the account stays online, and each that was is sent the notice and nothing else.
fn every_session_is_kicked(seen: &Seen<'_>, account: AccountId) -> bool {
    let notice = [Frame::Notice { reason: Reason::RestApi }];
    let mut online = seen.before.roster(account).iter();
    let told = online.all(|victim| seen.written(victim, End::Server) == notice);
    told && seen.after.roster(account).is_empty()
}

fn bystanders_see_nothing(seen: &Seen<'_>, account: AccountId) -> bool {
    let victims = seen.before.roster(account);
    let others = |other: AccountId| other == account || seen.before.roster(other) == seen.after.roster(other);
    seen.items.iter().all(|item| victims.contains(item.instance())) && seen.scope.accounts().all(others)
}

/// REST-1: that reason is told only of an administrator's kick.
pub(super) fn no_rest_kick_is_seen(seen: &Seen<'_>) -> bool {
    let notice = Frame::Notice { reason: Reason::RestApi };
    seen.items.iter().all(|item| !matches!(item, Item::Written { frame, .. } if *frame == notice))
}
