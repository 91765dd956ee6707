//! Scopes in which a newcomer without a place is refused (KICK-12), each beside the one of the vendor's policy that it is like.

use super::{A, base, failing, nodes, seat, web};
use crate::scope::{Classes, Fault, Overtaking, Platform, Policy, Scope, Sends};

/// The same, where nobody is kicked for a newcomer.
fn refusing(name: &'static str, about: &'static str, like: Scope) -> Scope {
    Scope { name, about, policy: Policy::refusing(Classes::Dual), ..like }
}

pub(super) fn kinds() -> Scope {
    let about = "two pages, a phone and a tablet under `dual+refuse`: whoever came first stays, and the others are refused";
    let seats = vec![web("a1"), web("a2"), seat("iphone", Platform::IPhone, &[A]), seat("ipad", Platform::IPad, &[A])];
    refusing("refuse", about, Scope { sends: Sends::Never, busy: Some(2), ..base("", "", seats) })
}

pub(super) fn reconnect() -> Scope {
    let about = "two pages, limit 1, under `dual+refuse`: a link breaks, the place is kept until it lapses, and whoever comes back late is refused";
    refusing("refuse-reconnect", about, failing::reconnect())
}

pub(super) fn limit_change() -> Scope {
    let about = "two pages under `dual+refuse`: the limit is changed between 1 and 2 while a link is down, and nobody who is online goes for it";
    let like = failing::failing("", "", vec![web("a1"), web("a2")], &[Fault::Cuts, Fault::EndsSeen]);
    let (limit_change, overtaking) = (Some((Platform::Web, 2)), Overtaking::Waits);
    let like = Scope { limit_change, overtaking, sends: Sends::Never, failing: Some(1), busy: Some(1), ..like };
    refusing("refuse-limit-change", about, like)
}

pub(super) fn same_key() -> Scope {
    let about =
        "two pages that share one instance key and a third, limit 1, under `dual+refuse`: who replaces its own is no newcomer";
    refusing("refuse-same-key", about, failing::same_key_kicks())
}

pub(super) fn same_instant() -> Scope {
    let about = "two pages on two nodes, limit 1, under `dual+refuse`: of two logins at the same moment the one whose commit comes first is in";
    refusing("refuse-nodes", about, nodes::same_instant())
}
