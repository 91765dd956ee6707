//! What must be seen of limits: of a platform's, or of an account's where the policy counts that.

use super::{Seen, kick};
use crate::action::InstanceId;
use crate::observation::Reason;
use crate::records::Session;
use crate::scope::Counted;

/// KICK-13: behind an admission no more are online than the account may have. Of those who do not go for their class as many go as are too
/// many, those that logged in first, and each learns whether the newcomer is of its platform.
pub(super) fn an_account_has_one_limit(seen: &Seen<'_>) -> bool {
    let (Counted::Account(limit), Some((newcomer, account))) = (seen.scope.policy.counted, seen.admitted()) else { return true };
    if seen.after().roster(account).iter().count() > usize::from(limit) {
        return false;
    }
    let goes_for_its_class = |online: &Session| kick::clash(seen, online.seat, newcomer.seat);
    let others: Vec<_> = kick::others(seen, newcomer, account).filter(|online| !goes_for_its_class(online)).collect();
    let (gone, left) = others.split_at((others.len() + 1).saturating_sub(limit.into()));
    let stays = |online: &Session| seen.after().roster(account).of_key(*online).is_some();
    left.iter().all(stays) && gone.iter().all(|victim| seen.is_kicked(*victim, account, told(seen, *victim, newcomer)))
}

fn told(seen: &Seen<'_>, victim: Session, newcomer: Session) -> Reason {
    let [of_the_victim, of_the_newcomer] = [victim, newcomer].map(|session| seen.scope.platform(session.seat));
    if of_the_victim == of_the_newcomer { Reason::MultipleAccount } else { Reason::MultipleDevice }
}

/// Whether one limit counts an instance and a newcomer.
pub(super) fn is_counted(seen: &Seen<'_>, instance: InstanceId, newcomer: InstanceId) -> bool {
    match seen.scope.policy.counted {
        Counted::Platform => seen.scope.platform(instance) == seen.scope.platform(newcomer),
        Counted::Account(_) => !kick::clash(seen, instance, newcomer),
    }
}

/// How many of those that are counted with a newcomer may be online, itself included.
pub(super) fn places(seen: &Seen<'_>, newcomer: InstanceId) -> usize {
    match seen.scope.policy.counted {
        Counted::Platform => seen.scope.limit_under(seen.before().server().in_force, seen.scope.platform(newcomer)),
        Counted::Account(limit) => limit.into(),
    }
}
