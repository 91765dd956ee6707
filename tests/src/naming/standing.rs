//! How seats, links, records and the server stand, in words. It says nothing of what led there.

use model::action::{AccountId, InstanceId};
use model::frame::{Coded, Frame, Queue};
use model::nodes::Notices;
use model::records::{Key, KickRecords, Label, Roster, Session};
use model::scope::{Platform, Scope};

use super::{frame, node};
use crate::cast::user_id;
use crate::observation::{Holds, LinkView, SeatView, ServerView};

/// Who is online, account by account, oldest login first: `online a: a1 a2, b: nobody`. A second session of a seat has its number behind it,
/// one of the instance that was in the seat before a dash.
pub fn online(scope: &Scope, rosters: &[Roster]) -> String {
    let of = |account: AccountId| online_as(scope, account, rosters[usize::from(account.0)]);
    format!("online {}", scope.accounts().map(of).collect::<Vec<_>>().join(", "))
}

/// Who is online as one account: `a: a1 a2`.
pub fn online_as(scope: &Scope, account: AccountId, roster: Roster) -> String {
    let names: Vec<_> = roster.sessions().map(|online| session(scope, online)).collect();
    format!("{}: {}", user_id(account), if names.is_empty() { "nobody".to_owned() } else { names.join(" ") })
}

/// The kick records, account by account; empty if there are none: `kicks a: a1 multipleAccount`.
pub fn kicks(scope: &Scope, kicks: &[KickRecords]) -> String {
    let of = |account: AccountId| {
        let records = kicks[usize::from(account.0)].iter();
        let names: Vec<_> = records.map(|kick| format!("{} {}", session(scope, kick.session), kick.reason.name())).collect();
        (!names.is_empty()).then(|| format!("kicks {}: {}", user_id(account), names.join(", ")))
    };
    scope.accounts().filter_map(of).collect::<Vec<_>>().join("; ")
}

/// The notices under way between nodes, a line an account and node: `notice of a to node 2`.
pub fn notices(scope: &Scope, notices: &[Notices]) -> Vec<String> {
    let under_way = |account: AccountId| {
        let to = scope.nodes().filter(move |node| notices[usize::from(account.0)].is_under_way_to(*node));
        to.map(move |to| format!("notice of {} to {}", user_id(account), node(to)))
    };
    scope.accounts().flat_map(under_way).collect()
}

fn session(scope: &Scope, session: Session) -> String {
    let dash = dash(session.key);
    let number = if session.label == Label(1) { String::new() } else { format!("({})", label(session.label)) };
    format!("{}{dash}{number}", scope.name_of(session.seat))
}

/// What tells the instance before apart.
pub(super) const fn dash(key: Key) -> &'static str {
    match key {
        Key::Own | Key::Shared => "",
        Key::Former => "'",
    }
}

/// A session's number.
pub(super) fn label(session: Label) -> String {
    format!("#{}", session.0)
}

/// What the server has and waits for: `server: 2 links, 2 heartbeats, 2 expiries`.
pub fn server(view: &ServerView) -> String {
    let counts = [
        ("link", view.links),
        ("heartbeat", view.heartbeats),
        ("ask timer", view.asks),
        ("lapse", view.lapses),
        ("gone page", view.going),
        ("expiry timer", view.expiries),
        ("change", view.changes),
    ];
    format!("server: {}", counted(&counts).join(", "))
}

/// What a sync answer says of who is online: `a1's sync: Web Web`.
pub fn synced(scope: &Scope, instance: InstanceId, online: &[Platform]) -> String {
    let platforms = online.iter().map(|platform| platform.name()).collect::<Vec<_>>().join(" ");
    format!("{}'s sync: {}", scope.name_of(instance), if platforms.is_empty() { "nobody" } else { &platforms })
}

/// How a seat stands, as far as it differs from a seat in which nothing ever happened: `a1 is: logged in as a, ready, 1 link`.
pub fn stands(scope: &Scope, instance: InstanceId, view: &SeatView) -> String {
    stands_with(scope, instance, view, frame)
}

/// The same with those words for a frame under way.
pub fn stands_with(scope: &Scope, instance: InstanceId, view: &SeatView, words: fn(Frame) -> String) -> String {
    let mut parts = Vec::new();
    parts.extend(view.login_user.map(|account| format!("logged in as {}", user_id(account))));
    parts.extend(view.ready.then(|| "ready".to_owned()));
    parts.extend(holds(&view.holds));
    for (link, name) in view.links.iter().zip(["link", "old link"]) {
        parts.extend(link_parts(name, link, words));
    }
    let all = if parts.is_empty() { "as new".to_owned() } else { parts.join(", ") };
    format!("{} is: {all}", scope.name_of(instance))
}

fn link_parts(name: &str, link: &LinkView, words: fn(Frame) -> String) -> Vec<String> {
    let mut parts = Vec::new();
    parts.extend(link.heard.then(|| format!("{name} heard")));
    parts.extend((link.session != Label::NONE).then(|| format!("{name} of session {}", label(link.session))));
    parts.extend(link.late.then(|| format!("{name} too late")));
    parts.extend((!link.up.is_empty()).then(|| under_way_on(name, "to server", link.up, words)));
    parts.extend((!link.down.is_empty()).then(|| under_way_on(name, "to client", link.down, words)));
    parts
}

fn holds(holds: &Holds) -> Vec<String> {
    let timers = holds.timers;
    let counts = [
        ("link", holds.links),
        ("login timer", timers.login),
        ("logout timer", timers.logout),
        ("send timer", timers.send),
        ("backoff timer", timers.backoff),
        ("heartbeat timer", timers.heartbeat),
        ("ping timer", timers.ping),
        ("kept message", holds.kept),
        ("owed logout", holds.debts),
    ];
    let mut parts = Vec::new();
    parts.extend((!holds.alive).then(|| "ended".to_owned()));
    parts.extend(counted(&counts));
    parts
}

fn counted(counts: &[(&str, usize)]) -> Vec<String> {
    let some = counts.iter().filter(|(_, count)| *count > 0);
    some.map(|(name, count)| format!("{count} {name}{}", if *count == 1 { "" } else { "s" })).collect()
}

fn under_way_on(name: &str, way: &str, queue: Queue<impl Coded>, words: fn(Frame) -> String) -> String {
    format!("{way} on the {name}: {}", queue.iter().map(|queued| words(queued.into())).collect::<Vec<_>>().join(" + "))
}
