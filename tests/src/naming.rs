//! What an action, a frame, or a thing seen is called where a person reads it: in the Explorer, divergences and reports. Two different
//! ones never have the same name. It decides and compares nothing.

use model::action::{Action, Credential, InstanceId, Slot};
use model::frame::{Frame, Queue};
use model::observation::{Asked, Call, Code, End, Event, Item, Outcome};
use model::scope::{Platform, Scope};
use model::state::{Roster, State};

use crate::cast::user_id;
use crate::observation::{Holds, SeatView};

/// An action, with what it delivers: `a1 login as a (good)`, `deliver a1's login to the server`, `deliver the notice to a1`.
pub fn action(scope: &Scope, state: &State, action: Action) -> String {
    let seat = action.instance().map(|instance| scope.name_of(instance)).unwrap_or_default();
    let what = carried(state, action).map_or("nothing".to_owned(), parcel);
    match action {
        Action::Login { account, credential, .. } => format!("{seat} {}", login(user_id(account), credential)),
        Action::Logout { .. } => format!("{seat} logout"),
        Action::Destroy { .. } => format!("{seat} destroy"),
        Action::Send { to, .. } => format!("{seat} send to {}", user_id(to)),
        Action::Open { .. } => format!("open {seat}'s link"),
        Action::ToServer { slot: Slot::Current, .. } => format!("deliver {seat}'s {what} to the server"),
        Action::ToServer { slot: Slot::Abandoned, .. } => format!("deliver {seat}'s {what} to the server (old link)"),
        Action::ToClient { .. } => format!("deliver the {what} to {seat}"),
        Action::Renew { .. } => format!("a fresh instance takes {seat}'s place"),
        Action::RestKick { account } => format!("REST kick of {}", user_id(account)),
    }
}

/// The frame that an action delivers; `None` if it is a call, opens a link or fills a seat.
pub fn carried(state: &State, action: Action) -> Option<Frame> {
    let seat = state.instance(action.instance()?);
    match action {
        Action::ToServer { slot: Slot::Current, .. } => seat.current.up.first(),
        Action::ToServer { slot: Slot::Abandoned, .. } => seat.abandoned.up.first(),
        Action::ToClient { .. } => seat.current.down.first(),
        Action::Login { .. }
        | Action::Logout { .. }
        | Action::Destroy { .. }
        | Action::Send { .. }
        | Action::Open { .. }
        | Action::Renew { .. }
        | Action::RestKick { .. } => None,
    }
}

/// A frame in full: `login as a (good)`, `login refused: 70003 (UserSig malformed)`, `notice multipleAccount`.
pub fn frame(frame: Frame) -> String {
    match frame {
        Frame::Login { account, credential } => login(user_id(account), credential),
        Frame::Sync => "sync".to_owned(),
        Frame::Logout => "logout".to_owned(),
        Frame::Send { token, to } => format!("send m{} to {}", token.0, user_id(to)),
        Frame::MessageAck { token } => format!("ack of m{}", token.0),
        Frame::KickAck => "ack of the kick".to_owned(),
        Frame::LoginAnswer { refused: None } => "login admitted".to_owned(),
        Frame::LoginAnswer { refused: Some(refusal) } => format!("login refused: {}", code(refusal)),
        Frame::SyncAnswer => "sync answer".to_owned(),
        Frame::LogoutAnswer => "logout answer".to_owned(),
        Frame::SendAnswer { token } => format!("m{} accepted", token.0),
        Frame::Message { token, from, to } => format!("m{} from {} to {}", token.0, user_id(from), user_id(to)),
        Frame::Notice { reason } => format!("notice {}", reason.name()),
    }
}

/// A thing seen: `a1: KICKED_OUT multipleAccount`, `a2 login → 2025 (a login runs), at once`, `server ⇢ a1: notice multipleAccount`.
pub fn item(scope: &Scope, item: Item) -> String {
    let seat = scope.name_of(item.instance());
    match item {
        Item::Settled { asked, .. } => format!("{seat} {}{}", told(item), when(asked)),
        Item::Published { .. } | Item::StreamEnded { .. } => format!("{seat}: {}", told(item)),
        Item::Written { end: End::Client, frame: written, .. } => format!("{seat} ⇢ server: {}", frame(written)),
        Item::Written { end: End::Server, frame: written, .. } => format!("server ⇢ {seat}: {}", frame(written)),
        Item::Closed { end: End::Client, .. } => format!("{seat} closes its link"),
        Item::Closed { end: End::Server, .. } => format!("the server closes {seat}'s link"),
    }
}

