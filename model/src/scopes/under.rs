//! A scope by name under another policy than its own: `page-story@dual+refuse`. It is the same scope but for that.

use super::{UnknownScope, all};
use crate::scope::{Classes, Counted, Partition, Policy, Scope, name};

/// What stands between the name of a scope and that of a policy.
const UNDER: char = '@';

/// The scopes that the settings of a policy touch: the page's own, those in which kinds of client meet, and those in which a place is
/// kept, lost, looked for again, given up for a callback or asked for at two nodes at once.
const TOUCHED: [&str; 9] = [
    "page-default",
    "page-story",
    "policy-dual",
    "kick-two",
    "limits-elsewhere",
    "reconnect",
    "refuse-limit-change",
    "callbacks-kicks",
    "nodes-same-instant",
];

/// The scope by name under that policy; under its own it has its plain name. Where the policy has kinds of client of its own, these take the
/// places of the scope's; where it has limits, of those or of an account, they hold in place of the scope's, and none is changed.
pub fn under(scope: Scope, policy: Policy) -> Scope {
    if scope.policy == policy {
        return scope;
    }
    let scope = Scope { name: name(&format!("{}{UNDER}{policy}", scope.name)), policy, ..scope };
    let scope = if has_limits(policy) { Scope { limits: Vec::new(), limit_change: None, ..scope } } else { scope };
    match policy.classes {
        Classes::Own(partition) => seated(scope, partition),
        Classes::Single | Classes::Dual | Classes::Triple | Classes::Multi => scope,
    }
}

/// Whether the policy has limits itself.
const fn has_limits(policy: Policy) -> bool {
    matches!(policy.classes, Classes::Own(_)) || matches!(policy.counted, Counted::Account(_))
}

/// The kinds of client of a scope, in the order of its seats, are those of the policy in its order, from the front again if it has fewer.
fn seated(mut scope: Scope, partition: Partition) -> Scope {
    let mut kinds = Vec::new();
    for seat in &mut scope.seats {
        let place = kinds.iter().position(|kind| *kind == seat.platform).unwrap_or(kinds.len());
        kinds.resize(kinds.len().max(place + 1), seat.platform);
        seat.platform = partition.stand_in(place);
    }
    scope
}

/// The scopes that the settings of a policy touch, under it: one in which a limit changes has nothing to show where none does.
pub fn touched_by(policy: Policy) -> Vec<Scope> {
    let shows = |scope: &Scope| scope.limit_change.is_none() || !has_limits(policy);
    let meant = all().into_iter().filter(|scope| TOUCHED.contains(&scope.name) && shows(scope));
    meant.map(|scope| under(scope, policy)).collect()
}

/// The scope of a name that says under which policy.
pub(super) fn named(name: &str) -> Option<Result<Scope, UnknownScope>> {
    let (plain, policy) = name.split_once(UNDER)?;
    let known = super::named(plain).ok().zip(policy.parse().ok());
    Some(known.map(|(scope, policy)| under(scope, policy)).ok_or_else(|| UnknownScope(name.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_under_which_policy_a_scope_is() {
        let scope = super::super::named("page-story@triple+refuse").unwrap();
        assert_eq!((scope.name, scope.policy.to_string().as_str()), ("page-story@triple+refuse", "triple+refuse"));
        assert_eq!(super::super::named("page-story@dual").unwrap().name, "page-story");
        for unknown in ["page-story@", "page-story@quad", "nowhere@dual", "@dual", "page-story@dual@dual"] {
            assert_eq!(super::super::named(unknown), Err(UnknownScope(unknown.to_owned())));
        }
    }

    #[test]
    fn kinds_of_ones_own_take_the_places_of_a_scopes() {
        let scope = super::super::named("policy-dual@own=till,office.phone=2").unwrap();
        let kinds: Vec<_> = scope.seats.iter().map(|seat| (seat.name, seat.platform.name())).collect();
        assert_eq!(kinds, [("web", "till"), ("iphone", "office"), ("ipad", "phone"), ("windows", "till")]);
        let phone = scope.seats[2].platform;
        assert_eq!((scope.limit(phone), scope.limit(scope.seats[0].platform)), (2, 1));
        let story = super::super::named("page-story@own=till").unwrap();
        assert!(story.seats.iter().all(|seat| seat.platform.name() == "till" && story.limit(seat.platform) == 1));
    }

    #[test]
    fn each_scope_that_a_policy_touches_is_there_under_every_policy() {
        for policy in Policy::all() {
            let touched = touched_by(policy);
            assert_eq!(touched.len(), TOUCHED.len());
            assert!(touched.iter().all(|scope| scope.policy == policy));
        }
    }
}
