//! Scopes in which an account has one limit (KICK-13), each beside the one of the vendor's policy that it is like.

use super::{A, base, failing, seat, web};
use crate::scope::{Classes, Platform, Policy, Scope, Seat, Sends};

const TWO: Policy = Policy::DUAL.counting(2);

fn kinds(name: &'static str, about: &'static str, policy: Policy, seats: Vec<Seat>) -> Scope {
    Scope { policy, sends: Sends::Never, busy: Some(2), ..base(name, about, seats) }
}

fn iphone() -> Seat {
    seat("iphone", Platform::IPhone, &[A])
}

fn ipad() -> Seat {
    seat("ipad", Platform::IPad, &[A])
}

pub(super) fn account() -> Scope {
    let about = "two pages and a phone under `dual+account=2`: of three the first goes, whatever it is";
    kinds("account", about, TWO, vec![web("a1"), web("a2"), iphone()])
}

pub(super) fn class() -> Scope {
    let about =
        "a page, a phone and a tablet under `dual+account=2`: whoever goes for its class leaves a place, and the page stays";
    kinds("account-class", about, TWO, vec![web("a1"), iphone(), ipad()])
}

pub(super) fn refusing() -> Scope {
    let about = "two pages, a phone and a tablet under `dual+account=2+refuse`: whoever would be the third is refused";
    let policy = Policy::refusing(Classes::Dual).counting(2);
    kinds("account-refuse", about, policy, vec![web("a1"), web("a2"), iphone(), ipad()])
}

pub(super) fn reconnect() -> Scope {
    let about = "a page and a phone under `dual+account=1`: a link breaks, the place lapses, and whoever comes back late finds the other kind in it";
    let seats = vec![web("a1"), iphone()];
    Scope { name: "account-reconnect", about, seats, policy: Policy::DUAL.counting(1), ..failing::reconnect() }
}
