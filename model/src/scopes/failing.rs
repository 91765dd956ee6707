//! Scopes in which links break, timers fire, servers die, and the administrator changes limits, each family by itself and in pairs.

use super::{A, B, GOOD_OR_BAD, base, seat, web};
use crate::action::InstanceId;
use crate::scope::{Classes, Destroys, Fault, Overtaking, Platform, Policy, Reconnects, RestKicks, Scope, Seat, Sends, Webhooks};

/// Links that break, sessions that outlive them.
pub(super) fn failing(name: &'static str, about: &'static str, seats: Vec<Seat>, faults: &[Fault]) -> Scope {
    Scope { faults: faults.to_vec(), overtaking: Overtaking::Allowed, debts: 1, ..base(name, about, seats) }
}

pub(super) fn reconnect() -> Scope {
    let about = "two pages, limit 1: a link breaks, each end learns of it apart, and the session is resumed, lapses, or is kicked meanwhile";
    let faults = [Fault::Cuts, Fault::EndsSeen, Fault::OpenFails];
    Scope { failing: Some(1), overtaking: Overtaking::Waits, ..failing("reconnect", about, two_pages(), &faults) }
}

/// A page, and one of another account that writes to it.
fn page_and_sender() -> Vec<Seat> {
    vec![web("a1"), seat("b2", Platform::Web, &[B])]
}

fn two_pages() -> Vec<Seat> {
    vec![web("a1"), web("a2")]
}

pub(super) fn half_open() -> Scope {
    let about = "two pages, limit 1: a link breaks in silence; pings and heartbeat timers tell each end apart";
    let faults = [Fault::Cuts, Fault::Silence, Fault::Deadlines, Fault::Pings];
    Scope { failing: Some(1), busy: Some(1), ..failing("half-open", about, two_pages(), &faults) }
}

pub(super) fn late_frames() -> Scope {
    let about = "two pages, limit 1: a whole link is given up by either end, its frames and its close arriving late";
    Scope { failing: Some(1), busy: Some(1), ..failing("late-frames", about, two_pages(), &[Fault::Heartbeats]) }
}

pub(super) fn deadlines() -> Scope {
    let about = "two pages, limit 1: links that cannot be opened, and calls that take too long, of good logins and bad ones";
    let sends = Sends::Tokens { tokens: 1, to: vec![A] };
    let credentials = GOOD_OR_BAD.to_vec();
    Scope { credentials, sends, busy: Some(1), ..failing("deadlines", about, two_pages(), &[Fault::Deadlines, Fault::OpenFails]) }
}

pub(super) fn expiry() -> Scope {
    let about = "two pages, limit 2: a UserSig expires, its session's link up or down, and that of a session that goes on";
    let faults = [Fault::Cuts, Fault::EndsSeen, Fault::Expiries];
    let (limits, overtaking) = (vec![(Platform::Web, 2)], Overtaking::Waits);
    Scope { limits, failing: Some(1), busy: Some(1), overtaking, ..failing("expiry", about, two_pages(), &faults) }
}

pub(super) fn rest_offline() -> Scope {
    let about = "two pages, limit 1, kicked by the administrator, their links up or down";
    let rest_kicks = RestKicks::Called;
    let faults = [Fault::Cuts, Fault::EndsSeen];
    Scope { rest_kicks, failing: Some(1), overtaking: Overtaking::Waits, ..failing("rest-offline", about, two_pages(), &faults) }
}

pub(super) fn logout_offline() -> Scope {
    let about = "two pages, limit 1: logouts that the server did not answer, and destroy, with the link down";
    Scope {
        destroys: Destroys::Called,
        debts: 2,
        failing: Some(1),
        overtaking: Overtaking::Waits,
        ..failing("logout-offline", about, two_pages(), &[Fault::Cuts, Fault::EndsSeen])
    }
}

pub(super) fn page_close() -> Scope {
    let about = "two pages, limit 1: a page is closed, and a fresh one takes its place";
    let faults = [Fault::Cuts, Fault::EndsSeen, Fault::PageCloses];
    Scope { failing: Some(1), busy: Some(1), ..failing("page-close", about, two_pages(), &faults) }
}

