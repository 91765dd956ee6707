//! What must be seen of newcomers where the policy lets nobody in at another one's cost.

use super::{Seen, node, resume};
use crate::action::{AccountId, Credential, InstanceId};
use crate::frame::{DownFrame, UpFrame};
use crate::link::{Epoch, Link, ServerEnd};
use crate::observation::{Code, Item};
use crate::records::{Key, Session};
use crate::scope::AtLimit;
use crate::state::SigAge;

/// KICK-12: a login that has no place of its own, and would need another one's, is refused with the code; nobody else is, and a login
/// that is let in takes no place but its own.
pub(super) fn a_newcomer_finds_a_place_or_is_refused(seen: &Seen<'_>) -> bool {
    let refused = is_answered(seen, Some(Code::NoPlace));
    let Some((session, account)) = asks_for_a_place(seen) else { return !refused };
    if keeps_a_place(seen, session, account) || resume::in_the_way(seen, session, account).is_none() {
        return is_answered(seen, None) && is_nobody_elses_concern(seen) && seen.others_keep_their_places(account, &[session]);
    }
    refused && is_nobody_elses_concern(seen) && seen.everybody_keeps_a_place()
}

/// Whether a login that kicks nobody takes over the place of a session of its instance, of the same platform.
pub(super) fn keeps_a_place(seen: &Seen<'_>, session: Session, account: AccountId) -> bool {
    let own = seen.before().roster(account).of_key(session);
    let same = |own: Session| seen.scope.platform(own.seat) == seen.scope.platform(session.seat);
    seen.scope.policy.at_limit == AtLimit::Refuse && own.is_some_and(same)
}

/// Whose login, rightly signed and in time, is decided where newcomers are refused.
fn asks_for_a_place(seen: &Seen<'_>) -> Option<(Session, AccountId)> {
    let Some(UpFrame::Login { account, credential: Credential::Good }) = seen.arrives_at_server() else { return None };
    let (_, link) = seen.link_of_arrival()?;
    let is_meant = seen.scope.policy.at_limit == AtLimit::Refuse && link.sig == SigAge::Fresh && is_in_time(link);
    seen.session_of_arrival().filter(|_| is_meant).map(|session| (session, account))
}

/// What is being stored has been found in time.
fn is_in_time(link: &Link) -> bool {
    link.epoch == Epoch::Newest || matches!(link.server, ServerEnd::Storing { .. })
}

fn is_answered(seen: &Seen<'_>, code: Option<Code>) -> bool {
    let answer = |frame: &DownFrame| matches!(frame, DownFrame::LoginAnswer { refused, .. } if *refused == code);
    seen.link_of_arrival().is_some_and(|(slot, _)| seen.answered_on(seen.me(), slot).iter().any(answer))
}

/// Whether nobody else sees anything, but the instance's older links and what other nodes have decided.
fn is_nobody_elses_concern(seen: &Seen<'_>) -> bool {
    let has_the_key = |instance: InstanceId| seen.scope.key(instance) == Key::Shared;
    let is_replaced =
        |item: &Item| matches!(item, Item::Closed { .. }) && [item.instance(), seen.me()].into_iter().all(has_the_key);
    let concerns_it = |item: &Item| item.instance() == seen.me() || is_replaced(item);
    seen.items.iter().all(|item| concerns_it(item) || node::tells_what_was_decided(seen, *item))
}
