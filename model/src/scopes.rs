//! The scopes by name: what is walked exhaustively, smallest first where order matters to nobody.

use std::fmt;

use crate::action::{AccountId, Credential};
use crate::scope::{Destroys, Fault, Overtaking, Platform, Policy, RestKicks, Scope, Seat, Sends, Webhooks};

const A: AccountId = AccountId(0);
const B: AccountId = AccountId(1);
const GOOD: [Credential; 1] = [Credential::Good];
const GOOD_OR_BAD: [Credential; 2] = [Credential::Good, Credential::WrongSignature];

/// A scope's name that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScope(pub String);

impl fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = all().iter().map(|scope| scope.name).collect();
        write!(f, "unknown scope '{}': it would be one of {}", self.0.escape_debug(), names.join(", "))
    }
}

impl std::error::Error for UnknownScope {}

/// The scope of that name.
///
/// # Errors
/// [`UnknownScope`] if there is none.
pub fn named(name: &str) -> Result<Scope, UnknownScope> {
    all().into_iter().find(|scope| scope.name == name).ok_or_else(|| UnknownScope(name.to_owned()))
}

/// Every scope that is walked exhaustively.
pub fn all() -> Vec<Scope> {
    vec![
        page_default(),
        page_story(),
        same_instant(),
        usersig(),
        destroy(),
        policy("policy-single", "four kinds of client under `single`: one kind in all", Policy::Single),
        policy("policy-dual", "four kinds of client under `dual`: one native kind, and Web", Policy::Dual),
        policy("policy-triple", "four kinds of client under `triple`: one mobile, one desktop kind, and Web", Policy::Triple),
        policy("policy-multi", "four kinds of client under `multi`: every kind", Policy::Multi),
        kick_two(),
        two_accounts(),
        overtaking(),
        messages(),
        copies(),
        order(),
        rest_kick(),
        reconnect(),
        half_open(),
        late_frames(),
        deadlines(),
        expiry(),
        rest_offline(),
        logout_offline(),
        page_close(),
        resume_messages(),
        repeat(),
        restart(),
        reconnect_kicks(),
        two_accounts_offline(),
        limit_change(),
        callbacks(),
        callbacks_expiry(),
        rest_kick_restart(),
        rest_kick_limit_change(),
        limit_change_cut(),
        messages_struck(),
        messages_restart(),
    ]
}

fn seat(name: &'static str, platform: Platform, accounts: &[AccountId]) -> Seat {
    Seat { name, platform, accounts: accounts.to_vec() }
}

fn web(name: &'static str) -> Seat {
    seat(name, Platform::Web, &[A])
}