pub(super) fn resume_messages() -> Scope {
    let about = "two pages, limit 1, sent messages by one of another account: what a link lost is kept for the resume, which may be refused";
    let seats = two_pages().into_iter().chain([seat("b3", Platform::Web, &[B])]).collect();
    let sends = Sends::Tokens { tokens: 1, to: vec![A] };
    let scope = failing("resume-messages", about, seats, &[Fault::Cuts, Fault::EndsSeen]);
    Scope { sends, overtaking: Overtaking::Waits, failing: Some(1), busy: Some(1), ..scope }
}

pub(super) fn restart() -> Scope {
    let about = "two pages, limit 2: the server is killed or stopped, and started";
    let limits = vec![(Platform::Web, 2)];
    Scope { limits, busy: Some(1), ..failing("restart", about, two_pages(), &[Fault::Restarts, Fault::Stops]) }
}

pub(super) fn restart_cut() -> Scope {
    let about =
        "one page: the server is killed or stops and is started, and a link breaks before the answer to the resume is there";
    failing("restart-cut", about, vec![web("a1")], &[Fault::Restarts, Fault::Stops, Fault::Cuts, Fault::EndsSeen])
}

pub(super) fn reconnect_kicks() -> Scope {
    let about = "three pages, limit 2: kicks and readmissions while a link is down";
    let limits = vec![(Platform::Web, 2)];
    let faults = [Fault::Cuts, Fault::EndsSeen];
    Scope { limits, failing: Some(1), busy: Some(1), ..failing("reconnect-kicks", about, three_pages(), &faults) }
}

pub(super) fn two_accounts_offline() -> Scope {
    let about = "a page that switches between accounts and owes logouts to both, and a page of one";
    let seats = vec![seat("x1", Platform::Web, &[A, B]), web("a2")];
    let faults = [Fault::Cuts, Fault::EndsSeen];
    Scope { debts: 2, failing: Some(1), busy: Some(1), ..failing("two-accounts-offline", about, seats, &faults) }
}

pub(super) fn repeat() -> Scope {
    let about = "two pages, limit 2: a message whose outcome is not known is sent again, to an account with nobody online";
    let faults = [Fault::Cuts, Fault::EndsSeen, Fault::Deadlines, Fault::Resends];
    let (sends, limits) = (Sends::Tokens { tokens: 1, to: vec![B] }, vec![(Platform::Web, 2)]);
    let overtaking = Overtaking::Waits;
    Scope { sends, limits, overtaking, failing: Some(1), busy: Some(1), ..failing("repeat", about, two_pages(), &faults) }
}

fn three_pages() -> Vec<Seat> {
    vec![web("a1"), web("a2"), web("a3")]
}

pub(super) fn limit_change() -> Scope {
    let about = "two pages: the limit is changed between 1 and 2, and takes effect later";
    Scope { limit_change: Some((Platform::Web, 2)), ..base("limit-change", about, two_pages()) }
}

pub(super) fn resume_order() -> Scope {
    let about = "two messages of another account for a page whose link is down come in their order at its resume";
    Scope {
        name: "resume-order",
        about,
        sends: Sends::Tokens { tokens: 2, to: vec![A] },
        seats: page_and_sender(),
        ..resume_messages()
    }
}

pub(super) fn repeat_restart() -> Scope {
    let about =
        "a page and one of another account, online or not: a message whose outcome is not known is sent again around a restart";
    let faults = [Fault::Restarts, Fault::Resends];
    let sends = Sends::Tokens { tokens: 1, to: vec![B] };
    let overtaking = Overtaking::Waits;
    Scope { sends, overtaking, busy: Some(1), ..failing("repeat-restart", about, page_and_sender(), &faults) }
}

pub(super) fn two_accounts_late() -> Scope {
    let about = "a page that switches between accounts: what it wrote for one comes late, behind its login to the other";
    let seats = vec![seat("x1", Platform::Web, &[A, B])];
    Scope { debts: 2, ..failing("two-accounts-late", about, seats, &[Fault::Heartbeats, Fault::Deadlines]) }
}

pub(super) fn expiry_restart() -> Scope {
    let about = "one page: its UserSig expires around a restart";
    failing("expiry-restart", about, vec![web("a1")], &[Fault::Expiries, Fault::Restarts])
}

pub(super) fn callbacks_restart() -> Scope {
    let about = "a page and a phone under `single`: a restart is not called back, and loses no callback";
    called_back("callbacks-restart", about, &[Fault::Restarts])
}

