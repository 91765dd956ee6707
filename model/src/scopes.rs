//! The scopes by name: what is walked exhaustively. Those on links that hold are here, those in which something fails or changes in
//! `failing`, those with several nodes in `nodes`, those in which newcomers are refused in `refusing`, those in which an account has one limit in
//! `counting`.

mod counting;
mod failing;
mod nodes;
mod refusing;
mod under;

use std::fmt;

use crate::action::{AccountId, Credential, NodeId};
use crate::scope::{
    Classes, Commits, DearShare, Destroys, Overtaking, Platform, Policy, Reconnects, RestKicks, Scope, Seat, Sends, Tier, Webhooks,
};

pub use under::{touched_by, under};

const A: AccountId = AccountId(0);
const B: AccountId = AccountId(1);
const GOOD: [Credential; 1] = [Credential::Good];
const GOOD_OR_BAD: [Credential; 2] = [Credential::Good, Credential::WrongSignature];

/// A scope's name that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScope(pub String);

impl fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown scope '{}'", self.0.escape_debug())
    }
}

impl std::error::Error for UnknownScope {}

/// The scope of that name, or of that name and policy, as in `page-story@dual+refuse`.
///
/// # Errors
/// [`UnknownScope`] if there is none.
pub fn named(name: &str) -> Result<Scope, UnknownScope> {
    let plain = || all().into_iter().find(|scope| scope.name == name).ok_or_else(|| UnknownScope(name.to_owned()));
    under::named(name).unwrap_or_else(plain)
}

/// Every scope that is walked exhaustively: which of them a plain check takes, and of which more than a sample is replayed where a step
/// is dear.
pub fn all() -> Vec<Scope> {
    let mut scopes = vec![
        page_default().plain().dear(DearShare::Whole),
        page_story().plain().dear(DearShare::GoodLogins),
        same_instant(),
        usersig().plain(),
        refusals_two(),
        destroy().plain(),
        policy("policy-single", "four kinds of client under `single`: one kind in all", Classes::Single),
        policy("policy-dual", "four kinds of client under `dual`: one native kind, and Web", Classes::Dual).plain(),
        policy("policy-triple", "four kinds of client under `triple`: one mobile, one desktop kind, and Web", Classes::Triple),
        policy("policy-multi", "four kinds of client under `multi`: every kind", Classes::Multi),
        kick_two(),
        two_accounts(),
        overtaking(),
        messages(),
        copies(),
        order().plain(),
        rest_kick().plain().dear(DearShare::Whole),
        failing::reconnect().dear(DearShare::Whole),
        failing::half_open().plain(),
        failing::late_frames(),
        failing::deadlines().plain(),
        failing::expiry().plain(),
        failing::rest_offline(),
        failing::logout_offline(),
        failing::page_close().plain(),
        failing::resume_messages().plain(),
        failing::repeat().plain(),
        failing::restart().plain().dear(DearShare::Restarts),
        failing::restart_cut().plain(),
        failing::reconnect_kicks(),
        failing::two_accounts_offline(),
        failing::limit_change().plain(),
        failing::callbacks(),
        failing::callbacks_expiry().plain(),
        failing::rest_kick_restart(),
        failing::rest_kick_restart_three(),
        failing::rest_kick_limit_change(),
        failing::limit_change_cut(),
        failing::messages_struck(),
        failing::messages_restart(),
        failing::limit_change_restart(),
        failing::overflow(),
        failing::resume_order(),
        failing::repeat_restart(),
        failing::two_accounts_late().plain(),
        failing::expiry_restart().plain(),
        failing::callbacks_restart(),
        failing::callbacks_kicks().plain(),
        failing::limits_elsewhere().plain(),
        failing::wake(),
        failing::two_losses(),
        failing::full_reconnect(),
        failing::same_key().plain(),
        failing::same_key_kicks(),
        failing::same_key_messages(),
    ];
    scopes.extend(of_several_nodes());
    scopes.extend(of_other_limits());
    scopes
}