/// Links that hold, good logins, no messages, no destroy: what the scopes are told apart by.
fn base(name: &'static str, about: &'static str, seats: Vec<Seat>) -> Scope {
    Scope {
        name,
        about,
        seats,
        policy: Policy::Dual,
        limits: Vec::new(),
        credentials: GOOD.to_vec(),
        sends: Sends::RefusedOnly,
        destroys: Destroys::Never,
        joined_calls: 1,
        busy: None,
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

fn destroy() -> Scope {
    Scope {
        limits: vec![(Platform::Web, 2)],
        sends: Sends::Tokens { tokens: 1, to: vec![A] },
        destroys: Destroys::Called,
        joined_calls: 2,
        ..base("destroy", "two pages, limit 2, destroyed with calls and messages running", vec![web("a1"), web("a2")])
    }
}

fn policy(name: &'static str, about: &'static str, policy: Policy) -> Scope {
    let seats = vec![
        web("web"),
        seat("iphone", Platform::IPhone, &[A]),
        seat("ipad", Platform::IPad, &[A]),
        seat("windows", Platform::Windows, &[A]),
    ];
    Scope { policy, sends: Sends::Never, busy: Some(2), ..base(name, about, seats) }
}

fn kick_two() -> Scope {
    Scope {
        policy: Policy::Single,
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

/// Links that break, sessions that outlive them.
fn failing(name: &'static str, about: &'static str, seats: Vec<Seat>, faults: &[Fault]) -> Scope {
    Scope { faults: faults.to_vec(), overtaking: Overtaking::Allowed, debts: 1, ..base(name, about, seats) }
}

fn reconnect() -> Scope {
    let about = "two pages, limit 1: a link breaks, each end learns of it apart, and the session is resumed, lapses, or is kicked meanwhile";
    let faults = [Fault::Cuts, Fault::EndsSeen, Fault::OpenFails];
    Scope { overtaking: Overtaking::Waits, ..failing("reconnect", about, vec![web("a1"), web("a2")], &faults) }
}

fn two_pages() -> Vec<Seat> {
    vec![web("a1"), web("a2")]
}

fn half_open() -> Scope {
    let about = "two pages, limit 1: a link breaks in silence; pings and heartbeat timers tell each end apart";
    let faults = [Fault::Cuts, Fault::Silence, Fault::Deadlines, Fault::Pings];
    Scope { failing: Some(1), busy: Some(1), ..failing("half-open", about, two_pages(), &faults) }
}

fn late_frames() -> Scope {
    let about = "two pages, limit 1: a whole link is given up by either end, its frames and its close arriving late";
    Scope { failing: Some(1), busy: Some(1), ..failing("late-frames", about, two_pages(), &[Fault::Heartbeats]) }
}

fn deadlines() -> Scope {
    let about = "two pages, limit 1: links that cannot be opened, and calls that take too long";
    let sends = Sends::Tokens { tokens: 1, to: vec![A] };
    Scope { sends, busy: Some(1), ..failing("deadlines", about, two_pages(), &[Fault::Deadlines, Fault::OpenFails]) }
}

fn expiry() -> Scope {
    let about = "two pages, limit 1: a UserSig expires, its session's link up or down";
    let faults = [Fault::Cuts, Fault::EndsSeen, Fault::Expiries];
    Scope { failing: Some(1), overtaking: Overtaking::Waits, ..failing("expiry", about, two_pages(), &faults) }
}

fn rest_offline() -> Scope {
    let about = "two pages, limit 1, kicked by the administrator, their links up or down";
    let rest_kicks = RestKicks::Called;
    let faults = [Fault::Cuts, Fault::EndsSeen];
    Scope { rest_kicks, failing: Some(1), overtaking: Overtaking::Waits, ..failing("rest-offline", about, two_pages(), &faults) }
}

fn logout_offline() -> Scope {
    let about = "two pages, limit 1: logouts that the server did not answer, and destroy, with the link down";
    Scope {
        destroys: Destroys::Called,
        debts: 2,
        failing: Some(1),
        overtaking: Overtaking::Waits,
        ..failing("logout-offline", about, two_pages(), &[Fault::Cuts, Fault::EndsSeen])
    }
}

fn page_close() -> Scope {
    let about = "two pages, limit 1: a page is closed, and a fresh one takes its place";
    let faults = [Fault::Cuts, Fault::EndsSeen, Fault::PageCloses];
    Scope { failing: Some(1), busy: Some(1), ..failing("page-close", about, two_pages(), &faults) }
}

fn resume_messages() -> Scope {
    let about = "two pages, limit 2: a message for a session whose link is down is kept for its resume";
    let sends = Sends::Tokens { tokens: 1, to: vec![A] };
    let limits = vec![(Platform::Web, 2)];
    let faults = [Fault::Cuts, Fault::EndsSeen];
    Scope { sends, limits, failing: Some(1), ..failing("resume-messages", about, two_pages(), &faults) }
}

fn restart() -> Scope {
    let about = "two pages, limit 2: the server is killed and started";
    let limits = vec![(Platform::Web, 2)];
    Scope { limits, ..failing("restart", about, two_pages(), &[Fault::Restarts]) }
}

fn reconnect_kicks() -> Scope {
    let about = "three pages, limit 2: kicks and readmissions while a link is down";
    let limits = vec![(Platform::Web, 2)];
    let faults = [Fault::Cuts, Fault::EndsSeen];
    Scope { limits, failing: Some(1), busy: Some(1), ..failing("reconnect-kicks", about, three_pages(), &faults) }
}

fn two_accounts_offline() -> Scope {
    let about = "a page that switches between accounts and owes logouts to both, and a page of one";
    let seats = vec![seat("x1", Platform::Web, &[A, B]), web("a2")];
    let faults = [Fault::Cuts, Fault::EndsSeen];
    Scope { debts: 2, failing: Some(1), busy: Some(1), ..failing("two-accounts-offline", about, seats, &faults) }
}

fn repeat() -> Scope {
    let about = "two pages, limit 2: a message whose outcome is not known is sent again";
    let faults = [Fault::Cuts, Fault::EndsSeen, Fault::Deadlines, Fault::Resends];
    let (sends, limits) = (Sends::Tokens { tokens: 1, to: vec![A] }, vec![(Platform::Web, 2)]);
    let overtaking = Overtaking::Waits;
    Scope { sends, limits, overtaking, failing: Some(1), busy: Some(1), ..failing("repeat", about, two_pages(), &faults) }
}

fn three_pages() -> Vec<Seat> {
    vec![web("a1"), web("a2"), web("a3")]
}

fn limit_change() -> Scope {
    let about = "two pages: the limit is changed between 1 and 2, and takes effect later";
    Scope { limit_change: Some((Platform::Web, 2)), ..base("limit-change", about, two_pages()) }
}

/// A page and a phone of which one may be online.
fn called_back(name: &'static str, about: &'static str, faults: &[Fault]) -> Scope {
    let seats = vec![web("a1"), seat("iphone", Platform::IPhone, &[A])];
    Scope {
        policy: Policy::Single,
        sends: Sends::Never,
        webhooks: Webhooks::Posted,
        overtaking: Overtaking::Waits,
        busy: Some(1),
        faults_at_once: Some(1),
        ..failing(name, about, seats, faults)
    }
}

fn callbacks() -> Scope {
    let about = "a page and a phone under `single`: every change is called back, in order, links up or down";
    let scope = called_back("callbacks", about, &[Fault::Cuts, Fault::EndsSeen, Fault::PageCloses]);
    Scope { rest_kicks: RestKicks::Called, ..scope }
}

fn callbacks_expiry() -> Scope {
    let about = "a page and a phone under `single`: an expiry is called back";
    called_back("callbacks-expiry", about, &[Fault::PageCloses, Fault::Expiries])
}

fn rest_kick_restart() -> Scope {
    let about = "two pages, limit 2: kicked by the administrator around a restart";
    let (limits, rest_kicks) = (vec![(Platform::Web, 2)], RestKicks::Called);
    let scope = failing("rest-kick-restart", about, two_pages(), &[Fault::Restarts]);
    Scope { limits, rest_kicks, busy: Some(1), overtaking: Overtaking::Waits, ..scope }
}

fn rest_kick_limit_change() -> Scope {
    let about = "three pages: kicked by the administrator while the limit is changed between 1 and 2";
    let (limit_change, rest_kicks) = (Some((Platform::Web, 2)), RestKicks::Called);
    Scope { limit_change, rest_kicks, busy: Some(1), ..base("rest-kick-limit-change", about, three_pages()) }
}

fn limit_change_cut() -> Scope {
    let about = "three pages: the limit is changed between 1 and 2 while a link is down";
    let scope = failing("limit-change-cut", about, three_pages(), &[Fault::Cuts, Fault::EndsSeen]);
    let limit_change = Some((Platform::Web, 2));
    Scope { limit_change, overtaking: Overtaking::Waits, failing: Some(1), busy: Some(1), ..scope }
}

fn messages_struck() -> Scope {
    let about =
        "two pages, limit 2 or 1, a message under way: UserSigs expire, a page is closed, the administrator kicks, limits change";
    let (sends, limits) = (Sends::Tokens { tokens: 1, to: vec![A] }, vec![(Platform::Web, 2)]);
    let (limit_change, rest_kicks) = (Some((Platform::Web, 1)), RestKicks::Called);
    let scope = failing("messages-struck", about, two_pages(), &[Fault::PageCloses, Fault::Expiries]);
    Scope { sends, limits, limit_change, rest_kicks, overtaking: Overtaking::Waits, failing: Some(1), busy: Some(1), ..scope }
}

fn messages_restart() -> Scope {
    let about = "two pages, limit 2: the server is killed and started while a message is under way";
    let (sends, limits) = (Sends::Tokens { tokens: 1, to: vec![A] }, vec![(Platform::Web, 2)]);
    let scope = failing("messages-restart", about, two_pages(), &[Fault::Restarts]);
    Scope { sends, limits, overtaking: Overtaking::Waits, busy: Some(1), ..scope }
}