pub(super) fn callbacks_kicks() -> Scope {
    let about =
        "two pages and a phone under `single`: a login, or the administrator, kicks two, who are called back in login order";
    let seats = vec![web("a1"), web("a2"), seat("iphone", Platform::IPhone, &[A])];
    let scope = Scope { seats, limits: vec![(Platform::Web, 2)], ..called_back("callbacks-kicks", about, &[]) };
    Scope { rest_kicks: RestKicks::Called, overtaking: Overtaking::Waits, debts: 0, ..scope }
}

pub(super) fn limits_elsewhere() -> Scope {
    let about = "two pages and a phone: the pages' limit is lowered, and a login of the phone kicks none of them";
    let seats = vec![web("a1"), web("a2"), seat("iphone", Platform::IPhone, &[A])];
    let limits = vec![(Platform::Web, 2)];
    Scope {
        limits,
        limit_change: Some((Platform::Web, 1)),
        busy: Some(1),
        sends: Sends::Never,
        ..base("limits-elsewhere", about, seats)
    }
}

/// A page and a phone of which one may be online.
fn called_back(name: &'static str, about: &'static str, faults: &[Fault]) -> Scope {
    let seats = vec![web("a1"), seat("iphone", Platform::IPhone, &[A])];
    Scope {
        policy: Policy::kicking(Classes::Single),
        sends: Sends::Never,
        webhooks: Webhooks::Posted,
        overtaking: Overtaking::Waits,
        busy: Some(1),
        faults_at_once: Some(1),
        ..failing(name, about, seats, faults)
    }
}

pub(super) fn callbacks() -> Scope {
    let about = "a page and a phone under `single`: every change is called back, in order, links up or down";
    let scope = called_back("callbacks", about, &[Fault::Cuts, Fault::EndsSeen, Fault::PageCloses]);
    Scope { rest_kicks: RestKicks::Called, ..scope }
}

pub(super) fn callbacks_expiry() -> Scope {
    let about = "a page and a phone under `single`: an expiry is called back";
    called_back("callbacks-expiry", about, &[Fault::PageCloses, Fault::Expiries])
}

pub(super) fn rest_kick_restart() -> Scope {
    let about = "two pages, limit 2: kicked by the administrator as the server is killed or stopped, and started";
    let (limits, rest_kicks) = (vec![(Platform::Web, 2)], RestKicks::Called);
    let scope = failing("rest-kick-restart", about, two_pages(), &[Fault::Restarts, Fault::Stops]);
    Scope { limits, rest_kicks, busy: Some(1), overtaking: Overtaking::Waits, ..scope }
}

/// No debts, and so no logouts: those are in the scope of two pages.
pub(super) fn rest_kick_restart_three() -> Scope {
    Scope {
        name: "rest-kick-restart-three",
        about: "three pages, limit 2: kicked by the administrator around a restart, two of them and the one they kicked",
        seats: three_pages(),
        sends: Sends::Never,
        reconnects: Reconnects::OneByOne,
        faults: vec![Fault::Restarts],
        faults_at_once: Some(1),
        debts: 0,
        ..rest_kick_restart()
    }
}

pub(super) fn limit_change_restart() -> Scope {
    let about = "two pages: the limit is changed between 1 and 2 around a restart";
    let scope = failing("limit-change-restart", about, two_pages(), &[Fault::Restarts]);
    let limit_change = Some((Platform::Web, 2));
    Scope { limit_change, busy: Some(1), faults_at_once: Some(1), overtaking: Overtaking::Waits, ..scope }
}

pub(super) fn rest_kick_limit_change() -> Scope {
    let about = "three pages: kicked by the administrator while the limit is changed between 1 and 2";
    let (limit_change, rest_kicks) = (Some((Platform::Web, 2)), RestKicks::Called);
    Scope { limit_change, rest_kicks, busy: Some(1), ..base("rest-kick-limit-change", about, three_pages()) }
}

pub(super) fn limit_change_cut() -> Scope {
    let about = "three pages: the limit is changed between 1 and 2 while a link is down";
    let scope = failing("limit-change-cut", about, three_pages(), &[Fault::Cuts, Fault::EndsSeen]);
    let (limit_change, sends, reconnects) = (Some((Platform::Web, 2)), Sends::Never, Reconnects::OneByOne);
    Scope { limit_change, sends, reconnects, overtaking: Overtaking::Waits, failing: Some(1), busy: Some(1), ..scope }
}