fn of_several_nodes() -> [Scope; 5] {
    [
        nodes::story().plain(),
        nodes::same_instant().plain(),
        nodes::lost_notice().plain(),
        nodes::dead().plain(),
        nodes::frozen().plain(),
    ]
}

/// What becomes of a newcomer at the limit, and what a limit counts, is not as the default policy has it.
fn of_other_limits() -> [Scope; 9] {
    [
        refusing::kinds().plain(),
        refusing::reconnect().plain(),
        refusing::limit_change(),
        refusing::same_key(),
        refusing::same_instant(),
        counting::account().plain(),
        counting::class(),
        counting::refusing(),
        counting::reconnect(),
    ]
}

fn seat(name: &'static str, platform: Platform, accounts: &[AccountId]) -> Seat {
    Seat { name, platform, accounts: accounts.to_vec(), shares: None, node: NodeId(0) }
}

fn web(name: &'static str) -> Seat {
    seat(name, Platform::Web, &[A])
}

/// Links that hold, good logins, no messages, no destroy: what the scopes are told apart by.
pub fn base(name: &'static str, about: &'static str, seats: Vec<Seat>) -> Scope {
    Scope {
        name,
        about,
        tier: Tier::Full,
        dear_share: DearShare::Sample,
        seats,
        policy: Policy::DUAL,
        limits: Vec::new(),
        credentials: GOOD.to_vec(),
        sends: Sends::RefusedOnly,
        commits: Commits::AtOnce,
        buffer: None,
        destroys: Destroys::Never,
        joined_calls: 1,
        busy: None,
        reconnects: Reconnects::AtAnyTime,
        overtaking: Overtaking::Waits,
        rest_kicks: RestKicks::Never,
        limit_change: None,
        webhooks: Webhooks::Never,
        faults: Vec::new(),
        faults_at_once: None,
        failing: None,
        debts: 0,
    }
}

fn page_default() -> Scope {
    Scope {
        credentials: GOOD_OR_BAD.to_vec(),
        destroys: Destroys::Called,
        joined_calls: 2,
        ..base("page-default", "the page's default: two pages, limit 1, every call", vec![web("a1"), web("a2")])
    }
}

fn page_story() -> Scope {
    Scope {
        limits: vec![(Platform::Web, 2)],
        credentials: GOOD_OR_BAD.to_vec(),
        ..base("page-story", "the page's story: limit 2; a1, a2, then a3", vec![web("a1"), web("a2"), web("a3")])
    }
}

fn same_instant() -> Scope {
    base("same-instant", "three pages, limit 1, logins racing", vec![web("a1"), web("a2"), web("a3")])
}

fn usersig() -> Scope {
    Scope {
        credentials: Credential::ALL.to_vec(),
        rest_kicks: RestKicks::Called,
        destroys: Destroys::Called,
        joined_calls: 2,
        ..base("usersig", "one page, every refusal code of a login", vec![seat("a1", Platform::Web, &[A, B])])
    }
}

fn refusals_two() -> Scope {
    Scope {
        credentials: Credential::ALL.to_vec(),
        sends: Sends::Never,
        busy: Some(1),
        ..base(
            "refusals-two",
            "two pages, limit 1: each refusal code of a login, somebody else being online",
            vec![web("a1"), web("a2")],
        )
    }
}

fn destroy() -> Scope {
    Scope {
        limits: vec![(Platform::Web, 2)],
        sends: Sends::Tokens { tokens: 1, to: vec![A] },
        destroys: Destroys::Called,
        joined_calls: 2,
        ..base("destroy", "two pages, limit 2, destroyed with calls and messages running", vec![web("a1"), web("a2")])
    }
}