/// What an application is told, without whom: `login → resolved`, `SDK_READY`; empty for what it does not see.
pub fn told(item: Item) -> String {
    match item {
        Item::Settled { call: settled, outcome: how, .. } => format!("{} → {}", call(settled), outcome(how)),
        Item::Published { event: published, .. } => event(published),
        Item::StreamEnded { .. } => "end of events".to_owned(),
        Item::Written { .. } | Item::Closed { .. } => String::new(),
    }
}

/// Who is online, account by account, oldest login first: `online a: a1 a2, b: nobody`.
pub fn online(scope: &Scope, rosters: &[Roster]) -> String {
    let of = |account: model::action::AccountId| {
        let names: Vec<_> = rosters[usize::from(account.0)].iter().map(|seat| scope.name_of(seat)).collect();
        format!("{}: {}", user_id(account), if names.is_empty() { "nobody".to_owned() } else { names.join(" ") })
    };
    format!("online {}", scope.accounts().map(of).collect::<Vec<_>>().join(", "))
}

/// What a sync answer says of who is online: `a1's sync: Web Web`.
pub fn synced(scope: &Scope, instance: InstanceId, online: &[Platform]) -> String {
    let platforms = online.iter().map(|platform| platform.name()).collect::<Vec<_>>().join(" ");
    format!("{}'s sync: {}", scope.name_of(instance), if platforms.is_empty() { "nobody" } else { &platforms })
}

/// How a seat stands, as far as it differs from a seat in which nothing ever happened: `a1 is: logged in as a, ready, 1 link`.
pub fn stands(scope: &Scope, instance: InstanceId, view: &SeatView) -> String {
    let mut parts = Vec::new();
    parts.extend(view.login_user.map(|account| format!("logged in as {}", user_id(account))));
    parts.extend(view.ready.then(|| "ready".to_owned()));
    parts.extend(holds(&view.holds));
    let queues = [("to server", view.up), ("to client", view.down), ("to server (old link)", view.abandoned)];
    parts.extend(queues.into_iter().filter(|(_, queue)| !queue.is_empty()).map(|(name, queue)| under_way(name, queue)));
    for (kick, link) in view.kicks.iter().zip(["old link", "link"]) {
        parts.extend(kick.map(|(account, reason)| format!("kick of {} on record: {} ({link})", user_id(account), reason.name())));
    }
    let all = if parts.is_empty() { "as new".to_owned() } else { parts.join(", ") };
    format!("{} is: {all}", scope.name_of(instance))
}

fn holds(holds: &Holds) -> Vec<String> {
    let mut parts = Vec::new();
    parts.extend((!holds.alive).then(|| "ended".to_owned()));
    let [logins, logouts, sends] = holds.timers;
    let counts = [
        ("link", holds.links),
        ("login timer", logins),
        ("logout timer", logouts),
        ("send timer", sends),
        ("kept message", holds.kept),
    ];
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        parts.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
    }
    parts
}

fn under_way(name: &str, queue: Queue) -> String {
    format!("{name}: {}", queue.iter().map(frame).collect::<Vec<_>>().join(" + "))
}

/// A refusal: `2025 (a login runs)`.
pub fn code(code: Code) -> String {
    let why = match code {
        Code::NotLoggedIn => "not logged in",
        Code::LoginRuns => "a login runs",
        Code::OtherAccount => "another account is logged in",
        Code::OutcomeUnknown => "outcome unknown",
        Code::NotReady => "not ready",
        Code::Destroyed => "destroyed",
        Code::LoginAbandoned => "login abandoned",
        Code::LogoutRuns => "a logout runs",
        Code::SigExpired => "UserSig expired",
        Code::SigEmpty => "UserSig empty",
        Code::SigMalformed => "UserSig malformed",
        Code::SigWrong => "UserSig wrongly signed",
        Code::SigOtherIdentifier => "UserSig of another user",
        Code::SigOtherApp => "UserSig of another app",
        Code::SigRevoked => "UserSig issued before the last kick",
        Code::BadUserId => "no such userID",
    };
    format!("{} ({why})", code.number())
}