pub(super) fn messages_struck() -> Scope {
    let about =
        "two pages, limit 2 or 1, a message under way: UserSigs expire, a page is closed, the administrator kicks, limits change";
    let (sends, limits) = (Sends::Tokens { tokens: 1, to: vec![A] }, vec![(Platform::Web, 2)]);
    let (limit_change, rest_kicks) = (Some((Platform::Web, 1)), RestKicks::Called);
    let scope = failing("messages-struck", about, two_pages(), &[Fault::PageCloses, Fault::Expiries]);
    Scope { sends, limits, limit_change, rest_kicks, overtaking: Overtaking::Waits, failing: Some(1), busy: Some(1), ..scope }
}

pub(super) fn messages_restart() -> Scope {
    let about = "a page and one of another account: the server is killed or stopped, and started, while a message is under way";
    let sends = Sends::Tokens { tokens: 1, to: vec![A] };
    let scope = failing("messages-restart", about, page_and_sender(), &[Fault::Restarts, Fault::Stops]);
    Scope { sends, overtaking: Overtaking::Waits, busy: Some(1), ..scope }
}

pub(super) fn overflow() -> Scope {
    let about = "a page sent messages by one of another account, one kept: a session that does not receive them is dropped, and admitted anew";
    let sends = Sends::Tokens { tokens: 2, to: vec![A] };
    let scope = failing("overflow", about, page_and_sender(), &[Fault::Cuts, Fault::EndsSeen]);
    Scope {
        sends,
        buffer: Some(1),
        webhooks: Webhooks::Posted,
        busy: Some(1),
        overtaking: Overtaking::Waits,
        failing: Some(1),
        ..scope
    }
}

pub(super) fn wake() -> Scope {
    let about = "two pages, limit 1, a message: a frozen page wakes, its link closed by the browser, and resumes before or after that is heard";
    let sends = Sends::Tokens { tokens: 1, to: vec![A] };
    Scope { sends, failing: Some(1), busy: Some(1), ..failing("wake", about, two_pages(), &[Fault::Wakes]) }
}

pub(super) fn two_losses() -> Scope {
    let about = "a page: its links are lost one upon the other, noticed by the client first or only, what it wrote arriving late";
    failing("two-losses", about, vec![web("a1")], &[Fault::Heartbeats, Fault::LossesAtOnce])
}

pub(super) fn full_reconnect() -> Scope {
    let about = "four pages, limit 3: on a full platform one that is not the oldest wakes and reconnects, and the next login kicks the oldest";
    let seats = vec![web("a1"), web("a2"), web("a3"), web("a4")];
    let scope = failing("full-reconnect", about, seats, &[Fault::Wakes]);
    Scope {
        limits: vec![(Platform::Web, 3)],
        sends: Sends::Never,
        busy: Some(1),
        reconnects: Reconnects::OneByOne,
        overtaking: Overtaking::Waits,
        failing: Some(1),
        ..scope
    }
}

/// Two processes that were given one key.
fn same_key_pages() -> Vec<Seat> {
    vec![web("a1"), Seat { shares: Some(InstanceId(0)), ..web("a2") }]
}

pub(super) fn same_key() -> Scope {
    let about = "two pages that share one instance key: each replaces the other, which learns of it, links up or down";
    Scope {
        failing: Some(1),
        overtaking: Overtaking::Waits,
        ..failing("same-key", about, same_key_pages(), &[Fault::Cuts, Fault::EndsSeen])
    }
}

pub(super) fn same_key_kicks() -> Scope {
    let about = "two pages that share one instance key and a third, limit 1: kicks beside replacements";
    let seats = same_key_pages().into_iter().chain([web("a3")]).collect();
    let scope = failing("same-key-kicks", about, seats, &[Fault::Cuts, Fault::EndsSeen]);
    Scope { sends: Sends::Never, busy: Some(1), overtaking: Overtaking::Waits, failing: Some(1), ..scope }
}

pub(super) fn same_key_messages() -> Scope {
    let about = "two pages that share one instance key, sent messages by a page of another account: what the replaced one was owed";
    let seats = same_key_pages().into_iter().chain([seat("b3", Platform::Web, &[B])]).collect();
    let scope = failing("same-key-messages", about, seats, &[Fault::Cuts, Fault::EndsSeen]);
    let sends = Sends::Tokens { tokens: 1, to: vec![A] };
    Scope { sends, busy: Some(1), overtaking: Overtaking::Waits, failing: Some(1), ..scope }
}