fn policy(name: &'static str, about: &'static str, classes: Classes) -> Scope {
    let seats = vec![
        web("web"),
        seat("iphone", Platform::IPhone, &[A]),
        seat("ipad", Platform::IPad, &[A]),
        seat("windows", Platform::Windows, &[A]),
    ];
    Scope { policy: Policy::kicking(classes), sends: Sends::Never, busy: Some(2), ..base(name, about, seats) }
}

fn kick_two() -> Scope {
    Scope {
        policy: Policy::kicking(Classes::Single),
        limits: vec![(Platform::Web, 2)],
        ..base(
            "kick-two",
            "one login kicks two: two pages and a phone under `single`",
            vec![web("a1"), web("a2"), seat("iphone", Platform::IPhone, &[A])],
        )
    }
}

fn two_accounts() -> Scope {
    let seats = vec![web("a1"), seat("x2", Platform::Web, &[A, B]), seat("b3", Platform::Web, &[B])];
    base("two-accounts", "what one account does never shows at the other; x2 switches between them", seats)
}

fn messages() -> Scope {
    let seats = vec![web("a1"), web("a2"), seat("b3", Platform::Web, &[B])];
    Scope {
        sends: Sends::Tokens { tokens: 1, to: vec![A, B] },
        busy: Some(2),
        ..base("messages", "a message in flight while kicks, logouts and logins happen", seats)
    }
}

fn copies() -> Scope {
    let seats = vec![web("a1"), seat("a2", Platform::IPhone, &[A]), seat("b3", Platform::Web, &[B])];
    Scope {
        sends: Sends::Tokens { tokens: 1, to: vec![A, B] },
        busy: Some(2),
        ..base("copies", "a message to both sessions of its recipient and to the sender's other one", seats)
    }
}

fn overtaking() -> Scope {
    Scope {
        sends: Sends::Tokens { tokens: 1, to: vec![A] },
        overtaking: Overtaking::Allowed,
        ..base(
            "overtaking",
            "two pages, limit 1: a login arrives before what was written on the link before it",
            vec![web("a1"), web("a2")],
        )
    }
}

fn order() -> Scope {
    Scope {
        limits: vec![(Platform::Web, 2)],
        sends: Sends::Tokens { tokens: 2, to: vec![A] },
        ..base(
            "order",
            "two pages, limit 2, two messages at once: what is sent first is settled, kept and seen first",
            vec![web("a1"), web("a2")],
        )
    }
}

fn rest_kick() -> Scope {
    let seats = vec![web("a1"), seat("x2", Platform::Web, &[A, B])];
    Scope {
        limits: vec![(Platform::Web, 2)],
        credentials: vec![Credential::Good, Credential::Revoked],
        rest_kicks: RestKicks::Called,
        ..base("rest-kick", "two pages, limit 2, one of two accounts, kicked by the administrator", seats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Key;
    use crate::scope::Fault;

    /// A fresh instance would have a key of its own, and what reaches every seat looks at one seat at a time.
    fn keeps_to_its_key(scope: &Scope) -> bool {
        let never = [Fault::PageCloses, Fault::Expiries, Fault::Restarts, Fault::Stops].iter().all(|fault| !scope.has(*fault));
        never && scope.destroys == Destroys::Never && scope.rest_kicks == RestKicks::Never && scope.webhooks == Webhooks::Never
    }

    #[test]
    fn two_seats_share_a_key_where_nothing_else_gives_one_or_strikes_all() {
        let shares = |scope: &Scope| scope.seats.iter().filter(|seat| seat.shares.is_some()).count();
        for scope in all().iter().filter(|scope| shares(scope) > 0) {
            assert!(shares(scope) == 1 && keeps_to_its_key(scope), "{}", scope.name);
            let pair = scope.instances().filter(|instance| scope.key(*instance) == Key::Shared);
            assert!(pair.map(|instance| &scope.seats[usize::from(instance.0)].accounts).all(|accounts| accounts == &[A]));
        }
        assert!(named("same-key").is_ok_and(|scope| shares(&scope) == 1));
    }
}