fn login(user: &str, credential: Credential) -> String {
    format!("login as {user} ({})", shown(credential))
}

const fn shown(credential: Credential) -> &'static str {
    match credential {
        Credential::Good => "good",
        Credential::BadUserId => "bad userID",
        Credential::Empty => "empty UserSig",
        Credential::Malformed => "malformed UserSig",
        Credential::OtherApp => "another app's UserSig",
        Credential::OtherIdentifier => "another user's UserSig",
        Credential::WrongSignature => "wrong signature",
        Credential::Expired => "expired UserSig",
        Credential::Revoked => "UserSig from before the last kick",
    }
}

/// A frame as a thing that is delivered.
fn parcel(delivered: Frame) -> String {
    match delivered {
        Frame::Login { .. } => "login".to_owned(),
        Frame::Send { token, .. } => format!("message m{}", token.0),
        Frame::LoginAnswer { refused: None } => "admission".to_owned(),
        Frame::LoginAnswer { refused: Some(refusal) } => format!("refusal {}", refusal.number()),
        Frame::SendAnswer { token } => format!("answer to m{}", token.0),
        Frame::Message { token, .. } => format!("message m{}", token.0),
        Frame::Notice { .. } => "notice".to_owned(),
        Frame::Sync | Frame::Logout | Frame::MessageAck { .. } | Frame::KickAck | Frame::SyncAnswer | Frame::LogoutAnswer => {
            frame(delivered)
        }
    }
}

fn call(call: Call) -> String {
    match call {
        Call::Login => "login".to_owned(),
        Call::Logout => "logout".to_owned(),
        Call::Destroy => "destroy".to_owned(),
        Call::Send(None) => "send".to_owned(),
        Call::Send(Some(token)) => format!("send of m{}", token.0),
    }
}

fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::LoggedIn => "resolved".to_owned(),
        Outcome::Repeat => "resolved (a repeat)".to_owned(),
        Outcome::Done => "done".to_owned(),
        Outcome::Sent => "accepted".to_owned(),
        Outcome::Refused(refusal) => code(refusal),
    }
}

const fn when(asked: Asked) -> &'static str {
    match asked {
        Asked::Now => ", at once",
        Asked::Earlier => "",
    }
}

fn event(event: Event) -> String {
    match event {
        Event::Ready => "SDK_READY".to_owned(),
        Event::NotReady => "SDK_NOT_READY".to_owned(),
        Event::KickedOut(reason) => format!("KICKED_OUT {}", reason.name()),
        Event::Message { token, from, to } => {
            format!("MESSAGE_RECEIVED m{} from {} to {}", token.0, user_id(from), user_id(to))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, VecDeque};

    use model::rule::Rules;
    use model::scopes;
    use model::step::{actions, step};

    use super::*;

    /// Some of a scope's states, breadth first.
    fn states(scope: &Scope) -> Vec<State> {
        let mut open = VecDeque::from([State::default()]);
        let mut states = vec![State::default()];
        while let Some(state) = open.pop_front().filter(|_| states.len() < 3_000) {
            for action in actions(scope, &state) {
                let next = step(scope, Rules::ALL, &state, action).next;
                if !states.contains(&next) {
                    states.push(next);
                    open.push_back(next);
                }
            }
        }
        states
    }

    #[test]
    fn two_actions_of_one_state_never_share_a_name() {
        for scope in scopes::all() {
            for state in states(&scope).iter().take(300) {
                let mut names: Vec<_> = actions(&scope, state).into_iter().map(|made| action(&scope, state, made)).collect();
                let count = names.len();
                names.sort();
                names.dedup();
                assert_eq!(names.len(), count, "{}: {names:#?}", scope.name);
            }
        }
    }

    #[test]
    fn two_things_seen_never_share_a_name() {
        for scope in [scopes::named("destroy").unwrap(), scopes::named("usersig").unwrap(), scopes::named("messages").unwrap()] {
            let mut names = BTreeMap::new();
            for state in states(&scope) {
                for seen in actions(&scope, &state).into_iter().flat_map(|made| step(&scope, Rules::ALL, &state, made).items) {
                    assert_eq!(*names.entry(item(&scope, seen)).or_insert(seen), seen);
                }
            }
        }
    }
}
